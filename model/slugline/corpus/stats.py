"""A corpus in numbers."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slugline.corpus.corpus import Corpus

_TOP = 20


@dataclass(frozen=True, slots=True)
class Distribution:
    """Of a list of counts: smallest, quartiles, 95th percentile (each a value that occurs), largest, mean and sum."""

    smallest: int
    lower_quartile: int
    median: int
    upper_quartile: int
    percentile_95: int
    largest: int
    mean: float
    total: int

    @classmethod
    def of(cls, values: Sequence[int]) -> Distribution:
        """The distribution of `values`; all zero if there are none."""
        ordered = sorted(values) or [0]
        last = len(ordered) - 1
        total = sum(ordered)
        low, middle, high, most = (ordered[round(share * last)] for share in (0.25, 0.5, 0.75, 0.95))
        return cls(ordered[0], low, middle, high, most, ordered[-1], round(total / len(ordered), 2), total)


@dataclass(frozen=True, slots=True)
class CorpusStats:
    """Counts of one corpus.

    Articles: `articles`, of them `empty` ones and `dated` ones from `first_date` to `last_date`; `skipped` rows;
    `parts` of the official split, `languages` and `sources` by frequency; `words` of headline and body.

    Tags: `tags_annotated` articles, of which `without_tags` have none; `tags` distinct ones, of which `tags_once`
    occur once; `tags_per_article` over annotated articles; `top_tags` with their number of articles.

    Event types: `types_annotated` articles; `event_types` with their number of annotated articles and share of them.
    """

    name: str
    digest: str
    articles: int
    skipped: int
    empty: int
    dated: int
    first_date: dt.date | None
    last_date: dt.date | None
    parts: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]
    sources: tuple[tuple[str, int], ...]
    words: Distribution
    tags_annotated: int
    without_tags: int
    tags: int
    tags_once: int
    tags_per_article: Distribution
    top_tags: tuple[tuple[str, int], ...]
    types_annotated: int
    event_types: tuple[tuple[str, int, float], ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON-able values: dates in ISO form, pairs as objects; `event_types` maps to {"articles", "share"}."""
        values = dataclasses.asdict(self)
        for name in ("first_date", "last_date"):
            values[name] = None if values[name] is None else values[name].isoformat()
        for name in ("parts", "languages", "sources", "top_tags"):
            values[name] = dict(values[name])
        values["event_types"] = {name: {"articles": n, "share": share} for name, n, share in self.event_types}
        return values


def stats(corpus: Corpus, top: int = _TOP) -> CorpusStats:
    """Count what is in `corpus`; of tags and sources, the `top` most frequent are named."""
    articles, labels = corpus.articles, corpus.labels
    dates = [article.date for article in articles if article.date is not None]
    tag_sets = [one.tags for one in labels if one.tags is not None]
    tags = Counter(tag for one in tag_sets for tag in one)
    types = Counter(one.event_type for one in labels if one.event_type is not None)
    return CorpusStats(
        name=corpus.name,
        digest=corpus.digest,
        articles=len(corpus),
        skipped=len(corpus.skipped),
        empty=sum(not article.text.strip() for article in articles),
        dated=len(dates),
        first_date=min(dates, default=None),
        last_date=max(dates, default=None),
        parts=_ranked(Counter(record.part for record in corpus.records if record.part is not None)),
        languages=_ranked(Counter(article.language for article in articles if article.language is not None)),
        sources=_ranked(Counter(article.source for article in articles if article.source))[:top],
        words=Distribution.of([len(article.text.split()) for article in articles]),
        tags_annotated=len(tag_sets),
        without_tags=sum(not one for one in tag_sets),
        tags=len(tags),
        tags_once=sum(count == 1 for count in tags.values()),
        tags_per_article=Distribution.of([len(one) for one in tag_sets]),
        top_tags=_ranked(tags)[:top],
        types_annotated=types.total(),
        event_types=tuple((name, n, round(n / types.total(), 4)) for name, n in _ranked(types)),
    )


def _ranked(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    """Most frequent first, equals in order of name."""
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
