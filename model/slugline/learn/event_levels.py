"""Event types in two levels: which labels are types and which groups, and a head for each level."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from slugline.article import Labels
from slugline.config import Config
from slugline.corpus.split import folds as make_folds
from slugline.corpus.taxonomy import Taxonomy
from slugline.learn.calibration import Calibration
from slugline.learn.estimators import LinearWeights
from slugline.learn.event_type_head import (
    FittedLabels,
    abstention,
    calibrated_head,
    event_reference,
    event_type_labels,
    fit_labels,
    flat_probabilities,
    measures,
    train_event_type,
)
from slugline.learn.heads import TrainedHead
from slugline.learn.kept import Kept
from slugline.learn.level_calibration import LevelFit, fit_levels
from slugline.learn.parallel import Jobs
from slugline.learn.plain import plain_event_type
from slugline.levels import Levels
from slugline.progress import Progress, silent
from slugline.reference import Reference


@dataclass(frozen=True, slots=True)
class EventLabels:
    """What N articles' event types say at both levels; None is "not annotated".

    `kinds` are types as they are written, also those outside the taxonomy, which are groups of their own; None where
    the label is a group. `groups` are the groups, as the taxonomy writes them. `group_of` has the types in a group.
    """

    kinds: tuple[str | None, ...]
    groups: tuple[str | None, ...]
    group_of: dict[str, str]

    @classmethod
    def of(cls, labels: Sequence[Labels], taxonomy: Taxonomy) -> EventLabels:
        """The two levels of `labels`. A label is a group only where it is spelled as one: "sports" may be a type.

        >>> said = EventLabels.of([Labels(None, "trial"), Labels(None, "Law and crime")], Taxonomy.load())
        >>> said.kinds, said.groups
        (('trial', None), ('Law and crime', 'Law and crime'))
        """
        kinds: list[str | None] = []
        groups: list[str | None] = []
        group_of: dict[str, str] = {}
        for one in labels:
            label = one.event_type
            group = None if label is None else taxonomy.group_of(label)
            is_group = label is not None and taxonomy.is_group(label)
            kinds.append(None if is_group else label)
            groups.append(group or label)
            if label is not None and group is not None and not is_group:
                group_of[label] = group
        return cls(tuple(kinds), tuple(groups), group_of)

    @property
    def some_groups_only(self) -> bool:
        """Whether an article is labelled with a group and nothing finer."""
        return any(kind is None and group is not None for kind, group in zip(self.kinds, self.groups, strict=True))

    @property
    def two_levels(self) -> bool:
        """Whether both levels have something to tell apart: types in groups, several groups, and not the same."""
        types = {kind for kind in self.kinds if kind is not None}
        groups = {group for group in self.groups if group is not None}
        divided = len(types) > len({self.group_of.get(kind, kind) for kind in types})
        return bool(self.group_of) and len(groups) > 1 and (divided or self.some_groups_only)

    def flat(self) -> list[Labels]:
        """The finest label of each article."""
        return [
            Labels(None, group if kind is None else kind) for kind, group in zip(self.kinds, self.groups, strict=True)
        ]


def train_events(
    X: csr_matrix,
    labels: Sequence[Labels],
    groups: NDArray[np.int64],
    config: Config,
    *,
    dates: Sequence[dt.date | None] | None = None,
    progress: Progress = silent,
    jobs: Jobs = 1,
    kept: Kept | None = None,
) -> tuple[TrainedHead, TrainedHead | None]:
    """The head of event types, and the head of groups that adds to its scores, or None where there is one level.

    `dates` are the articles', for folds by time (one level only; two have random ones).
    Articles that are labelled with a group only train the head of groups. Whether types get a head of groups says
    `config.event_type.levels`. Raises what `train_event_type` raises, ConfigError for a broken taxonomy.
    """
    settings, learn = config.event_type, config.learn
    taxonomy = Taxonomy.load(None if settings.taxonomy is None else Path(settings.taxonomy))
    said = EventLabels.of(labels, taxonomy)
    flat = said.flat()
    if not learn.folds:
        return plain_event_type(
            X, [one.event_type for one in flat], event_type_labels(flat), config, progress, jobs
        ), None
    if settings.levels == "flat" or not said.two_levels:
        names = event_type_labels(flat)
        return train_event_type(
            X, flat, groups, names, config, dates=dates, progress=progress, jobs=jobs, kept=kept
        ), None
    annotated = np.array([number for number, group in enumerate(said.groups) if group is not None], dtype=np.int64)
    fold_of = np.full(len(labels), -1, dtype=np.int64)
    fold_of[annotated] = make_folds([flat[n] for n in annotated], groups[annotated], learn.folds, learn.seed)

    def fit(given: tuple[str | None, ...], what: str) -> FittedLabels:
        names = tuple(sorted({label for label in given if label is not None}))
        return fit_labels(
            X,
            given,
            names,
            config,
            folds=fold_of.__getitem__,
            what=what,
            progress=progress,
            jobs=jobs,
            kept=kept,
        )

    types, wide = fit(said.kinds, "event types"), fit(said.groups, "groups of event types")
    return heads_of_levels(types, wide, said, _type_scores(X, types, wide), config)


def heads_of_levels(
    types: FittedLabels, wide: FittedLabels, said: EventLabels, type_scores: NDArray[np.float64], config: Config
) -> tuple[TrainedHead, TrainedHead | None]:
    """The heads of fitted types and groups, or that of types alone, as `config.event_type.levels` says.

    `type_scores` (n, T) are the types' scores of all rows of `wide`, made without having seen them.
    """
    both = _Both(types, wide, Levels.of(types.names, said.group_of, wide.names), type_scores)
    measured = both.cross_validated()
    compared: dict[str, Any] = {"two": measured}
    if not said.some_groups_only:
        compared["flat"] = both.flat_measures()
        if config.event_type.levels == "auto" and _mean_accuracy(compared["flat"]) >= _mean_accuracy(measured):
            head = calibrated_head(types, config)
            return dataclasses.replace(head, cross_validated=head.cross_validated | {"levels": compared}), None
    return both.heads(config, compared)


def _mean_accuracy(measured: dict[str, Any]) -> float:
    return float(measured["type"]["accuracy"] + measured["group"]["accuracy"]) / 2


def _type_scores(X: csr_matrix, types: FittedLabels, wide: FittedLabels) -> NDArray[np.float64]:
    """Scores (n, T) of all annotated rows for the types: out-of-fold, or of rows that no type was fitted on."""
    scores = types.weights.scores(X[wide.rows])
    place = {row: number for number, row in enumerate(wide.rows.tolist())}
    scores[[place[row] for row in types.rows.tolist()]] = types.scores
    return scores


@dataclass(frozen=True, slots=True, eq=False)
class _Both:
    """The classifiers of both levels, and what they say of the n annotated rows without having seen them."""

    types: FittedLabels
    wide: FittedLabels
    levels: Levels
    type_scores: NDArray[np.float64]  # (n, T)

    def _leaves(self) -> NDArray[np.int64]:
        """(n,) each row's type as a leaf, -1 where it is labelled with a group only."""
        found = np.full(len(self.wide.rows), -1, dtype=np.int64)
        place = {row: number for number, row in enumerate(self.wide.rows.tolist())}
        found[[place[row] for row in self.types.rows.tolist()]] = self.types.truth
        return found

    def _fit(self, chosen: NDArray[np.bool_]) -> LevelFit:
        return fit_levels(
            self.type_scores[chosen],
            self.wide.scores[chosen],
            self.levels,
            self._leaves()[chosen],
            self.wide.truth[chosen],
        )

    def probabilities(self) -> NDArray[np.float64]:
        """Of the leaves, (n, K), each fold's by a calibration fitted on the others."""
        probability = np.zeros((len(self.wide.rows), len(self.levels.leaves)))
        for fold in np.unique(self.wide.folds):
            inside = self.wide.folds == fold
            found = self._fit(~inside)
            probability[inside] = found.probabilities(self.type_scores[inside], self.wide.scores[inside], self.levels)
        return probability

    def cross_validated(self) -> dict[str, Any]:
        """Measures of both levels, each fold judged by a calibration fitted on the others."""
        probability, leaves = self.probabilities(), self._leaves()
        typed = leaves >= 0
        return {
            "type": measures(probability[typed], leaves[typed]),
            "group": measures(self.levels.fold(probability), self.wide.truth),
        }

    def flat_measures(self) -> dict[str, Any]:
        """The same without the head of groups; for corpora whose every label is a type."""
        probability = flat_probabilities(self.types)
        return {
            "type": measures(probability, self.types.truth),
            "group": measures(self.levels.fold(probability), self.wide.truth),
        }

    def heads(self, config: Config, compared: dict[str, Any]) -> tuple[TrainedHead, TrainedHead]:
        """The two heads as they go into the model file, the calibration folded into their weights."""
        found = self._fit(np.ones(len(self.wide.rows), dtype=bool))
        count = len(self.types.names)
        shift = np.zeros(len(self.wide.names))
        shift[self.levels.group[count:]] = found.offset[count:]
        coef, intercept = self.wide.weights.coef, self.wide.weights.intercept
        weights = (
            LinearWeights(self.types.weights.coef, self.types.weights.intercept + found.offset[:count] / found.slope),
            LinearWeights(coef * found.share, intercept * found.share + shift / found.slope),
        )
        leaves = self._leaves()
        typed = leaves >= 0
        probability = self.probabilities()
        limit, about = abstention(probability[typed], leaves[typed], config)
        prior = found.probabilities(self.type_scores, self.wide.scores, self.levels).mean(axis=0)
        made = []
        for fitted, own, level in zip((self.types, self.wide), weights, ("type", "group"), strict=True):
            measured = {
                "articles": len(fitted.rows),
                "labels": len(fitted.names),
                "folds": len(np.unique(fitted.folds)),
                **compared["two"][level],
                **about,
            }
            slope = np.full(len(fitted.names), found.slope)
            made.append(
                TrainedHead(
                    fitted.names,
                    own,
                    np.zeros(len(fitted.names)),
                    Calibration(slope, np.zeros(len(fitted.names))),
                    "argmax",
                    abstain_below=limit,
                    cross_validated=measured | ({"levels": compared} if level == "type" else {}),
                    priors=dict(zip(self.levels.leaves, prior.tolist(), strict=True)) if level == "type" else {},
                    reference=event_reference(probability, self.levels.leaves) if level == "type" else Reference(),
                )
            )
        return made[0], made[1]
