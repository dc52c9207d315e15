"""How good a cross-validation will be, from the folds that are there: for stopping hopeless trainings early."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from slugline.learn.selection import f1, micro_macro

_CUTS = 256


class FoldJudge:
    """A Progress and FoldWatcher: after each fold it tells `report` how many there were and how good they are.

    The measure, in [0, 1], is the mean over the stages ("cross-validating tags", ...) of the mean over their folds of
    what `judge_tags` or `judge_types` say; the same folds of two trainings compare. `tick` is called at every sign of
    life. Both may raise, which stops the training.
    """

    def __init__(
        self, report: Callable[[int, float], None], tick: Callable[[], None], *, micro: float = 0.5, macro: float = 0.5
    ) -> None:
        self._report, self._tick = report, tick
        self._weights = (micro, macro)
        self._found: dict[str, list[float]] = {}

    def __call__(self, stage: str, done: int, total: int | None) -> None:  # noqa: ARG002
        """Progress; see `tick`."""
        self._tick()

    def fold(self, stage: str, truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> None:
        """The truth and the out-of-fold scores of one fold, both (m, L); tags where the stage's name says so."""
        micro, macro = (judge_tags if stage.endswith(" tags") else judge_types)(truth, scores)
        self._found.setdefault(stage, []).append(self._weights[0] * micro + self._weights[1] * macro)
        folds = sum(len(values) for values in self._found.values())
        self._report(folds, float(np.mean([np.mean(values) for values in self._found.values()])))


def judge_tags(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> tuple[float, float]:
    """Micro-F1 at the one cut that is best for all tags together, and the mean of each tag's best F1.

    Of truth and scores, (m, L). Both are chosen on the articles that they are measured on: too high, and good only for
    comparing. Tags without an article in the fold are left out of the mean.

    >>> judge_tags(np.array([[True, False], [False, True]]), np.array([[1.0, 0.0], [0.5, 2.0]]))
    (1.0, 1.0)
    """
    positives = truth.sum(axis=0)
    if not positives.any():
        return 0.0, 0.0
    cuts = np.unique(np.quantile(scores[truth], np.linspace(0, 1, _CUTS)))
    decided = _at_least(scores.ravel(), cuts)
    hits = _at_least(scores[truth], cuts)
    micro = float(f1(hits, decided, np.full(len(cuts), positives.sum())).max())
    order = np.argsort(-scores, axis=0, kind="stable")
    above = np.cumsum(np.take_along_axis(truth, order, axis=0), axis=0, dtype=np.int64)
    places = np.broadcast_to(np.arange(1, len(scores) + 1)[:, None], above.shape)
    best = f1(above, places, np.broadcast_to(positives, above.shape)).max(axis=0)
    return micro, float(best[positives > 0].mean())


def judge_types(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> tuple[float, float]:
    """Accuracy and macro-F1 of the type with the highest score; truth (m, K), one true column in each row.

    >>> judge_types(np.array([[True, False], [False, True]]), np.array([[1.0, 0.0], [0.5, 0.0]]))
    (0.5, 0.3333333333333333)
    """
    decided = scores.argmax(axis=1)[:, None] == np.arange(scores.shape[1])
    return micro_macro(decided, truth)


def _at_least(values: NDArray[np.float64], cuts: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many of the values are at least each of the ascending cuts."""
    return np.asarray(len(values) - np.searchsorted(np.sort(values), cuts, side="left"))
