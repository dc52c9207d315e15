"""The level of the taxonomy at which a model and a corpus speak of the same things: types, else groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.corpus.taxonomy import Taxonomy


@dataclass(frozen=True)
class GroupLevel:
    """A model's K types folded into G groups; a label without a group stays itself. Made by `group_level`."""

    types: tuple[str, ...]
    groups: tuple[str, ...]
    _group_of: Callable[[str], str]

    @classmethod
    def of_labels(cls, types: Sequence[str], group_of: Callable[[str], str | None]) -> GroupLevel:
        """The groups of a model's labels `types`; a label without a group is one of its own."""

        def shared(label: str) -> str:
            return group_of(label) or label

        return cls(tuple(types), tuple(sorted({shared(label) for label in types})), shared)

    def of(self, label: str) -> str:
        """The group of a label, or the label itself where it has none."""
        return self._group_of(label)

    def probabilities(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, K) probabilities of types as (N, G) of groups: that of a group is the sum of its types'."""
        column = {group: number for number, group in enumerate(self.groups)}
        folded = np.zeros((len(probability), len(self.groups)))
        for number, label in enumerate(self.types):
            folded[:, column[self.of(label)]] += probability[:, number]
        # Rounding may carry a sum of probabilities over 1 by its last digit.
        return np.minimum(folded, 1.0)


def group_level(types: Sequence[str], truth: Sequence[str], group_of: Callable[[str], str | None]) -> GroupLevel | None:
    """The groups to measure at, or None where types are right.

    `types` are the model's labels, `truth` the corpus's, one for each article. Types are right where any article is
    labelled with a type that the model knows in a group; else groups, where any article has a label that the model
    knows only through its group: a corpus of groups and a model of types, or the reverse.

    >>> group = {"flood": "Disasters", "crash": "Disasters", "Disasters": "Disasters", "vote": "Politics"}.get
    >>> level = group_level(["crash", "flood", "vote", "none"], ["Disasters", "Disasters", "none"], group)
    >>> level.groups, level.of("crash"), level.of("none")
    (('Disasters', 'Politics', 'none'), 'Disasters', 'none')
    >>> group_level(["crash", "flood", "vote"], ["flood", "Disasters"], group) is None
    True
    """
    level = GroupLevel.of_labels(types, group_of)
    known = frozenset(types)
    if any(label in known and level.of(label) != label for label in truth):
        return None
    # An article of type "none" is comparable at either level, so that it speaks for neither.
    return level if any(label not in known and level.of(label) in level.groups for label in truth) else None


def groups_of(manifest_groups: Mapping[str, str], config: Mapping[str, Any]) -> Callable[[str], str | None]:
    """How a label's group is found: as the model file says, else by the shipped taxonomy.

    A model that was trained with a taxonomy of the user's knows the groups of its own types alone: that file may be
    elsewhere by now.
    """
    known = {group: group for group in manifest_groups.values()} | dict(manifest_groups)
    if config.get("event_type", {}).get("taxonomy") is not None:
        return known.get
    taxonomy = Taxonomy.load()

    def find(label: str) -> str | None:
        return known.get(label) or taxonomy.group_of(label)

    return find


def group_namer(manifest_groups: Mapping[str, str], config: Mapping[str, Any]) -> Callable[[str], bool]:
    """Whether a label is the name of a group, so that it says nothing of the type; see `groups_of`."""
    known = frozenset(manifest_groups.values())
    if config.get("event_type", {}).get("taxonomy") is not None:
        return known.__contains__
    taxonomy = Taxonomy.load()

    def is_group(label: str) -> bool:
        return label in known or taxonomy.name_of(label) in taxonomy.groups

    return is_group
