"""JSON: one object a line (also gzipped), or one array of objects, or a single object."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from slugline.corpus.corpus import Record
from slugline.corpus.encoding import lines, peek_text, read_head, read_text
from slugline.corpus.readers.base import ReadOptions
from slugline.corpus.readers.fields import FIELDS, FieldMap, field_key
from slugline.errors import CorpusError
from slugline.json_text import NestedTooDeeplyError, check_depth, loads

_START = re.compile(r"""\s*(?:\{\s*["'}]|\[\s*[\[{\]])""")
_LONE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_TEXT_KEYS = {field_key(key) for name in ("title", "body") for key in FIELDS[name]}
_BLANK = re.compile(r"[\s,]*")


class JsonlReader:
    """Reads JSON Lines in bounded memory; a JSON array, or an object spread over lines, as a whole."""

    name = "jsonl"
    extra: str | None = None
    families: tuple[str, ...] = ()

    def sniff(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """Whether the text starts as an object or an array of objects does."""
        return is_json(peek_text(head))

    def read(self, path: Path, options: ReadOptions) -> Iterator[Record]:
        """One record per object; the id of an object without one is the file name and its line."""
        fields = FieldMap(path, options)
        yield from fields.records(rows(path, options))
        fields.check_met()


def is_json(text: str | None) -> bool:
    """Whether a text starts as a JSON object or an array of objects does."""
    return text is not None and _START.match(text) is not None


def rows(path: Path, options: ReadOptions) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file, each with the line it starts on.

    Lines that are no JSON object go to `options.on_bad`. Raises CorpusError for a file that cannot be read, and for a
    broken JSON array.
    """
    if is_document(peek_text(read_head(path)) or ""):
        return _document_rows(read_text(path, options.encoding), path, options)
    return line_rows(lines(path, options.encoding), path, options)


def text_rows(text: str, file: str | Path, options: ReadOptions) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a text, as `rows` gives those of a file; `file` is only named in errors."""
    if is_document(text):
        return _document_rows(text, file, options)
    return line_rows(text.split("\n"), file, options)


def line_rows(
    source: Iterable[str], file: str | Path, options: ReadOptions, first: int = 1
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of lines, each with its line's number, of which the first is `first`; bad lines go to `on_bad`."""
    for number, line in enumerate(source, first):
        if line.isspace() or not line:
            continue
        try:
            row = parse(line, file=file, line=number)
        except CorpusError as error:
            options.on_bad(error)
            continue
        inner = _inside(row)
        yield from ((number, item) for item in inner) if inner else ((number, row),)


def _inside(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The articles in an object that is none itself but has one list of objects; else nothing."""
    inner = [item for item in row.values() if isinstance(item, list) and item and isinstance(item[0], dict)]
    if len(inner) != 1 or any(field_key(key) in _TEXT_KEYS for key in row):
        return []
    return [item for item in inner[0] if isinstance(item, dict)]


def parse(text: str, *, file: str | Path | None = None, line: int | None = None) -> dict[str, Any]:
    """One JSON object. Raises CorpusError if the text is not JSON or the value no object."""
    whole = text.strip()
    try:
        check_depth(text)
        # What is in order needs no look for white space around it ...
        value, end = _DECODER.raw_decode(whole)
        if end == len(whole) and type(value) is dict:
            return _checked(value, text, file, line)
    except NestedTooDeeplyError as error:
        raise CorpusError(f"not valid JSON: {error}", file=file, line=line) from error
    except ValueError:
        # ... and what is not is read again for the place of its fault.
        pass
    try:
        # Without the line's end, what is missing is missing at the end, and not on a further line.
        value = _DECODER.decode(text.rstrip())
    except json.JSONDecodeError as error:
        raise CorpusError(f"not valid JSON: {error.msg} at column {error.colno}", file=file, line=line) from error
    except ValueError as error:
        raise CorpusError(f"not valid JSON: {_why(error)}", file=file, line=line) from error
    return _checked(value, text, file, line)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        # Which of the values is meant, nobody can know.
        met: set[str] = set()
        twice = next(key for key, _ in pairs if key in met or met.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice!r} occurs twice in one object")
    return made


_DECODER = json.JSONDecoder(object_pairs_hook=_object)


def _why(error: ValueError) -> str:
    # Python's own advice is for programmers.
    return "a number has too many digits" if "int_max_str_digits" in str(error) else str(error)


def _checked(value: Any, text: str, file: str | Path | None, line: int | None) -> dict[str, Any]:
    if not isinstance(value, dict):
        kinds = {list: "an array", str: "a text", int: "a number", float: "a number", bool: "a truth value"}
        found = kinds.get(type(value), "a null")
        raise CorpusError("not an article", file=file, line=line, found=found, expected="a JSON object")
    if "\\u" in text and _LONE_SURROGATE.search(text):
        # Half a surrogate pair cannot be written as UTF-8 by anything that comes after.
        whole = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        return dict(json.loads(whole))
    return value


def is_document(text: str) -> bool:
    """Whether the text starts as one JSON value over several lines, or an array, rather than an object a line."""
    text = text.lstrip()
    if text.startswith("["):
        return True
    first, newline, rest = text.partition("\n")
    try:
        loads(first)
    except ValueError:
        # A broken first line of JSON Lines is followed by another object, an object's inside is not.
        return bool(newline) and not rest.lstrip().startswith("{") and not first.rstrip().endswith("}")
    return False


def _document_rows(text: str, path: str | Path, options: ReadOptions) -> Iterator[tuple[int, dict[str, Any]]]:
    start = len(text) - len(text.lstrip())
    try:
        check_depth(text)
    except NestedTooDeeplyError as error:
        line = 1 + text.count("\n", 0, error.place)
        raise CorpusError(f"not valid JSON: {error}", file=path, line=line) from error
    if text[start : start + 1] == "[":
        yield from _array_rows(text, start, path, options)
        return
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise CorpusError(f"not valid JSON: {error.msg}", file=path, line=error.lineno) from error
    except ValueError as error:
        raise CorpusError(f"not valid JSON: {_why(error)}", file=path) from error
    value = _checked(value, text, path, 1)
    at = re.search(r"\[\s*\{", text) if _inside(value) else None
    if at is not None:
        yield from _array_rows(text, at.start(), path, options)
    else:
        yield 1, value


def _array_rows(text: str, start: int, path: str | Path, options: ReadOptions) -> Iterator[tuple[int, dict[str, Any]]]:
    place, line = start + 1, 1 + text.count("\n", 0, start + 1)
    while True:
        match = _BLANK.match(text, place)
        line += text.count("\n", place, match.end() if match else place)
        place = match.end() if match else place
        if text[place : place + 1] == "]":
            return
        try:
            value, end = _DECODER.raw_decode(text, place)
        except json.JSONDecodeError as error:
            raise CorpusError(f"not valid JSON: {error.msg}", file=path, line=error.lineno) from error
        except ValueError as error:
            raise CorpusError(f"not valid JSON: {_why(error)}", file=path, line=line) from error
        try:
            row = _checked(value, text[place:end], path, line)
        except CorpusError as error:
            options.on_bad(error)
        else:
            yield line, row
        line += text.count("\n", place, end)
        place = end


READER = JsonlReader()
