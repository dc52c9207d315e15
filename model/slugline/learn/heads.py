"""The two heads: tags one-vs-rest, event type multi-class; each fitted, given its decisions and calibrated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from slugline.article import Labels
from slugline.config import Config
from slugline.corpus.split import folds as make_folds
from slugline.head import LinearHead
from slugline.learn import calibration as calibrating
from slugline.learn.calibration import Calibration
from slugline.learn.crossval import out_of_fold, positive_weights
from slugline.learn.estimators import Estimator, LinearWeights, find_estimator
from slugline.learn.selection import calibration_error, log_loss, micro_macro
from slugline.learn.thresholds import choose_thresholds
from slugline.progress import Progress, silent


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


def tag_labels(labels: Sequence[Labels], min_articles: int) -> tuple[str, ...]:
    """The tags that at least `min_articles` articles have, sorted.

    >>> tag_labels([Labels(frozenset({"b", "a"})), Labels(frozenset({"a"})), Labels(None)], 2)
    ('a',)
    """
    counts = Counter(tag for one in labels for tag in one.tags or ())
    return tuple(sorted(tag for tag, count in counts.items() if count >= min_articles))


def event_type_labels(labels: Sequence[Labels]) -> tuple[str, ...]:
    """The event types and groups that occur, sorted; "none" among them where articles were annotated with it."""
    return tuple(sorted({one.event_type for one in labels if one.event_type is not None}))


def train_tags(
    X: csr_matrix,
    labels: Sequence[Labels],
    groups: NDArray[np.int64],
    names: tuple[str, ...],
    config: Config,
    *,
    progress: Progress = silent,
    jobs: int = 1,
) -> TrainedHead:
    """Fit the tags `names` on the rows of X whose tags were annotated.

    Thresholds and probabilities come from out-of-fold scores. An annotated article without any of these tags is a
    negative for all of them. Raises CorpusError if there are not two distinct annotated articles, ConfigError for an
    unknown estimator.
    """
    tags, learn = config.tags, config.learn
    rows = np.array([number for number, one in enumerate(labels) if one.tags is not None])
    column = {name: number for number, name in enumerate(names)}
    truth = np.zeros((len(rows), len(names)), dtype=bool)
    for place, number in enumerate(rows):
        for tag in labels[number].tags or ():
            if tag in column:
                truth[place, column[tag]] = True
    estimator = find_estimator(tags.estimator, field="tags.estimator")
    own = X[rows]
    folds = make_folds([labels[number] for number in rows], groups[rows], learn.folds, learn.seed)
    scores, weights = _fit(
        estimator, own, truth, folds, "tags", C=tags.C, balance=0.0, seed=learn.seed, progress=progress, jobs=jobs
    )
    known = np.diff(own.indptr) > 0
    chosen = choose_thresholds(
        scores, truth, folds, known, rule=tags.threshold, shrink=tags.threshold_shrink, fallback=tags.fallback
    )
    measured: dict[str, Any] = {"articles": len(rows), "labels": len(names), "folds": len(np.unique(folds))}
    measured |= {"rule": chosen.rule, "fallback": chosen.fallback}
    measured |= {"micro_f1": chosen.micro_f1, "macro_f1": chosen.macro_f1}
    probability = _cross_calibrated(scores, truth, folds, calibrating.calibrate_tags, calibrating.tag_probabilities)
    measured |= {"ece": calibration_error(probability, truth), "log_loss": log_loss(probability, truth)}
    return TrainedHead(
        names,
        weights,
        chosen.values,
        calibrating.calibrate_tags(scores, truth),
        chosen.rule,
        chosen.fallback,
        cross_validated=measured,
    )


def train_event_type(
    X: csr_matrix,
    labels: Sequence[Labels],
    groups: NDArray[np.int64],
    names: tuple[str, ...],
    config: Config,
    *,
    progress: Progress = silent,
    jobs: int = 1,
) -> TrainedHead:
    """Fit the event types `names` on the rows of X that were annotated with one of them.

    Probabilities come from out-of-fold scores. The bias that calibration finds for each type goes into its intercept,
    so that the highest score, which decides, is the highest probability too. Cross-validated, this decides better than
    the classifiers' own scores: 0.649 instead of 0.621 on the starter corpus. Raises CorpusError if there are not two
    distinct annotated articles, ConfigError for an unknown estimator.
    """
    settings, learn = config.event_type, config.learn
    column = {name: number for number, name in enumerate(names)}
    rows = np.array([number for number, one in enumerate(labels) if one.event_type in column])
    truth = np.array([column[labels[number].event_type or ""] for number in rows])
    one_hot = truth[:, None] == np.arange(len(names))
    estimator = find_estimator(settings.estimator, field="event_type.estimator")
    own = X[rows]
    folds = make_folds([labels[number] for number in rows], groups[rows], learn.folds, learn.seed)
    scores, weights = _fit(
        estimator,
        own,
        one_hot,
        folds,
        "event types",
        C=settings.C,
        balance=settings.balance,
        seed=learn.seed,
        progress=progress,
        jobs=jobs,
    )
    probability = _cross_calibrated(
        scores, truth, folds, calibrating.calibrate_event_type, calibrating.event_type_probabilities
    )
    best = probability.argmax(axis=1)
    sure = probability.max(axis=1)
    micro, macro = micro_macro(best[:, None] == np.arange(len(names)), one_hot)
    measured: dict[str, Any] = {"articles": len(rows), "labels": len(names), "folds": len(np.unique(folds))}
    # With one label for each article, micro-F1 is accuracy.
    measured |= {"accuracy": micro, "macro_f1": macro, "ece": calibration_error(sure, best == truth)}
    fitted = calibrating.calibrate_event_type(scores, truth)
    weights = LinearWeights(weights.coef, weights.intercept + fitted.offset / fitted.slope)
    return TrainedHead(
        names,
        weights,
        np.zeros(len(names)),
        Calibration(fitted.slope, np.zeros(len(names))),
        "argmax",
        abstain_below=settings.abstain_below,
        cross_validated=measured,
    )


def _fit(
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


def _cross_calibrated(
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
