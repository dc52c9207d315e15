"""Compressed files, known by how they begin: gzip, bzip2 and xz, read as streams.

A file may unpack to `MOST_TIMES` its size: text becomes a fifth, a tenth, rarely a hundredth; what is made to fill a
memory, a thousandth or a millionth. What unpacks them is imported when a compressed file is met: most are not.
"""

from __future__ import annotations

import contextlib
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slugline.errors import CorpusError

SUFFIXES = (".gz", ".bz2", ".xz")
"""What stands after a file's own suffix when it is compressed; only names are read from it, content tells."""

START = 6
"""How many bytes tell the kind of compression."""

MOST_TIMES = 200
"""How many times its own size a compressed file may unpack to ..."""

ALWAYS_ALLOWED = 16 * 1024 * 1024
"""... but as many bytes as these in any case."""

_BLOCK = 64 * 1024
_MAGIC = ((b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\x00", "xz"))


def compression(start: bytes) -> str | None:
    """The kind ("gzip", "bzip2", "xz") by a file's first bytes; None for none of them."""
    return next((kind for magic, kind in _MAGIC if start.startswith(magic)), None)


def plain_name(name: str) -> str:
    """A file's name without the suffix of its compression.

    >>> plain_name("news.jsonl.gz"), plain_name("news.csv")
    ('news.jsonl', 'news.csv')
    """
    return next((name[: -len(end)] for end in SUFFIXES if name.lower().endswith(end) and len(name) > len(end)), name)


def unpacked_start(start: bytes, size: int) -> bytes:
    """The first bytes, at most `size`, of what a file with this start unpacks to; less of a damaged one."""
    kind = compression(start)
    unpack: Any
    if kind is None:
        return start
    if kind == "gzip":
        unpack = zlib.decompressobj(wbits=31)
    elif kind == "bzip2":
        import bz2

        unpack = bz2.BZ2Decompressor()
    else:
        import lzma

        unpack = lzma.LZMADecompressor()
    try:
        found: bytes = unpack.decompress(start, size)
    except _faults(kind):
        return b""
    return found


@contextlib.contextmanager
def unpacked(raw: io.BufferedReader[Any], file: str | Path) -> Iterator[io.BufferedReader[Any]]:
    """What `raw` unpacks to, as a stream; `raw` itself where it is not compressed.

    Raises CorpusError naming `file`, while it is read, if the compressed data is damaged, cut short, or unpacks to more
    than `MOST_TIMES` its size.
    """
    kind = compression(raw.peek(START)[:START])
    if kind is None:
        yield raw
        return
    try:
        packed = _Counted(raw)
        yield io.BufferedReader(_Bounded(_opened(kind, packed), packed, file), _BLOCK)
    except EOFError as error:
        raise CorpusError("the compressed file is cut short", file=file) from error
    except _faults(kind) as error:
        if isinstance(error, OSError) and error.errno is not None:
            # The disk's fault, not the data's.
            raise
        raise CorpusError(f"the compressed file is damaged ({error})", file=file) from error


class _Counted:
    """A stream, and how many bytes were read of it."""

    def __init__(self, raw: io.BufferedReader[Any]) -> None:
        self._raw = raw
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """As of any stream."""
        data = self._raw.read(size)
        self.size += len(data)
        return data


class _Bounded(io.RawIOBase):
    """What `packed` unpacks to, up to what is allowed."""

    def __init__(self, stream: Any, packed: _Counted, file: str | Path) -> None:
        self._stream, self._packed, self._file = stream, packed, file
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size: int = self._stream.readinto(buffer)
        self._size += size
        if self._size > max(ALWAYS_ALLOWED, MOST_TIMES * self._packed.size):
            raise CorpusError(
                "the compressed file unpacks to far more than it can hold of text",
                file=self._file,
                expected=f"at most {MOST_TIMES} times its size; what is sound can be unpacked before",
            )
        return size


def _opened(kind: str, raw: Any) -> Any:
    if kind == "gzip":
        import gzip

        return gzip.GzipFile(fileobj=raw)
    if kind == "bzip2":
        import bz2

        return bz2.BZ2File(raw)
    import lzma

    return lzma.LZMAFile(raw)


def _faults(kind: str) -> tuple[type[Exception], ...]:
    """What is raised by damaged data; OSError by bzip2, without a number."""
    if kind == "xz":
        import lzma

        return (lzma.LZMAError,)
    return (OSError, zlib.error)
