"""Parquet files (extra `parquet`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

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
        fields = FieldMap(path, options)
        yield from fields.records(rows(path, path, fields))


def rows(
    source: Path | BinaryIO, file: str | Path, fields: FieldMap, groups: Sequence[int] | None = None, first: int = 1
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a table, only the columns that `fields` needs, each with its number; the first is number `first`.

    `groups` are the row groups that are read (None: all of them). `file` is only named in errors. Raises CorpusError
    for a file that is no table of articles, or has no row; MissingExtraError without pyarrow.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError("reading Parquet", "parquet") from error
    try:
        with pq.ParquetFile(source) as table:
            columns = table.schema_arrow.names
            fields.check_columns(columns)
            if table.metadata.num_rows == 0:
                raise CorpusError("the table is empty", file=file)
            batches = table.iter_batches(batch_size=_BATCH, columns=fields.used(columns), row_groups=groups)
            yield from enumerate((row for batch in batches for row in batch.to_pylist()), first)
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(f"not a whole Parquet file: {error}", file=file) from error


READER = ParquetReader()
