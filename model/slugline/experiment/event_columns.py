"""What a model says of event types, made comparable with a corpus's labels at the level that both speak of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slugline.article import Labels
from slugline.bundle import Bundle
from slugline.config import EvaluateConfig
from slugline.evaluate.evaluation import evaluate_event_type
from slugline.evaluate.results import EventTypeEvaluation
from slugline.events import Events
from slugline.experiment.levels import GroupLevel, group_level, group_namer, groups_of
from slugline.verdicts import Verdicts


@dataclass(frozen=True, slots=True, eq=False)
class EventColumns:
    """The annotated articles of one level: their numbers, and truth, probabilities and decisions over `labels`.

    `level` is "type" or "group"; `of` maps a label of the corpus or of the model to the label it is measured as.
    """

    rows: list[int]
    labels: tuple[str, ...]
    truth: list[str]
    probability: NDArray[np.float64]  # (n, labels)
    decided: list[str | None]
    level: str
    rule: str
    of: Callable[[str], str]

    def evaluate(self, config: EvaluateConfig) -> EventTypeEvaluation:
        """The measures of this level."""
        return evaluate_event_type(
            self.labels, self.truth, self.probability, self.decided, config=config, rule=self.rule, level=self.level
        )


def event_columns(
    bundle: Bundle, events: Events, verdicts: Verdicts, labels: Sequence[Labels]
) -> tuple[EventColumns | None, EventColumns | None]:
    """The finest level that model and labels share, and besides the level of groups, where the first is that of types
    and groups are something else.

    Types are measured over the articles that are labelled with one, groups over every annotated article. Nothing is
    measured where the model has no head of event types, or no article is annotated. `labels` have the names that event
    types and groups have now (`labels_now`).
    """
    head = bundle.event_type
    rows = [number for number, label in enumerate(labels) if label.event_type is not None]
    if head is None or not rows:
        return None, None
    truth = [labels[number].event_type or "" for number in rows]
    find = _present(events, groups_of(events.groups, bundle.manifest.config))
    levels, kinds = events.levels, events.types
    limit = f", abstaining below {head.abstain_below}" if head.abstain_below else ""
    rule = f"{head.rule}{limit}, then the group of that type"
    level = group_level(kinds, truth, find)
    probability = _said(verdicts, len(kinds))
    if level is not None:
        return _groups(verdicts, probability, rows, truth, level, rule), None
    is_group = group_namer(events.groups, bundle.manifest.config)
    leaves = frozenset(kinds)
    chosen = [n for n, label in enumerate(truth) if label in leaves or not (levels.has_types and is_group(label))]
    chosen = chosen or list(range(len(truth)))
    own = [rows[n] for n in chosen]
    types = EventColumns(
        own,
        kinds,
        [truth[n] for n in chosen],
        probability[own],
        [verdicts.event_decisions[number] for number in own],
        "type",
        head.rule + limit,
        str,
    )
    if not levels.has_types:
        return types, None
    every = GroupLevel.of_labels(kinds, find)
    # Where each type is a group of its own, the level of groups says the same again.
    if set(every.groups) == set(kinds) and len(own) == len(rows):
        return types, None
    return types, _groups(verdicts, probability, rows, truth, every, rule)


def _said(verdicts: Verdicts, kinds: int) -> NDArray[np.float64]:
    """The probabilities (N, kinds) of what the model may say: without those of what was retired, the last column."""
    probability = verdicts.event_probabilities
    if probability.shape[1] == kinds:
        return probability
    said = np.maximum(probability[:, :kinds], 1e-12)
    return np.asarray(said / said.sum(axis=1, keepdims=True))


def _present(events: Events, find: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """`find`, whose groups have the names that the model has for them now."""
    if (vocabulary := events.vocabulary) is None:
        return find

    def found(label: str) -> str | None:
        group = find(label)
        return None if group is None else vocabulary.resolve(group)

    return found


def _groups(
    verdicts: Verdicts,
    probability: NDArray[np.float64],
    rows: list[int],
    truth: list[str],
    level: GroupLevel,
    rule: str,
) -> EventColumns:
    """The level of groups; where the model's groups are not those of `level`, its types are folded into them.

    `probability` (N, K) is of the model's types.
    """
    probability = level.probabilities(probability[rows])
    decided = [
        level.of(leaf) if leaf is not None else None if group is None else level.of(group)
        for leaf, group in ((verdicts.event_decisions[n], verdicts.group_decisions[n]) for n in rows)
    ]
    known = frozenset(level.groups)
    return EventColumns(
        rows,
        level.groups,
        [level.of(label) for label in truth],
        probability,
        [label if label in known else None for label in decided],
        "group",
        rule,
        level.of,
    )
