"""Out-of-fold scores: every training article scored by classifiers that have not seen it, nor a near-copy of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from slugline.learn.estimators.base import Estimator, FoldWatcher, LinearWeights, check_problem
from slugline.learn.parallel import Jobs
from slugline.progress import Progress, silent

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


def cross_fit(
    estimator: Estimator,
    X: csr_matrix,
    Y: NDArray[np.bool_],
    folds: NDArray[np.int64],
    C: float,
    seed: int = 0,
    jobs: Jobs = 1,
    *,
    balance: float = 0.0,
    progress: Progress = silent,
    what: str = "labels",
) -> tuple[NDArray[np.float64], LinearWeights]:
    """Scores float64 (n, L) of the rows of X (n, d) for the labels of Y (n, L), each fold by a fit on the others; and
    the classifiers fitted on all rows.

    `folds` (n,) numbers each row's fold; near-duplicates must share one. The vocabulary and idf behind X may come from
    all n articles: they are made without labels, and only from training articles. `balance`: see `positive_weights`.
    `what` names the stages of progress ("cross-validating tags"); a FoldWatcher is told each fold.
    Raises ValueError where shapes disagree or there are fewer than two folds.
    """
    check_problem(X, Y, C)
    weights, scores = estimator.cross_fit(
        X, Y, folds, C, seed, jobs, positive_weight=positive_weights(Y, balance), progress=progress, what=what
    )
    return scores, weights


def positive_weights(Y: NDArray[np.bool_], balance: float) -> NDArray[np.float64]:
    """What a positive row counts for each of L labels, (L,): (n / (L * positives)) ** `balance`; 1 where it has none.

    With `balance` 0 every row counts the same; with 1 this is scikit-learn's "balanced" of a multi-class problem, in
    which rare labels weigh more and frequent ones less.
    """
    return weights_of_counts(np.count_nonzero(Y, axis=0), len(Y), balance)


def weights_of_counts(positives: NDArray[np.integer[Any]], rows: int, balance: float) -> NDArray[np.float64]:
    """`positive_weights` from the number of each label's positive rows, (L,)."""
    share = rows / (len(positives) * np.maximum(positives, 1))
    return np.asarray(np.where(positives > 0, share, 1.0) ** balance)


__all__ = ["FoldWatcher", "cross_fit", "positive_weights"]
