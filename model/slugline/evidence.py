"""One article's terms as evidence for and against many labels: what they are called is found out once."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING

import numpy as np

from slugline.article import Evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Terms:
    """The T terms of one article, as they may be shown, each once."""

    __slots__ = ("_rank", "shown")

    def __init__(self, shown: Sequence[str]) -> None:
        self.shown = shown
        self._rank = np.empty(len(shown), np.int64)
        self._rank[sorted(range(len(shown)), key=shown.__getitem__)] = np.arange(len(shown))

    def evidence(self, values: NDArray[np.float64], more: Sequence[Evidence] = ()) -> tuple[Evidence, ...]:
        """What each term adds to a score, (T,), and `more`, where it is not zero: strongest first, ties by term."""
        some = np.flatnonzero(values)
        order = some[np.lexsort((self._rank[some], -np.abs(values[some])))]
        found = [
            Evidence(self.shown[term], value)
            for term, value in zip(order.tolist(), values[order].tolist(), strict=True)
        ]
        for item in more:
            if item.contribution:
                insort(found, item, key=_strongest_first)
        return tuple(found)


def _strongest_first(item: Evidence) -> tuple[float, str]:
    return -abs(item.contribution), item.term
