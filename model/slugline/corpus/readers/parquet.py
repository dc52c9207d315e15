"""Parquet files (extra `parquet`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from slugline.corpus.compression import ALWAYS_ALLOWED, MOST_TIMES
from slugline.corpus.corpus import Record
from slugline.corpus.readers.base import ReadOptions
from slugline.corpus.readers.fields import FieldMap
from slugline.errors import CorpusError, MissingExtraError

_BATCH = 1000
_PART = 1 << 24  # bytes of text that are made into rows together
_SIZES = ("total_compressed_size", "total_uncompressed_size")
_MOST_VALUES = 10_000  # a row, of a list


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
            columns, metadata = table.schema_arrow.names, table.metadata
            fields.check_columns(columns)
            if metadata.num_rows == 0:
                raise CorpusError("the table is empty", file=file)
            used = fields.used(columns)
            most = _allowed(metadata, file)
            texts = [name for name in used if _is_text(table.schema_arrow.field(name).type)]
        # A text that many rows share stays one, however many they are, until a row is made of it.
        with pq.ParquetFile(source, read_dictionary=texts) as table:
            batches = table.iter_batches(batch_size=_BATCH, columns=used, row_groups=groups)
            parts = (part for batch in batches for part in _parts(batch))
            size = 0
            for number, row in enumerate((row for part in parts for row in part.to_pylist()), first):
                size += sum(len(value) for value in row.values() if isinstance(value, str | bytes))
                if size > most:
                    raise _too_large(f"{size:,} characters up to row {number:,}", file)
                yield number, row
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"not a whole Parquet file: {error}", file=file) from error


def _is_text(kind: Any) -> bool:
    return str(kind) in ("string", "large_string", "binary", "large_binary")


def _parts(batch: Any) -> Iterator[Any]:
    """A batch in parts that become rows together: fewer where texts are long."""
    longest = sum(
        column.dictionary.nbytes // max(1, len(column.dictionary))
        for column in batch.columns
        if hasattr(column, "dictionary")
    )
    step = max(1, min(_BATCH, _PART // max(1, longest)))
    for start in range(0, batch.num_rows, step):
        yield batch.slice(start, step)


def _allowed(metadata: Any, file: str | Path) -> int:
    """How many characters the table may have. Refused is what says itself that it has more, or lists without end."""
    chunks = [
        metadata.row_group(group).column(column)
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    ]
    packed, size = (sum(getattr(chunk, name) for chunk in chunks) for name in _SIZES)
    values = max((chunk.num_values for chunk in chunks), default=0)
    most = max(ALWAYS_ALLOWED, MOST_TIMES * packed)
    if size > most or values > _MOST_VALUES * max(1, metadata.num_rows):
        raise _too_large(f"a column of {values:,} values, {size:,} bytes in all", file)
    return int(most)


def _too_large(found: str, file: str | Path) -> CorpusError:
    return CorpusError(
        "the table unpacks to far more than it can hold of text",
        file=file,
        found=found,
        expected=f"at most {MOST_TIMES} times its size",
    )


READER = ParquetReader()
