"""Event types in two levels: types with the groups that they belong to, scored and read together. Numpy alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from slugline.records import record

if TYPE_CHECKING:
    from numpy.typing import NDArray


@record(frozen=True, slots=True, eq=False)
class Levels:
    """What a model of event types tells apart: K leaves and their G groups.

    A leaf is a type, or a group of which the model knows no type. A label without a group, such as "none", is its own
    group. `column` is the leaf's column in the head of types (-1: it is a group), `group` its number among `groups`.
    """

    leaves: tuple[str, ...]
    groups: tuple[str, ...]
    column: NDArray[np.int64]  # (K,)
    group: NDArray[np.int64]  # (K,), each in [0, G)

    @classmethod
    def of(cls, types: Sequence[str], group_of: Mapping[str, str], groups: Sequence[str] | None = None) -> Levels:
        """The levels of a model with the labels `types`, whose groups are `group_of`.

        `groups` are the labels of a head of groups, in the order of its columns; without one (None), the groups are
        those of the types, sorted. Raises ValueError where a type's group is not one of `groups`.

        >>> both = Levels.of(["crash", "flood", "none"], {"crash": "Disasters", "flood": "Disasters"})
        >>> both.groups, both.group.tolist()
        (('Disasters', 'none'), [0, 0, 1])
        >>> Levels.of(["crash"], {"crash": "Disasters"}, ["Disasters", "Sports"]).leaves
        ('crash', 'Sports')
        """
        own = [group_of.get(label, label) for label in types]
        every = tuple(sorted(set(own)) if groups is None else groups)
        if missing := sorted(set(own) - set(every)):
            raise ValueError(f"no group {missing[0]!r}")
        alone = [group for group in every if group not in own]
        number = {group: place for place, group in enumerate(every)}
        return cls(
            (*types, *alone),
            every,
            np.array([*range(len(types)), *[-1] * len(alone)], dtype=np.int64),
            np.array([number[group] for group in (*own, *alone)], dtype=np.int64),
        )

    @property
    def has_types(self) -> bool:
        """Whether any group is divided, so that the two levels say different things."""
        return any(leaf != self.groups[group] for leaf, group in zip(self.leaves, self.group.tolist(), strict=True))

    def group_name(self, leaf: int) -> str:
        """The group of a leaf; its own name where it has none."""
        return self.groups[int(self.group[leaf])]

    def scores(self, types: NDArray[np.float64], groups: NDArray[np.float64] | None) -> NDArray[np.float64]:
        """Scores of the leaves (N, K): that of the type, (N, T), plus that of its group, (N, G), if there are any."""
        padded = np.concatenate([types, np.zeros((len(types), 1))], axis=1)
        found: NDArray[np.float64] = padded[:, self.column]
        return found if groups is None else found + groups[:, self.group]

    def fold(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities of the leaves (N, K) as those of their groups (N, G), each the sum of its leaves'."""
        folded = np.zeros((len(probability), len(self.groups)))
        for leaf, group in enumerate(self.group.tolist()):
            folded[:, group] += probability[:, leaf]
        # Rounding may carry a sum of probabilities over 1 by its last digit.
        return np.minimum(folded, 1.0)


def shares(probability: NDArray[np.float64], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """P(leaf | one of the `chosen`) of one article with these probabilities, (K,): 0 for all others.

    >>> shares(np.array([0.1, 0.3, 0.6]), np.array([True, True, False])).round(3).tolist()
    [0.25, 0.75, 0.0]
    """
    own = np.where(chosen, probability, 0.0)
    total = own.sum()
    return np.asarray(own / total if total > 0 else chosen / np.count_nonzero(chosen))
