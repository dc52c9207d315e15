"""How far a measure of articles has moved from its reference, and whether chance alone would move it as far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

DRAWS = 1000
_FEW = 200
_LEAST = 0.01
"""Standard deviations count as this at least: measures are shares, and one that never changed in training may."""

SURE = 0.01
"""Of samples of the reference itself, so many at most may be as far away: a shift that is more likely is chance."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A measure's mean over `articles`, its mean in the reference, and their distance in its standard deviations.

    `low` to `high` is where the means of 99 in 100 samples of as many articles of the reference lie, and `p` the share
    of samples whose mean is at least as far from the reference's, in the direction asked about.
    """

    articles: int
    mean: float
    reference: float
    distance: float
    low: float
    high: float
    p: float

    def to_dict(self) -> dict[str, Any]:
        """The fields, rounded to 6 decimals."""
        return {
            "articles": self.articles,
            "mean": round(self.mean, 6),
            "reference": round(self.reference, 6),
            "distance": round(self.distance, 6),
            "low": round(self.low, 6),
            "high": round(self.high, 6),
            "p": round(self.p, 6),
        }


def mean_shift(
    values: NDArray[np.float64], quantiles: NDArray[np.float64], articles: int, *, upwards: bool, seed: int = 0
) -> Shift | None:
    """The shift of `values` (n,) from a reference of so many `articles`, kept as `quantiles`; None where n is 0.

    Samples are drawn from the quantiles, joined by straight lines; that the reference is a sample itself is counted in,
    as if it had been drawn anew each time. Seeded.
    """
    if not len(values):
        return None
    rng = np.random.default_rng(seed)
    grid = np.linspace(0.0, 1.0, len(quantiles))
    fine = np.interp(np.linspace(0.0, 1.0, 10_001), grid, quantiles)
    middle, spread = float(fine.mean()), float(fine.std())
    # Means of many draws are normal; of few they are drawn one by one.
    few = min(len(values), _FEW)
    drawn = np.interp(rng.random((DRAWS, few)), grid, quantiles).mean(axis=1) - middle
    drawn *= np.sqrt(few / len(values))
    drawn += rng.normal(0.0, spread / np.sqrt(articles), DRAWS)
    mean = float(values.mean())
    moved = mean - middle
    as_far = drawn >= moved if upwards else drawn <= moved
    low, high = np.quantile(drawn, [0.005, 0.995])
    return Shift(
        len(values),
        mean,
        middle,
        moved / max(spread, _LEAST),
        middle + float(low),
        middle + float(high),
        float((as_far.sum() + 1) / (DRAWS + 1)),
    )
