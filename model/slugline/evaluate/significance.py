"""Whether two systems differ on the same held-out articles: approximate randomisation and the paired bootstrap.

Approximate randomisation (Noreen 1989; for F1, Yeh 2000) gives p: were the systems alike, then which of an article's
two answers is whose would be chance. Answers are swapped article by article, each with probability 1/2, and p is the
share of swaps whose difference is at least as large as the one seen, that one counted among them, so that p is never 0.
The interval of the difference is that of the paired bootstrap (Koehn 2004): articles are drawn with replacement, and
both systems are measured on the same draw. Both take articles to be independent of each other, and neither knows how
much a system would change if it were trained again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from slugline.evaluate import metrics
from slugline.evaluate.intervals import resamples as resampled

Measure = Literal["micro_f1", "macro_f1", "accuracy"]
MEASURES: tuple[Measure, ...] = ("micro_f1", "macro_f1", "accuracy")

RESAMPLES = 10_000
LEAST_DIFFERING = 6
"""Labels are tested that differ on this many articles: of fewer, even the rarest swap has a p above 0.05 (2 / 2 ** 5).

Which labels these are does not depend on whose answers were the better ones, so that leaving the others out of the
adjustment is no choice by result (Tarone 1990).
"""
_CELLS = 1 << 22
# Differences of floating-point sums that are equal on paper count as equal.
_EQUAL = 1e-12


@dataclass(frozen=True, slots=True)
class PairedTest:
    """One measure of two systems on the same articles.

    `difference` is b - a; `low` and `high` are its bootstrap interval, `p` is two-sided, by approximate randomisation.
    `articles` are those that the measure is defined for, `differing` those of them that the two systems answered
    differently: no other article can tell them apart.
    """

    measure: str
    a: float
    b: float
    difference: float
    low: float
    high: float
    p: float
    articles: int
    differing: int

    def to_dict(self) -> dict[str, Any]:
        """The fields, measures and p rounded to 6 decimals."""
        return {
            name: round(value, 6) if isinstance(value := getattr(self, name), float) else value
            for name in self.__dataclass_fields__
        }


@dataclass(frozen=True, slots=True)
class LabelChange:
    """F1 of one label in both systems, which answered `differing` articles differently.

    `p` is for the label alone, `q` adjusted for all labels tested (Benjamini-Hochberg); 1 where the label differs on
    fewer than LEAST_DIFFERING articles and is not tested.
    """

    label: str
    support: int
    a: float
    b: float
    difference: float
    differing: int
    p: float
    q: float

    def to_dict(self) -> dict[str, Any]:
        """The fields, measures rounded to 6 decimals."""
        return {
            name: round(value, 6) if isinstance(value := getattr(self, name), float) else value
            for name in self.__dataclass_fields__
        }


def paired_test(
    truth: NDArray[np.bool_],
    a: NDArray[np.bool_],
    b: NDArray[np.bool_],
    measure: Measure = "micro_f1",
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    confidence: float = 0.95,
) -> PairedTest:
    """Compare the decisions of two systems on N articles and L labels; all three arrays are bool (N, L).

    "micro_f1" pools all decisions; "macro_f1" is the mean over the labels that an article of `truth` has, the same
    labels in every resample; "accuracy" is the share of articles whose whole row is right (of one-hot rows: the
    accuracy; a row without a decision is wrong there). Raises ValueError where shapes or types disagree, where there is
    no article, or for an unknown measure.
    """
    _check(truth, a, b)
    if measure == "accuracy":
        right = [(rows == truth).all(axis=1).astype(np.float64) for rows in (a, b)]
        return paired_mean(right[0], right[1], measure, resamples=resamples, seed=seed, confidence=confidence)
    if measure not in MEASURES:
        raise ValueError(f"measure: {measure!r}; one of {', '.join(MEASURES)}")
    held = truth.any(axis=0)
    if measure == "macro_f1":
        # Labels that no article has are no part of the measure, and cost time.
        truth, a, b = truth[:, held], a[:, held], b[:, held]
    counters = metrics.Counter(truth, a), metrics.Counter(truth, b)
    once = np.ones((len(truth), 1))
    points = [counter.counts(once) for counter in counters]

    def value(counts: metrics.Counts, point: metrics.Counts) -> NDArray[np.float64]:
        if measure == "micro_f1":
            return counts.micro()[2]
        return metrics.macro(counts.f1, counts.actual > 0, point.f1[:, 0])

    values = [value(point, point)[0] for point in points]
    drawn = [
        value(counters[1].counts(weights), points[1]) - value(counters[0].counts(weights), points[0])
        for weights in _weights(len(truth), truth.shape[1], resamples, seed)
    ]
    swaps = _Swaps(truth, a, b)
    shuffled = [
        value(second, points[1]) - value(first, points[0])
        for first, second in swaps.counts(points[0], points[1], resamples, seed)
    ]
    return _result(measure, values[0], values[1], drawn, shuffled, len(truth), swaps.differing, confidence)


def paired_mean(
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    measure: str = "mean",
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    confidence: float = 0.95,
) -> PairedTest:
    """Compare the means of a measure of single articles, such as precision at 3; `a` and `b` are float (N,).

    An article for which either is NaN is left out. Raises ValueError where the lengths disagree or no article is left.
    """
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"a has the shape {a.shape}, b {b.shape}; both must be (N,)")
    known = ~(np.isnan(a) | np.isnan(b))
    a, b = a[known].astype(np.float64), b[known].astype(np.float64)
    if not len(a):
        raise ValueError("no article for which both systems have a value")
    change = b - a
    differing = change[change != 0]
    drawn = [change @ weights / len(a) for weights in _weights(len(a), 1, resamples, seed)]
    # Swapping the two answers of an article turns the sign of its difference.
    shuffled = [(differing @ (1 - 2 * swap)) / len(a) for swap in _coins(len(differing), 1, resamples, seed)]
    return _result(measure, float(a.mean()), float(b.mean()), drawn, shuffled, len(a), len(differing), confidence)


def paired_labels(
    labels: Sequence[str],
    truth: NDArray[np.bool_],
    a: NDArray[np.bool_],
    b: NDArray[np.bool_],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[LabelChange, ...]:
    """F1 gained or lost by label: the labels on which the two systems differ at all, the largest gain first.

    Arrays as in `paired_test`, columns in the order of `labels`. Raises ValueError.
    """
    _check(truth, a, b)
    if len(labels) != truth.shape[1]:
        raise ValueError(f"{len(labels)} labels for {truth.shape[1]} columns")
    chosen = np.flatnonzero((a != b).any(axis=0))
    if not len(chosen):
        return ()
    truth, a, b = truth[:, chosen], a[:, chosen], b[:, chosen]
    once = np.ones((len(truth), 1))
    points = metrics.Counter(truth, a).counts(once), metrics.Counter(truth, b).counts(once)
    difference = (points[1].f1 - points[0].f1)[:, 0]
    reached = np.zeros(len(chosen))
    for first, second in _Swaps(truth, a, b).counts(*points, resamples, seed):
        reached += (np.abs(second.f1 - first.f1) >= np.abs(difference)[:, None] - _EQUAL).sum(axis=1)
    p = (reached + 1) / (resamples + 1)
    differing = (a != b).sum(axis=0)
    tested = differing >= LEAST_DIFFERING
    q = np.ones(len(p))
    q[tested] = benjamini_hochberg(p[tested])
    support = truth.sum(axis=0)
    found = [
        LabelChange(
            labels[label],
            int(support[row]),
            float(points[0].f1[row, 0]),
            float(points[1].f1[row, 0]),
            float(difference[row]),
            int(differing[row]),
            float(p[row]),
            float(q[row]),
        )
        for row, label in enumerate(chosen.tolist())
    ]
    return tuple(sorted(found, key=lambda change: (-change.difference, change.p, change.label)))


def benjamini_hochberg(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """p-values (m,) adjusted for m tests: of those with q at most 0.05, 5 % are expected to be chance.

    Benjamini and Hochberg 1995.

    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.04, 0.04]
    """
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q


class _Swaps:
    """Counts of two systems whose answers are swapped on some articles; made from bool (N, L) arrays."""

    def __init__(self, truth: NDArray[np.bool_], a: NDArray[np.bool_], b: NDArray[np.bool_]) -> None:
        rows = np.flatnonzero((a != b).any(axis=1))
        self.differing = len(rows)
        truth, a, b = truth[rows], a[rows], b[rows]
        # What the first system gains, and the second loses, where an article is swapped.
        self._hits = metrics.signed_counts(truth & b, truth & a)
        self._decided = metrics.signed_counts(b, a)

    def counts(
        self, a: metrics.Counts, b: metrics.Counts, resamples: int, seed: int
    ) -> Iterator[tuple[metrics.Counts, metrics.Counts]]:
        """The counts of both, from those of no swap, in blocks of swaps."""
        for swap in _coins(self.differing, len(a.hits), resamples, seed):
            hits, decided = np.asarray(self._hits @ swap), np.asarray(self._decided @ swap)
            yield (
                metrics.Counts(a.hits + hits, a.decided + decided, a.actual),
                metrics.Counts(b.hits - hits, b.decided - decided, b.actual),
            )


def _weights(articles: int, labels: int, count: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Blocks of bootstrap weights (N, b), small enough that (L, b) fits as well."""
    yield from resampled(articles, count, seed, cells=max(1, _CELLS * articles // max(articles, labels)))


def _coins(articles: int, labels: int, count: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Blocks (N, b) of fair coins, 1 for a swap; the coins do not depend on the size of the blocks."""
    rng = np.random.default_rng([seed, 1])
    step = max(1, _CELLS // max(articles, labels, 1))
    for start in range(0, count, step):
        size = min(step, count - start)
        yield (rng.random((size, articles)) < 0.5).T.astype(np.float64)


def _result(
    measure: str,
    a: float,
    b: float,
    drawn: list[NDArray[np.float64]],
    shuffled: list[NDArray[np.float64]],
    articles: int,
    differing: int,
    confidence: float,
) -> PairedTest:
    difference = float(b - a)
    if not drawn:
        raise ValueError("resamples: at least 1")
    low, high = np.quantile(np.concatenate(drawn), [(1 - confidence) / 2, (1 + confidence) / 2])
    chance = np.concatenate(shuffled)
    reached = int((np.abs(chance) >= abs(difference) - _EQUAL).sum())
    p = (reached + 1) / (len(chance) + 1)
    return PairedTest(measure, float(a), float(b), difference, float(low), float(high), p, articles, differing)


def _check(truth: NDArray[np.bool_], a: NDArray[np.bool_], b: NDArray[np.bool_]) -> None:
    for name, array in (("truth", truth), ("a", a), ("b", b)):
        if array.ndim != 2 or array.shape != truth.shape or array.dtype != bool:
            raise ValueError(f"{name}: {array.dtype} {array.shape}; expected bool {truth.shape}, (articles, labels)")
    if not truth.size:
        raise ValueError("no article or no label to compare on")
