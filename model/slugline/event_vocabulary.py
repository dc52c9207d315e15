"""The event types of a model, and their groups, after a list of edits: what each label is called now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from slugline.article import NONE
from slugline.errors import VocabularyError
from slugline.levels import Levels
from slugline.tag_vocabulary import TagVocabulary
from slugline.vocabulary_edits import Edit, Tag

if TYPE_CHECKING:
    from numpy.typing import NDArray

RETIRED = ""
"""The leaf and the group that retired types have become. An article that has it most probably is given no type."""


class EventVocabulary(TagVocabulary):
    """A vocabulary of types and groups: a type may be merged into another or into a group, a group into a group.

    Names are what they are to the letter, for "sports" may be a type and "Sports" its group. "None" is no type, and
    cannot be edited.
    """

    NOUN = "event type"
    HEAD = "event_type"

    def __init__(self, levels: Levels, edits: Sequence[Edit] = ()) -> None:
        """Of a model with these levels, as it was trained. Raises ValueError as `TagVocabulary` does."""
        self._levels = levels
        self._group = dict(zip(levels.leaves, (levels.group_name(n) for n in range(len(levels.leaves))), strict=True))
        self._divided = frozenset(group for leaf, group in self._group.items() if leaf != group)
        labels = (label for label in (*levels.leaves, *levels.groups) if label != NONE)
        super().__init__(labels, edits)

    @staticmethod
    def key(name: str) -> str:
        """The name without spaces that nobody sees."""
        return " ".join(name.split())

    def group_of(self, label: str) -> str | None:
        """The group, as it was trained, of a label of the model; None for a group, and for a type without one."""
        group = self._group.get(label)
        return None if group == label else group

    def group_now(self, tag: Tag) -> str | None:
        """The group that a type is in now; None for a group, for a type without one, and where it is retired."""
        group = self.group_of(tag.label)
        return None if group is None else self.shown(group)

    def has_types(self, label: str) -> bool:
        """Whether a label of the model is a group that the model divides into types."""
        return label in self._divided

    def levels_now(self) -> tuple[Levels, NDArray[np.int64]]:
        """The levels as they are now, and (K,) for each leaf as it was trained the number of the one it has become.

        What is retired, itself or with its group, has become the leaf RETIRED, which is the last one. `column` of the
        new levels is -1: a leaf may be several columns.
        """
        become = [self.leaf_now(label) for label in self._levels.leaves]
        leaves = dict.fromkeys(sorted((leaf for leaf, _ in become), key=lambda leaf: leaf == RETIRED))
        group_of = dict(become)
        kept = [group for group in map(self._shown_group, self._levels.groups) if group in group_of.values()]
        groups = tuple(dict.fromkeys([*kept, *group_of.values()]))
        place = {leaf: number for number, leaf in enumerate(leaves)}
        number = {group: at for at, group in enumerate(groups)}
        levels = Levels(
            tuple(leaves),
            groups,
            np.full(len(leaves), -1, dtype=np.int64),
            np.array([number[group_of[leaf]] for leaf in leaves], dtype=np.int64),
        )
        return levels, np.array([place[leaf] for leaf, _ in become], dtype=np.int64)

    def leaf_now(self, label: str) -> tuple[str, str]:
        """The leaf and the group that a leaf of the model has become."""
        name = self.shown(label)
        # What it was merged into, as it was trained.
        root = label if name is None else self.label_of(name) or name
        own = self._group.get(root, root)
        group = name if own == root else self._shown_group(own)
        return (RETIRED, RETIRED) if name is None or group in (None, RETIRED) else (name, group or name)

    def _shown_group(self, group: str) -> str:
        return self.shown(group) or RETIRED

    def _asked(self, name: str, action: str) -> Tag:
        if self.key(name) == NONE:
            raise VocabularyError(f"{NONE!r} says that no event type fits, and is not edited")
        return super()._asked(name, action)

    def _after(self, edit: Edit) -> EventVocabulary:
        if edit.action == "merge" and edit.to is not None:
            tag, into = self.find(edit.tag), self.find(edit.to)
            if tag is not None and into is not None and self.has_types(tag.label) and self.group_of(into.label):
                raise VocabularyError(
                    f"{tag.name!r} is a group with types, and {into.name!r} a type", expected="a group to merge it into"
                )
        return EventVocabulary(self._levels, (*self.edits, edit))


def shares_now(shares: dict[str, float], vocabulary: EventVocabulary) -> dict[str, float]:
    """Shares of the leaves as they were trained as those of the leaves as they are now, without retired ones."""
    found: dict[str, float] = {}
    for label, share in shares.items():
        leaf, _ = vocabulary.leaf_now(label)
        if leaf != RETIRED:
            found[leaf] = found.get(leaf, 0.0) + share
    return found
