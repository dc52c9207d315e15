"""What every reader of corpora is given and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from slugline.errors import CorpusError
from slugline.records import record

if TYPE_CHECKING:
    from slugline.corpus.corpus import Record


def raise_bad(error: CorpusError) -> None:
    """What is done with a bad row unless the caller says otherwise: its error is raised."""
    raise error


@record(frozen=True, slots=True)
class ReadOptions:
    """How a corpus is read.

    `fields` maps Slugline's field names (`slugline.corpus.readers.fields.FIELDS`) to the corpus's own columns or keys.
    `families` selects what becomes tags, of a corpus that has several label families or of columns or keys (None: the
    reader's default).
    `encoding` is "auto" or a Python codec name. `on_bad` is called with the error of each row that cannot be used; if
    it returns, the row is skipped (pass `list.append` to collect). Faults of the file as a whole are always raised.
    Without `unique`, repeated ids are not looked for, which takes memory for every article: the caller will.
    """

    fields: dict[str, str] = field(default_factory=dict)
    families: tuple[str, ...] | None = None
    encoding: str = "auto"
    on_bad: Callable[[CorpusError], None] = raise_bad
    unique: bool = True


class Reader(Protocol):
    """One format of corpora. A module of this package offers one as `READER`, and imports nothing heavy at its top.

    `extra` is None where nothing is needed; `families` is empty where the format has no families of its own.
    """

    @property
    def name(self) -> str:
        """What `--reader` calls it."""
        ...

    @property
    def extra(self) -> str | None:
        """The optional dependency group that `read` needs."""
        ...

    @property
    def families(self) -> tuple[str, ...]:
        """The label families that may be chosen from."""
        ...

    def sniff(self, path: Path, head: bytes) -> bool:
        """Whether `path` is of this format, by content.

        `head` is the start of the file's bytes (up to `encoding.HEAD`), decompressed if gzipped; empty for a folder.
        Never raises, whatever the bytes.
        """
        ...

    def read(self, path: Path, options: ReadOptions) -> Iterator[Record]:
        """Yield the records, tags as written; ids are unique.

        Raises CorpusError for a fault of the whole file and gives `options.on_bad` the errors of single rows;
        raises MissingExtraError if the reader's `extra` is not installed.
        """
        ...


def choose_families(
    options: ReadOptions, families: tuple[str, ...], default: tuple[str, ...] | None = None
) -> tuple[str, ...]:
    """The families asked for, in the reader's order; if none was, `default` (None: all of them).

    Raises CorpusError for one that is not among `families`.
    """
    if options.families is None:
        return families if default is None else default
    for name in options.families:
        if name not in families:
            raise CorpusError(
                "unknown label family", field="families", found=name, expected=f"some of {', '.join(families)}"
            )
    return tuple(name for name in families if name in options.families)


def refuse_choices(options: ReadOptions, file: str | Path) -> None:
    """Raise CorpusError if fields or families were chosen, for a format that has neither: better than ignoring them."""
    if options.fields:
        names = ", ".join(options.fields)
        raise CorpusError(f"this format has no columns or keys that could be given as {names}", file=file)
    if options.families:
        names = ", ".join(options.families)
        raise CorpusError(f"this format has no label families that could be chosen as {names}", file=file)


def placed(error: CorpusError, file: str | Path, line: int | None) -> CorpusError:
    """`error` with the file and line it belongs to."""
    return CorpusError(
        error.message, file=file, line=line, field=error.field, found=error.found, expected=error.expected
    )


def file_records(
    root: Path, files: Iterable[Path], read: Callable[[Path], Record], options: ReadOptions
) -> Iterator[Record]:
    """What `read` makes of each file, ids unique.

    Raises CorpusError if `root` is itself the file and cannot be read; `options.on_bad` gets the errors of files below
    a folder `root`.
    """
    seen = SeenIds(root) if options.unique else None
    for file in files:
        try:
            record = read(file)
            if seen is not None:
                seen.add(record.article.id)
        except CorpusError as error:
            if not root.is_dir():
                raise
            options.on_bad(error)
        else:
            yield record


class SeenIds:
    """Keeps ids unique: `add` raises CorpusError naming both places of a repeated id."""

    def __init__(self, file: str | Path) -> None:
        self.file = file
        self._lines: dict[str, int | None] = {}

    def add(self, article_id: str, line: int | None = None) -> None:
        """Note an id and the line (1 and up) it was found on."""
        if article_id in self._lines:
            first = self._lines[article_id]
            where = "" if first is None else f", first on line {first}"
            raise CorpusError(f"id {article_id!r} is repeated{where}", file=self.file, line=line, field="id")
        self._lines[article_id] = line
