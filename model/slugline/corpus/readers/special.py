"""What the readers of particular corpora share: values of JSON rows, and the choice of label families."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from slugline.corpus.encoding import peek_text
from slugline.corpus.readers.base import ReadOptions
from slugline.errors import CorpusError

_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}
"""Months as newswire has them."""


def choose_families(options: ReadOptions, families: Sequence[str], default: Sequence[str]) -> tuple[str, ...]:
    """The families that become tags: those of `options`, else `default`.

    Raises CorpusError for one that is not among `families`.
    """
    if options.families is None:
        return tuple(default)
    for family in options.families:
        if family not in families:
            raise CorpusError(
                "unknown label family", field="families", found=family, expected=f"some of {', '.join(families)}"
            )
    return tuple(family for family in families if family in options.families)


def first_row(head: bytes) -> dict[str, Any]:
    """The JSON object on the first line of a file that starts with `head`; empty if there is none."""
    lines = (peek_text(head) or "").lstrip().splitlines()
    try:
        row = json.loads(lines[0]) if lines else None
    except (ValueError, RecursionError):
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


def placed(error: CorpusError, file: Path, line: int) -> CorpusError:
    """`error` with the file and line it belongs to."""
    return CorpusError(
        error.message, file=file, line=line, field=error.field, found=error.found, expected=error.expected
    )
