"""What a model that has never seen an article says of it: out-of-fold probabilities of every label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from slugline.article import Article, Labels
from slugline.config import Config
from slugline.corpus.split import folds as make_folds
from slugline.learn import calibration as calibrating
from slugline.learn.estimators import Problem, find_estimator
from slugline.learn.estimators.problem import positive_weights
from slugline.learn.event_type_head import event_type_labels
from slugline.learn.heads import cross_calibrated
from slugline.learn.parallel import Jobs
from slugline.learn.tag_head import tag_labels
from slugline.learn.train import what_to_learn
from slugline.learn.vectorize import fit_tfidf, head_rows
from slugline.progress import Progress, silent


@dataclass(frozen=True, slots=True, eq=False)
class Unseen:
    """Probabilities of the labels `names` for the articles numbered `rows`, each by classifiers of the other folds."""

    names: tuple[str, ...]  # L
    rows: NDArray[np.int64]  # (n,)
    truth: NDArray[np.bool_]  # (n, L), what the articles were labelled with
    probability: NDArray[np.float64]  # (n, L); of event types, rows sum to 1


def unseen_probabilities(
    articles: Sequence[Article],
    labels: Sequence[Labels],
    groups: NDArray[np.int64],
    config: Config,
    *,
    progress: Progress = silent,
    jobs: Jobs = 1,
) -> dict[str, Unseen]:
    """By head ("tags", "event_type"), probabilities of labels that enough articles have: as many as there are folds.

    Scores and calibration of an article come from folds that it is not in, nor a near-duplicate of it (`groups`, (N,)).
    Raises CorpusError where no label is had by enough articles, ConfigError for an unknown estimator.
    """
    config_tags = tag_labels(labels, max(config.tags.min_articles, config.learn.folds))
    what_to_learn(labels, config)
    fitted, X = fit_tfidf(articles, config.features, jobs=jobs)
    found: dict[str, Unseen] = {}
    if config_tags:
        rows = np.array([number for number, one in enumerate(labels) if one.tags is not None], dtype=np.int64)
        truth = np.array([[tag in (labels[number].tags or ()) for tag in config_tags] for number in rows], dtype=bool)
        estimate = (config.tags.estimator, config.tags.C, 0.0)
        found["tags"] = _unseen(
            head_rows(X, fitted, "tags"),
            labels,
            groups,
            config_tags,
            rows,
            truth,
            estimate,
            config,
            "tags",
            progress=progress,
            jobs=jobs,
        )
    counts = {name: sum(one.event_type == name for one in labels) for name in event_type_labels(labels)}
    types = tuple(name for name, count in counts.items() if count >= config.learn.folds)
    if len(types) > 1:
        rows = np.array([number for number, one in enumerate(labels) if one.event_type in types], dtype=np.int64)
        truth = np.array([[labels[number].event_type == name for name in types] for number in rows], dtype=bool)
        estimate = (config.event_type.estimator, config.event_type.C, config.event_type.balance)
        found["event_type"] = _unseen(
            head_rows(X, fitted, "event_type"),
            labels,
            groups,
            types,
            rows,
            truth,
            estimate,
            config,
            "event types",
            progress=progress,
            jobs=jobs,
        )
    return found


def _unseen(
    X: csr_matrix,
    labels: Sequence[Labels],
    groups: NDArray[np.int64],
    names: tuple[str, ...],
    rows: NDArray[np.int64],
    truth: NDArray[np.bool_],
    estimate: tuple[str, float, float],
    config: Config,
    what: str,
    *,
    progress: Progress,
    jobs: Jobs,
) -> Unseen:
    name, C, balance = estimate
    folds = make_folds([labels[number] for number in rows], groups[rows], config.learn.folds, config.learn.seed)
    problem = Problem(X[rows], truth, C, config.learn.seed, positive_weights(truth, balance))
    _, scores = find_estimator(name).cross_fit(problem, folds, jobs, progress=progress, what=what)
    if what == "tags":
        probability = cross_calibrated(scores, truth, folds, calibrating.calibrate_tags, calibrating.tag_probabilities)
    else:
        probability = cross_calibrated(
            scores,
            truth.argmax(axis=1),
            folds,
            calibrating.calibrate_event_type,
            calibrating.event_type_probabilities,
        )
    return Unseen(names, rows, truth, probability)
