"""Estimators that are scikit-learn's: one classifier for each label, in processes; imported when one is fitted."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from slugline.learn.estimators.base import CONSTANT, Estimator, FoldScores, LinearWeights
from slugline.learn.estimators.problem import Problem
from slugline.learn.estimators.starts import Starts
from slugline.learn.parallel import Jobs, Task, in_order, label_blocks
from slugline.progress import Progress

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class ScikitLearn(Estimator):
    """Fits `model` to each label on its own; subclasses say what that is."""

    @abstractmethod
    def model(self, rows: int, terms: int, C: float, seed: int, positive_weight: float) -> Any:
        """scikit-learn's classifier for one label on this many rows and terms, not yet fitted."""

    def fit(self, problem: Problem, jobs: Jobs = 1) -> LinearWeights:
        """See Estimator.fit."""
        blocks = label_blocks(problem.labels)
        tasks = [Task(fit_block, (self, problem, block)) for block in blocks]
        weights = LinearWeights.zeros(problem.labels, problem.terms)
        for block, fitted in zip(blocks, in_order(tasks, jobs, work=problem.X.nnz * problem.labels), strict=True):
            weights.coef[block] = fitted.coef
            weights.intercept[block] = fitted.intercept
        return weights

    def _cross_fit(
        self,
        problem: Problem,
        held_out: list[NDArray[np.int64]],
        jobs: Jobs,
        progress: Progress,
        what: str,
        starts: Starts | None,  # noqa: ARG002
    ) -> tuple[LinearWeights, NDArray[np.float64]]:
        blocks = label_blocks(problem.labels)
        tasks = [Task(_score_fold, (self, problem, block, rows)) for rows in held_out for block in blocks]
        found = FoldScores(problem.Y, held_out, blocks, progress, f"cross-validating {what}")
        for scores in in_order(tasks, jobs, work=problem.X.nnz * problem.labels * (len(held_out) - 1)):
            found.add(scores)
        progress(f"fitting {what}", 0, 1)
        weights = self.fit(problem, jobs)
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
    estimator: ScikitLearn, problem: Problem, block: NDArray[np.intp], chosen: NDArray[np.bool_] | None = None
) -> LinearWeights:
    """Fit the labels of one block, one after the other, on all rows or those `chosen` (n,)."""
    X, Y = problem.X, problem.Y[:, block]
    if chosen is not None:
        X, Y = X[chosen], Y[chosen]
    weights = LinearWeights.zeros(len(block), problem.terms)
    for number, weight in enumerate(problem.weight[block].tolist()):
        y = np.ascontiguousarray(Y[:, number])
        if y.all() or not y.any():
            weights.intercept[number] = CONSTANT if y.all() else -CONSTANT
        else:
            weights.coef[number], weights.intercept[number] = estimator.fit_one(X, y, problem.C, problem.seed, weight)
    return weights


def _score_fold(
    estimator: ScikitLearn, problem: Problem, block: NDArray[np.intp], held_out: NDArray[np.int64]
) -> NDArray[np.float64]:
    train = np.ones(problem.rows, dtype=bool)
    train[held_out] = False
    return fit_block(estimator, problem, block, train).scores(problem.X[held_out])
