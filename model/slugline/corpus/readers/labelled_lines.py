"""What readers of texts with their labels on one line share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from slugline.corpus.corpus import Record
from slugline.corpus.encoding import HEAD, lines, peek_text, split_lines
from slugline.corpus.readers.base import ReadOptions, placed
from slugline.corpus.readers.fields import FieldMap
from slugline.errors import CorpusError

Row = dict[str, Any]


def first_lines(head: bytes, limit: int = 30) -> list[str]:
    """The first lines that are not blank of a file that starts with `head`, without their ends; none if it is no text.

    One that `head` may have cut is left out, but where it is the only one. Never raises.
    """
    text = peek_text(head)
    found = [] if text is None else [line.rstrip("\n") for line in split_lines(text)]
    if len(head) >= HEAD * 9 // 10 and len(found) > 1:
        found.pop()
    return [line for line in found if line.strip()][:limit]


def line_records(path: Path, row: Callable[[str], Row], options: ReadOptions) -> Iterator[Record]:
    """The record of what `row` makes of each line that is not blank; `options.on_bad` gets the errors of lines.

    Raises CorpusError for a file that cannot be read or has no line.
    """
    fields = FieldMap(path, options)
    empty = True
    for number, line in enumerate(lines(path, options.encoding), 1):
        if not line.strip():
            continue
        empty = False
        try:
            record = fields.record(row(line.rstrip("\n")), number)
        except CorpusError as error:
            options.on_bad(error if error.line is not None else placed(error, path, number))
        else:
            yield record
    if empty:
        raise CorpusError("there is no line in it", file=path)
    fields.check_met()
