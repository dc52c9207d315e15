"""Parquet files (extra `parquet`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from slugline.corpus.corpus import Record
from slugline.corpus.readers.base import ReadOptions
from slugline.corpus.readers.fields import FieldMap
from slugline.errors import CorpusError, MissingExtraError

_BATCH = 1000


class ParquetReader:
    """Reads Parquet in bounded memory, only the columns that are needed. Lines in errors are rows, counted from 1."""

    name = "parquet"
    extra: str | None = "parquet"
    families: tuple[str, ...] = ()

    def sniff(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """Whether the file starts with Parquet's own mark."""
        return head.startswith(b"PAR1")

    def read(self, path: Path, options: ReadOptions) -> Iterator[Record]:
        """One record per row; the id of a row without one is the file name and its number."""
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError as error:
            raise MissingExtraError("reading Parquet", "parquet") from error
        fields = FieldMap(path, options)
        try:
            with pq.ParquetFile(path) as file:
                columns = file.schema_arrow.names
                fields.check_columns(columns)
                if file.metadata.num_rows == 0:
                    raise CorpusError("the table is empty", file=path)
                batches = file.iter_batches(batch_size=_BATCH, columns=fields.used(columns))
                yield from fields.records(enumerate((row for batch in batches for row in batch.to_pylist()), 1))
        except (pa.ArrowException, OSError) as error:
            raise CorpusError(f"not a whole Parquet file: {error}", file=path) from error


READER = ParquetReader()
