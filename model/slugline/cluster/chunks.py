"""Cutting input files into chunks: by byte ranges at line borders, by Parquet's row groups, or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from slugline.cluster.storage import InputFile, open_file, read_range, shown, storage_errors
from slugline.corpus.encoding import HEAD, detect, peek_text
from slugline.corpus.readers import jsonl
from slugline.corpus.readers.files import PAGE_SUFFIXES, plain_suffix
from slugline.corpus.readers.registry import find_special
from slugline.errors import CorpusError, MissingExtraError

if TYPE_CHECKING:
    from slugline.cluster.tasks import Pool
    from slugline.progress import Progress

Kind = Literal["lines", "groups", "whole"]

CHUNK_BYTES = 16_000_000
"""Bytes of a chunk of lines: some seconds of work, so that the scheduler has little to do and a kill costs little."""

_SEARCH = 1 << 16
"""Bytes that are read at a time while looking for the end of a line."""
_PER_TASK = 16
"""Chunks whose borders one task finds."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a file that is predicted as one: bytes [start, stop) for lines, row groups [start, stop) of Parquet.

    `first` is the number of its first line or row in the file, counted from 1. A whole file has no range.
    """

    file: str
    kind: Kind
    start: int = 0
    stop: int = 0
    first: int = 1

    def describe(self) -> str:
        """The chunk as an error names it."""
        name = shown(self.file)
        where = {"lines": "bytes", "groups": "row groups"}.get(self.kind)
        return name if where is None else f"{name} ({where} {self.start:,} to {self.stop:,})"


def plan_chunks(
    files: Iterable[InputFile], pool: Pool, size: int = CHUNK_BYTES, *, progress: Progress | None = None
) -> list[Chunk]:
    """The chunks of `files` in their order, of about `size` bytes; what must be read for it, the pool's workers read.

    Uncompressed JSON Lines are read once to find and number the lines that chunks start with. Empty files have no
    chunk. Raises CorpusError for a file that cannot be read.
    """
    files = list(files)
    looked: dict[int, list[Chunk]] = {}
    found = pool.run(_look, [(file, size) for file in files], [file.name for file in files])
    for done, (number, chunks) in enumerate(found, 1):
        looked[number] = chunks
        if progress:
            progress("looking at files", done, len(files))
    long = [number for number in looked if looked[number] and looked[number][0].kind == "lines"]
    calls, owners = [], []
    for number in sorted(long):
        count = -(-files[number].size // size)
        if count == 1:
            continue
        looked[number] = []
        for first in range(0, count, _PER_TASK):
            calls.append((files[number], size, first, min(first + _PER_TASK, count)))
            owners.append(number)
    cut: dict[int, list[tuple[int, int, int]]] = {}
    for done, (place, pieces) in enumerate(pool.run(_cut, calls, [call[0].name for call in calls]), 1):
        cut[place] = pieces
        if progress:
            progress("finding lines", done, len(calls))
    first_of = dict.fromkeys(owners, 1)
    for place, owner in enumerate(owners):
        for start, stop, lines in cut[place]:
            looked[owner].append(Chunk(files[owner].url, "lines", start, stop, first_of[owner]))
            first_of[owner] += lines
    return [chunk for number in range(len(files)) for chunk in looked[number]]


@storage_errors()
def _look(file: InputFile, size: int) -> list[Chunk]:
    """The chunks of a file; for lines one, that is still to be cut."""
    if file.size == 0:
        return []
    head = read_range(file.url, 0, min(file.size, HEAD))
    if head.startswith(b"PAR1"):
        return list(_row_groups(file, size))
    if _is_lines(Path(shown(file.url)), head):
        return [Chunk(file.url, "lines", 0, file.size)]
    return [Chunk(file.url, "whole")]


def _is_lines(path: Path, head: bytes) -> bool:
    """Whether lines of a file may be read one by one: JSON Lines of no special corpus, in an encoding of 8 bits."""
    text = peek_text(head)
    if text is None or detect(head) != "auto" or plain_suffix(path) in PAGE_SUFFIXES:
        return False
    if not jsonl.is_json(text) or jsonl.is_document(text) or (b"\r" in head and b"\n" not in head):
        return False
    with tempfile.TemporaryDirectory(prefix="slugline-") as folder:
        # Readers of well-known corpora look at a file, not at an address.
        start = Path(folder) / path.name
        start.write_bytes(head)
        return find_special(start, head) is None


def _row_groups(file: InputFile, size: int) -> Iterator[Chunk]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError("reading Parquet", "parquet") from error
    try:
        with open_file(file.url) as stream, pq.ParquetFile(stream) as table:
            groups = [table.metadata.row_group(number) for number in range(table.metadata.num_row_groups)]
            sizes = [(group.num_rows, group.total_byte_size) for group in groups]
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(f"not a whole Parquet file: {error}", file=file.name) from error
    start, first, rows, volume = 0, 1, 0, 0
    for number, (more, extent) in enumerate(sizes):
        rows, volume = rows + more, volume + extent
        if volume >= size or number + 1 == len(sizes):
            if rows:
                yield Chunk(file.url, "groups", start, number + 1, first)
            start, first, rows, volume = number + 1, first + rows, 0, 0


@storage_errors()
def _cut(file: InputFile, size: int, first: int, last: int) -> list[tuple[int, int, int]]:
    """Chunks `first` to `last` - 1 of a file of lines: the bytes [start, stop) of each, and its number of lines."""

    def read(start: int, stop: int) -> bytes:
        return read_range(file.url, start, stop)

    pieces = []
    start = line_start(read, first * size, file.size)
    for number in range(first, last):
        stop = line_start(read, (number + 1) * size, file.size)
        # A line may be longer than a chunk.
        if stop > start:
            pieces.append((start, stop, count_lines(read(start, stop))))
        start = stop
    return pieces


def line_start(read: Callable[[int, int], bytes], place: int, size: int) -> int:
    r"""Where the first line starts that does not start before `place`, in bytes; `size` if there is none.

    >>> data = b"one\ntwo\n"
    >>> [line_start(lambda start, stop: data[start:stop], place, 8) for place in (0, 1, 4, 5)]
    [0, 4, 4, 8]
    """
    if place <= 0:
        return 0
    start = place - 1
    while start < size:
        stop = min(start + _SEARCH, size)
        end = read(start, stop).find(b"\n")
        if end >= 0:
            return start + end + 1
        start = stop
    return size


def count_lines(data: bytes) -> int:
    r"""How many line ends there are, as `slugline.corpus.encoding.lines` sees them: `\n`, `\r\n` or `\r`.

    >>> count_lines(b"a\r\nb\rc\n\n")
    4
    """
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def to_dict(chunk: Chunk) -> dict[str, Any]:
    """The chunk for a manifest; `Chunk(**to_dict(chunk))` is the chunk."""
    return {name: getattr(chunk, name) for name in Chunk.__slots__}
