"""Rows dealt out to folds as they come, so that every tag is spread evenly over them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.learn.stream.sides import Repeats
from slugline.learn.stream.textkeys import shares

_SEED = 6


class Dealer:
    """One pass of iterative stratification (Sechidis et al. 2011) over rows in the order in which they come.

    A row goes to the fold that lacks its rarest tag most; of equal folds, and without a tag, a hash of its words
    decides. Articles that share their smallest run of five words are in one fold.
    """

    def __init__(self, counts: NDArray[np.int64], folds: int, seed: int, alike: Repeats) -> None:
        """`counts` (L,) are the training articles with each tag."""
        self.counts = counts
        self.dealt = np.zeros((len(counts), folds), dtype=np.int64)
        self.folds = folds
        self.seed = seed
        self.alike = alike
        self.fold_of: dict[int, int] = {}

    def deal(
        self, start: int, rows: NDArray[np.int64], arrays: dict[str, NDArray[Any]], count: int
    ) -> NDArray[np.int8]:
        """The fold of each of the n `rows` of a chunk of `count` articles, the first of which is `start`; int8 (n,).

        `arrays` has their "tag" and "tag_ptr" and the "fold" keys.
        """
        found = (shares(arrays["fold"], self.seed + _SEED) * self.folds).astype(np.int8)
        firsts = self._firsts(start, count)
        tags, ends = arrays["tag"], arrays["tag_ptr"].tolist()
        for number, row in enumerate(rows.tolist()):
            own = tags[ends[number] : ends[number + 1]]
            first = firsts.get(row)
            if first is not None and first in self.fold_of:
                found[number] = self.fold_of[first]
            elif len(own):
                dealt = self.dealt[own[self.counts[own].argmin()]]
                least = np.flatnonzero(dealt == dealt.min())
                found[number] = least[found[number] % len(least)]
            if first is not None:
                self.fold_of[first] = int(found[number])
            self.dealt[own, found[number]] += 1
        return found

    def replay(self, start: int, rows: NDArray[np.int64], arrays: dict[str, NDArray[Any]], count: int) -> None:
        """Learn again what dealing out these rows taught; `arrays` has their "deal", too."""
        firsts = self._firsts(start, count)
        for row, fold in zip(rows.tolist(), arrays["deal"].tolist(), strict=True):
            if row in firsts:
                self.fold_of[firsts[row]] = fold
        row_of = np.repeat(np.arange(len(rows)), np.diff(arrays["tag_ptr"]))
        np.add.at(self.dealt, (arrays["tag"], arrays["deal"][row_of]), 1)

    def _firsts(self, start: int, count: int) -> dict[int, int]:
        """Of the chunk's articles that repeat, their places and the first row of their groups."""
        places, at = self.alike.of(start, count)
        return dict(zip(places.tolist(), self.alike.first[at].tolist(), strict=True))
