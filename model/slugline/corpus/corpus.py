"""A labelled corpus in memory."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from slugline.article import Article, Labels
from slugline.errors import CorpusError

TRAIN = "train"
HELD_OUT = "held-out"
UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class Record:
    """One article with its labels, and the side of the corpus's official split: TRAIN, HELD_OUT, UNUSED or None."""

    article: Article
    labels: Labels
    part: str | None = None


@dataclass(frozen=True)
class Corpus:
    """Named records in the order in which they were read; article ids are unique.

    `skipped` are the errors of rows that were skipped on request. `unmapped` are the event types that the map of labels
    did not know, which count as not annotated, with their number of articles, most frequent first. `sources` are the
    corpora that were joined into this one.
    """

    name: str
    records: tuple[Record, ...]
    skipped: tuple[CorpusError, ...] = ()
    unmapped: tuple[tuple[str, int], ...] = ()
    sources: tuple[Corpus, ...] = ()

    def __len__(self) -> int:
        return len(self.records)

    @cached_property
    def articles(self) -> tuple[Article, ...]:
        """The articles, in order."""
        return tuple(record.article for record in self.records)

    @cached_property
    def labels(self) -> tuple[Labels, ...]:
        """The labels, in the articles' order."""
        return tuple(record.labels for record in self.records)

    @cached_property
    def digest(self) -> str:
        """`sha256:` and the hexadecimal SHA-256 over every record's content, in order."""
        sha = hashlib.sha256()
        for record in self.records:
            article, labels = record.article, record.labels
            row = [
                article.id,
                article.title,
                article.body,
                None if article.date is None else article.date.isoformat(),
                None if labels.tags is None else sorted(labels.tags),
                labels.event_type,
                record.part,
            ]
            sha.update(json.dumps(row, ensure_ascii=True).encode())
            sha.update(b"\n")
        return f"sha256:{sha.hexdigest()}"
