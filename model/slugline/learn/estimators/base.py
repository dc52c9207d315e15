"""What every estimator shares: the binary problems that it solves, and what it makes of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

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

    def scores(self, X: csr_matrix) -> NDArray[np.float64]:
        """Decision values, float64 (n, L); above 0 the classifier itself says yes."""
        return np.asarray(X @ self.coef.T) + self.intercept


class Estimator(ABC):
    """A way of fitting L independent binary classifiers on the same rows.

    The same input gives the same bytes for any number of jobs: every binary problem has its own seeded generator, and
    work is cut into the same blocks however many workers there are.
    """

    name: ClassVar[str]

    def fit(
        self,
        X: csr_matrix,
        Y: NDArray[np.bool_],
        C: float = 1.0,
        seed: int = 0,
        jobs: Jobs = 1,
        *,
        positive_weight: NDArray[np.float64] | None = None,
    ) -> LinearWeights:
        """Fit one classifier for each column of `Y` on the rows of `X`, neither of which is changed.

        `X` is float64 (n, d), `Y` bool (n, L), `C` > 0 the inverse strength of regularisation (larger fits closer),
        `positive_weight` (L,) multiplies the loss on each label's positive rows (None: 1). A label that every row or
        no row has gets zero weights and the score CONSTANT or -CONSTANT.
        Raises ValueError where shapes or types disagree, X has no row, or a value is not finite.
        """
        check_problem(X, Y, C, positive_weight)
        weight = np.ones(Y.shape[1]) if positive_weight is None else positive_weight
        return self._fit(X, Y, C, seed, jobs, weight)

    def cross_fit(
        self,
        X: csr_matrix,
        Y: NDArray[np.bool_],
        folds: NDArray[np.int64],
        C: float = 1.0,
        seed: int = 0,
        jobs: Jobs = 1,
        *,
        positive_weight: NDArray[np.float64] | None = None,
        progress: Progress = silent,
        what: str = "labels",
    ) -> tuple[LinearWeights, NDArray[np.float64]]:
        """What `fit` gives, and the rows' scores float64 (n, L), each fold's by classifiers fitted on the others.

        `folds` (n,) numbers each row's fold; `what` names the stages ("fitting tags", "cross-validating tags").
        A FoldWatcher is told each fold. Raises ValueError as `fit`, and where there are not two folds.
        """
        check_problem(X, Y, C, positive_weight)
        numbers = np.unique(folds)
        if folds.shape != (X.shape[0],) or len(numbers) < 2:
            raise ValueError(f"need a fold for each of {X.shape[0]} rows, and two folds: {folds.shape}, {len(numbers)}")
        weight = np.ones(Y.shape[1]) if positive_weight is None else positive_weight
        held_out = [np.flatnonzero(folds == number) for number in numbers]
        return self._cross_fit(X, Y, held_out, C, seed, jobs, weight, progress, what)

    @abstractmethod
    def _fit(
        self, X: csr_matrix, Y: NDArray[np.bool_], C: float, seed: int, jobs: Jobs, weight: NDArray[np.float64]
    ) -> LinearWeights:
        """`fit` of a problem that has been checked."""

    @abstractmethod
    def _cross_fit(
        self,
        X: csr_matrix,
        Y: NDArray[np.bool_],
        held_out: list[NDArray[np.int64]],
        C: float,
        seed: int,
        jobs: Jobs,
        weight: NDArray[np.float64],
        progress: Progress,
        what: str,
    ) -> tuple[LinearWeights, NDArray[np.float64]]:
        """`cross_fit` of a problem that has been checked; `held_out` are the rows of each fold."""


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


def check_problem(
    X: csr_matrix, Y: NDArray[np.bool_], C: float, positive_weight: NDArray[np.float64] | None = None
) -> None:
    """Raise ValueError unless X (n, d) float64 CSR, Y (n, L) bool, C > 0 and weights (L,) > 0 fit together."""
    if getattr(X, "format", None) != "csr" or X.dtype != np.float64 or X.ndim != 2:
        raise ValueError(f"X must be a two-dimensional float64 CSR matrix, not {type(X).__name__}")
    if not isinstance(Y, np.ndarray) or Y.dtype != np.bool_ or Y.ndim != 2:
        raise ValueError("Y must be a two-dimensional bool array")
    if X.shape[0] != Y.shape[0]:
        raise ValueError(f"X has {X.shape[0]} rows, Y has {Y.shape[0]}")
    if X.shape[0] == 0:
        raise ValueError("X has no rows")
    if not np.isfinite(X.data).all():
        raise ValueError("X holds a value that is not finite")
    if not (np.isfinite(C) and C > 0):
        raise ValueError(f"C must be a positive number, not {C!r}")
    if positive_weight is not None and (positive_weight.shape != (Y.shape[1],) or not (positive_weight > 0).all()):
        raise ValueError(f"positive_weight must hold {Y.shape[1]} positive numbers")
