"""What the readers of particular corpora share: rows of JSON, and their values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from slugline.corpus.corpus import Record
from slugline.corpus.encoding import peek_text
from slugline.corpus.readers.base import ReadOptions, SeenIds, placed
from slugline.corpus.readers.jsonl import rows
from slugline.errors import CorpusError
from slugline.json_text import loads


def row_records(path: Path, read: Callable[[dict[str, Any]], Record], options: ReadOptions) -> Iterator[Record]:
    """What `read` makes of each JSON object of a file, ids unique; `options.on_bad` gets the errors of single rows."""
    seen = SeenIds(path)
    for line, row in rows(path, options):
        try:
            record = read(row)
            seen.add(record.article.id, line)
        except CorpusError as error:
            options.on_bad(placed(error, path, line))
        else:
            yield record


def first_row(head: bytes) -> dict[str, Any]:
    """The JSON object on the first line of a file that starts with `head`; empty if there is none."""
    lines = (peek_text(head) or "").lstrip().splitlines()
    try:
        row = loads(lines[0]) if lines else None
    except ValueError:
        return {}
    return row if isinstance(row, dict) else {}


def text_of(row: dict[str, Any], key: str) -> str:
    """A value that has to be a string with something in it. Raises CorpusError naming the key."""
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise CorpusError("missing or empty", field=key, found=value, expected="text")
    return value


def strings_of(row: dict[str, Any], key: str) -> list[str]:
    """A list of strings; empty if the key is not there. Raises CorpusError naming the key."""
    value = row.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise CorpusError("wrong type", field=key, found=value, expected="a list of strings")
    return value


def date_of(row: dict[str, Any], key: str) -> dt.date | None:
    """An ISO date, or None where there is none. Raises CorpusError naming the key."""
    value = row.get(key)
    if value is None or value == "":
        return None
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise CorpusError("not a date", field=key, found=value, expected="YYYY-MM-DD") from None
