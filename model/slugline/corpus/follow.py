"""The lines of a file that goes on growing, as they are written: what `tail -F` does, in whole lines."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from slugline.corpus.compression import compression
from slugline.corpus.encoding import MAX_LINE, decode_line
from slugline.errors import CorpusError

STDIN = "-"
PAUSE = 0.2
"""Seconds between two looks at a file that had nothing new."""

_BLOCK = 1 << 18
_LATE = 2  # looks at a file that was rotated away, for a writer that still has it open


class Lines(NamedTuple):
    """Some whole lines that are there to be read: their text, and the number (from 1) of the first in its file."""

    texts: list[str]
    first: int


def follow(
    name: str, *, sleep: Callable[[float], None] = time.sleep, tell: Callable[[str], None] = lambda _: None
) -> Iterator[Lines]:
    """Yield the lines of a file from its beginning, all that are there at once, and wait for more; without an end.

    A line counts when its line feed is written. A file that is replaced (rotated) is read to its end, its last line
    even without a line feed, and then the new one from its start, once it is there; a file that becomes shorter
    (truncated) is read from its start again. A file that is not there yet is waited for. Of standard input ("-") lines
    are yielded as they come, and its end is the end. Memory is bounded by the longest line. `tell` is called with what
    a person may want to know, `sleep` to wait. UTF-8, or line by line Windows-1252.

    Raises CorpusError for a folder, a compressed file, a file that cannot be read, and a line longer than MAX_LINE.
    """
    if name == STDIN:
        yield from _Growing("stdin", sys.stdin.buffer).rest()
        return
    path = Path(name)
    while True:
        growing = _opened(path, sleep, tell)
        with growing.stream:
            yield from _until_replaced(growing, path, sleep, tell)


def _until_replaced(
    growing: _Growing, path: Path, sleep: Callable[[float], None], tell: Callable[[str], None]
) -> Iterator[Lines]:
    late = 0
    while True:
        found = growing.more()
        if found.texts:
            yield found
            late = 0
        elif growing.shortened():
            tell(f"{path} was truncated; reading it from its start")
            growing.restart()
        elif not growing.same_as(path):
            # The writer may write some more before it notices.
            late += 1
            if late > _LATE:
                tell(f"{path} was replaced; reading the new one")
                yield from growing.last()
                return
            sleep(PAUSE)
        else:
            late = 0
            sleep(PAUSE)


def _opened(path: Path, sleep: Callable[[float], None], tell: Callable[[str], None]) -> _Growing:
    told = False
    while True:
        try:
            if path.is_dir():
                raise CorpusError("is a folder", file=path, expected="a file of JSON Lines to follow")
            return _Growing(path, path.open("rb", buffering=0))
        except FileNotFoundError:
            if not told:
                tell(f"waiting for {path}, which is not there yet")
                told = True
            sleep(PAUSE)
        except OSError as error:
            raise CorpusError(f"cannot read ({error.strerror})", file=path) from error


class _Growing:
    """A file that is read as far as there are whole lines."""

    def __init__(self, file: str | Path, stream: BinaryIO) -> None:
        self.file = file
        self.stream = stream
        self._begin()

    def _begin(self) -> None:
        self._pieces: list[bytes] = []
        self._held = 0
        self._number = 1
        self._read = 0

    def more(self) -> Lines:
        """The lines that the next block of bytes makes whole; none where there is nothing new."""
        while True:
            data = self._next_block()
            if not data:
                return Lines([], self._number)
            whole, feed, rest = data.rpartition(b"\n")
            if not feed:
                self._hold(data)
                continue
            text = b"".join([*self._pieces, whole])
            self._pieces, self._held = [], 0
            self._hold(rest)
            return self._lines(text.split(b"\n"))

    def rest(self) -> Iterator[Lines]:
        """All lines up to the end of the stream, as they come."""
        while (found := self.more()).texts:
            yield found
        yield from self.last()

    def last(self) -> Iterator[Lines]:
        """What is left without a line feed, where it is more than blanks."""
        left = b"".join(self._pieces)
        if left.strip():
            yield self._lines([left])

    def restart(self) -> None:
        """Read from the start of the file again."""
        self.stream.seek(0)
        self._begin()

    def shortened(self) -> bool:
        """Whether the file has become shorter than what was read of it."""
        now = os.fstat(self.stream.fileno())
        return stat.S_ISREG(now.st_mode) and now.st_size < self._read

    def same_as(self, path: Path) -> bool:
        """Whether `path` is (still) the file that is open."""
        try:
            return os.path.samestat(path.stat(), os.fstat(self.stream.fileno()))
        except FileNotFoundError:
            return False

    def _next_block(self) -> bytes:
        try:
            # Of a pipe, what is there; `read` would wait for all of it.
            data = os.read(self.stream.fileno(), _BLOCK)
        except OSError as error:
            raise CorpusError(f"cannot read ({error.strerror})", file=self.file) from error
        if self._read == 0 and (kind := compression(data)) is not None:
            raise CorpusError("a compressed file cannot be followed", file=self.file, found=kind, expected="text")
        self._read += len(data)
        return data

    def _hold(self, data: bytes) -> None:
        self._held += len(data)
        if self._held > MAX_LINE:
            raise CorpusError("the line is too long", file=self.file, line=self._number)
        if data:
            self._pieces.append(data)

    def _lines(self, found: list[bytes]) -> Lines:
        first = self._number
        self._number += len(found)
        texts = [decode_line(line.removesuffix(b"\r")) for line in found]
        if first == 1:
            texts[0] = texts[0].removeprefix("\ufeff")
        return Lines(texts, first)
