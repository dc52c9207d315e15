"""Out-of-fold scores: every training article scored by classifiers that have not seen it, nor a near-copy of it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from slugline.learn.estimators.base import Estimator, check_problem, fit_block
from slugline.learn.parallel import Task, in_order, label_blocks
from slugline.progress import Progress, silent


@runtime_checkable
class FoldWatcher(Protocol):
    """A Progress that also wants to see each fold's scores as soon as they are there; it may raise to stop the work."""

    def fold(self, stage: str, truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> None:
        """Told the truth (m, L) and the out-of-fold scores (m, L) of the m articles of a fold."""


def out_of_fold(
    estimator: Estimator,
    X: csr_matrix,
    Y: NDArray[np.bool_],
    folds: NDArray[np.int64],
    C: float,
    seed: int = 0,
    jobs: int = 1,
    *,
    balance: float = 0.0,
    progress: Progress = silent,
    stage: str = "cross-validating",
) -> NDArray[np.float64]:
    """Scores float64 (n, L) of the rows of X (n, d) for the labels of Y (n, L), each fold by a fit on the others.

    `folds` (n,) numbers each row's fold; near-duplicates must share one. The vocabulary and idf behind X may come from
    all n articles: they are made without labels, and only from training articles. `balance`: see `positive_weights`.
    Raises ValueError where shapes disagree or there are fewer than two folds.
    """
    check_problem(X, Y, C)
    numbers = np.unique(folds)
    if folds.shape != (X.shape[0],) or len(numbers) < 2:
        raise ValueError(f"need a fold for each of {X.shape[0]} rows, and two folds: {folds.shape}, {len(numbers)}")
    parts = [(np.flatnonzero(folds == number), block) for number in numbers for block in label_blocks(Y.shape[1])]
    weights = positive_weights(Y, balance)
    tasks = [Task(_score_fold, (estimator, X, Y[:, block], rows, C, seed, weights[block])) for rows, block in parts]
    scores = np.zeros(Y.shape)
    progress(stage, 0, len(tasks))
    results = in_order(tasks, jobs, work=X.nnz * Y.shape[1] * (len(numbers) - 1))
    for done, ((rows, block), result) in enumerate(zip(parts, results, strict=True), start=1):
        scores[np.ix_(rows, block)] = result
        progress(stage, done, len(tasks))
        # The blocks of one fold come one after the other.
        if isinstance(progress, FoldWatcher) and done % (len(tasks) // len(numbers)) == 0:
            progress.fold(stage, Y[rows], scores[rows])
    return scores


def positive_weights(Y: NDArray[np.bool_], balance: float) -> NDArray[np.float64]:
    """What a positive row counts for each of L labels, (L,): (n / (L * positives)) ** `balance`; 1 where it has none.

    With `balance` 0 every row counts the same; with 1 this is scikit-learn's "balanced" of a multi-class problem, in
    which rare labels weigh more and frequent ones less.
    """
    positives = np.count_nonzero(Y, axis=0)
    return np.where(positives > 0, len(Y) / (Y.shape[1] * np.maximum(positives, 1)), 1.0) ** balance


def _score_fold(
    estimator: Estimator,
    X: csr_matrix,
    Y: NDArray[np.bool_],
    held_out: NDArray[np.intp],
    C: float,
    seed: int,
    positive_weight: NDArray[np.float64],
) -> NDArray[np.float64]:
    train = np.ones(X.shape[0], dtype=bool)
    train[held_out] = False
    weights = fit_block(estimator, X[train], Y[train], C, seed, positive_weight)
    return weights.scores(X[held_out])
