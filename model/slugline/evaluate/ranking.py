"""How well tags are ranked by probability. Tied tags share their places, so no metric depends on the tags' order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from slugline.evaluate.metrics import Flags, count_each

DEPTH = 5
"""Ranks that are looked at one by one."""

_FEW = 64  # articles at once of those whose tags are sparse: the columns are those of all of them


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The ranked tags of N articles.

    `probability` (N, d) are the d = min(DEPTH, L) highest probabilities. `relevance` (N, d) is 1 where the tag at a
    rank is true, and the share of true tags where several are tied over that rank: the expectation over all orders of
    tied tags. `actual` (N,) counts true tags. `lrap` (N,) is the label ranking average precision of each article, a
    tag's rank being the worst of its tie as in scikit-learn; NaN for articles without true tags.

    `gain` (N, d) is `relevance` with every true tag counted by its inverse propensity, and `most` (N, DEPTH) what the
    true tags with the highest ones would gain at the first ranks; both are None where no propensity is known.
    """

    probability: NDArray[np.float64]
    relevance: NDArray[np.float64]
    actual: NDArray[np.int64]
    lrap: NDArray[np.float64]
    gain: NDArray[np.float64] | None = None
    most: NDArray[np.float64] | None = None

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

    def propensity_scored(self, k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """What the k most probable tags gain, and the most that k tags could, each (N,): PSP@k is the ratio of their
        sums (Jain, Prabhu and Varma 2016). Both are 0 for articles without true tags. None where there is no gain.
        """
        if self.gain is None or self.most is None:
            return None
        return self.gain[:, :k].sum(axis=1), self.most[:, :k].sum(axis=1)

    def _defined(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(self.actual > 0, values, np.nan)


def rank(
    truth: Flags,
    probability: NDArray[np.float64] | csr_array,
    weights: NDArray[np.float64] | None = None,
    *,
    cells: int = 1 << 18,
) -> Ranking:
    """Rank the tags of N articles; `truth` and `probability` are (N, L), L at least 1, both arrays or both sparse.

    `weights` (L,) are the tags' inverse propensities. `cells` bounds the memory; what is sparse stays so but for the
    tags that a few articles have or may have.
    """
    articles, labels = truth.shape
    depth = min(DEPTH, labels)
    top = np.empty((articles, depth))
    relevance = np.empty((articles, depth))
    lrap = np.empty(articles)
    gain = None if weights is None else np.empty((articles, depth))
    step = max(1, cells // labels) if isinstance(probability, np.ndarray) else _FEW
    for start in range(0, articles, step):
        rows = slice(start, start + step)
        true, value, own = _columns(truth[rows], probability[rows], depth, weights)
        top[rows], relevance[rows], lrap[rows], gained = _rank_block(true, value, depth, own, labels)
        if gain is not None:
            gain[rows] = gained
    article, label = truth.nonzero()
    most = None if weights is None else _most(article, label, weights, articles)
    return Ranking(top, relevance, count_each(truth), lrap, gain, most)


def rank_candidates(
    labels: NDArray[np.int64], scores: NDArray[np.float64], truth: csr_array, weights: NDArray[np.float64] | None = None
) -> Ranking:
    """Rank the candidates of N articles: `labels` (N, k), best first, -1 where there are fewer, and `scores` (N, k).

    `truth` (N, L), sparse, says which tags are true, so that nothing of the size N times L is made. Equal scores are
    taken in the order given. `lrap` is NaN: it is about every tag.
    """
    articles, count = truth.shape
    owner = np.repeat(np.arange(articles, dtype=np.int64), np.diff(truth.indptr))
    shown = labels[:, :DEPTH]
    asked = np.arange(articles, dtype=np.int64)[:, None] * count + shown
    right = np.isin(asked, owner * count + truth.indices) & (shown >= 0)
    gain = None if weights is None else np.where(right, weights[shown], 0.0)
    most = None if weights is None else _most(owner, truth.indices, weights, articles)
    actual = np.diff(truth.indptr).astype(np.int64)
    return Ranking(scores[:, :DEPTH], right.astype(np.float64), actual, np.full(articles, np.nan), gain, most)


def inverse_propensities(
    trained: NDArray[np.int64], articles: int, a: float = 0.55, b: float = 1.5
) -> NDArray[np.float64]:
    """How much finding a tag counts that `trained` (L,) of the `articles` training articles have: rare tags count more.

    1 + C (n + b)^-a with C = (ln N - 1) (b + 1)^a: the inverse of the chance that a tag which belongs to an article was
    given to it, as Jain, Prabhu and Varma (2016, "Extreme multi-label loss functions for recommendation, tagging,
    ranking & other missing label applications") model it; their a and b for Wikipedia are 0.5 and 0.4, for Amazon 0.6
    and 2.6, and for all else 0.55 and 1.5.

    >>> inverse_propensities(np.array([0, 100]), 1000).round(2).tolist()
    [8.82, 1.77]
    """
    scale = (np.log(max(articles, 3)) - 1.0) * (b + 1.0) ** a
    return np.asarray(1.0 + scale * (trained + b) ** -a)


def _most(
    article: NDArray[np.integer[Any]], label: NDArray[np.integer[Any]], weights: NDArray[np.float64], articles: int
) -> NDArray[np.float64]:
    """The highest weights of each article's true tags, (N, DEPTH), 0 where there are fewer."""
    order = np.lexsort((-weights[label], article))
    article, label = article[order], label[order]
    place = np.arange(len(article)) - np.searchsorted(article, article)
    found = np.zeros((articles, DEPTH))
    kept = place < DEPTH
    found[article[kept], place[kept]] = weights[label[kept]]
    return found


def _columns(
    truth: Flags, probability: NDArray[np.float64] | csr_array, depth: int, weights: NDArray[np.float64] | None
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64] | None]:
    """Arrays of the columns, `depth` or more, in which one of these articles has anything, and their weights."""
    if isinstance(probability, np.ndarray) or isinstance(truth, np.ndarray):
        return np.asarray(truth), np.asarray(probability), weights
    columns = np.union1d(truth.indices, probability.indices)
    if len(columns) < depth:
        columns = np.union1d(columns, np.arange(2 * depth).clip(max=probability.shape[1] - 1))
    own = None if weights is None else weights[columns]
    return truth[:, columns].toarray(), probability[:, columns].toarray(), own


def _rank_block(
    truth: NDArray[np.bool_],
    probability: NDArray[np.float64],
    depth: int,
    weights: NDArray[np.float64] | None,
    labels: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64] | None]:
    """Of the tags beyond the columns, `labels` being all, none is true, and each has the probability 0."""
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
    end = last if labels == truth.shape[1] else np.where(value == 0, labels - 1, last)
    relevance = ((upto - before) / (end - first + 1))[:, :depth]
    gain = None
    if weights is not None:
        gains = true * weights[order]
        total = np.cumsum(gains, axis=1)
        shared = np.take_along_axis(total, last, axis=1) - np.take_along_axis(total - gains, first, axis=1)
        gain = (shared / (end - first + 1))[:, :depth]
    actual = found[:, -1]
    gained = (true * upto / (end + 1)).sum(axis=1)
    lrap = np.divide(gained, actual, out=np.full(len(truth), np.nan), where=actual > 0)
    return value[:, :depth], relevance, lrap, gain
