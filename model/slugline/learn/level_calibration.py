"""How the scores of types and of their groups add up to one probability, fitted on out-of-fold scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slugline.decide import softmax
from slugline.levels import Levels

_TINY = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class LevelFit:
    """P(leaf) is the softmax of `slope * (type score + share * group score) + offset`."""

    slope: float
    share: float
    offset: NDArray[np.float64]  # (K,)

    def probabilities(
        self, types: NDArray[np.float64], groups: NDArray[np.float64], levels: Levels
    ) -> NDArray[np.float64]:
        """(N, K) from the scores (N, T) and (N, G)."""
        return softmax(self.slope * levels.scores(types, self.share * groups) + self.offset)


def fit_levels(
    types: NDArray[np.float64],
    groups: NDArray[np.float64],
    levels: Levels,
    leaf: NDArray[np.int64],
    group: NDArray[np.int64],
) -> LevelFit:
    """Slope of either level and an offset for each of K leaves, by maximum likelihood.

    `types` (n, T) and `groups` (n, G) are scores of rows that the classifiers have not seen; `leaf` (n,) is each row's
    leaf, -1 where only its `group` (n,) is known, whose likelihood is that of the group: the sum over its leaves. It is
    the bias-corrected temperature scaling of `calibrate_event_type` with a temperature for each level, half of the
    squared offsets as penalty. Rows with a type and rows with a group only weigh the same in sum, so that a few
    thousand typed articles are not outvoted by ten times as many of another kind; measured on the starter corpus with
    WCEP, 0.70 of the types are right so, 0.62 with every row the same, and 0.66 without WCEP.
    """
    rows, leaves = len(leaf), len(levels.leaves)
    typed = leaf >= 0
    own, wide = levels.scores(types, None), groups[:, levels.group]
    weight = np.where(typed, 1.0 / max(typed.sum(), 1), 1.0 / max((~typed).sum(), 1))
    weight *= max(typed.sum(), 1)
    inside = levels.group[None, :] == group[:, None]
    target = np.zeros((rows, leaves))
    target[np.flatnonzero(typed), leaf[typed]] = 1.0

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slopes, offset = np.exp(point[:2]), point[2:]
        chance = softmax(slopes[0] * own + slopes[1] * wide + offset)
        of_group = np.where(inside, chance, 0.0)
        total = np.maximum(of_group.sum(axis=1), _TINY)
        meant = np.where(typed[:, None], target, of_group / total[:, None])
        likely = np.where(typed, np.maximum(chance[np.arange(rows), np.maximum(leaf, 0)], _TINY), total)
        error = (chance - meant) * weight[:, None]
        value = -float(weight @ np.log(likely)) + 0.5 * float(offset @ offset)
        slope_gradient = [float((error * part).sum()) * slope for part, slope in zip((own, wide), slopes, strict=True)]
        return value / rows, np.concatenate([slope_gradient, error.sum(axis=0) + offset]) / rows

    from scipy.optimize import minimize

    bounds = [(-7.0, 7.0)] * 2 + [(-20.0, 20.0)] * leaves
    found = minimize(loss, np.zeros(2 + leaves), jac=True, method="L-BFGS-B", bounds=bounds).x
    slope, wide_slope = np.exp(found[:2])
    return LevelFit(float(slope), float(wide_slope / slope), np.asarray(found[2:]))
