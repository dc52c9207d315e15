"""What trainings on the same articles and labels have in common, made once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.article import Article, Labels
from slugline.learn.cache import CachedVectorize
from slugline.learn.estimators.starts import Starts
from slugline.learn.name_pairs import NamePairs, find_pairs


class Kept:
    """Handed to one training after the other (see `learn.train.train`), which may differ in everything else.

    Matrices, and names found in articles, are what they would be without it; what starts from `starts` is so to within
    the solver's tolerance. Articles and labels are known by identity, so they must not change.
    """

    def __init__(self) -> None:
        self.vectorize = CachedVectorize()
        self.starts = Starts()
        self._asked: tuple[Any, ...] = ()
        self._pairs: NamePairs | None = None

    def find_pairs(
        self,
        articles: Sequence[Article],
        labels: Sequence[Labels],
        folds: NDArray[np.int64],
        heads: tuple[str, ...],
        names: Mapping[str, Iterable[str]],
    ) -> NamePairs:
        """What `name_pairs.find_pairs` returns, which is kept until something else is asked."""
        # The objects themselves are kept, so that their identities cannot be given to others.
        asked = (_Same(articles), _Same(labels), folds.tobytes(), heads, names)
        if self._pairs is None or asked != self._asked:
            self._asked, self._pairs = asked, find_pairs(articles, labels, folds, heads, names)
        return self._pairs


class _Same:
    """Objects that equal only themselves, in their order."""

    def __init__(self, objects: Sequence[object]) -> None:
        self._objects = tuple(objects)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Same)
            and len(self._objects) == len(other._objects)
            and all(one is two for one, two in zip(self._objects, other._objects, strict=True))
        )

    def __hash__(self) -> int:
        return hash(tuple(map(id, self._objects)))
