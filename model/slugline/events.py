"""What a model says of an article's event: its type and its group, and the reasons for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from slugline.article import NONE, EventTypeScore, Evidence
from slugline.decide import event_logits, softmax
from slugline.levels import shares
from slugline.records import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from slugline.bundle import Bundle
    from slugline.event_vocabulary import EventVocabulary
    from slugline.evidence import Terms
    from slugline.head import LinearHead
    from slugline.priors import Shift

    Contributions = Callable[[LinearHead, int], NDArray[np.float64]]


@record(frozen=True, slots=True, eq=False)
class EventVerdicts:
    """Of N articles: scores and probabilities of the K leaves, probabilities of the G groups, and decisions.

    A decision is None where the model abstained; it may abstain from the type and still name the group. Where it names
    the type, the group is the type's.
    """

    scores: NDArray[np.float64]  # (N, K)
    probabilities: NDArray[np.float64]  # (N, K), rows sum to 1
    group_probabilities: NDArray[np.float64]  # (N, G), rows sum to 1
    decisions: tuple[str | None, ...]  # N leaves
    group_decisions: tuple[str | None, ...]  # N groups
    trained: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
    """Scores and probabilities of the leaves as they were trained, where event types have been edited since."""

    @property
    def as_trained(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Scores and probabilities of the leaves as they were trained."""
        return (self.scores, self.probabilities) if self.trained is None else self.trained


_PROBABLE = "it is the most probable, and probable enough"


class Brief(NamedTuple):
    """An event without its reasons; see `article.EventTypeScore`."""

    type: str | None
    group: str | None
    probability: float
    group_probability: float | None


class Events:
    """The event types of a model, in two levels: a type's score is that of its own head plus that of its group's.

    The probability of a type is the softmax over all types of `slope * score + offset`, that of a group the sum of its
    types', so that P(type) <= P(group). A model without a head of groups is read in the same way.

    `levels` are those that it says. Where people have edited the event types of the model (`vocabulary`), a leaf may be
    several that were trained: its probability is the sum of theirs, its score their mean, weighted by their
    probabilities. `trained` are the levels as they were trained, `groups` the group of each type, and of each group,
    that has one.
    """

    def __init__(self, bundle: Bundle, shift: Shift | None = None) -> None:
        """Raises ModelFileError where the heads of types and of groups do not fit together.

        With `shift`, probabilities are those under its new shares; scores stay, so that not the highest score decides.
        """
        self._types, self._groups = bundle.event_type, bundle.event_group
        labels = () if self._types is None else self._types.labels
        self.groups = known = bundle.manifest.groups
        names = frozenset(known.values())
        groups = None if self._groups is None else self._groups.labels
        self.levels = self.trained = bundle.event_levels()
        own = [label for label in self.trained.groups if label in names or known.get(label) == label]
        self._real = frozenset(own) if groups is None else frozenset({*own, *groups} - self._ungrouped(labels, known))
        self._slope, self._offset = self._shape(self.trained.column)
        self._power = 0.0 if self._types is None else self._types.power
        leaves = self.trained.leaves
        self._shift = np.zeros(len(leaves)) if shift is None else np.log(shift.ratio(leaves))
        self._become = np.arange(len(leaves))
        self.vocabulary: EventVocabulary | None = None
        if bundle.edited("event_type"):
            self.vocabulary = vocabulary = bundle.event_vocabulary()
            self.levels, self._become = vocabulary.levels_now()
            self._real = frozenset(name for label in self._real if (name := vocabulary.shown(label)) is not None)
            named = {leaf: self.levels.group_name(number) for number, leaf in enumerate(self.levels.leaves)}
            self.groups = {leaf: group for leaf, group in named.items() if group in self._real}

    @property
    def types(self) -> tuple[str, ...]:
        """The leaves that it may say: but for what was retired, those of `levels`."""
        return tuple(leaf for leaf in self.levels.leaves if leaf)

    @staticmethod
    def _ungrouped(labels: tuple[str, ...], known: dict[str, str]) -> frozenset[str]:
        """Types without a group, which have a column of their own name in the head of groups."""
        return frozenset(label for label in labels if label not in known)

    def _shape(self, columns: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Slope and offset of each leaf: its type's, or where it is a group, the group's."""
        slope, offset = np.ones(len(columns)), np.zeros(len(columns))
        for leaf, column in enumerate(columns.tolist()):
            head, place = (self._types, column) if column >= 0 else (self._groups, int(self.trained.group[leaf]))
            if head is not None:
                slope[leaf], offset[leaf] = head.slope[place], head.offset[place]
        return slope, offset

    def verdicts(
        self, types: NDArray[np.float64], groups: NDArray[np.float64] | None, known: NDArray[np.bool_]
    ) -> EventVerdicts:
        """From the scores of both heads, (N, T) and (N, G) or None; of articles that are not `known`, (N,), none."""
        scores = self.trained.scores(types, groups)
        logits = event_logits(scores, self._slope, self._offset, self._power)
        return self.decide(scores, softmax(logits + self._shift), known)

    def decide(
        self, scores: NDArray[np.float64], probability: NDArray[np.float64], known: NDArray[np.bool_]
    ) -> EventVerdicts:
        """The verdicts of scores and probabilities (N, K) of the leaves as they were trained: the most probable leaf of
        now if it is sure enough, else a group that is; neither where that is what was retired.
        """
        trained = None
        if self.vocabulary is not None:
            trained = scores, probability
            scores, probability = self._folded(scores, probability)
        folded = self.levels.fold(probability)
        limits = [head.abstain_below for head in (self._types, self._groups) if head is not None] or [0.0]
        rows = np.arange(len(probability))
        leaf, group = (part.argmax(axis=1) for part in (probability, folded))
        sure = known & (probability[rows, leaf] >= limits[0])
        group = np.where(sure, self.levels.group[leaf], group)
        named = known & (sure | (folded[rows, group] >= limits[-1]))
        return EventVerdicts(
            scores,
            probability,
            folded,
            tuple(
                (self.levels.leaves[n] or None) if yes else None
                for n, yes in zip(leaf.tolist(), sure.tolist(), strict=True)
            ),
            tuple(
                (self.levels.groups[n] or None) if yes else None
                for n, yes in zip(group.tolist(), named.tolist(), strict=True)
            ),
            trained,
        )

    def _folded(
        self, scores: NDArray[np.float64], probability: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Scores and probabilities (N, K) of the leaves that were trained as those of the M leaves of now, (N, M)."""
        many = len(self.levels.leaves)
        found, total = np.zeros((len(scores), many)), np.zeros((len(scores), many))
        for leaf in range(many):
            own = np.flatnonzero(self._become == leaf)
            total[:, leaf] = np.minimum(probability[:, own].sum(axis=1), 1.0)
            weight = np.maximum(probability[:, own], 1e-300)
            found[:, leaf] = (
                scores[:, own[0]] if len(own) == 1 else (weight * scores[:, own]).sum(axis=1) / weight.sum(axis=1)
            )
        return found, total

    def score(
        self, verdicts: EventVerdicts, row: int, terms: Terms | None, contributions: Contributions
    ) -> EventTypeScore | None:
        """One article's event as it is shown; None where the model abstained from both levels.

        `terms` are the article's terms where its reasons are asked for, else None; `contributions(head, column)` is
        what each of them adds to a score of a head.
        """
        leaf, group = verdicts.decisions[row], verdicts.group_decisions[row]
        if group is None:
            return None
        number = self.levels.groups.index(group)
        chance = float(verdicts.group_probabilities[row, number])
        kind, shown = (None, group) if leaf is None else self.type_and_group(leaf)
        place = None if leaf is None else self.levels.leaves.index(leaf)
        within = shares(verdicts.as_trained[1][row], self.levels.group[self._become] == number)
        if place is None:
            total, intercept, evidence = self._mean(verdicts, row, within, terms, contributions)
            return EventTypeScore(
                None, self._shown(group), chance, total, intercept, evidence, group_probability=chance
            )
        parts = shares(verdicts.as_trained[1][row], self._become == place)
        total, intercept, evidence = self._mean(verdicts, row, parts, terms, contributions)
        found = EventTypeScore(
            kind,
            shown,
            float(verdicts.probabilities[row, place]),
            total,
            intercept,
            evidence,
            group_probability=None if shown is None else chance,
        )
        if kind is None or shown is None or terms is None:
            return found
        total, intercept, evidence = self._mean(verdicts, row, within, terms, contributions)
        return found.with_group_evidence(total, intercept, evidence)

    def nearest(self, verdicts: EventVerdicts, row: int) -> str:
        """The most probable type of article `row`, however unsure."""
        possible = np.array([bool(leaf) for leaf in self.levels.leaves])
        return self.levels.leaves[int(np.where(possible, verdicts.probabilities[row], -1.0).argmax())]

    def given(self, verdicts: EventVerdicts, row: int, label: str) -> EventVerdicts:
        """The verdicts as they were, had article `row` been given this type, or group, however improbable it is."""
        leaf = label if label in self.levels.leaves else None
        group = label if leaf is None else self.levels.group_name(self.levels.leaves.index(leaf))
        leaves, groups = list(verdicts.decisions), list(verdicts.group_decisions)
        leaves[row], groups[row] = leaf, group
        return EventVerdicts(
            verdicts.scores,
            verdicts.probabilities,
            verdicts.group_probabilities,
            tuple(leaves),
            tuple(groups),
            verdicts.trained,
        )

    def why(self, verdicts: EventVerdicts, row: int, label: str, *, known: bool) -> str:
        """In one short sentence, why article `row`, which has a `known` word or not, was given this type or not."""
        kind = verdicts.decisions[row]
        leaf = label in self.levels.leaves
        if label == (kind if leaf else verdicts.group_decisions[row]):
            return _PROBABLE if leaf or kind is None else "the type that was given is one of it"
        if not known:
            return "the article has no word that the model knows"
        names, chances = self.levels.leaves, verdicts.probabilities
        if not leaf:
            names, chances = self.levels.groups, verdicts.group_probabilities
        best = names[int(chances[row].argmax())]
        if label != best:
            return f"{best or 'what was retired'} is more probable"
        return "it is the most probable, but not probable enough" if kind is None else f"{kind} was given"

    def needed(self, label: str) -> float:
        """The probability from which on the most probable type, or group, is given."""
        heads = [head for head in (self._types, self._groups) if head is not None]
        return heads[0 if label in self.levels.leaves else -1].abstain_below if heads else 0.0

    def brief(self, verdicts: EventVerdicts) -> list[Brief | None]:
        """Each article's event as `score` shows it, without score and reasons; None where the model abstained."""
        return [
            None if group is None else self._brief(verdicts, row, leaf, group)
            for row, (leaf, group) in enumerate(zip(verdicts.decisions, verdicts.group_decisions, strict=True))
        ]

    def _brief(self, verdicts: EventVerdicts, row: int, leaf: str | None, group: str) -> Brief:
        chance = float(verdicts.group_probabilities[row, self.levels.groups.index(group)])
        if leaf is None:
            return Brief(None, self._shown(group), chance, chance)
        kind, shown = self.type_and_group(leaf)
        probability = float(verdicts.probabilities[row, self.levels.leaves.index(leaf)])
        return Brief(kind, shown, probability, None if shown is None else chance)

    def type_and_group(self, leaf: str) -> tuple[str | None, str | None]:
        """A leaf as type and group: a group's own name is no type, and NONE and the user's own types have no group."""
        if leaf == NONE:
            return leaf, None
        if leaf in self._real:
            return None, leaf
        group = self.levels.group_name(self.levels.leaves.index(leaf))
        return leaf, None if group == leaf else group

    def _shown(self, group: str) -> str | None:
        return group if group in self._real else None

    def _intercept(self, leaf: int) -> float:
        column, group = int(self.trained.column[leaf]), int(self.trained.group[leaf])
        own = 0.0 if column < 0 or self._types is None else float(self._types.intercept[column])
        return own + (0.0 if self._groups is None else float(self._groups.intercept[group]))

    def _leaf(self, leaf: int, contributions: Contributions) -> NDArray[np.float64]:
        """What each term adds to a leaf's score: what it adds to the type's and to the group's."""
        column = int(self.trained.column[leaf])
        parts = []
        if column >= 0 and self._types is not None:
            parts.append(contributions(self._types, column))
        if self._groups is not None:
            parts.append(contributions(self._groups, int(self.trained.group[leaf])))
        return np.asarray(sum(parts[1:], parts[0]))

    def _mean(
        self,
        verdicts: EventVerdicts,
        row: int,
        shares: NDArray[np.float64],
        terms: Terms | None,
        contributions: Contributions,
    ) -> tuple[float, float, tuple[Evidence, ...]]:
        """The score of leaves with these `shares` (K,), its intercept and its evidence, which sum to it.

        The score is the mean of their scores, weighted by P(leaf | one of them), so that a term's contribution is the
        mean of what it adds to them. Of a single leaf these are its own.
        """
        own = np.flatnonzero(shares).tolist()
        total = float(shares[own] @ verdicts.as_trained[0][row, own])
        intercept = sum(float(shares[leaf]) * self._intercept(leaf) for leaf in own)
        if terms is None:
            return total, intercept, ()
        added = np.asarray(sum(float(shares[leaf]) * self._leaf(leaf, contributions) for leaf in own))
        return total, intercept, terms.evidence(added)
