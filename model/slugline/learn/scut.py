"""SCut and SCutFBR: a threshold for each tag, from the best cuts of the folds' out-of-fold scores.

SCut takes, in each fold, the threshold with the best F1 of that fold's articles. For rare tags that fits noise and lets
many wrong ones through; SCutFBR (Yang 2001, "A study of thresholding strategies for text categorization") raises it to
the fold's highest score where even that best F1 is below a limit, fbr. As in Fan and Lin (2007, "A study on threshold
selection for multi-label classification") the limit is chosen for each tag, from 0.1 to 0.8, by cross-validation, and
the thresholds of the folds are averaged. What is left of the noise is met by shrinking each threshold towards the one
that would be best for all tags together, the more so the fewer articles the tag has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.learn.selection import f1

LIMITS = np.arange(1, 9) / 10
"""The values of fbr that are tried."""

_CANDIDATES = 256
_BLOCK = 64  # labels that are sorted at a time: what that takes is several times what is kept


class Fold:
    """One fold's scores, sorted once, and what follows from them: everything else is counting."""

    def __init__(self, scores: NDArray[np.floating[Any]], truth: NDArray[np.bool_], edges: NDArray[np.float64]) -> None:
        rows, labels = scores.shape
        self.sorted = np.empty((labels, rows), dtype=scores.dtype)
        # above[:, i] counts the positives from place i upwards.
        self.above = np.zeros((labels, rows + 1), dtype=np.int32)
        self.quality, self.cut, self.top = (np.zeros(labels) for _ in range(3))
        # For the common threshold: decisions and hits at each candidate, over all labels.
        self.decided_at = np.zeros(len(edges), dtype=np.int64)
        self.hits_at = _at_least(scores[truth], edges)
        for start in range(0, labels, _BLOCK):
            part = slice(start, start + _BLOCK)
            self._sort(scores[:, part], truth[:, part], part)
            self.decided_at += _at_least(scores[:, part].ravel(), edges)
        self.positives = self.above[:, 0].astype(np.int64)

    def _sort(self, scores: NDArray[np.floating[Any]], truth: NDArray[np.bool_], part: slice) -> None:
        rows, labels = scores.shape
        by_label = np.ascontiguousarray(scores.T)
        # Equal scores in any order: what is counted is asked for only where they begin.
        order = np.argsort(by_label, axis=1)
        ordered = np.take_along_axis(by_label, order, axis=1)
        sorted_truth = np.take_along_axis(np.ascontiguousarray(truth.T), order, axis=1)
        above = np.cumsum(sorted_truth[:, ::-1], axis=1, dtype=np.int64)[:, ::-1]
        decided = np.broadcast_to(np.arange(rows, 0, -1), (labels, rows))
        quality = f1(above, decided, above[:, :1])
        # Equal scores cannot be parted; of equally good places the highest is taken.
        quality[:, 1:][ordered[:, 1:] == ordered[:, :-1]] = -1.0
        place = rows - 1 - quality[:, ::-1].argmax(axis=1)
        own = np.arange(labels)
        at, below = (ordered[own, one].astype(np.float64) for one in (place, np.maximum(place - 1, 0)))
        self.sorted[part], self.above[part, :rows] = ordered, above
        self.quality[part], self.cut[part], self.top[part] = quality[own, place], (at + below) / 2, ordered[:, -1]

    def thresholds(self, limits: NDArray[np.float64]) -> NDArray[np.float64]:
        """(limits, L): the best cut, or the highest score where its F1 is below the limit, or zero."""
        good = (self.quality >= limits[:, None]) & (self.quality > 0)
        return np.asarray(np.where(good, self.cut, self.top))

    def f1_at(self, thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
        """F1 of this fold's articles for each of (limits, L) thresholds."""
        labels, rows = self.sorted.shape
        place = np.stack([self.sorted[j].searchsorted(thresholds[:, j]) for j in range(labels)], axis=1)
        return f1(self.above[np.arange(labels), place], rows - place, np.broadcast_to(self.positives, place.shape))


def fit(
    parts: Sequence[Fold], edges: NDArray[np.float64], limits: NDArray[np.float64], shrink: float
) -> NDArray[np.float64]:
    """Thresholds (L,) from some of the folds, shrunk by shrink / (positives + shrink) towards the common one.

    `limits` are the values of fbr to choose from; `edges`, which are `candidates`, the places for a common threshold.
    """
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
    positives = np.asarray(sum(part.positives for part in parts))
    common = common_threshold(parts, edges)
    weight = positives / (positives + shrink)
    return np.asarray(weight * values + (1.0 - weight) * common)


def common_threshold(parts: Sequence[Fold], edges: NDArray[np.float64]) -> float:
    """The one of `edges` (not empty) that is best for all tags together, by micro-F1."""
    decided, hits = sum(part.decided_at for part in parts), sum(part.hits_at for part in parts)
    positives = np.asarray(sum(part.positives for part in parts)).sum()
    return float(edges[f1(np.asarray(hits), np.asarray(decided), np.broadcast_to(positives, edges.shape)).argmax()])


def candidates(scores: NDArray[np.floating[Any]], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Ascending scores of positives, evenly spaced in rank: where the common threshold can be."""
    found = scores[truth].astype(np.float64)
    return np.unique(np.quantile(found, np.linspace(0, 1, _CANDIDATES))) if found.size else np.zeros(0)


def _at_least(values: NDArray[np.floating[Any]], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many values are at least each of the ascending edges."""
    counted = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    return np.asarray(np.cumsum(counted[::-1])[::-1][1:])
