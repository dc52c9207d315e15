"""From scores to probabilities and decisions: the same rules in training, evaluation and prediction. Numpy alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def decide_tags(
    scores: NDArray[np.float64], thresholds: NDArray[np.float64], known: NDArray[np.bool_], *, fallback: bool
) -> NDArray[np.bool_]:
    """Which tags are decided, bool (N, L): those whose score (N, L) reaches their threshold (L,).

    With `fallback`, an article that has none, but has a term that the model knows (`known`, (N,)), gets the tag with
    the highest score minus threshold; of equals, the first. Training measures its choices by this very rule.
    """
    decided: NDArray[np.bool_] = scores >= thresholds
    if fallback and np.isfinite(thresholds).any():
        rows = np.flatnonzero(known & ~decided.any(axis=1))
        decided[rows, (scores[rows] - thresholds).argmax(axis=1)] = True
    return decided


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / (1 + exp(-x)) without overflow.

    >>> sigmoid(np.array([-1e9, 0.0, 1e9])).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * values)))


def softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """exp(x) over each row's sum of it, (N, K), without overflow.

    >>> softmax(np.array([[0.0, 0.0], [1e9, 0.0]])).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    values = np.clip(values, -1e9, 1e9)
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
