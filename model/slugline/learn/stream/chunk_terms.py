"""The terms of a chunk of articles, known by 64-bit hashes, so that only new ones need be spelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slugline.article import Article
from slugline.config import ViewConfig
from slugline.features.views import view_prefix
from slugline.learn.counts import Counted, count_terms
from slugline.learn.stream.terms import term_hashes

_MOST = 65_535


@dataclass(frozen=True, slots=True, eq=False)
class ChunkTerms:
    """U terms, those of one view after the other, and where they occur: term `term[k]` is `count[k]` times in article
    `article[k]` of the chunk, at most 65,535 times.
    """

    counted: Counted
    hashes: NDArray[np.uint64]  # (U,), the same for the same term in every chunk, never 0
    view: NDArray[np.uint8]  # (U,)
    articles_with: NDArray[np.uint32]  # (U,)
    term: NDArray[np.uint32]  # (n,)
    article: NDArray[np.uint16]  # (n,)
    count: NDArray[np.uint16]  # (n,)

    @classmethod
    def of(cls, articles: Sequence[Article], views: Sequence[ViewConfig]) -> ChunkTerms:
        """Count the terms of at most 65,536 articles."""
        counted = count_terms(articles, views)
        sizes = [len(view.articles_with) for view in counted.views]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        terms, places, counts = [], [], []
        first = 0
        for size, block in counted.blocks:
            for start, entries in zip(starts.tolist(), block, strict=False):
                terms.append(
                    np.repeat((entries.term.astype(np.int64) + start).astype(np.uint32), entries.articles_with)
                )
                places.append((entries.article.astype(np.int64) + first).astype(np.uint16))
                counts.append(np.minimum(entries.count.astype(np.int64), _MOST).astype(np.uint16))
            first += size
        return cls(
            counted,
            np.concatenate([_hashes(counted, number) for number in range(len(sizes))]),
            np.repeat(np.arange(len(sizes), dtype=np.uint8), sizes),
            np.concatenate([view.articles_with for view in counted.views]).astype(np.uint32),
            np.concatenate(terms),
            np.concatenate(places),
            np.concatenate(counts),
        )

    def spelled(self, terms: NDArray[np.int64]) -> list[str]:
        """How these terms, ascending, are spelled in the vocabulary."""
        found: list[str] = []
        start = 0
        for number, view in enumerate(self.counted.views):
            end = start + len(view.articles_with)
            own = terms[(terms >= start) & (terms < end)] - start
            prefix = view_prefix(number)
            found += [prefix + term for term in view.spelled(own)]
            start = end
        return found


def _hashes(counted: Counted, number: int) -> NDArray[np.uint64]:
    """The hashes of one view's terms: of their units, in order, and of the view."""
    terms = counted.views[number]
    units = term_hashes(terms.units)
    mixed = np.full(len(terms.articles_with), 0x9E3779B97F4A7C15 * (number + 1) % (1 << 64), dtype=np.uint64)
    # Behind shorter n-grams the unit is -1, which stands for nothing.
    grams = np.arange(len(units))[:, None] if terms.grams is None else terms.grams
    units = np.append(units, np.uint64(0))
    for column in range(grams.shape[1]):
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9) + units[grams[:, column]]
    mixed = (mixed ^ (mixed >> np.uint64(31))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return np.maximum(mixed, np.uint64(1))
