"""What every estimator shares: how it is asked, and what it makes of the problems."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from slugline.learn.estimators.problem import Problem
from slugline.learn.estimators.starts import Starts
from slugline.learn.parallel import Jobs
from slugline.progress import Progress, silent

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

CONSTANT = 1.0
"""The score of a label that every training row has; minus this, of one that no row has: the margin of an SVM."""


@runtime_checkable
class FoldWatcher(Progress, Protocol):
    """A Progress that also wants to see each fold's scores as soon as they are there; it may raise to stop the work."""

    def fold(self, stage: str, truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> None:
        """Told the truth (m, L) and the out-of-fold scores (m, L) of the m articles of a fold."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearWeights:
    """L linear classifiers: the scores of X (n, d) are `X @ coef.T + intercept`, (n, L)."""

    coef: NDArray[np.float64]  # (L, d)
    intercept: NDArray[np.float64]  # (L,)

    @classmethod
    def zeros(cls, labels: int, terms: int) -> LinearWeights:
        """Classifiers to be filled in."""
        return cls(np.zeros((labels, terms)), np.zeros(labels))

    def scores(self, X: csr_matrix) -> NDArray[np.float64]:
        """Decision values, float64 (n, L); above 0 the classifier itself says yes."""
        return np.asarray(X @ self.coef.T) + self.intercept


class Estimator(ABC):
    """A way of fitting L independent binary classifiers on the same rows.

    The same input gives the same bytes for any number of jobs: every binary problem has its own seeded generator, and
    work is cut into the same blocks however many workers there are.
    """

    name: ClassVar[str]

    @abstractmethod
    def fit(self, problem: Problem, jobs: Jobs = 1) -> LinearWeights:
        """Fit one classifier for each label on all rows.

        A label that every row or no row has gets zero weights and the score CONSTANT or -CONSTANT.
        """

    def cross_fit(
        self,
        problem: Problem,
        folds: NDArray[np.int64],
        jobs: Jobs = 1,
        *,
        progress: Progress = silent,
        what: str = "labels",
        starts: Starts | None = None,
    ) -> tuple[LinearWeights, NDArray[np.float64]]:
        """What `fit` gives, and the rows' scores float64 (n, L), each fold's by classifiers fitted on the others.

        `folds` (n,) numbers each row's fold; near-duplicates must share one. The vocabulary and idf behind X may come
        from all n articles: they are made without labels, and only from training articles. `what` names the stages
        ("fitting tags", "cross-validating tags"); a FoldWatcher is told each fold. With `starts`, estimators
        that can start from, and add to, what it keeps do so. Raises ValueError where there is no fold for each row, or
        there are not two folds.
        """
        numbers = np.unique(folds)
        if folds.shape != (problem.rows,) or len(numbers) < 2:
            raise ValueError(
                f"need a fold for each of {problem.rows} rows, and two folds: {folds.shape}, {len(numbers)}"
            )
        held_out = [np.flatnonzero(folds == number) for number in numbers]
        return self._cross_fit(problem, held_out, jobs, progress, what, starts)

    @abstractmethod
    def _cross_fit(
        self,
        problem: Problem,
        held_out: list[NDArray[np.int64]],
        jobs: Jobs,
        progress: Progress,
        what: str,
        starts: Starts | None,
    ) -> tuple[LinearWeights, NDArray[np.float64]]:
        """`cross_fit`; `held_out` are the rows of each fold."""


class FoldScores:
    """Out-of-fold scores as they come, all blocks of labels of one fold first; tells progress and who watches."""

    def __init__(
        self,
        Y: NDArray[np.bool_],
        held_out: list[NDArray[np.int64]],
        blocks: list[NDArray[np.intp]],
        progress: Progress,
        stage: str,
    ) -> None:
        self.scores = np.zeros(Y.shape)
        self._Y, self._held_out, self._blocks = Y, held_out, blocks
        self._progress, self._stage = progress, stage
        self._done = 0
        progress(stage, 0, len(held_out) * len(blocks))

    def add(self, scores: NDArray[np.floating]) -> None:
        """The scores of the next fold and block."""
        fold, block = divmod(self._done, len(self._blocks))
        rows = self._held_out[fold]
        self.scores[np.ix_(rows, self._blocks[block])] = scores
        self._done += 1
        self._progress(self._stage, self._done, len(self._held_out) * len(self._blocks))
        if block == len(self._blocks) - 1 and isinstance(self._progress, FoldWatcher):
            self._progress.fold(self._stage, self._Y[rows], self.scores[rows])
