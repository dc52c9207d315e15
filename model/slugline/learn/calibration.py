"""Scores into probabilities, fitted on out-of-fold scores of the training articles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.decide import event_logits, sigmoid, softmax
from slugline.learn.parallel import Jobs, Task, threads
from slugline.learn.platt import fit_platt, fit_platts

_CONDENSED = 50_000
_BLOCK = 64  # labels that are fitted at a time
_TOP, _SPREAD = 500, 500
_OFFSET_PENALTY = 0.1
PRIOR_STRENGTH = (0.1, 0.1)
"""How firmly each tag is held to the common fit: the penalty on its slope's and on its offset's squared distance."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """The probability is sigmoid of `slope * score + offset` (tags), or softmax over labels of `decide.event_logits`.

    `power` is that function's, for event types.
    """

    slope: NDArray[np.float64]  # (L,), all above 0, so that probabilities keep the order of the scores
    offset: NDArray[np.float64]  # (L,)
    power: float = 0.0


def calibrate_tags(
    scores: NDArray[np.floating[Any]], truth: NDArray[np.bool_], strength: tuple[float, float] = PRIOR_STRENGTH
) -> Calibration:
    """Platt scaling of each of L labels from out-of-fold scores (n, L) and truth (n, L), shrunk to the common fit.

    The common fit is one slope and offset for all labels together; a label with few positives stays near it. Of a
    label's negatives the highest scores and evenly spaced ones of the others are looked at, which stand for all.
    """
    if not scores.size:
        return Calibration(np.ones(scores.shape[1]), np.zeros(scores.shape[1]))
    # Label by label, and in float32 where the scores are: there may be millions of them.
    negatives = np.empty(truth.size - np.count_nonzero(truth), dtype=scores.dtype)
    columns = []
    end = 0
    for label in range(scores.shape[1]):
        own = scores[:, label][~truth[:, label]]
        own.sort()
        columns.append(_weighed(scores[:, label][truth[:, label]], own))
        negatives[end : end + len(own)] = own
        end += len(own)
    if len(negatives) > _CONDENSED:
        negatives.sort()
    common = fit_platt(*_condensed(scores[truth], negatives))
    found = np.empty((len(columns), 2))
    for start in range(0, len(columns), _BLOCK):
        part = columns[start : start + _BLOCK]
        values, yes, mass = (np.concatenate(each) for each in zip(*part, strict=True))
        counts = np.array([len(column[0]) for column in part])
        found[start : start + _BLOCK] = fit_platts(values.astype(np.float64), yes, mass, counts, common, strength)
    return Calibration(found[:, 0].copy(), found[:, 1].copy())


def cross_calibrate_tags(
    scores: NDArray[np.float64], truth: NDArray[np.bool_], folds: NDArray[np.int64], jobs: Jobs = 1
) -> tuple[Calibration, NDArray[np.float64]]:
    """`calibrate_tags` of out-of-fold scores (n, L), and their logits (n, L), each fold's calibrated by the others.

    The same as calibrating every time anew, but everything is sorted once.
    """
    numbers, fold_of = np.unique(folds, return_inverse=True)
    if not scores.size:
        return calibrate_tags(scores, truth), np.zeros(scores.shape)
    fold_of = fold_of.astype(np.int16)
    ordered = np.where(truth, np.inf, scores).T
    order = np.argsort(ordered, axis=1)
    ordered = np.take_along_axis(ordered, order, axis=1)
    negative = np.isfinite(ordered)
    negatives, theirs = ordered[negative], fold_of[order][negative]
    rank = np.argsort(negatives) if len(negatives) > _CONDENSED else np.arange(len(negatives))
    several, of_several = negatives[rank], theirs[rank]
    by_row, by_label = np.nonzero(truth), np.nonzero(truth.T)[::-1]
    positives, of_positives = scores[by_row], fold_of[by_row[0]]
    own, of_own = scores[by_label], fold_of[by_label[0]]
    rows = np.bincount(fold_of, minlength=len(numbers))
    having = np.stack([np.count_nonzero(truth[fold_of == fold], axis=0) for fold in range(len(numbers))])

    def calibrate(left_out: int) -> Calibration:
        counts = having.sum(axis=0) - (having[left_out] if left_out >= 0 else 0)
        count = len(scores) - (rows[left_out] if left_out >= 0 else 0)
        rest = negatives[theirs != left_out]
        # Of few negatives all are looked at, in the order of the labels.
        ascending = several[of_several != left_out] if len(rest) > _CONDENSED else rest
        return _fitted(
            positives[of_positives != left_out],
            own[of_own != left_out],
            counts,
            ascending,
            rest,
            count - counts,
            PRIOR_STRENGTH,
        )

    fitted = list(threads(jobs).run([Task(calibrate, (fold,)) for fold in range(-1, len(numbers))], work=0.0))
    whole = fitted.pop(0)
    slope, offset = (np.stack(part) for part in zip(*((one.slope, one.offset) for one in fitted), strict=True))
    return whole, slope[fold_of] * scores + offset[fold_of]


def _fitted(
    positives: NDArray[np.float64],
    own: NDArray[np.float64],
    having: NDArray[np.int64],
    several: NDArray[np.float64],
    negatives: NDArray[np.float64],
    lacking: NDArray[np.int64],
    strength: tuple[float, float],
) -> Calibration:
    """The calibration of L labels by the scores of their positives, `having` (L,) of each, and of their negatives.

    `positives` are by article, `own` the same by label; `negatives`, `lacking` (L,) of each label, ascend in each, and
    `several` are the same, ascending throughout if they are many.
    """
    common = fit_platt(*_condensed(positives, several))
    parts = zip(np.split(own, np.cumsum(having)[:-1]), np.split(negatives, np.cumsum(lacking)[:-1]), strict=True)
    columns = [_weighed(*part) for part in parts]
    values, yes, mass = (np.concatenate(part) for part in zip(*columns, strict=True))
    found = fit_platts(values, yes, mass, np.array([len(column[0]) for column in columns]), common, strength)
    return Calibration(found[:, 0].copy(), found[:, 1].copy())


def _condensed(
    positives: NDArray[np.floating[Any]], negatives: NDArray[np.floating[Any]]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """Scores, truth and weights; of more than _CONDENSED scores of a side, evenly spaced ones in order of size.

    So many `negatives` ascend already.
    """
    parts: list[NDArray[np.float64]] = []
    weights: list[NDArray[np.float64]] = []
    if len(positives) > _CONDENSED:
        positives = np.sort(positives)
    for side in (positives, negatives):
        step = -(-len(side) // _CONDENSED) or 1
        chosen = side if step == 1 else side[step // 2 :: step]
        parts.append(chosen.astype(np.float64))
        weights.append(np.full(len(chosen), len(side) / max(len(chosen), 1)))
    truth = np.repeat([True, False], [len(part) for part in parts])
    return np.concatenate(parts), truth, np.concatenate(weights)


def _weighed(
    positives: NDArray[np.floating[Any]], negatives: NDArray[np.floating[Any]]
) -> tuple[NDArray[np.floating[Any]], NDArray[np.bool_], NDArray[np.float64]]:
    """One label's scores, truth and weights; of many `negatives`, which ascend, the highest and some others."""
    count, mass = len(positives), np.ones(len(positives) + len(negatives))
    if len(negatives) > 2 * (_TOP + _SPREAD):
        rest, top = negatives[:-_TOP], negatives[-_TOP:]
        step = -(-len(rest) // _SPREAD)
        spread = rest[step // 2 :: step]
        negatives = np.concatenate([top, spread])
        mass = np.concatenate([np.ones(count + _TOP), np.full(len(spread), len(rest) / len(spread))])
    return np.concatenate([positives, negatives]), np.arange(len(mass)) < count, mass


def calibrate_event_type(
    scores: NDArray[np.float64], truth: NDArray[np.int64], weight: NDArray[np.float64] | None = None
) -> Calibration:
    """One slope and one power for all K labels and an offset for each, from out-of-fold scores (n, K), truth (n,).

    Maximum likelihood of P(label) in proportion to sigmoid(slope * score + offset) ** power, the articles weighing
    `weight` (n,) (None: 1), with 0.05 of the squared offsets as penalty. A slope and offsets alone (temperature
    scaling, Guo et al. 2017; bias-corrected, Alexandari et al. 2020) do not fit margins of one-vs-rest SVMs: such
    probabilities are too high above 0.75 and too low below 0.6. One-vs-rest sigmoids, divided by their sum, fit
    better (Zadrozny and Elkan 2002), and with the power nearly as well as free splines, with one number.
    With the offsets in the intercepts the order of the scores is that of the probabilities.
    """
    rows, labels = scores.shape
    if not rows or labels < 2:
        return Calibration(np.ones(labels), np.zeros(labels))
    mass = np.ones(rows) if weight is None else weight
    own = np.arange(rows)

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slope, power, offset = np.exp(point[0]), np.exp(point[1]), point[2:]
        values = slope * scores + offset
        logs = -np.logaddexp(0.0, -values)
        logit = power * logs
        logit -= logit.max(axis=1, keepdims=True)
        raised = np.exp(logit)
        total = raised.sum(axis=1)
        value = float(mass @ (np.log(total) - logit[own, truth]) + _OFFSET_PENALTY / 2 * offset @ offset)
        error = raised / total[:, None]
        error[own, truth] -= 1.0
        error *= mass[:, None]
        inner = power * error * sigmoid(-values)
        start = [float((inner * scores).sum() * slope), float((error * logs).sum() * power)]
        gradient = np.append(start, inner.sum(axis=0) + _OFFSET_PENALTY * offset)
        return value / rows, gradient / rows

    from scipy.optimize import minimize

    bounds = [(-7.0, 7.0), (-3.0, 5.0)] + [(-20.0, 20.0)] * labels
    found = minimize(loss, np.append([1.0, 0.0], np.zeros(labels)), jac=True, method="L-BFGS-B", bounds=bounds)
    slope, power = np.exp(found.x[:2])
    return Calibration(np.full(labels, float(slope)), np.asarray(found.x[2:]), float(power))


def tag_probabilities(scores: NDArray[np.floating[Any]], calibration: Calibration) -> NDArray[np.float64]:
    """(n, L), each in [0, 1] on its own."""
    return sigmoid(calibration.slope * scores + calibration.offset)


def event_type_probabilities(scores: NDArray[np.float64], calibration: Calibration) -> NDArray[np.float64]:
    """(n, K), rows summing to 1."""
    return softmax(event_logits(scores, calibration.slope, calibration.offset, calibration.power))


def choose_abstention(
    sure: NDArray[np.float64],
    right: NDArray[np.bool_],
    min_precision: float,
    weight: NDArray[np.float64] | None = None,
) -> tuple[float, float, float]:
    """The probability below which to abstain so that of the others the share `min_precision` is right.

    `sure` (n,) are the highest cross-validated probabilities, `right` (n,) whether they are the true type's. Returns
    that limit, which decides for as many articles as can be; the share of articles decided; and their precision.
    Where no limit reaches the precision, the limit is 1 and nothing is decided. Articles weigh `weight` (n,).
    """
    mass = np.ones(len(sure)) if weight is None else weight
    order = np.argsort(-sure, kind="stable")
    decided = np.cumsum(mass[order])
    precision = np.cumsum((mass * right)[order]) / decided
    ordered = sure[order]
    # Equal probabilities cannot be parted.
    last = np.append(ordered[1:] < ordered[:-1], True)
    enough = np.flatnonzero(last & (precision >= min_precision))
    if not len(enough):
        return 1.0, 0.0, 0.0
    place = enough[-1]
    return float(ordered[place]), float(decided[place] / decided[-1]), float(precision[place])
