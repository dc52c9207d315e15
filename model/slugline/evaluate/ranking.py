"""How well tags are ranked by probability. Tied tags share their places, so no metric depends on the tags' order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEPTH = 5
"""Ranks that are looked at one by one."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The ranked tags of N articles.

    `probability` (N, d) are the d = min(DEPTH, L) highest probabilities. `relevance` (N, d) is 1 where the tag at a
    rank is true, and the share of true tags where several are tied over that rank: the expectation over all orders of
    tied tags. `actual` (N,) counts true tags. `lrap` (N,) is the label ranking average precision of each article, a
    tag's rank being the worst of its tie as in scikit-learn; NaN for articles without true tags.
    """

    probability: NDArray[np.float64]
    relevance: NDArray[np.float64]
    actual: NDArray[np.int64]
    lrap: NDArray[np.float64]

    def precision(self, k: int) -> NDArray[np.float64]:
        """(N,) true tags among the k most probable, divided by k (also where an article or model has fewer tags).

        NaN for articles without true tags.
        """
        return self._defined(self.relevance[:, :k].sum(axis=1) / k)

    def recall(self, k: int) -> NDArray[np.float64]:
        """(N,) share of an article's true tags that are among its k most probable; NaN without true tags."""
        return self._defined(self.relevance[:, :k].sum(axis=1) / np.maximum(self.actual, 1))

    def ndcg(self, k: int) -> NDArray[np.float64]:
        """(N,) normalised discounted cumulative gain at k with gain 1 (Järvelin and Kekäläinen 2002).

        Ties as in McSherry and Najork 2008. NaN for articles without true tags, which other systems score 0 or 1.
        """
        discount = 1 / np.log2(np.arange(2, k + 2))
        ideal = np.concatenate([[np.nan], np.cumsum(discount)])[np.minimum(self.actual, k)]
        shown = self.relevance[:, :k]
        return np.asarray(shown @ discount[: shown.shape[1]] / ideal)

    def _defined(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(self.actual > 0, values, np.nan)


def rank(truth: NDArray[np.bool_], probability: NDArray[np.float64], *, cells: int = 1 << 21) -> Ranking:
    """Rank the tags of N articles; `truth` and `probability` are (N, L), L at least 1. `cells` bounds the memory."""
    articles, labels = truth.shape
    depth = min(DEPTH, labels)
    top = np.empty((articles, depth))
    relevance = np.empty((articles, depth))
    lrap = np.empty(articles)
    step = max(1, cells // labels)
    for start in range(0, articles, step):
        rows = slice(start, start + step)
        top[rows], relevance[rows], lrap[rows] = _rank_block(truth[rows], probability[rows], depth)
    return Ranking(top, relevance, truth.sum(axis=1, dtype=np.int64), lrap)


def _rank_block(
    truth: NDArray[np.bool_], probability: NDArray[np.float64], depth: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    order = np.argsort(-probability, axis=1, kind="stable")
    value = np.take_along_axis(probability, order, axis=1)
    true = np.take_along_axis(truth, order, axis=1).astype(np.int64)
    place = np.arange(truth.shape[1])

    # First and last place of the tie that each place belongs to.
    step = value[:, 1:] != value[:, :-1]
    edge = np.ones((len(truth), 1), dtype=bool)
    first = np.maximum.accumulate(np.where(np.hstack([edge, step]), place, 0), axis=1)
    last = np.where(np.hstack([step, edge]), place, len(place))
    last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]

    found = np.cumsum(true, axis=1)
    upto = np.take_along_axis(found, last, axis=1)
    before = np.take_along_axis(found - true, first, axis=1)
    relevance = ((upto - before) / (last - first + 1))[:, :depth]
    actual = found[:, -1]
    gained = (true * upto / (last + 1)).sum(axis=1)
    lrap = np.divide(gained, actual, out=np.full(len(truth), np.nan), where=actual > 0)
    return value[:, :depth], relevance, lrap
