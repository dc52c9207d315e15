"""Estimators that are scikit-learn's: one classifier for each label, in processes; imported when one is fitted."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from slugline.learn.estimators.base import CONSTANT, Estimator, FoldScores, LinearWeights
from slugline.learn.parallel import Jobs, Task, in_order, label_blocks
from slugline.progress import Progress

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class ScikitLearn(Estimator):
    """Fits `model` to each label on its own; subclasses say what that is."""

    @abstractmethod
    def model(self, rows: int, terms: int, C: float, seed: int, positive_weight: float) -> Any:
        """scikit-learn's classifier for one label on this many rows and terms, not yet fitted."""

    def _fit(
        self, X: csr_matrix, Y: NDArray[np.bool_], C: float, seed: int, jobs: Jobs, weight: NDArray[np.float64]
    ) -> LinearWeights:
        blocks = label_blocks(Y.shape[1])
        tasks = [Task(fit_block, (self, X, Y[:, block], C, seed, weight[block])) for block in blocks]
        coef = np.zeros((Y.shape[1], X.shape[1]))
        intercept = np.zeros(Y.shape[1])
        for block, fitted in zip(blocks, in_order(tasks, jobs, work=X.nnz * Y.shape[1]), strict=True):
            coef[block] = fitted.coef
            intercept[block] = fitted.intercept
        return LinearWeights(coef, intercept)

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
        blocks = label_blocks(Y.shape[1])
        tasks = [
            Task(_score_fold, (self, X, Y[:, block], rows, C, seed, weight[block]))
            for rows in held_out
            for block in blocks
        ]
        found = FoldScores(Y, held_out, blocks, progress, f"cross-validating {what}")
        for scores in in_order(tasks, jobs, work=X.nnz * Y.shape[1] * (len(held_out) - 1)):
            found.add(scores)
        progress(f"fitting {what}", 0, 1)
        weights = self._fit(X, Y, C, seed, jobs, weight)
        progress(f"fitting {what}", 1, 1)
        return weights, found.scores

    def fit_one(
        self, X: csr_matrix, y: NDArray[np.bool_], C: float, seed: int, positive_weight: float
    ) -> tuple[NDArray[np.float64], float]:
        """Weights (d,) and intercept of one label that some rows of `X` have and some have not.

        With a very large C the solver stops before it has converged, and says nothing.
        """
        from sklearn.exceptions import ConvergenceWarning

        model = self.model(X.shape[0], X.shape[1], C, seed, positive_weight)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(X, y)
        return model.coef_[0], float(model.intercept_[0])


def fit_block(
    estimator: ScikitLearn,
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


def _score_fold(
    estimator: ScikitLearn,
    X: csr_matrix,
    Y: NDArray[np.bool_],
    held_out: NDArray[np.int64],
    C: float,
    seed: int,
    positive_weight: NDArray[np.float64],
) -> NDArray[np.float64]:
    train = np.ones(X.shape[0], dtype=bool)
    train[held_out] = False
    return fit_block(estimator, X[train], Y[train], C, seed, positive_weight).scores(X[held_out])
