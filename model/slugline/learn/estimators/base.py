"""What every estimator shares: the binary problems that it solves, and their distribution over processes."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning

from slugline.learn.parallel import Task, in_order, label_blocks

CONSTANT = 1.0
"""The score of a label that every training row has; minus this, of one that no row has: the margin of an SVM."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearWeights:
    """L linear classifiers: the scores of X (n, d) are `X @ coef.T + intercept`, (n, L)."""

    coef: NDArray[np.float64]  # (L, d)
    intercept: NDArray[np.float64]  # (L,)

    def scores(self, X: csr_matrix) -> NDArray[np.float64]:
        """Decision values, float64 (n, L); above 0 the classifier itself says yes."""
        return np.asarray(X @ self.coef.T) + self.intercept


class Estimator(ABC):
    """A way of fitting L independent binary classifiers on the same rows; subclasses fill in `model`.

    The same input gives the same bytes for any number of jobs: every binary problem has its own seeded generator, and
    work is cut into the same blocks however many processes there are.
    """

    name: ClassVar[str]

    def fit(
        self,
        X: csr_matrix,
        Y: NDArray[np.bool_],
        C: float = 1.0,
        seed: int = 0,
        jobs: int = 1,
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
        blocks = label_blocks(Y.shape[1])
        tasks = [Task(fit_block, (self, X, Y[:, block], C, seed, weight[block])) for block in blocks]
        coef = np.zeros((Y.shape[1], X.shape[1]))
        intercept = np.zeros(Y.shape[1])
        for block, fitted in zip(blocks, in_order(tasks, jobs, work=X.nnz * Y.shape[1]), strict=True):
            coef[block] = fitted.coef
            intercept[block] = fitted.intercept
        return LinearWeights(coef, intercept)

    def fit_one(
        self, X: csr_matrix, y: NDArray[np.bool_], C: float, seed: int, positive_weight: float
    ) -> tuple[NDArray[np.float64], float]:
        """Weights (d,) and intercept of one label that some rows of `X` have and some have not.

        With a very large C the solver stops before it has converged, and says nothing.
        """
        model = self.model(X.shape[0], X.shape[1], C, seed, positive_weight)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(X, y)
        return model.coef_[0], float(model.intercept_[0])

    @abstractmethod
    def model(self, rows: int, terms: int, C: float, seed: int, positive_weight: float) -> Any:
        """scikit-learn's classifier for one label on this many rows and terms, not yet fitted."""


def fit_block(
    estimator: Estimator,
    X: csr_matrix,
    Y: NDArray[np.bool_],
    C: float,
    seed: int,
    positive_weight: NDArray[np.float64],
) -> LinearWeights:
    """Fit the labels of one block, one after the other."""
    coef = np.zeros((Y.shape[1], X.shape[1]))
    intercept = np.zeros(Y.shape[1])
    for number in range(Y.shape[1]):
        y = np.ascontiguousarray(Y[:, number])
        if y.all() or not y.any():
            intercept[number] = CONSTANT if y.all() else -CONSTANT
        else:
            coef[number], intercept[number] = estimator.fit_one(X, y, C, seed, float(positive_weight[number]))
    return LinearWeights(coef, intercept)


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
