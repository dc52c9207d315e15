"""Heads without cross-validation (`learn.folds` 0): classifiers are fitted once, and nothing is chosen by their scores.

This is what most tools do, and the fastest. A tag is decided where its classifier says yes (the rule "zero"), and the
best one where none does, unless `tags.fallback` is "never". Probabilities only order labels: they are a fixed curve
over the scores, 0.5 where the classifier itself is undecided, about as steep as calibrated ones of news (6 for margins;
scores of logistic regression are logits already). Names, groups of event types and limits for abstaining, all of which
are chosen on scores of articles that were not trained on, are not learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.errors import ConfigError
from slugline.learn.calibration import Calibration
from slugline.learn.estimators import Problem, find_estimator
from slugline.learn.estimators.problem import positive_weights
from slugline.learn.heads import TrainedHead

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from slugline.config import Config
    from slugline.learn.parallel import Jobs
    from slugline.learn.partial import PartialRows
    from slugline.progress import Progress

_STEEP = 6.0
_LOGITS = frozenset({"logistic"})


def check_folds(config: Config, what: str) -> None:
    """Raise ConfigError where `config` has no cross-validation, by which `what` is done."""
    if not config.learn.folds:
        raise ConfigError(f"{what} needs cross-validation", field="learn.folds", found=0, expected="2 to 50")


def check_plain(config: Config) -> None:
    """Raise ConfigError where `config` asks for what only cross-validation can give."""
    for field, asked, expected in (
        ("names.enabled", config.names.enabled == "always", "auto or never"),
        ("event_type.min_precision", config.event_type.min_precision > 0, "0"),
    ):
        if asked:
            raise ConfigError("needs cross-validation, and learn.folds is 0", field=field, expected=expected)


def plain_tags(
    X: csr_matrix,
    truth: NDArray[np.bool_],
    names: tuple[str, ...],
    config: Config,
    progress: Progress,
    jobs: Jobs,
    partial: PartialRows | None = None,
) -> TrainedHead:
    """The head of the tags `names` from X (n, d) and `truth` (n, L), and from what `partial` rows know.

    Raises ConfigError for an unknown estimator.
    """
    tags = config.tags
    progress("fitting tags", 0, 1)
    problem = Problem(X, truth, tags.C, config.learn.seed)
    estimator = find_estimator(tags.estimator, field="tags.estimator")
    weights = estimator.fit(problem, jobs)
    if partial is not None:
        partial.fit(estimator, problem, weights, jobs)
    progress("fitting tags", 1, 1)
    return TrainedHead(
        names,
        weights,
        np.zeros(len(names)),
        _curve(tags.estimator, len(names)),
        "zero",
        tags.fallback != "never",
        cross_validated=_measured(len(truth), len(names), "zero"),
    )


def plain_event_type(
    X: csr_matrix, given: Sequence[str | None], names: tuple[str, ...], config: Config, progress: Progress, jobs: Jobs
) -> TrainedHead:
    """The head of the event types `names` from the rows of X (N, d) that have one of them in `given` (N,)."""
    settings = config.event_type
    column = {name: number for number, name in enumerate(names)}
    rows = np.array([number for number, label in enumerate(given) if label in column], dtype=np.int64)
    truth = np.array([column[given[number] or ""] for number in rows.tolist()], dtype=np.int64)
    Y = truth[:, None] == np.arange(len(names))
    progress("fitting event types", 0, 1)
    problem = Problem(X[rows], Y, settings.C, config.learn.seed, positive_weights(Y, settings.balance))
    weights = find_estimator(settings.estimator, field="event_type.estimator").fit(problem, jobs)
    progress("fitting event types", 1, 1)
    curve = _curve(settings.estimator, len(names))
    shares = np.bincount(truth, minlength=len(names)) / len(truth)
    return TrainedHead(
        names,
        weights,
        np.zeros(len(names)),
        Calibration(curve.slope, curve.offset, 1.0),
        "argmax",
        abstain_below=settings.abstain_below,
        cross_validated=_measured(len(truth), len(names), "argmax"),
        priors=dict(zip(names, shares.tolist(), strict=True)),
    )


def _curve(estimator: str, labels: int) -> Calibration:
    return Calibration(np.full(labels, 1.0 if estimator in _LOGITS else _STEEP), np.zeros(labels))


def _measured(articles: int, labels: int, rule: str) -> dict[str, Any]:
    return {"articles": articles, "labels": labels, "folds": 0, "rule": rule}
