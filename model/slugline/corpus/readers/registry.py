"""Which readers there are, and which of them a file or folder is for."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from slugline.corpus.compression import START, compression
from slugline.corpus.encoding import HEAD, binary_kind, open_bytes, read_head
from slugline.corpus.readers.base import Reader, ReadOptions, SeenIds
from slugline.errors import CorpusError

if TYPE_CHECKING:
    from slugline.corpus.corpus import Record

SPECIAL = ("reuters", "muc34", "wcep", "bbc", "annif")
"""Names of the readers of well-known corpora and of another program's, in the order in which they look at a corpus."""

LINES = ("annif", "fasttext", "libmultilabel")
"""Names of those that may read a file of lines, each a text with its labels."""

READERS = (*SPECIAL, "fasttext", "parquet", "html", "jsonl", "libmultilabel", "table", "folder", "scraped")
"""Names of all readers, each the module of that name, in the order in which they look at a corpus."""


def get_reader(name: str) -> Reader:
    """The reader of that name. Raises CorpusError if there is none."""
    if name not in READERS:
        raise CorpusError("unknown reader", found=name, expected=f"auto or one of {', '.join(READERS)}")
    reader: Reader = importlib.import_module(f"slugline.corpus.readers.{name}").READER
    return reader


def find_reader(path: str | Path, name: str = "auto") -> Reader:
    """The reader for a file or folder: the one named, else the first that knows the content as its own.

    Raises CorpusError if `path` does not exist, is empty, or is of no known format.
    """
    path = Path(path)
    if not path.exists():
        raise CorpusError("no such file or folder", file=path)
    if not path.is_file() and not path.is_dir():
        raise CorpusError("a pipe or device cannot be read as a corpus", file=path, expected="a file or folder")
    if name != "auto":
        return get_reader(name)
    head = b"" if path.is_dir() else read_head(path)
    if path.is_file() and not head.strip(b" \t\r\n\xef\xbb\xbf"):
        raise CorpusError(_why_empty(path), file=path)
    found = next((reader for reader in map(get_reader, READERS) if reader.sniff(path, head)), None)
    if found is not None:
        return found
    if path.is_dir():
        raise CorpusError("no file in this folder can be used", file=path, expected="text, HTML or corpus files")
    if path.stat().st_size <= HEAD:
        # The head of a compressed file that is cut short looks like many things: it says itself what is wrong with it.
        open_bytes(path)
    raise CorpusError(
        "not a corpus",
        file=path,
        found=binary_kind(head) or "a text without labels",
        expected="JSONL, CSV, Parquet, HTML, a page's text with a Tags line, a folder of these, or --reader NAME",
    )


def find_special(path: Path, head: bytes) -> Reader | None:
    """The reader of a well-known corpus that knows the file as its own, by `read_head` of it."""
    return next((reader for reader in map(get_reader, SPECIAL) if reader.sniff(path, head)), None)


def find_lines(path: Path, head: bytes) -> Reader | None:
    """The reader of texts with their labels on a line that knows the file as its own, by `read_head` of it."""
    return next((reader for reader in map(get_reader, LINES) if reader.sniff(path, head)), None)


def read_records(
    path: str | Path, reader: str | Reader = "auto", options: ReadOptions | None = None
) -> Iterator[Record]:
    """Read a corpus's records, ids unique (if `options.unique`), in the order of the file (of a folder: of its sorted
    file names).

    Raises CorpusError as `find_reader` and the readers do; bad rows go to `options.on_bad`.
    """
    path = Path(path)
    options = options or ReadOptions()
    found = find_reader(path, reader) if isinstance(reader, str) else reader
    if not options.unique:
        yield from found.read(path, options)
        return
    seen = SeenIds(path)
    for record in found.read(path, options):
        try:
            seen.add(record.article.id)
        except CorpusError as error:
            options.on_bad(error)
        else:
            yield record


def _why_empty(path: Path) -> str:
    if path.stat().st_size == 0:
        return "the file is empty"
    with path.open("rb") as stream:
        zipped = compression(stream.read(START)) is not None
    return "the compressed file is empty, damaged or cut short" if zipped else "the file is empty"
