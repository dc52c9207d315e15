"""Articles to be predicted: any file that holds some, or standard input; labels are neither needed nor read.

Readers are loaded only for what they are needed for: a single text is read with the standard library alone.
"""

from __future__ import annotations

import dataclasses
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from slugline.article import Article
from slugline.corpus.compression import compression, unpacked
from slugline.corpus.encoding import (
    HEAD,
    binary_kind,
    decode,
    open_bytes,
    peek_text,
    read_head,
    read_text,
    stream_lines,
)
from slugline.corpus.page_text import parse_scraped
from slugline.corpus.readers.base import Reader, ReadOptions, raise_bad
from slugline.corpus.readers.files import (
    PAGE_SUFFIXES,
    TABLE_SUFFIXES,
    TEXT_SUFFIXES,
    article_id,
    page_files,
    plain_suffix,
    text_files,
)
from slugline.errors import CorpusError

STDIN = "-"


def read_articles(
    path: str | Path,
    *,
    fields: dict[str, str] | None = None,
    encoding: str = "auto",
    on_bad: Callable[[CorpusError], None] | None = None,
) -> Iterator[Article]:
    """Yield the articles of a file or folder; of standard input if `path` is "-".

    A text is one article: its headline is the first line if a blank line follows (`scraped.parse_scraped`), a Tags line
    and what follows it are left out, and the id is the file name without suffix. HTML needs the extra `html`. JSON,
    JSON Lines, CSV and TSV give one article per object or row, with the same field names as corpora have, in bounded
    memory, also from a pipe; other corpora are read by their readers. In a folder every text and page is an article.
    Any of them may be compressed (gzip, bzip2, xz). Ids may repeat.
    Raises CorpusError; errors of single rows or files of a folder go to `on_bad` (default: raised).
    """
    options = ReadOptions(fields=fields or {}, encoding=encoding, on_bad=on_bad or raise_bad)
    if str(path) == STDIN:
        yield from _from_pipe(sys.stdin.buffer, options)
        return
    path = Path(path)
    if not path.exists():
        raise CorpusError("no such file or folder", file=path)
    if path.is_dir():
        yield from _from_folder(path, options)
    elif path.is_file():
        yield from _from_file(path, options)
    else:
        # A pipe can be read only once.
        try:
            with path.open("rb") as stream:
                yield from _from_pipe(stream, options)
        except OSError as error:
            raise CorpusError(f"cannot read ({error.strerror})", file=path) from error


def read_stream(source: BinaryIO, *, file: str | Path = "stdin") -> Iterator[Article]:
    """Yield the articles of bytes that are in no file, as `read_articles` does; `file` is what errors call them.

    An article without an id of its own is called "stdin", or "stdin" and its line. Raises CorpusError.
    """
    try:
        yield from _from_pipe(source, ReadOptions())
    except CorpusError as error:
        error.file = str(file)
        raise


def article_from_text(text: str, article_id: str = "stdin", *, file: str | Path | None = None) -> Article:
    """One article of a plain or scraped text. Raises CorpusError if there is nothing in it."""
    title, body, _ = parse_scraped(text)
    if not title and not body:
        raise CorpusError("there is no text in it", file=file)
    return Article(id=article_id, title=title, body=body)


def _from_file(path: Path, options: ReadOptions) -> Iterator[Article]:
    head = read_head(path)
    if not head.strip():
        # Nothing could be had of it: a damaged file says so when it is read, an empty one is empty.
        open_bytes(path)
        raise CorpusError("the file is empty", file=path)
    text = peek_text(head)
    suffix = plain_suffix(path)
    if head.startswith(b"PAR1"):
        from slugline.corpus.readers import parquet
        from slugline.corpus.readers.fields import FieldMap

        columns = FieldMap(path, options, labels=False)
        yield from (record.article for record in columns.records(parquet.rows(path, path, columns)))
    elif text is None:
        yield from _from_reader(path, options)
    elif text.lstrip()[:1] in ("<", "{", "["):
        yield from _from_markup(path, head, text, options)
    elif ("__label__" in text or "\t" in text) and (found := _lines_reader(path, head)) is not None:
        yield from (record.article for record in found.read(path, options))
    elif suffix in TABLE_SUFFIXES or (suffix not in TEXT_SUFFIXES[:-1] and _is_table(text)):
        from slugline.corpus.readers import table
        from slugline.corpus.readers.fields import FieldMap

        fields = FieldMap(path, options, labels=False)
        yield from _from_rows(table.rows(path, options, fields.check_columns), path, options)
    else:
        yield article_from_text(read_text(path, options.encoding), article_id(path, path), file=path)


def _from_markup(path: Path, head: bytes, text: str, options: ReadOptions) -> Iterator[Article]:
    from slugline.corpus.readers import html, jsonl

    suffix = plain_suffix(path)
    if html.is_page(text) or suffix in PAGE_SUFFIXES:
        page = html.decode_page(open_bytes(path), options.encoding, file=path)
        yield html.read_page(page, article_id(path, path), file=path).article
    elif jsonl.is_json(text):
        from slugline.corpus.readers.registry import find_special

        # Lines may be a well-known corpus, whose articles must read as they did in training; a single object is not.
        special = find_special(path, head) if suffix != ".json" else None
        if special is not None:
            yield from (record.article for record in special.read(path, options))
        else:
            yield from _from_rows(jsonl.rows(path, options), path, options)
    elif "<REUTERS" in text:
        yield from _from_reader(path, options)
    else:
        yield article_from_text(read_text(path, options.encoding), article_id(path, path), file=path)


def _from_rows(rows: Iterable[tuple[int, dict[str, Any]]], file: str | Path, options: ReadOptions) -> Iterator[Article]:
    from slugline.corpus.readers.fields import FieldMap

    fields = FieldMap(file, options, labels=False)
    yield from (record.article for record in fields.records(rows))
    fields.check_met()


def _from_reader(path: Path, options: ReadOptions) -> Iterator[Article]:
    from slugline.corpus.readers.registry import find_reader

    for record in find_reader(path).read(path, options):
        yield record.article


def _lines_reader(path: Path, head: bytes) -> Reader | None:
    from slugline.corpus.readers.registry import find_lines

    return find_lines(path, head)


def _from_folder(path: Path, options: ReadOptions) -> Iterator[Article]:
    files = sorted([*text_files(path), *page_files(path)])
    if not files:
        yield from _from_reader(path, options)
    for file in files:
        try:
            for article in _from_file(file, options):
                yield dataclasses.replace(article, id=article_id(file, path))
        except CorpusError as error:
            options.on_bad(error)


class _Joined(io.RawIOBase):
    """The bytes that were read of a stream to look at them, and then the rest of it."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._head or self._rest.read(len(buffer))
        size = min(len(data), len(buffer))
        buffer[:size] = data[:size]
        self._head = data[size:]
        return size


def _from_pipe(source: BinaryIO, options: ReadOptions) -> Iterator[Article]:
    """The articles of what can be read only once; of a device that is no text no more than its head is read."""
    head = source.read(HEAD)
    if compression(head) is None and binary_kind(head) is not None:
        decode(head, options.encoding, file="stdin")
    with unpacked(io.BufferedReader(_Joined(head, source), HEAD), "stdin") as stream:
        start = (peek_text(stream.peek(HEAD)[:HEAD]) or "").replace("\r\n", "\n").replace("\r", "\n")
        if start.lstrip()[:1] == "{":
            from slugline.corpus.readers import jsonl

            if jsonl.is_json(start) and not jsonl.is_document(start):
                rows = jsonl.line_rows(stream_lines(stream, options.encoding, file="stdin"), "stdin", options)
                yield from _from_rows(rows, "stdin", options)
                return
        elif _is_table(start):
            from slugline.corpus.readers import table

            rows = table.stream_rows(stream_lines(stream, options.encoding, file="stdin"), start, "stdin", options)
            yield from _from_rows(rows, "stdin", options)
            return
        yield from _from_data(stream.read(), options)


def _from_data(data: bytes, options: ReadOptions) -> Iterator[Article]:
    text = decode(data, options.encoding, file="stdin").replace("\r\n", "\n").replace("\r", "\n")
    start = text.lstrip()[:1]
    if start in ("{", "["):
        from slugline.corpus.readers import jsonl

        if jsonl.is_json(text):
            yield from _from_rows(jsonl.text_rows(text, "stdin", options), "stdin", options)
            return
    elif start == "<":
        from slugline.corpus.readers import html

        if html.is_page(text):
            yield html.read_page(html.decode_page(data, options.encoding, file="stdin"), "stdin", file="stdin").article
            return
    yield article_from_text(text, file="stdin")


def _is_table(text: str) -> bool:
    """Whether the text has a header with a name for the headline or text."""
    first = text.lstrip().split("\n", 1)[0]
    if len(first) > 1000 or not any(mark in first for mark in ",;\t|"):
        return False
    from slugline.corpus.readers import table

    return table.has_known_header(text)
