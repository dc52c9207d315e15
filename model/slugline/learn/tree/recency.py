"""How recent a tag is: what its score gains from its last article, and how much that should count."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from slugline.tree_search import Candidates, added

SCALE = 365.0
"""Days after which a tag's recency has fallen to 1 / e."""

WEIGHTS = (0.0, 0.5, 1.0, 1.5, 2.0)
"""Those that are tried."""

ENDINGS = 9
"""How often the training part is taken to have ended: after each tenth of its articles but the last. With fewer, what
is found depends more on which articles were held out, as more of their tags are new."""

DATED = 0.9
"""The share of articles that must have dates, as for a split by time."""

_BEST = 5


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Held-out articles as they would have been met when the training part ended before them.

    `found` are M articles' candidates without the tags that nobody had then, their recency then (M, k) not yet added,
    and `truth` (M, L) their tags but for those.
    """

    found: Candidates
    recency: NDArray[np.float64]
    truth: csr_matrix

    def weighted(self, weight: float) -> Candidates:
        """The candidates with `weight` times their recency added, best first."""
        return added(self.found, weight * self.recency)

    def best_weight(self) -> float:
        """The one of WEIGHTS with the highest mean nDCG@5, the smallest of equal ones, as an empty past has them."""
        return max(WEIGHTS, key=lambda weight: (round(_ndcg(self.weighted(weight), self.truth), 9), -weight))


def recency_of(Y: csr_matrix, days: NDArray[np.float64], end: float) -> NDArray[np.float64]:
    """(L,) exp(-age / SCALE), age being the days from the last article of a label up to `end`; NaN where none has one.

    Y is (n, L), sparse; `days` (n,) are the articles' dates as numbers of days, NaN for those without. What comes after
    `end` does not count.
    """
    last = np.full(Y.shape[1], -np.inf)
    day = np.repeat(days, np.diff(Y.indptr))
    seen = day <= end
    np.maximum.at(last, Y.indices[seen], day[seen])
    return np.where(np.isfinite(last), np.exp((last - end) / SCALE), np.nan)


def past(
    found: Candidates,
    truth: csr_matrix,
    days: NDArray[np.float64],
    inside: csr_matrix,
    inside_days: NDArray[np.float64],
) -> Past:
    """Held-out articles as the past met them: their candidates `found`, labels `truth` (m, L) and dates `days`.

    They lie among those trained on, `inside` (n, L) of `inside_days`, and a tag's last article often comes after them.
    So ENDINGS times the training part is taken to have ended, and the articles of the tenth that follows are kept, with
    tags as recent as they were then. A slice of the latest articles, whose tags no tree has seen since, would cost a
    tree of its own, and says less: it is one stretch of time.
    """
    dated = inside_days[np.isfinite(inside_days)]
    cuts = np.quantile(dated, np.linspace(0, 1, ENDINGS + 2)[1:]) if len(dated) else np.zeros(ENDINGS + 1)
    labels, scores, recencies, truths = [], [], [], []
    for end, following in pairwise(cuts.tolist()):
        rows = np.flatnonzero((days > end) & (days <= following))
        then = recency_of(inside, inside_days, end)
        own = found.labels[rows]
        known = (own >= 0) & np.isfinite(then[own])
        labels.append(np.where(known, own, -1))
        scores.append(found.scores[rows])
        recencies.append(np.where(known, then[own], 0.0))
        left = csr_matrix(truth[rows].multiply(np.isfinite(then)[None, :]))
        left.eliminate_zeros()
        left.sort_indices()
        truths.append(left)
    met = Candidates(np.concatenate(labels), np.concatenate(scores))
    return Past(met, np.concatenate(recencies), csr_matrix(vstack(truths, format="csr")))


def _ndcg(found: Candidates, truth: csr_matrix) -> float:
    """Mean nDCG@5 over the articles with a label (Järvelin and Kekäläinen 2002)."""
    m, count = truth.shape
    each = np.diff(truth.indptr)
    actual = np.repeat(np.arange(m), each) * count + truth.indices
    best = found.labels[:, :_BEST]
    hits = np.isin(np.arange(m)[:, None] * count + best, actual) & (best >= 0)
    gains = 1 / np.log2(np.arange(_BEST) + 2.0)
    ideal = np.concatenate([[0.0], np.cumsum(gains)])[np.minimum(each, _BEST)]
    shares = (hits * gains[: hits.shape[1]]).sum(axis=1)[each > 0] / ideal[each > 0]
    return float(shares.mean()) if len(shares) else 0.0
