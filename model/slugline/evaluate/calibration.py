"""Expected calibration error: by how much stated probabilities and observed frequencies differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 15


@dataclass(frozen=True, slots=True)
class Bin:
    """`pairs` of an article and a label, their mean stated `probability`, and the share of them that is `observed`."""

    pairs: int
    probability: float
    observed: float

    def to_dict(self) -> dict[str, float]:
        """The fields, rounded to 6 decimals."""
        return {
            "pairs": self.pairs,
            "probability": round(self.probability, 6),
            "observed": round(self.observed, 6),
        }


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationGaps:
    """Sums of (probability - outcome) of N articles in each bin, (N, bins); every article has `each` probabilities.

    `bins` are what is in the bins that are not empty, by rising probability.
    """

    gaps: NDArray[np.float64]
    each: int
    bins: tuple[Bin, ...] = ()

    def error(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """(B,) expected calibration error in the resamples given by `weights` (N, B): bins weighted by their pairs."""
        return np.asarray(np.abs(self.gaps.T @ weights).sum(axis=0) / (self.each * weights.sum(axis=0)))


def equal_width(probability: NDArray[np.float64], outcome: NDArray[np.float64], bins: int = BINS) -> CalibrationGaps:
    """Bins of the same width over [0, 1], as Guo et al. 2017; `probability` and `outcome` are (N, m)."""
    return _gaps(probability, outcome, np.linspace(0, 1, bins + 1)[1:-1])


def equal_mass(probability: NDArray[np.float64], outcome: NDArray[np.float64], bins: int = BINS) -> CalibrationGaps:
    """Bins with the same number of pairs, as Nguyen and O'Connor 2015; equal probabilities share a bin."""
    return _gaps(probability, outcome, np.unique(np.quantile(probability, np.linspace(0, 1, bins + 1)[1:-1])))


def _gaps(
    probability: NDArray[np.float64], outcome: NDArray[np.float64], edges: NDArray[np.float64]
) -> CalibrationGaps:
    articles, each = probability.shape
    # Guo's bins are open below and closed above.
    bins = np.searchsorted(edges, probability, side="left")
    width = len(edges) + 1
    cell = np.arange(articles)[:, None] * width + bins
    gaps = np.bincount(cell.ravel(), weights=(probability - outcome).ravel(), minlength=articles * width)
    sums = [np.bincount(bins.ravel(), weights=part, minlength=width) for part in (probability.ravel(), outcome.ravel())]
    pairs = np.bincount(bins.ravel(), minlength=width)
    filled = tuple(
        Bin(int(count), float(stated / count), float(true / count))
        for count, stated, true in zip(pairs, *sums, strict=True)
        if count
    )
    return CalibrationGaps(gaps.astype(np.float64, copy=False).reshape(articles, width), each, filled)
