"""Scores into probabilities, fitted on out-of-fold scores of the training articles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from slugline.decide import sigmoid, softmax

_MAX_ITERATIONS = 100
_LEAST_SLOPE = 1e-3
_CONDENSED = 50_000
PRIOR_STRENGTH = (0.1, 0.1)
"""How firmly each tag is held to the common fit: the penalty on its slope's and on its offset's squared distance."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """The probability is sigmoid (tags) or softmax over labels (event type) of `slope * score + offset`."""

    slope: NDArray[np.float64]  # (L,), all above 0, so that probabilities keep the order of the scores
    offset: NDArray[np.float64]  # (L,)


def fit_platt(
    scores: NDArray[np.float64],
    truth: NDArray[np.bool_],
    weight: NDArray[np.float64] | None = None,
    prior: tuple[float, float] | None = None,
    strength: tuple[float, float] = (0.0, 0.0),
) -> tuple[float, float]:
    """Slope and offset of P(yes) = sigmoid(slope * score + offset), from scores (n,) and truth (n,).

    Platt (1999): the targets are (N+ + 1) / (N+ + 2) and 1 / (N- + 2) instead of 1 and 0. Newton's method with
    backtracking as in Lin, Lin and Weng (2007, "A note on Platt's probabilistic outputs for support vector machines").
    `weight` (n,) says how many cases each score stands for (None: one).
    With `prior` (slope, offset), half of `strength` times the squared distances from it is added to the loss: with few
    positives the prior prevails, with many the data. The slope is at least 0.001. Deterministic.
    """
    mass = np.ones(len(truth)) if weight is None else weight
    positives, negatives = float(mass[truth].sum()), float(mass[~truth].sum())
    target = np.where(truth, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    center = np.array(prior if prior is not None else (0.0, 0.0))
    stiff = np.array(strength) + 1e-12
    at = center.copy() if prior is not None else np.array([0.0, np.log((positives + 1) / (negatives + 1))])

    def loss(point: NDArray[np.float64]) -> float:
        logit = point[0] * scores + point[1]
        # log(1 + exp(x)) - target * x, without overflow.
        each = np.maximum(logit, 0) - target * logit + np.log1p(np.exp(-np.abs(logit)))
        return float(mass @ each + 0.5 * stiff @ (point - center) ** 2)

    value = loss(at)
    for _ in range(_MAX_ITERATIONS):
        chance = sigmoid(at[0] * scores + at[1])
        error = mass * (chance - target)
        gradient = np.array([error @ scores, error.sum()]) + stiff * (at - center)
        if np.abs(gradient).max() < 1e-7 * max(1.0, positives + negatives):
            break
        curve = mass * chance * (1 - chance)
        first = curve @ scores
        hessian = np.array([[curve @ scores**2, first], [first, curve.sum()]]) + np.diag(stiff)
        step = np.linalg.solve(hessian + 1e-12 * np.eye(2), gradient)
        size = 1.0
        while size > 1e-10:
            moved = at - size * step
            new = loss(moved)
            if new < value - 1e-4 * size * float(gradient @ step):
                break
            size /= 2
        else:
            break
        at, value = moved, new
    return max(float(at[0]), _LEAST_SLOPE), float(at[1])


def calibrate_tags(
    scores: NDArray[np.float64], truth: NDArray[np.bool_], strength: tuple[float, float] = PRIOR_STRENGTH
) -> Calibration:
    """Platt scaling of each of L labels from out-of-fold scores (n, L) and truth (n, L), shrunk to the common fit.

    The common fit is one slope and offset for all labels together; a label with few positives stays near it.
    """
    labels = scores.shape[1]
    if not labels or not len(scores):
        return Calibration(np.ones(labels), np.zeros(labels))
    common = fit_platt(*_condensed(scores[truth], scores[~truth]))
    fitted = [fit_platt(scores[:, j], truth[:, j], prior=common, strength=strength) for j in range(labels)]
    return Calibration(np.array([slope for slope, _ in fitted]), np.array([offset for _, offset in fitted]))


def _condensed(
    positives: NDArray[np.float64], negatives: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """Scores, truth and weights; of more than _CONDENSED scores of a side, evenly spaced ones in order of size."""
    parts: list[NDArray[np.float64]] = []
    weights: list[NDArray[np.float64]] = []
    for side in (positives, negatives):
        step = -(-len(side) // _CONDENSED) or 1
        chosen = side if step == 1 else np.sort(side)[step // 2 :: step]
        parts.append(chosen)
        weights.append(np.full(len(chosen), len(side) / max(len(chosen), 1)))
    truth = np.repeat([True, False], [len(part) for part in parts])
    return np.concatenate(parts), truth, np.concatenate(weights)


def calibrate_event_type(scores: NDArray[np.float64], truth: NDArray[np.int64]) -> Calibration:
    """One slope (temperature) for all K labels and an offset for each, from out-of-fold scores (n, K), truth (n,).

    Bias-corrected temperature scaling (Guo et al. 2017, "On calibration of modern neural networks"; Alexandari et al.
    2020, "Maximum likelihood with bias-corrected calibration is hard-to-beat at label shift adaptation"): maximum
    likelihood of softmax(slope * score + offset), with half of the squared offsets as penalty.
    """
    rows, labels = scores.shape
    if not rows or labels < 2:
        return Calibration(np.ones(labels), np.zeros(labels))
    known = np.zeros((rows, labels))
    known[np.arange(rows), truth] = 1.0

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slope, offset = np.exp(point[0]), point[1:]
        logit = slope * scores + offset
        logit -= logit.max(axis=1, keepdims=True)
        raised = np.exp(logit)
        total = raised.sum(axis=1, keepdims=True)
        value = float(np.log(total).sum() - (logit * known).sum() + 0.5 * offset @ offset)
        error = raised / total - known
        gradient = np.append((error * scores).sum() * slope, error.sum(axis=0) + offset)
        return value / rows, gradient / rows

    bounds = [(-7.0, 7.0)] + [(-20.0, 20.0)] * labels
    found = minimize(loss, np.zeros(1 + labels), jac=True, method="L-BFGS-B", bounds=bounds)
    return Calibration(np.full(labels, float(np.exp(found.x[0]))), np.asarray(found.x[1:]))


def tag_probabilities(scores: NDArray[np.float64], calibration: Calibration) -> NDArray[np.float64]:
    """(n, L), each in [0, 1] on its own."""
    return sigmoid(calibration.slope * scores + calibration.offset)


def event_type_probabilities(scores: NDArray[np.float64], calibration: Calibration) -> NDArray[np.float64]:
    """(n, K), rows summing to 1."""
    return softmax(calibration.slope * scores + calibration.offset)
