"""Precision, recall and F1 from counts of L labels in B resamples of the articles (B = 1: the articles themselves)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]

Flags = NDArray[np.bool_] | sparse.csr_array
"""(N, L) yes or no, as an array or, for many labels of which an article has few, sparse."""


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """How many articles have a label (`actual`), were given it (`decided`), and both (`hits`); each (L, B)."""

    hits: Floats
    decided: Floats
    actual: Floats

    @property
    def precision(self) -> Floats:
        """(L, B); 0 where a label was given to no article."""
        return ratio(self.hits, self.decided)

    @property
    def recall(self) -> Floats:
        """(L, B); 0 where no article has a label."""
        return ratio(self.hits, self.actual)

    @property
    def f1(self) -> Floats:
        """(L, B); 0 where no article has a label or was given it."""
        return ratio(2 * self.hits, self.decided + self.actual)

    def micro(self, missed: Floats | float = 0.0) -> tuple[Floats, Floats, Floats]:
        """Precision, recall and F1 of all labels pooled, each (B,); `missed` (B,) true labels are added as misses."""
        hits, decided = self.hits.sum(axis=0), self.decided.sum(axis=0)
        actual = self.actual.sum(axis=0) + missed
        return ratio(hits, decided), ratio(hits, actual), ratio(2 * hits, decided + actual)


class Counter:
    """Counts labels in weighted articles. Keeps three sparse (L, N) matrices made from `truth` and `decided` (N, L)."""

    def __init__(self, truth: Flags, decided: Flags) -> None:
        self._hits = _transposed(both(truth, decided))
        self._decided = _transposed(decided)
        self._actual = _transposed(truth)

    def counts(self, weights: Floats) -> Counts:
        """Counts in the resamples given by `weights` (N, B): how often each article is in each of them."""
        return Counts(
            np.asarray(self._hits @ weights), np.asarray(self._decided @ weights), np.asarray(self._actual @ weights)
        )


def macro(values: Floats, defined: NDArray[np.bool_], point: Floats) -> Floats:
    """The mean of `values` (L, B) over L labels in each of B resamples, over the same L labels in every one.

    A label whose value is not `defined` (L, B) in a resample, because the label has vanished from it, keeps its value
    on the articles themselves, `point` (L,): scoring it 0 would pull every resample down, leaving it out would give
    the frequent labels more weight in the resamples than they have in the metric. NaN where there are no labels.
    """
    if len(values) == 0:
        return np.full(values.shape[1], np.nan)
    return np.asarray(np.where(defined, values, point[:, None]).mean(axis=0))


def weighted(values: Floats, actual: Floats) -> Floats:
    """The mean of `values` (L, B) over labels, each weighted by how many articles have it; NaN where none has any."""
    total = actual.sum(axis=0)
    return np.where(total > 0, ratio((values * actual).sum(axis=0), total), np.nan)


def ratio(above: Floats, below: Floats) -> Floats:
    """`above / below`, and 0 where `below` is 0 (scikit-learn's `zero_division=0`)."""
    return np.asarray(np.divide(above, below, out=np.zeros(np.broadcast(above, below).shape), where=below != 0))


def mean(values: Floats, weights: Floats) -> Floats:
    """The mean of `values` (N,) over the articles where it is not NaN, in each resample of `weights` (N, B).

    NaN where a resample has no such article.
    """
    known = ~np.isnan(values)
    if not known.all():
        values, weights = values[known], weights[known]
    total = weights.sum(axis=0)
    return np.where(total > 0, ratio(values @ weights, total), np.nan)


def both(a: Flags, b: Flags) -> Flags:
    """Where both are set."""
    return a & b if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) else sparse.csr_array(a * b)


def count_each(flags: Flags, axis: int = 1) -> NDArray[np.int64]:
    """How many labels each of N articles has, (N,), or along axis 0 how many articles each label, (L,)."""
    return np.asarray(flags.sum(axis=axis, dtype=np.int64))


def signed_counts(plus: NDArray[np.bool_], minus: NDArray[np.bool_]) -> sparse.csr_array:
    """Sparse (L, N): 1 where `plus` (N, L) alone is set, -1 where `minus` alone is."""
    return sparse.csr_array(_transposed(plus & ~minus) - _transposed(minus & ~plus))


def _transposed(flags: Flags) -> sparse.csr_array:
    articles, labels = flags.nonzero()
    shape = (flags.shape[1], flags.shape[0])
    return sparse.csr_array((np.ones(len(articles)), (labels, articles)), shape=shape)
