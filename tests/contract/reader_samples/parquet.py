"""Samples of Parquet; see jsonl.py for what such a module offers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

REQUIRES = "pyarrow"
COLUMNS: dict[str, list[Any]] = {
    "title": ["Rebels take city", None, "Third"],
    "text": ["Zürich café", "Banks merge", "No tag fits"],
    "tags": [["Syria", "Rebels"], None, []],
    "event_type": ["attack", None, "none"],
    "date": [dt.date(2015, 5, 29), None, dt.date(2015, 5, 30)],
    "embedding": [[0.1], [0.2], [0.3]],
}


def write(path: Path, columns: dict[str, list[Any]]) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table(columns), path)
    return path


def good(folder: Path) -> Path:
    return write(folder / "articles.parquet", COLUMNS)


def odd(folder: Path) -> dict[str, tuple[Path, str]]:
    when = [dt.datetime(2015, 5, 29, 10, tzinfo=dt.UTC)]
    return {
        "timestamp": (write(folder / "when.dat", {"body": ["Zürich café"], "published": when}), "Zürich café"),
        "tag-texts": (write(folder / "tags.dat", {"body": ["Zürich café"], "tags": ["a, b"]}), "Zürich café"),
    }


def broken(folder: Path) -> dict[str, tuple[Path, str]]:
    whole = good(folder).read_bytes()
    cut = folder / "cut.parquet"
    cut.write_bytes(whole[: len(whole) // 2])
    return {
        "cut": (cut, r"cut\.parquet: not a whole Parquet file"),
        "columns": (write(folder / "columns.parquet", {"a": [1], "b": [2]}), r"columns\.parquet: .*'a', 'b'.*--field"),
        "empty": (write(folder / "empty.parquet", {"text": []}), r"empty\.parquet: .*empty"),
        "row": (write(folder / "row.parquet", {"text": ["x", " "]}), r"row\.parquet:2: .*neither"),
    }


def bad_rows(folder: Path) -> tuple[Path, int, int]:
    return write(folder / "bad.parquet", {"text": ["a", None, "c"], "date": ["2015-01-01", None, "soon"]}), 1, 2
