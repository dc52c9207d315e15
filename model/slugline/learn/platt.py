"""Platt scaling of many labels at once: Newton's method on all of them, each with its own steps and its own end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MAX_ITERATIONS = 100
_LEAST_SLOPE = 1e-3
_SMALLEST_STEP = 1e-10


def fit_platt(
    scores: NDArray[np.float64],
    truth: NDArray[np.bool_],
    weight: NDArray[np.float64] | None = None,
    prior: tuple[float, float] | None = None,
    strength: tuple[float, float] = (0.0, 0.0),
) -> tuple[float, float]:
    """Slope and offset of P(yes) = sigmoid(slope * score + offset), from scores (n,) and truth (n,); see `fit_platts`.

    `weight` (n,) says how many cases each score stands for (None: one).
    """
    mass = np.ones(len(truth)) if weight is None else weight
    slope, offset = fit_platts(scores, truth, mass, np.array([len(scores)]), prior, strength)[0]
    return float(slope), float(offset)


def fit_platts(
    scores: NDArray[np.float64],
    truth: NDArray[np.bool_],
    mass: NDArray[np.float64],
    counts: NDArray[np.int64],
    prior: tuple[float, float] | None = None,
    strength: tuple[float, float] = (0.0, 0.0),
) -> NDArray[np.float64]:
    """Slope and offset of each of L labels, (L, 2), from the scores (n,) of one label after the other.

    `counts` (L,), none of them 0, says how many of the scores are each label's, `truth` (n,) which of them are of
    articles that have it, `mass` (n,) how many cases each stands for.
    Platt (1999): the targets are (N+ + 1) / (N+ + 2) and 1 / (N- + 2) instead of 1 and 0. Newton's method with
    backtracking as in Lin, Lin and Weng (2007, "A note on Platt's probabilistic outputs for support vector machines").
    With `prior` (slope, offset), half of `strength` times the squared distances from it is added to the loss: with few
    positives the prior prevails, with many the data. The slope is at least 0.001. Deterministic.
    """
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    positives = np.add.reduceat(np.where(truth, mass, 0.0), starts)
    negatives = np.add.reduceat(np.where(truth, 0.0, mass), starts)
    target = np.where(
        truth, np.repeat((positives + 1) / (positives + 2), counts), np.repeat(1 / (negatives + 2), counts)
    )
    found = np.empty((len(counts), 2))
    found[:] = prior if prior is not None else (0.0, 0.0)
    center = found.copy()
    if prior is None:
        found[:, 1] = np.log((positives + 1) / (negatives + 1))
    goal = 1e-7 * np.maximum(1.0, positives + negatives)
    stiff = np.array(strength) + 1e-12
    left = _Segments(np.arange(len(counts)), scores, target, mass, counts)
    at = found.copy()
    value, gradient, hessian = left.evaluate(at, center, stiff)
    size = np.ones(len(counts))
    for _ in range(_MAX_ITERATIONS):
        undone = (np.abs(gradient).max(axis=1) >= goal[left.labels]) & (size > _SMALLEST_STEP)
        found[left.labels] = at
        if not undone.any():
            break
        if not undone.all():
            left = left.only(undone)
            at, value, gradient, hessian = at[undone], value[undone], gradient[undone], hessian[undone]
        step = _solve(hessian, gradient)
        slant = (gradient * step).sum(axis=1)
        size = np.ones(len(at))
        # Labels whose step is too long take half of it, while the others wait.
        while True:
            moved = at - size[:, None] * step
            new, gradient_there, hessian_there = left.evaluate(moved, center[left.labels], stiff)
            long = ~(new < value - 1e-4 * size * slant) & (size > _SMALLEST_STEP)
            if not long.any():
                break
            size[long] /= 2
        better = size > _SMALLEST_STEP
        at = np.where(better[:, None], moved, at)
        value, gradient, hessian = new, gradient_there, hessian_there
    found[left.labels] = at
    found[:, 0] = np.maximum(found[:, 0], _LEAST_SLOPE)
    return found


class _Segments:
    """The scores of some labels, one after the other, with their targets and masses."""

    def __init__(
        self,
        labels: NDArray[np.intp],
        scores: NDArray[np.float64],
        target: NDArray[np.float64],
        mass: NDArray[np.float64],
        counts: NDArray[np.int64],
    ) -> None:
        self.labels = labels
        self._scores, self._target, self._mass, self._counts = scores, target, mass, counts
        self._starts = np.concatenate([[0], np.cumsum(counts)[:-1]])

    def only(self, kept: NDArray[np.bool_]) -> _Segments:
        """Those labels that `kept` (L,) says."""
        mine = np.repeat(kept, self._counts)
        return _Segments(
            self.labels[kept], self._scores[mine], self._target[mine], self._mass[mine], self._counts[kept]
        )

    def evaluate(
        self, at: NDArray[np.float64], center: NDArray[np.float64], stiff: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Loss (L,), gradient (L, 2) and the three numbers of the Hessian (L, 3) at slopes and offsets (L, 2)."""
        logit = np.repeat(at[:, 0], self._counts)
        logit *= self._scores
        logit += np.repeat(at[:, 1], self._counts)
        tail = np.exp(-np.abs(logit))
        # log(1 + exp(x)) - target * x, without overflow.
        loss = np.log1p(tail)
        loss += np.maximum(logit, 0.0)
        loss -= self._target * logit
        loss *= self._mass
        share = 1.0 / (1.0 + tail)
        curve = tail * share * share
        curve *= self._mass
        error = np.where(logit >= 0, share, tail * share)
        error -= self._target
        error *= self._mass
        first = curve * self._scores
        sums = [self._sum(part) for part in (loss, error * self._scores, error, first * self._scores, first, curve)]
        away = at - center
        value = sums[0] + 0.5 * (away * away) @ stiff
        gradient = np.stack(sums[1:3], axis=1) + stiff * away
        hessian = np.stack([sums[3] + stiff[0], sums[4], sums[5] + stiff[1]], axis=1)
        return value, gradient, hessian

    def _sum(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.add.reduceat(values, self._starts)


def _solve(hessian: NDArray[np.float64], gradient: NDArray[np.float64]) -> NDArray[np.float64]:
    """Newton's steps (L, 2), from the three numbers of symmetric 2x2 matrices (L, 3) and gradients (L, 2)."""
    a, b, c = hessian[:, 0] + 1e-12, hessian[:, 1], hessian[:, 2] + 1e-12
    determinant = a * c - b * b
    # Rounding can make it 0 where all scores are the same.
    determinant = np.where(determinant > 1e-300, determinant, 1e-300)
    return np.stack(
        [
            (c * gradient[:, 0] - b * gradient[:, 1]) / determinant,
            (a * gradient[:, 1] - b * gradient[:, 0]) / determinant,
        ],
        axis=1,
    )
