"""Logistic regression on few features, dense: Newton's method."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MAX_ITERATIONS = 100

_ROWS = 4096

_TOLERANCE = 1e-4
"""The largest derivative of the mean loss at the end, as scikit-learn's: going on overfits where weights are large."""


def fit_logistic(
    X: NDArray[np.float64], y: NDArray[np.bool_], weight: NDArray[np.float64], C: float = 1.0
) -> NDArray[np.float64]:
    """Intercept and weights, (1 + k,), of P(yes) = sigmoid(X w + b), from X (n, k), y (n,) and the rows' `weight` (n,).

    Minimises |w|^2 / 2 + C * sum of weight * log loss, as scikit-learn's LogisticRegression does; the intercept is not
    regularised. Newton's method with backtracking from 0; for tens of features.
    """
    held = np.hstack([np.ones((len(X), 1)), X])
    mass = C * weight
    stiff = np.ones(held.shape[1])
    stiff[0] = 0.0
    target = y.astype(np.float64)
    at = np.zeros(held.shape[1])
    logit = held @ at
    value = _loss(logit, target, mass) + 0.5 * float(stiff @ (at * at))
    for _ in range(_MAX_ITERATIONS):
        tail = np.exp(-np.abs(logit))
        share = 1.0 / (1.0 + tail)
        chance = np.where(logit >= 0, share, tail * share)
        gradient = held.T @ (mass * (chance - target)) + stiff * at
        if np.abs(gradient).max() <= _TOLERANCE * float(mass.sum()):
            break
        curve = mass * tail * share * share
        step = np.linalg.solve(_squares(held, curve) + np.diag(stiff + 1e-9), gradient)
        along = held @ step
        size, slant = 1.0, float(gradient @ step)
        while size > 1e-10:
            new = _loss(logit - size * along, target, mass) + 0.5 * float(stiff @ (at - size * step) ** 2)
            if new < value - 1e-4 * size * slant:
                break
            size /= 2
        else:
            break
        at, logit, value = at - size * step, logit - size * along, new
    return at


def _squares(X: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """X.T diag(weight) X, some rows at a time, which stay in the cache."""
    found = np.zeros((X.shape[1], X.shape[1]))
    for start in range(0, len(X), _ROWS):
        part = X[start : start + _ROWS]
        found += part.T @ (part * weight[start : start + _ROWS, None])
    return found


def _loss(logit: NDArray[np.float64], target: NDArray[np.float64], mass: NDArray[np.float64]) -> float:
    each = np.log1p(np.exp(-np.abs(logit))) + np.maximum(logit, 0.0) - target * logit
    return float(mass @ each)
