"""Tables as text: comma-, semicolon-, tab- or bar-separated values with a header."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from slugline.corpus.corpus import Record
from slugline.corpus.encoding import HEAD, MAX_LINE, lines, peek_text, read_head, split_lines
from slugline.corpus.readers.base import ReadOptions
from slugline.corpus.readers.fields import FIELDS, FieldMap, field_key
from slugline.corpus.readers.files import TABLE_SUFFIXES, plain_suffix
from slugline.errors import CorpusError
from slugline.spreadsheets import restored

DELIMITERS = ",;\t|"

_WHOLE = HEAD * 9 // 10
_SEP_LINE = re.compile(r"sep=(.)\s*")
_NAME = re.compile(r"[^\W\d][\w.#%/()-]*(?: [\w.#%/()-]+){0,3}")
_FIELD_KEYS = {field_key(name) for names in FIELDS.values() for name in names}
_TEXT_KEYS = {field_key(name) for field in ("title", "body") for name in FIELDS[field]}


class TableReader:
    """Reads CSV and its relatives in bounded memory. An empty cell is a null: not annotated, where it is a label.

    That an article has been annotated and no label fits is written `none` for the event type and `[]` for tags.
    """

    name = "table"
    extra: str | None = None
    families: tuple[str, ...] = ()

    def sniff(self, path: Path, head: bytes) -> bool:
        """Whether the text has a header with a name we know, or rows of as many cells as its first line."""
        text = peek_text(head)
        if text is None or not text.strip():
            return False
        if plain_suffix(path) in TABLE_SUFFIXES or has_known_header(text):
            return True
        sample = _sample(text, whole=len(head) < _WHOLE)
        header, *others = sample_rows(sample, find_delimiter(text)) or [[]]
        # Prose may have as many commas in each of its lines, but has blank lines, and blanks after its commas.
        named = _is_header(header) and all(_NAME.fullmatch(name) for name in header) and all(map(str.strip, sample))
        return named and len(others) > 0 and all(len(row) == len(header) for row in others)

    def read(self, path: Path, options: ReadOptions) -> Iterator[Record]:
        """One record per row; the id of a row without one is the file name and the line it starts on."""
        fields = FieldMap(path, options)
        yield from fields.records(rows(path, options, fields.check_columns))


def rows(
    path: Path, options: ReadOptions, check_header: Callable[[list[str], int], None] | None = None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows below the header, each with the line it starts on: column name to cell, None for an empty cell.

    `check_header` is called with the names and the line of the header, and may raise. Rows of the wrong length or with
    a quote that is never closed go to `options.on_bad`. An apostrophe that keeps a spreadsheet from running a cell as a
    formula is no part of it (`slugline.spreadsheets`). Raises CorpusError for a file that cannot be read and for a
    header with a name twice.
    """
    start = peek_text(read_head(path)) or ""
    return _rows(lines(path, options.encoding), start, path, options, check_header)


def stream_rows(
    source: Iterable[str], start: str, file: str | Path, options: ReadOptions
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of lines that begin with the text `start`, as `rows` gives those of a file, without their labels;
    `file` is only named in errors.
    """
    return _rows(source, start, file, options, FieldMap(file, options, labels=False).check_columns)


def has_known_header(text: str) -> bool:
    """Whether a text starts with a table's header that names a headline or text. Never raises."""
    sample = _sample(text, whole=len(text) < _WHOLE)
    header = next(iter(sample_rows(sample, find_delimiter(text))), [])
    keys = [field_key(name) for name in header]
    if len(keys) == 1:
        # The word "Text" with a blank line below it is a headline.
        return keys[0] in _TEXT_KEYS and len(sample) > 1 and bool(sample[0].strip() and sample[1].strip())
    return _is_header(header) and any(key in _TEXT_KEYS for key in keys)


def _is_header(cells: list[str]) -> bool:
    names = [cell.strip() for cell in cells]
    return 1 < len(names) == len(set(names)) and all(0 < len(name) <= 64 for name in names)


def _rows(
    source: Iterable[str],
    start: str,
    path: str | Path,
    options: ReadOptions,
    check_header: Callable[[list[str], int], None] | None,
) -> Iterator[tuple[int, dict[str, Any]]]:
    # The limit is the csv module's, for the whole process; ours only ever raises it. It also bounds what a quote that
    # is never closed can swallow.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE))
    delimiter = find_delimiter(start, options.fields.values())
    header: list[str] | None = None
    empty = True
    for line, cells in _cells(source, path, delimiter, options):
        if cells is None:
            empty = False
            continue
        if header is None:
            if (len(cells) == 1 and _SEP_LINE.fullmatch(cells[0])) or cells == ["sep=", ""]:
                continue
            header = [name.strip() for name in cells]
            twice = sorted(name for name, count in Counter(header).items() if name and count > 1)
            if twice:
                raise CorpusError(f"the column {twice[0]!r} occurs twice", file=path, line=line)
            if check_header is not None:
                check_header([name for name in header if name], line)
            continue
        empty = False
        while len(cells) > len(header) and not cells[-1].strip():
            cells.pop()
        if len(cells) != len(header):
            options.on_bad(
                CorpusError(
                    "the row has the wrong number of cells (is a quote or a delimiter missing?)",
                    file=path,
                    line=line,
                    found=len(cells),
                    expected=f"{len(header)} as in the header",
                )
            )
            continue
        yield (
            line,
            {
                name: (restored(cell) if cell[0] == "'" else cell) if cell.strip() else None
                for name, cell in zip(header, cells, strict=True)
                if name
            },
        )
    if empty:
        what = "the table is empty" if header is None else "the table has a header and no rows"
        raise CorpusError(what, file=path)


def find_delimiter(text: str, names: Iterable[str] = ()) -> str:
    """The delimiter of a table that starts so: the one whose header has the most known (or given) names, then cells."""
    first = text.lstrip("\ufeff").split("\n", 1)[0]
    if match := _SEP_LINE.fullmatch(first):
        return match[1]
    known = _FIELD_KEYS | {field_key(name) for name in names}
    sample = _sample(text, whole=False)

    def score(delimiter: str) -> tuple[int, bool, int]:
        header, *others = sample_rows(sample, delimiter) or [[]]
        even = len(header) > 1 and all(len(row) == len(header) for row in others)
        return sum(field_key(name) in known for name in header), even, len(header)

    return max(DELIMITERS, key=score)


def sample_rows(sample: list[str], delimiter: str) -> list[list[str]]:
    """The non-empty rows of a few lines; none if they are no table. Never raises."""
    try:
        return [row for row in csv.reader(sample, delimiter=delimiter) if row]
    except csv.Error:
        return []


def _cells(
    source: Iterable[str], path: str | Path, delimiter: str, options: ReadOptions
) -> Iterator[tuple[int, list[str] | None]]:
    """Rows of cells with the line they start on; None for a bad row, which `options.on_bad` has been told of."""
    pending: list[str] = []

    def noted() -> Iterator[str]:
        for line in source:
            pending.append(line)
            yield line

    reader = csv.reader(noted(), delimiter=delimiter)
    last: tuple[int, list[str]] | None = None
    while True:
        start = reader.line_num + 1
        before = len(pending)
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            options.on_bad(CorpusError(f"not a row of a table: {error}", file=path, line=start))
            yield start, None
            cells = []
        if last is not None:
            yield last
        last = (start, cells) if cells else None
        # The lines of this row are kept until it is known whether it is the last one.
        del pending[:before]
    if last is None:
        return
    if _is_open(pending, delimiter):
        options.on_bad(CorpusError("a quote in the row that starts here is never closed", file=path, line=last[0]))
        yield last[0], None
    else:
        yield last


def _is_open(row: list[str], delimiter: str) -> bool:
    """Whether a row's lines leave a quote open: a further line would then be the same row's."""
    ended = [*row[:-1], row[-1].rstrip("\n") + "\n", "x\n"] if row else []
    return bool(row) and len(sample_rows(ended, delimiter)) < 2


def _sample(text: str, *, whole: bool, limit: int = 30) -> list[str]:
    found = list(split_lines(text))
    if not whole and len(found) > 1:
        found.pop()
    start = 1 if found and _SEP_LINE.fullmatch(found[0]) else 0
    return found[start : start + limit]


READER = TableReader()
