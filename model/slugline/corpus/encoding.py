"""From bytes to text: which encoding a file is in, and its lines, without holding the file in memory.

An 8-bit file is read line by line as UTF-8, and a line that is not UTF-8 as Windows-1252 (of which printable Latin-1 is
a part): a single bad byte spoils a line, not a file. UTF-16 and UTF-32 are known by their byte order mark, or by where
their zero bytes are.
"""

from __future__ import annotations

import codecs
import contextlib
import functools
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slugline.corpus.compression import unpacked, unpacked_start
from slugline.errors import CorpusError

HEAD = 64 * 1024
"""How many bytes of a file are looked at to find its format."""

MAX_LINE = 64 * 1024 * 1024
"""The longest line, in bytes, that `lines` accepts."""

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MARK = "\ufeff"
_KNOWN_BINARY = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"%PDF-", "a PDF file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"PAR1", "a Parquet file"),
    (b"\xd0\xcf\x11\xe0", "an old Microsoft Office file"),
)
# Tab, line feed, form feed, carriage return and escape occur in text; the other control characters do not.
_CONTROL = bytes(b for b in range(32) if b not in b"\t\n\f\r\x1b\x1a")
# What Windows-1252 has where Latin-1 has control characters; five it leaves undefined.
_WINDOWS = {byte: char for byte in range(0x80, 0xA0) if (char := bytes([byte]).decode("cp1252", "ignore"))}


def binary_kind(head: bytes) -> str | None:
    """What a file of these first bytes is ("a ZIP archive", "a binary file"), or None if it may be text."""
    for magic, kind in _KNOWN_BINARY:
        if head.startswith(magic):
            return kind
    if not head or _wide_encoding(head) is not None:
        return None
    control = len(head) - len(head.translate(None, _CONTROL))
    # Old newswire has a stray control character here and there; a NUL is not text at all.
    if b"\0" in head or control > max(3, len(head) // 20):
        return "a binary file"
    return None


def detect(head: bytes) -> str:
    """The codec of a text file by its first bytes: a name known to Python, or "auto" for UTF-8 or Windows-1252."""
    return _wide_encoding(head) or "auto"


def decode(data: bytes, encoding: str = "auto", *, file: str | Path | None = None) -> str:
    """The text of `data`, newlines as they are, without a byte order mark.

    Raises CorpusError if the data is binary, is not in the named encoding, or the encoding is unknown.
    """
    codec = _checked_codec(data[:HEAD], encoding, file)
    if codec != "auto":
        try:
            return data.decode(codec).removeprefix(_MARK)
        except UnicodeError as error:
            raise CorpusError("not text in this encoding", file=file, expected=codec) from error
    try:
        return data.decode("utf-8").removeprefix(_MARK)
    except UnicodeDecodeError:
        return "".join(decode_line(line) for line in data.splitlines(keepends=True)).removeprefix(_MARK)


@functools.lru_cache(maxsize=1)  # every reader looks at the same
def peek_text(head: bytes) -> str | None:
    """The text that a file starts with, as far as `head` goes; None if it is not text. Never raises."""
    if binary_kind(head) is not None:
        return None
    codec = detect(head)
    if codec != "auto":
        return head.decode(codec, errors="replace").removeprefix(_MARK)
    return "".join(decode_line(line) for line in head.splitlines(keepends=True)).removeprefix(_MARK)


def split_lines(text: str) -> Iterator[str]:
    r"""The lines of a text, each ending in a line feed but perhaps the last; other line ends are made line feeds.

    Unlike `str.splitlines`, it leaves alone what Unicode calls a line separator and people put into texts.

    >>> list(split_lines("a\r\nb\rc"))
    ['a\n', 'b\n', 'c']
    """
    *whole, last = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    yield from (f"{line}\n" for line in whole)
    if last:
        yield last


def decode_line(line: bytes) -> str:
    r"""One line as UTF-8, else as Windows-1252 (bytes that it leaves undefined as in Latin-1). Never raises.

    >>> decode_line("café".encode()), decode_line(b"caf\xe9"), decode_line(b"\x93quoted\x94")
    ('café', 'café', '“quoted”')
    """
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        try:
            return line.decode("cp1252")
        except UnicodeDecodeError:
            return line.decode("latin-1").translate(_WINDOWS)


def read_head(path: Path, size: int = HEAD) -> bytes:
    """The first `size` bytes of a file, decompressed if it is compressed; as much as can be had of a damaged one.

    Raises CorpusError if the file cannot be opened.
    """
    with _opened(path) as raw:
        start = raw.read(size)
    return unpacked_start(start, size)


@contextlib.contextmanager
def open_stream(path: Path) -> Iterator[io.BufferedReader[Any]]:
    """A file's bytes as a stream, decompressed if it is gzip, bzip2 or xz (known by content).

    Raises CorpusError if the file cannot be opened, and, while it is read, if the compressed data is damaged or cut
    short.
    """
    with _opened(path) as raw, unpacked(raw, path) as stream:
        yield stream


def open_bytes(path: str | Path) -> bytes:
    """All bytes of a file, decompressed if it is compressed. Raises CorpusError as `open_stream` does."""
    with open_stream(Path(path)) as stream:
        return stream.read()


def read_text(path: str | Path, encoding: str = "auto") -> str:
    """The whole text of a file, its newlines line feeds. Raises CorpusError as `open_bytes` and `decode` do."""
    text = decode(open_bytes(path), encoding, file=path)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def lines(path: str | Path, encoding: str = "auto") -> Iterator[str]:
    """A file's lines, one after the other, each ending in a line feed (but perhaps the last), in bounded memory.

    The line number is the position, counted from 1. Raises CorpusError as `open_stream` and `decode` do, and for a
    line longer than MAX_LINE.
    """
    with open_stream(Path(path)) as stream:
        yield from stream_lines(stream, encoding, file=path)


def stream_lines(stream: io.BufferedReader[Any], encoding: str = "auto", *, file: str | Path) -> Iterator[str]:
    """The lines of a stream that is at its beginning, as `lines` gives those of a file."""
    # Less may be at hand than asked for, and then the look at the encoding has less to go by.
    head = stream.peek(HEAD)[:HEAD]
    codec = _checked_codec(head, encoding, file)
    number = 0
    try:
        for line in _split(stream, codec, head):
            number += 1
            yield line.removeprefix(_MARK) if number == 1 else line
    except UnicodeError as error:
        raise CorpusError("not text in this encoding", file=file, line=number + 1, expected=codec) from error
    except OverflowError as error:
        raise CorpusError("the line is too long", file=file, line=number + 1) from error


def data_lines(data: bytes, *, file: str | Path, first: int = 1) -> Iterator[str]:
    """The lines of a part of an 8-bit file that starts at its line `first`, as `lines` gives those of the whole file.

    Raises CorpusError for a line longer than MAX_LINE.
    """
    stream, number = io.BytesIO(data), first
    while line := stream.readline():
        if len(line) > MAX_LINE:
            raise CorpusError("the line is too long", file=file, line=number)
        text = decode_line(line)
        for one in split_lines(text) if "\r" in text else (text,):
            yield one.removeprefix(_MARK) if number == 1 else one
            number += 1


def _split(stream: io.BufferedReader[Any], codec: str, head: bytes) -> Iterator[str]:
    old_mac = b"\r" in head and b"\n" not in head
    if codec != "auto" or old_mac:
        # In an 8-bit file whose encoding is not yet known, Latin-1 carries the bytes through unchanged.
        wrapped = io.TextIOWrapper(stream, "latin-1" if codec == "auto" else codec, newline=None)
        try:
            while line := wrapped.readline(MAX_LINE + 1):
                if len(line) > MAX_LINE:
                    raise OverflowError
                yield decode_line(line.encode("latin-1")) if codec == "auto" else line
        finally:
            with contextlib.suppress(ValueError):
                wrapped.detach()
        return
    while data := stream.readline(MAX_LINE + 1):
        if len(data) > MAX_LINE:
            raise OverflowError
        line = decode_line(data)
        if "\r" in line:
            yield from split_lines(line)
        else:
            yield line


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[io.BufferedReader[Any]]:
    try:
        raw = io.BufferedReader(path.open("rb", buffering=0), HEAD)
    except OSError as error:
        raise CorpusError(f"cannot read ({error.strerror})", file=path) from error
    with raw:
        try:
            yield raw
        except OSError as error:
            raise CorpusError(f"cannot read ({error.strerror or error})", file=path) from error


def _checked_codec(head: bytes, encoding: str, file: str | Path | None) -> str:
    if encoding == "auto":
        kind = binary_kind(head)
        if kind is not None:
            raise CorpusError("not a text file", file=file, found=kind, expected="text")
        return detect(head)
    try:
        name = codecs.lookup(encoding).name
        "".encode(encoding)
    except (LookupError, TypeError, ValueError) as error:
        raise CorpusError("unknown encoding", file=file, found=encoding, expected="a Python codec name") from error
    return name


def _wide_encoding(head: bytes) -> str | None:
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    sample = head[: len(head) // 4 * 4][:4096]
    if len(sample) < 4 or b"\0" not in sample:
        return None
    # Text of 8 bits with a stray zero byte would pass for Chinese of 16: its other bytes are plain ASCII.
    rest = sample.replace(b"\0", b"")
    plain = sum(byte >= 32 or byte in b"\t\n\r" for byte in rest if byte < 127)
    if len(rest) > 0.6 * len(sample) and plain > 0.9 * len(rest):
        return None
    best = max(_WIDE, key=lambda name: _ascii_characters(sample, name))
    return best if _ascii_characters(sample, best) > 0 else None


_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")


def _ascii_characters(data: bytes, encoding: str) -> int:
    """How many ASCII characters `data` is seen to have in a wide encoding; 0 if it is not text in it.

    Line feeds, blanks and figures are ASCII in every language; read in the wrong order, their bytes are other letters.
    """
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return 0
    readable = sum(char.isprintable() or char.isspace() for char in text)
    return sum(char.isascii() for char in text) if readable >= 0.98 * len(text) else 0
