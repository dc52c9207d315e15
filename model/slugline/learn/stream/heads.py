"""The two heads of a model trained on disk: thresholds and calibration as in memory, from the scores of a sample."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.article import Labels
from slugline.config import Config
from slugline.corpus.taxonomy import Taxonomy
from slugline.errors import ConfigError
from slugline.head import LinearHead
from slugline.learn import calibration as calibrating
from slugline.learn.calibration import Calibration
from slugline.learn.estimators import LinearWeights
from slugline.learn.estimators.problem import weights_of_counts
from slugline.learn.event_levels import EventLabels, heads_of_levels
from slugline.learn.event_type_head import FittedLabels, calibrated_head
from slugline.learn.heads import TrainedHead
from slugline.learn.selection import calibration_gaps, log_loss
from slugline.learn.stream.budget import Budget
from slugline.learn.stream.crossval import Fits, Folding, Held
from slugline.learn.stream.merge import joined, spread
from slugline.learn.stream.problem import Problem, own_columns
from slugline.learn.stream.rows import RowFiles
from slugline.learn.stream.solve import Fitted, Settings, slices
from slugline.learn.stream.spool import Spool
from slugline.learn.stream.vocabulary import Terms
from slugline.learn.thresholds import choose_thresholds
from slugline.progress import Progress, silent

ESTIMATORS = ("svm", "svm+nb")
"""What can be fitted on disk."""


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """Heads as the model file holds them, by name, what cross-validation measured, and the shares of event types."""

    linear: dict[str, LinearHead]
    measured: dict[str, dict[str, Any]]
    priors: dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Trainer:
    """What the heads are made from: rows on disk, their terms, and the memory that there is."""

    files: RowFiles
    terms: Terms
    config: Config
    spool: Spool
    budget: Budget
    jobs: int = 1
    progress: Progress = silent

    def tags(self, names: Sequence[str], rows: int) -> tuple[LinearHead, dict[str, Any]]:
        """The tag head, of so many annotated `rows`, and what was measured."""
        tags, learn = self.config.tags, self.config.learn
        problem = self._problem("tags", tuple(names), None)
        fits = self._fits(
            "tags", problem, tags.C, np.ones(len(names)), tags.estimator, by_time=learn.folds_by == "time"
        )
        held = fits.run(rows, progress=self.progress)
        self.progress("choosing thresholds", 0, 1)
        chosen = choose_thresholds(
            held.scores,
            held.truth,
            held.folds,
            held.known,
            rule=tags.threshold,
            shrink=tags.threshold_shrink,
            fallback=tags.fallback,
            min_probability=tags.min_probability,
        )
        measured: dict[str, Any] = {"articles": len(held.folds), "labels": len(names)}
        measured |= {"folds": len(np.unique(held.folds)), "rule": chosen.rule}
        measured |= {"fallback": chosen.fallback, "fallback_from": chosen.fallback_from}
        measured |= {"micro_f1": chosen.micro_f1, "macro_f1": chosen.macro_f1}
        measured |= _calibration(held)
        del held
        self.progress("choosing thresholds", 1, 1)
        parts: list[LinearHead] = []
        for group in fits.groups():
            fitted = fits.fitted(group)
            for place, inside in enumerate(slices(group.stop - group.start)):
                coef: NDArray[Any] = fitted.weights[place].T
                own = slice(group.start + inside.start, group.start + inside.stop)
                calibration = chosen.calibration
                head = TrainedHead(
                    tuple(names[own]),
                    LinearWeights(coef, fitted.intercept[place].astype(np.float64)),
                    chosen.values[own],
                    Calibration(calibration.slope[own], calibration.offset[own], calibration.power),
                    chosen.rule,
                    chosen.fallback,
                    fallback_from=chosen.fallback_from,
                    rank=chosen.rank,
                )
                parts.append(spread(head.linear_head(learn), problem.column))
        return joined(parts), measured

    def events(self, counts: Counter[str], events: Sequence[str]) -> Heads:
        """The heads of event types: `counts` has the training articles of each type to learn, `events` all by number.

        As `learn.event_levels.train_events` makes them.
        """
        settings, learn = self.config.event_type, self.config.learn
        taxonomy = Taxonomy.load(None if settings.taxonomy is None else Path(settings.taxonomy))
        names = sorted(counts)
        said = EventLabels.of([Labels(None, name) for name in names], taxonomy)
        if settings.levels == "flat" or not said.two_levels:
            finest = {name: one.event_type for name, one in zip(names, said.flat(), strict=True)}
            by_time = self.config.split.method == "temporal" if learn.folds_by == "auto" else learn.folds_by == "time"
            fits = self._event_fits("event types", finest, counts, events, by_time=by_time)
            held = fits.run(counts.total(), progress=self.progress)
            return self._heads({"event_type": calibrated_head(_fitted_labels(fits, held), self.config)}, fits.problem)
        wide = self._event_fits("groups of event types", dict(zip(names, said.groups, strict=True)), counts, events)
        types = self._event_fits("event types", dict(zip(names, said.kinds, strict=True)), counts, events)
        # Rows that are labelled with a group only are scored for types, too.
        every = dataclasses.replace(types.problem, event_used=wide.problem.event_used)
        total = counts.total()
        held, wide_held = types.run(total, every, self.progress), wide.run(total, progress=self.progress)
        heads = heads_of_levels(
            _fitted_labels(types, held),
            _fitted_labels(wide, wide_held),
            said,
            held.scores.astype(np.float64),
            self.config,
        )
        made = {name: head for name, head in zip(("event_type", "event_group"), heads, strict=True) if head is not None}
        return self._heads(made, types.problem)

    def _event_fits(
        self,
        name: str,
        label_of: Mapping[str, str | None],
        counts: Counter[str],
        events: Sequence[str],
        *,
        by_time: bool = False,
    ) -> Fits:
        """The fits of the labels that `label_of` gives event types; types with None do not take part."""
        settings = self.config.event_type
        labels = tuple(sorted({label for label in label_of.values() if label is not None}))
        place = {label: number for number, label in enumerate(labels)}
        of = [label_of.get(event) for event in events]
        column = np.array([-1 if label is None else place[label] for label in of], dtype=np.int32)
        articles = np.zeros(len(labels), dtype=np.int64)
        for event, label in label_of.items():
            if label is not None:
                articles[place[label]] += counts[event]
        weight = weights_of_counts(articles, int(articles.sum()), settings.balance)
        problem = self._problem("event_type", labels, column)
        return self._fits(name, problem, settings.C, weight, settings.estimator, by_time=by_time)

    def _problem(self, head: str, labels: tuple[str, ...], event_column: NDArray[np.int32] | None) -> Problem:
        views = self.terms.tfidf.config.views
        column, width = own_columns(self.terms.view, [view.heads for view in views], head)
        used = None if event_column is None else event_column >= 0
        return Problem(self.files, column, width, labels, event_column, used)

    def _fits(
        self,
        name: str,
        problem: Problem,
        C: float,
        weight: NDArray[np.float64],
        estimator: str,
        *,
        by_time: bool,
    ) -> Fits:
        learn, count = self.config.learn, len(problem.labels)
        group = self.budget.labels(problem.width, self.jobs)
        if problem.event_column is not None:
            group = count
        settings = Settings(C, weight, learn.seed, self.budget.files(self.files, count), self.jobs)
        folding = Folding.choose(
            self.files, learn.folds, learn.seed, by_time=by_time, by_tag=problem.event_column is None
        )
        most = self.budget.scored(count)
        return Fits(problem, settings, self.spool, name.replace(" ", "-"), folding, group, most, estimator == "svm+nb")

    def _heads(self, heads: Mapping[str, TrainedHead], problem: Problem) -> Heads:
        learn = self.config.learn
        return Heads(
            {name: spread(head.linear_head(learn), problem.column) for name, head in heads.items()},
            {name: head.cross_validated for name, head in heads.items()},
            heads["event_type"].priors,
        )


def check_estimator(name: str, field: str) -> None:
    """Raise ConfigError, naming the configuration's `field`, for an estimator that cannot be fitted on disk."""
    if name not in ESTIMATORS:
        expected = f"one of {', '.join(ESTIMATORS)} with learn.memory"
        raise ConfigError("cannot be fitted on disk", field=field, found=name, expected=expected)


def _calibration(held: Held) -> dict[str, float]:
    """Expected calibration error and log-loss of probabilities, each fold's by a calibration fitted on the others."""
    gaps, loss = np.zeros(15), 0.0
    for fold in np.unique(held.folds):
        inside = held.folds == fold
        fitted = calibrating.calibrate_tags(held.scores[~inside], held.truth[~inside])
        truth = held.truth[inside]
        probability = calibrating.tag_probabilities(held.scores[inside], fitted)
        gaps += calibration_gaps(probability, truth, len(gaps))
        loss += log_loss(probability, truth) * truth.size
    cells = max(held.truth.size, 1)
    return {"ece": float(np.abs(gaps).sum()) / cells, "log_loss": loss / cells}


def _fitted_labels(fits: Fits, held: Held) -> FittedLabels:
    """The classifiers of a group of labels, and the scores of the rows that have one of them."""
    rows = np.flatnonzero(held.truth.any(axis=1))
    return FittedLabels(
        fits.problem.labels,
        rows,
        held.truth[rows].argmax(axis=1).astype(np.int64),
        held.folds[rows],
        held.scores[rows].astype(np.float64),
        _weights(fits.fitted(fits.groups()[0])),
        held.by_time,
    )


def _weights(fitted: Fitted) -> LinearWeights:
    """Fitted classifiers as heads take them; (L, d) is a view of (d, L), and float32 as it was fitted."""
    coef: NDArray[Any] = np.concatenate(fitted.weights, axis=1).T
    return LinearWeights(coef, np.concatenate(fitted.intercept).astype(np.float64))
