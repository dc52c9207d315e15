"""From which score on a tag is given: thresholds chosen on out-of-fold scores of the training articles.

SCut takes, in each fold, the threshold with the best F1 of that fold's articles. For rare tags that fits noise and lets
many wrong ones through; SCutFBR (Yang 2001, "A study of thresholding strategies for text categorization") raises it to
the fold's highest score where even that best F1 is below a limit, fbr. As in Fan and Lin (2007, "A study on threshold
selection for multi-label classification") the limit is chosen for each tag, from 0.1 to 0.8, by cross-validation, and
the thresholds of the folds are averaged. What is left of the noise is met by shrinking each threshold towards the one
that would be best for all tags together, the more so the fewer articles the tag has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slugline.decide import decide_tags
from slugline.learn.selection import f1, micro_macro

LIMITS = np.arange(1, 9) / 10
"""The values of fbr that are tried."""

_CANDIDATES = 256


@dataclass(frozen=True, slots=True, eq=False)
class Thresholds:
    """A threshold for each tag, and whether an article without any tag gets the best one (`decide.decide_tags`).

    `micro_f1` and `macro_f1` are cross-validated: each fold decided by thresholds chosen on the others.
    """

    values: NDArray[np.float64]  # (L,)
    rule: str
    fallback: bool
    micro_f1: float
    macro_f1: float


def choose_thresholds(
    scores: NDArray[np.float64],
    truth: NDArray[np.bool_],
    folds: NDArray[np.int64],
    known: NDArray[np.bool_] | None = None,
    *,
    rule: str = "scutfbr",
    shrink: float = 0.5,
    fallback: str = "auto",
) -> Thresholds:
    """Choose a threshold for each of L labels from out-of-fold scores (n, L), their truth (n, L) and folds (n,).

    `rule`: "scutfbr" (with a threshold shrunk by `shrink` / (positives + `shrink`) towards the common one), "scut"
    (neither limit nor shrinking) or "zero". `fallback`: "always", "never", or "auto" (by cross-validated micro-F1;
    never, if both are equal); it leaves out articles without a term that the model knows, which `known` (n,) tells
    (None: there are none). Needs two folds or more, except for "zero". Raises ValueError for an unknown rule.
    """
    if known is None:
        known = np.ones(len(scores), dtype=bool)
    if rule not in ("scutfbr", "scut", "zero"):
        raise ValueError(f"unknown rule {rule!r}")
    numbers = np.unique(folds)
    if rule == "zero" or not scores.shape[1]:
        values = np.zeros(scores.shape[1])
        held_out = [values] * len(numbers)
    else:
        edges = _candidates(scores, truth)
        parts = [_Fold(scores[folds == number], truth[folds == number], edges) for number in numbers]
        limits = LIMITS if rule == "scutfbr" else np.zeros(1)
        pull = shrink if rule == "scutfbr" else 0.0
        values = _fit(parts, edges, limits, pull)
        held_out = [_fit(parts[:k] + parts[k + 1 :], edges, limits, pull) for k in range(len(parts))]
    measured = {}
    for best_if_none in (False, True):
        decided = np.zeros(truth.shape, dtype=bool)
        for number, threshold in zip(numbers, held_out, strict=True):
            rows = folds == number
            decided[rows] = decide_tags(scores[rows], threshold, known[rows], fallback=best_if_none)
        measured[best_if_none] = micro_macro(decided, truth)
    chosen = fallback == "always" or (fallback == "auto" and measured[True][0] > measured[False][0])
    return Thresholds(values, rule, chosen, *measured[chosen])


class _Fold:
    """One fold's scores, sorted once, and what follows from them: everything else is counting."""

    def __init__(self, scores: NDArray[np.float64], truth: NDArray[np.bool_], edges: NDArray[np.float64]) -> None:
        rows, labels = scores.shape
        order = np.argsort(scores, axis=0, kind="stable")
        self.sorted = np.take_along_axis(scores, order, axis=0)
        sorted_truth = np.take_along_axis(truth, order, axis=0)
        # above[i] counts the positives from place i upwards.
        self.above = np.zeros((rows + 1, labels), dtype=np.int64)
        self.above[:rows] = np.cumsum(sorted_truth[::-1], axis=0)[::-1]
        self.positives = self.above[0]
        decided = np.arange(rows, 0, -1)[:, None]
        quality = f1(self.above[:rows], np.broadcast_to(decided, (rows, labels)), self.positives)
        # Equal scores cannot be parted; of equally good places the highest is taken.
        quality[1:][self.sorted[1:] == self.sorted[:-1]] = -1.0
        place = rows - 1 - quality[::-1].argmax(axis=0)
        columns = np.arange(labels)
        self.quality = quality[place, columns]
        below = self.sorted[np.maximum(place - 1, 0), columns]
        self.cut = (self.sorted[place, columns] + below) / 2
        self.top = self.sorted[-1]
        # For the common threshold: decisions and hits at each candidate, over all labels.
        self.decided_at = _at_least(scores.ravel(), edges)
        self.hits_at = _at_least(scores[truth], edges)

    def thresholds(self, limits: NDArray[np.float64]) -> NDArray[np.float64]:
        """(limits, L): the best cut, or the highest score where its F1 is below the limit, or zero."""
        good = (self.quality >= limits[:, None]) & (self.quality > 0)
        return np.asarray(np.where(good, self.cut, self.top))

    def f1_at(self, thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
        """F1 of this fold's articles for each of (limits, L) thresholds."""
        rows, labels = self.sorted.shape
        place = np.stack([np.searchsorted(self.sorted[:, j], thresholds[:, j]) for j in range(labels)], axis=1)
        return f1(self.above[place, np.arange(labels)], rows - place, np.broadcast_to(self.positives, place.shape))


def _fit(
    parts: Sequence[_Fold], edges: NDArray[np.float64], limits: NDArray[np.float64], shrink: float
) -> NDArray[np.float64]:
    """Thresholds (L,) from some of the folds."""
    table = np.stack([part.thresholds(limits) for part in parts])
    mean = table.mean(axis=0)
    chosen = np.zeros(mean.shape[1], dtype=np.intp)
    if len(limits) > 1 and len(parts) > 1:
        rest = (table.sum(axis=0) - table) / (len(parts) - 1)
        quality = sum(part.f1_at(rest[k]) for k, part in enumerate(parts)) / len(parts)
        # Of equally good limits the highest: it gives fewer tags.
        chosen = len(limits) - 1 - np.round(np.asarray(quality), 12)[::-1].argmax(axis=0)
    values = np.asarray(mean[chosen, np.arange(mean.shape[1])])
    if shrink == 0 or not len(edges):
        return values
    decided, hits = sum(part.decided_at for part in parts), sum(part.hits_at for part in parts)
    positives = np.asarray(sum(part.positives for part in parts))
    common = edges[f1(np.asarray(hits), np.asarray(decided), np.broadcast_to(positives.sum(), edges.shape)).argmax()]
    weight = positives / (positives + shrink)
    return np.asarray(weight * values + (1.0 - weight) * common)


def _candidates(scores: NDArray[np.float64], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Ascending scores of positives, evenly spaced in rank: where the common threshold can be."""
    found = scores[truth]
    return np.unique(np.quantile(found, np.linspace(0, 1, _CANDIDATES))) if found.size else np.zeros(0)


def _at_least(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many values are at least each of the ascending edges."""
    counted = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    return np.asarray(np.cumsum(counted[::-1])[::-1][1:])
