"""A corpus read article by article, none kept: for corpora larger than memory."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from slugline.config import CorpusConfig
from slugline.corpus.corpus import Record
from slugline.corpus.load import Source, clean_record, find_source
from slugline.corpus.mapping import map_labels, refuse
from slugline.corpus.readers import read_records
from slugline.errors import CorpusError

_SHOWN = 100
_EDGE = 1 << 16


@dataclass
class CorpusStream:
    """A corpus that can be read again and again, its articles cleaned, its tags as they are written.

    Ids may repeat: remembering all of them is the caller's affair. Of the rows that were skipped on request, `skipped`
    has the first hundred errors and `bad` counts all; `unmapped` counts event types that the map of labels does not
    know. All three are of the last reading.
    """

    source: Source
    strict: bool = False
    skipped: list[CorpusError] = field(default_factory=list)
    bad: int = 0
    unmapped: Counter[str] = field(default_factory=Counter)

    @classmethod
    def open(cls, config: CorpusConfig, *, taxonomy: str | None = None) -> CorpusStream:
        """The corpus of `config`. Raises what `load_corpus` raises before it reads, CorpusError for several sources."""
        if config.sources:
            raise CorpusError("several corpora together cannot be streamed", expected="one corpus, or one joined file")
        made: list[CorpusStream] = []

        def skip(error: CorpusError) -> None:
            if not config.skip_bad:
                raise error
            made[0].skip(error)

        made.append(cls(find_source(config, skip, taxonomy=taxonomy, unique=False), config.map_strict))
        return made[0]

    def skip(self, error: CorpusError) -> None:
        """Count a bad row."""
        self.bad += 1
        if len(self.skipped) < _SHOWN:
            self.skipped.append(error)

    def records(self, start: int = 0) -> Iterator[Record]:
        """The records but for the first `start`, which are read but not cleaned. Raises CorpusError."""
        self.skipped.clear()
        self.bad = 0
        self.unmapped.clear()
        for number, record in enumerate(read_records(self.source.path, self.source.reader, self.source.options)):
            if number < start:
                continue
            cleaned = clean_record(record)
            if self.source.known is None:
                yield cleaned
                continue
            (labels,), unknown = map_labels([cleaned.labels], self.source.known)
            if self.strict:
                refuse(unknown, self.source.path)
            self.unmapped.update(unknown)
            yield Record(cleaned.article, labels, cleaned.part)

    def fingerprint(self) -> str:
        """Of the files: names, sizes, times and first and last bytes, so that a change is noticed without reading."""
        path = self.source.path
        found = hashlib.sha256()
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in files:
            about = file.stat()
            found.update(f"{file.relative_to(path)} {about.st_size} {about.st_mtime_ns}\n".encode(errors="replace"))
            if len(files) == 1:
                found.update(_edges(file, about.st_size))
        return found.hexdigest()


def _edges(file: Path, size: int) -> bytes:
    with file.open("rb") as stream:
        head = stream.read(_EDGE)
        stream.seek(max(0, size - _EDGE))
        return head + stream.read(_EDGE)
