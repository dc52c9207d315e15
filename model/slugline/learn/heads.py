"""The two heads: tags one-vs-rest, event type multi-class; each fitted, given its decisions and calibrated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from slugline.head import LinearHead
from slugline.learn.calibration import Calibration
from slugline.learn.crossval import out_of_fold, positive_weights
from slugline.learn.estimators import Estimator, LinearWeights
from slugline.progress import Progress


@dataclass(frozen=True, slots=True, eq=False)
class TrainedHead:
    """A fitted head. `cross_validated` holds measures of the training part, each fold judged by the others."""

    labels: tuple[str, ...]
    weights: LinearWeights
    thresholds: NDArray[np.float64]  # (L,)
    calibration: Calibration
    rule: str
    fallback: bool = False
    abstain_below: float = 0.0
    cross_validated: dict[str, Any] = field(default_factory=dict)

    def linear_head(self) -> LinearHead:
        """The head as the model file holds it: weights in float32, zeros dropped."""
        return LinearHead.from_dense(
            self.labels,
            self.weights.coef,
            self.weights.intercept,
            thresholds=self.thresholds,
            slope=self.calibration.slope,
            offset=self.calibration.offset,
            rule=self.rule,
            fallback=self.fallback,
            abstain_below=self.abstain_below,
        )


def fit_out_of_fold(
    estimator: Estimator,
    X: csr_matrix,
    Y: NDArray[np.bool_],
    folds: NDArray[np.int64],
    what: str,
    *,
    C: float,
    balance: float,
    seed: int,
    progress: Progress,
    jobs: int,
) -> tuple[NDArray[np.float64], LinearWeights]:
    """The rows' out-of-fold scores, (n, L), and the classifiers fitted on all of them; `what` names the stages."""
    scores = out_of_fold(
        estimator, X, Y, folds, C, seed, jobs, balance=balance, progress=progress, stage=f"cross-validating {what}"
    )
    progress(f"fitting {what}", 0, 1)
    weights = estimator.fit(X, Y, C, seed, jobs, positive_weight=positive_weights(Y, balance))
    progress(f"fitting {what}", 1, 1)
    return scores, weights


def cross_calibrated(
    scores: NDArray[np.float64],
    truth: NDArray[Any],
    folds: NDArray[np.int64],
    calibrate: Callable[[NDArray[np.float64], NDArray[Any]], Calibration],
    probabilities: Callable[[NDArray[np.float64], Calibration], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Probabilities (n, L) of out-of-fold scores (n, L), each fold's by a calibration fitted on the others."""
    found = np.zeros(scores.shape)
    for fold in np.unique(folds):
        inside = folds == fold
        found[inside] = probabilities(scores[inside], calibrate(scores[~inside], truth[~inside]))
    return found
