"""The few measures by which learning chooses; `evaluate` has the full ones, which learning must not depend on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def f1(hits: NDArray[np.int64], decided: NDArray[np.int64], actual: NDArray[np.int64]) -> NDArray[np.float64]:
    """F1 from counts of any one shape; 0 where nothing was decided and nothing was there.

    >>> f1(np.array([1, 0]), np.array([1, 0]), np.array([3, 0])).tolist()
    [0.5, 0.0]
    """
    total = decided + actual
    return np.where(total > 0, 2.0 * hits / np.maximum(total, 1), 0.0)


def micro_macro(decided: NDArray[np.bool_], truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Micro-F1 and macro-F1 over the columns of two bool (n, L) arrays; a label never decided nor there counts as 0."""
    return micro_macro_of(label_counts(decided, truth))


def label_counts(decided: NDArray[np.bool_], truth: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Of each label the articles that it was rightly given, was given, and is true of: int64 (3, L), to be added up."""
    return np.stack([np.count_nonzero(part, axis=0) for part in (decided & truth, decided, truth)])


def micro_macro_of(counts: NDArray[np.int64]) -> tuple[float, float]:
    """Micro-F1 and macro-F1 of `label_counts`, (3, L)."""
    hits, claims, actual = counts
    micro = float(f1(hits.sum(), claims.sum(), actual.sum()))
    return micro, float(f1(hits, claims, actual).mean()) if counts.shape[1] else 0.0


def calibration_error(probability: NDArray[np.float64], truth: NDArray[np.bool_], bins: int = 15) -> float:
    """Expected calibration error of probabilities in [0, 1], any shape: bins of equal width (Guo et al. 2017)."""
    return float(np.abs(calibration_gaps(probability, truth, bins)).sum() / probability.size) if truth.size else 0.0


def calibration_gaps(probability: NDArray[np.float64], truth: NDArray[np.bool_], bins: int = 15) -> NDArray[np.float64]:
    """In each bin of `calibration_error` the sum of the probabilities less the number of what is true, (bins,)."""
    chance, right = probability.ravel(), truth.ravel()
    place = np.minimum((chance * bins).astype(np.int64), bins - 1)
    return np.asarray(np.bincount(place, weights=chance - right, minlength=bins), dtype=np.float64)


def log_loss(probability: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """Mean negative log-likelihood of yes-or-no outcomes, any shape; probabilities are kept 1e-15 away from 0 and 1."""
    chance = np.clip(np.where(truth, probability, 1.0 - probability), 1e-15, 1.0)
    return float(-np.log(chance).mean()) if chance.size else 0.0
