"""The event-type head: multi-class; fitted and calibrated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from slugline.article import Labels
from slugline.config import Config
from slugline.learn import calibration as calibrating
from slugline.learn.calibration import Calibration
from slugline.learn.estimators import LinearWeights, Problem, find_estimator
from slugline.learn.estimators.problem import positive_weights
from slugline.learn.folds import Folds, choose_folds
from slugline.learn.heads import TrainedHead, cross_calibrated
from slugline.learn.kept import Kept
from slugline.learn.parallel import Jobs
from slugline.learn.selection import calibration_error, micro_macro
from slugline.progress import Progress, silent
from slugline.reference import Reference, reference_of

FoldsOf = Callable[[NDArray[np.int64]], NDArray[np.int64]]
"""Given the numbers of articles, (n,), the fold of each, (n,)."""


def event_type_labels(labels: Sequence[Labels]) -> tuple[str, ...]:
    """The event types and groups that occur, sorted; "none" among them where articles were annotated with it."""
    return tuple(sorted({one.event_type for one in labels if one.event_type is not None}))


@dataclass(frozen=True, slots=True, eq=False)
class FittedLabels:
    """Classifiers of K labels, fitted on the n rows that have one, and the rows' out-of-fold scores."""

    names: tuple[str, ...]
    rows: NDArray[np.int64]  # (n,) numbers of the articles
    truth: NDArray[np.int64]  # (n,) columns
    folds: NDArray[np.int64]  # (n,)
    scores: NDArray[np.float64]  # (n, K)
    weights: LinearWeights
    by_time: bool = False

    @property
    def mass(self) -> NDArray[np.float64]:
        """What each row weighs where probabilities are fitted, (n,)."""
        return Folds(self.folds, self.by_time).weights


def fit_labels(
    X: csr_matrix,
    labels: Sequence[str | None],
    names: tuple[str, ...],
    config: Config,
    *,
    folds: FoldsOf,
    what: str = "event types",
    progress: Progress = silent,
    jobs: Jobs = 1,
    kept: Kept | None = None,
) -> FittedLabels:
    """Fit one classifier for each of `names` on the rows of X (N, d) that have one of them in `labels` (N,).

    `folds(rows)` says which fold each of these rows is in. Raises ConfigError for an unknown estimator.
    """
    settings, learn = config.event_type, config.learn
    column = {name: number for number, name in enumerate(names)}
    rows = np.array([number for number, label in enumerate(labels) if label in column], dtype=np.int64)
    truth = np.array([column[labels[number] or ""] for number in rows], dtype=np.int64)
    chosen = folds(rows)
    Y = truth[:, None] == np.arange(len(names))
    problem = Problem(X[rows], Y, settings.C, learn.seed, positive_weights(Y, settings.balance))
    estimator = find_estimator(settings.estimator, field="event_type.estimator")
    weights, scores = estimator.cross_fit(
        problem, chosen, jobs, progress=progress, what=what, starts=None if kept is None else kept.starts
    )
    return FittedLabels(names, rows, truth, chosen, scores, weights)


def train_event_type(
    X: csr_matrix,
    labels: Sequence[Labels],
    groups: NDArray[np.int64],
    names: tuple[str, ...],
    config: Config,
    *,
    dates: Sequence[dt.date | None] | None = None,
    progress: Progress = silent,
    jobs: Jobs = 1,
    kept: Kept | None = None,
) -> TrainedHead:
    """Fit the event types `names` on the rows of X that were annotated with one of them.

    With the articles' `dates`, the folds of the cross-validation may be stretches of time, as `config.learn` says.
    Probabilities come from out-of-fold scores. The bias that calibration finds for each type goes into its intercept,
    so that the highest score, which decides, is the highest probability too. Cross-validated, this decides better than
    the classifiers' own scores: 0.649 instead of 0.621 on the starter corpus. Raises CorpusError if there are not two
    distinct annotated articles, ConfigError for an unknown estimator.
    """
    learn = config.learn
    by_time = learn.folds_by == "time" or (learn.folds_by == "auto" and config.split.method == "temporal")
    made: list[Folds] = []

    def folds(rows: NDArray[np.int64]) -> NDArray[np.int64]:
        days = None if dates is None else [dates[number] for number in rows]
        made.append(choose_folds([labels[number] for number in rows], groups[rows], days, learn, by_time=by_time))
        return made[0].numbers

    given = [one.event_type for one in labels]
    fitted = fit_labels(X, given, names, config, folds=folds, progress=progress, jobs=jobs, kept=kept)
    return calibrated_head(replace(fitted, by_time=made[0].by_time), config)


def calibrated_head(fitted: FittedLabels, config: Config) -> TrainedHead:
    """The head of fitted classifiers, its probabilities and measures from their out-of-fold scores."""
    names, truth = fitted.names, fitted.truth
    probability = flat_probabilities(fitted)
    measured: dict[str, Any] = {"articles": len(truth), "labels": len(names), "folds": len(np.unique(fitted.folds))}
    measured["folds_by"] = "time" if fitted.by_time else "random"
    measured |= measures(probability, truth)
    limit, about = abstention(probability, truth, config, fitted.mass)
    measured |= about
    found = calibrating.calibrate_event_type(fitted.scores, truth, fitted.mass)
    prior = calibrating.event_type_probabilities(fitted.scores, found).mean(axis=0)
    weights = LinearWeights(fitted.weights.coef, fitted.weights.intercept + found.offset / found.slope)
    return TrainedHead(
        names,
        weights,
        np.zeros(len(names)),
        Calibration(found.slope, np.zeros(len(names)), found.power),
        "argmax",
        abstain_below=limit,
        cross_validated=measured,
        priors=dict(zip(names, prior.tolist(), strict=True)),
        reference=event_reference(probability, names),
    )


def event_reference(probability: NDArray[np.float64], names: tuple[str, ...]) -> Reference:
    """What the head says of its training articles out of fold: probabilities (n, K) of the leaves `names`."""
    best = np.bincount(probability.argmax(axis=1), minlength=len(names))
    return reference_of("event_type", probability.max(axis=1), names, best)


def abstention(
    probability: NDArray[np.float64],
    truth: NDArray[np.int64],
    config: Config,
    weight: NDArray[np.float64] | None = None,
) -> tuple[float, dict[str, float]]:
    """The probability below which to abstain, and, where it was chosen for a precision, what to report of it.

    `probability` (n, K) is cross-validated, `truth` (n,) has columns; articles weigh `weight` (n,).
    """
    settings = config.event_type
    if settings.abstain_below > 0 or settings.min_precision == 0:
        return settings.abstain_below, {}
    right = probability.argmax(axis=1) == truth
    limit, coverage, precision = calibrating.choose_abstention(
        probability.max(axis=1), right, settings.min_precision, weight
    )
    return limit, {"abstain_below": limit, "decided": coverage, "precision_decided": precision}


def flat_probabilities(fitted: FittedLabels) -> NDArray[np.float64]:
    """Probabilities (n, K) of the rows, each fold's by a calibration fitted on the others."""
    return cross_calibrated(
        fitted.scores,
        fitted.truth,
        fitted.folds,
        calibrating.calibrate_event_type,
        calibrating.event_type_probabilities,
        fitted.mass,
    )


def measures(probability: NDArray[np.float64], truth: NDArray[np.int64]) -> dict[str, Any]:
    """Accuracy, macro-F1 and calibration error of the most probable of K labels; probability (n, K), truth (n,)."""
    best = probability.argmax(axis=1)
    labels = np.arange(probability.shape[1])
    # With one label for each article, micro-F1 is accuracy.
    micro, macro = micro_macro(best[:, None] == labels, truth[:, None] == labels)
    return {"accuracy": micro, "macro_f1": macro, "ece": calibration_error(probability.max(axis=1), best == truth)}
