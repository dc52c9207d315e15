"""The two heads: tags one-vs-rest, event type multi-class; each fitted, given its decisions and calibrated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.config import LearnConfig
from slugline.head import LinearHead
from slugline.learn.calibration import Calibration
from slugline.learn.estimators import LinearWeights
from slugline.names import NameModel
from slugline.reference import Reference
from slugline.tree import LabelTree

_DTYPES: dict[str, type[np.generic]] = {"int8": np.int8, "float16": np.float16, "float32": np.float32}


@dataclass(frozen=True, slots=True, eq=False)
class TrainedHead:
    """A fitted head. `cross_validated` holds measures of the training part, each fold judged by the others.

    With `names`, the scores of a tag head are in logits, and names add to them. `priors` are the mean probabilities of
    event types over the training articles (`slugline.priors`), `reference` what it says of them out of fold.
    """

    labels: tuple[str, ...]
    weights: LinearWeights
    thresholds: NDArray[np.float64]  # (L,)
    calibration: Calibration
    rule: str
    fallback: bool = False
    abstain_below: float = 0.0
    cross_validated: dict[str, Any] = field(default_factory=dict)
    names: NameModel | None = None
    fallback_from: float = 0.0
    rank: int = 0
    priors: dict[str, float] = field(default_factory=dict)
    reference: Reference = field(default_factory=Reference)

    def linear_head(self, learn: LearnConfig) -> LinearHead:
        """The head as the model file holds it: its weights rounded, the smallest dropped, as `learn` says."""
        made = LinearHead.from_dense(
            self.labels,
            self.weights.coef,
            self.weights.intercept,
            thresholds=self.thresholds,
            slope=self.calibration.slope,
            offset=self.calibration.offset,
            rule=self.rule,
            fallback=self.fallback,
            abstain_below=self.abstain_below,
            dtype=_DTYPES[learn.weights],
            cutoff=cutoffs(self.weights.coef, learn.keep),
        )
        return replace(made, fallback_from=self.fallback_from, rank=self.rank, power=self.calibration.power)


@dataclass(frozen=True, slots=True, eq=False)
class TrainedTree(TrainedHead):
    """A tag head whose scores come from `tree`, and which has no weights of its own."""

    tree: LabelTree | None = None

    def linear_head(self, learn: LearnConfig) -> LinearHead:  # noqa: ARG002
        """The head as the model file holds it: labels and decisions, no weight."""
        made = LinearHead.from_dense(
            self.labels,
            np.zeros((len(self.labels), 0)),
            self.weights.intercept,
            thresholds=self.thresholds,
            slope=self.calibration.slope,
            offset=self.calibration.offset,
            rule=self.rule,
            fallback=self.fallback,
            dtype=np.int8,
        )
        # Of every term nothing.
        indptr = np.zeros(self.terms + 1, dtype=np.uint32)
        return replace(made, indptr=indptr, fallback_from=self.fallback_from)

    @property
    def terms(self) -> int:
        """How many terms the model has."""
        return int(self.weights.coef.shape[1])


def cutoffs(coef: NDArray[np.float64], keep: float) -> NDArray[np.float64]:
    """For each label the largest weight, without its sign, that may be dropped together with all smaller ones so that
    the rest holds the share `keep` of the sum of squares; `coef` is (L, d), the result (L,), 0 where none may.

    >>> cutoffs(np.array([[3.0, -1.0, 4.0], [1.0, 1.0, 1.0]]), 0.95)
    array([1., 0.])
    """
    found = np.zeros(len(coef))
    for label, row in enumerate(coef):
        size = np.sort(np.abs(row))
        below = np.cumsum(size * size)
        dropped = int(np.searchsorted(below, (1.0 - keep) * below[-1], side="right")) if len(row) else 0
        # Of equal weights all are dropped or none.
        while dropped and dropped < len(size) and size[dropped] == size[dropped - 1]:
            dropped = int(np.searchsorted(size, size[dropped]))
        found[label] = size[dropped - 1] if dropped and keep < 1.0 else 0.0
    return found


def cross_calibrated(
    scores: NDArray[np.float64],
    truth: NDArray[Any],
    folds: NDArray[np.int64],
    calibrate: Callable[..., Calibration],
    probabilities: Callable[[NDArray[np.float64], Calibration], NDArray[np.float64]],
    *others: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Probabilities (n, L) of out-of-fold scores (n, L), each fold's by a calibration fitted on the others.

    `others` are more arrays of n rows that `calibrate` wants, such as weights.
    """
    found = np.zeros(scores.shape)
    for fold in np.unique(folds):
        inside = folds == fold
        fitted = calibrate(scores[~inside], truth[~inside], *(part[~inside] for part in others))
        found[inside] = probabilities(scores[inside], fitted)
    return found
