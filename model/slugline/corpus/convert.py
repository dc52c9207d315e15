"""Writing a corpus in a general format, such that reading it again gives the same articles and labels."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slugline.corpus.corpus import Corpus, Record
from slugline.errors import ConfigError, MissingExtraError
from slugline.files import atomic_path
from slugline.spreadsheets import harmless

COLUMNS = ("id", "title", "body", "date", "url", "source", "language", "tags", "event_type", "part")

SUFFIXES = (".jsonl", ".jsonl.gz", ".csv", ".tsv", ".parquet")


def write_corpus(corpus: Corpus, out: Path) -> int:
    """Write `corpus` to `out` in the format of its suffix, one of SUFFIXES; returns the number of articles written.

    In CSV and TSV, a cell that a spreadsheet would run as a formula gets an apostrophe in front, which reading takes
    away. Labels keep the difference between "not annotated" (null, or an empty cell) and "no tag fits" (an empty list).
    Articles without any text are left out, for no reader takes them. The same corpus gives the same bytes.

    Raises ConfigError for another suffix, MissingExtraError if Parquet is asked for and pyarrow is not installed,
    OutputError if the file cannot be written, which then leaves a previous one as it was.
    """
    suffix = next((known for known in SUFFIXES if out.name.lower().endswith(known) and out.name != known), None)
    if suffix is None:
        raise ConfigError("unknown format", file=out, expected=f"a name that ends in {', '.join(SUFFIXES)}")
    rows = [_row(record) for record in corpus.records if record.article.text.strip()]
    if suffix == ".parquet":
        _write_parquet(rows, out)
    elif suffix in (".csv", ".tsv"):
        _write_bytes(_table(rows, "," if suffix == ".csv" else "\t"), out)
    else:
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        # Without a time stamp and a name, the same corpus gives the same file.
        data = text.encode()
        _write_bytes(gzip.compress(data, mtime=0) if suffix == ".jsonl.gz" else data, out)
    return len(rows)


def _row(record: Record) -> dict[str, Any]:
    article, labels = record.article, record.labels
    return {
        "id": article.id,
        "title": article.title,
        "body": article.body,
        "date": None if article.date is None else article.date.isoformat(),
        "url": article.url,
        "source": article.source,
        "language": article.language,
        "tags": None if labels.tags is None else sorted(labels.tags),
        "event_type": labels.event_type,
        "part": record.part,
    }


def _table(rows: list[dict[str, Any]], delimiter: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n" if delimiter == "," else "\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(_cells(row))
    # Spreadsheets take a CSV file for UTF-8 only where it has a byte order mark.
    return text.getvalue().encode("utf-8-sig" if delimiter == "," else "utf-8")


def _cells(row: dict[str, Any]) -> Iterator[str]:
    for column in COLUMNS:
        value = row[column]
        yield harmless(joined_tags(value) if isinstance(value, list) else value or "")


def joined_tags(tags: list[str]) -> str:
    """Tags as one text: with semicolons, or as JSON where a tag has a mark that separates tags in it.

    >>> joined_tags(["Middle East", "Syria"]), joined_tags(["Washington, D.C."]), joined_tags([])
    ('Middle East; Syria', '["Washington, D.C."]', '[]')
    """
    plain = all(not set(tag) & set("|;,[]{}()") and tag == " ".join(tag.split()) for tag in tags)
    return "; ".join(tags) if tags and plain else json.dumps(tags, ensure_ascii=False)


def _write_bytes(data: bytes, out: Path) -> None:
    with atomic_path(out) as temporary:
        temporary.write_bytes(data)


def _write_parquet(rows: list[dict[str, Any]], out: Path) -> None:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError("writing Parquet", "parquet") from error
    text = pa.string()
    schema = pa.schema([(name, pa.list_(text) if name == "tags" else text) for name in COLUMNS])
    table = pa.Table.from_pylist(rows, schema=schema)
    with atomic_path(out) as temporary:
        pq.write_table(table, temporary, compression="zstd")
