"""Articles as arrays: the numbers of their words, and which of them each view counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from slugline.features.arrays import ragged
from slugline.features.tokenizer import paragraphs
from slugline.records import record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.article import Article
    from slugline.config import ViewConfig
    from slugline.features.words import Words


@record(frozen=True, slots=True, eq=False)
class Streams:
    """Words of N articles, stream after stream. No n-gram reaches from one stream into another.

    Stream s, of article `article[s]`, ascending, has the next `lengths[s]` of `words`, and counts `repeat[s]` times
    (None: every one once).
    """

    words: NDArray[np.int32]  # (n,)
    lengths: NDArray[np.int64]  # (S,)
    article: NDArray[np.int64]  # (S,)
    repeat: NDArray[np.int64] | None = None  # (S,)

    def positions(self, size: int) -> NDArray[np.int64]:
        """Where in `words` so many words of one stream begin."""
        return ragged(np.cumsum(self.lengths) - self.lengths, np.maximum(self.lengths - (size - 1), 0))


@record(frozen=True, slots=True, eq=False)
class Reading:
    """The words of N articles: of each its headline, then its body in one stream or more."""

    streams: Streams
    headline: NDArray[np.bool_]  # (S,), which streams are headlines
    articles: int  # N

    @classmethod
    def of(cls, articles: Sequence[Article], views: Sequence[ViewConfig], words: Words) -> Reading:
        """What these views need of the articles: a body is parted at its paragraphs where there are n-grams."""
        texts: list[str] = []
        parts = {view.part for view in views}
        title, body = bool(parts & {"all", "headline"}), bool(parts & {"all", "body", "lead"})
        if body and any(view.ngram_max > 1 and view.unit != "char" for view in views):
            counts = []
            for one in articles:
                before = len(texts)
                texts.append(one.title if title else "")
                texts += paragraphs(one.body)
                counts.append(len(texts) - before)
            count = np.array(counts, np.int64)
        else:
            for one in articles:
                texts.append(one.title if title else "")
                texts.append(one.body if body else "")
            count = np.full(len(articles), 2, np.int64)
        numbers, lengths = words.read(texts)
        article = np.repeat(np.arange(len(articles)), count)
        headline = np.zeros(len(texts), np.bool_)
        headline[np.cumsum(count) - count] = True
        return cls(Streams(numbers, lengths, article), headline, len(articles))

    @classmethod
    def of_texts(cls, texts: Sequence[str], words: Words) -> Reading:
        """Bare texts: bodies of one paragraph."""
        numbers, lengths = words.read(texts)
        return cls(Streams(numbers, lengths, np.arange(len(texts))), np.zeros(len(texts), np.bool_), len(texts))

    def part(self, view: ViewConfig) -> Streams:
        """The streams that a view counts."""
        all_of = self.streams
        if view.part == "all":
            repeat = None if view.title_repeat == 1 else np.where(self.headline, view.title_repeat, 1)
            return Streams(all_of.words, all_of.lengths, all_of.article, repeat)
        if view.part == "body" and not self.headline.any():
            return all_of
        chosen = np.flatnonzero(self.headline if view.part == "headline" else ~self.headline)
        starts = (np.cumsum(all_of.lengths) - all_of.lengths)[chosen]
        lengths, article = all_of.lengths[chosen], all_of.article[chosen]
        if view.part == "lead":
            # Words of the same body before each stream.
            before = np.cumsum(lengths) - lengths
            first = np.searchsorted(article, article)
            lengths = np.clip(view.lead_words - (before - before[first]), 0, lengths)
        return Streams(all_of.words[ragged(starts, lengths)], lengths, article)
