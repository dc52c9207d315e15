"""The sums of a label tree's levels over many articles: the very numbers of `TreeLevel.sums`, from tables made once.

Numpy alone. Weights and values are whole numbers, whose sums do not depend on how they are made
(`slugline.head.fixed_point`). An article's weights are gathered as the rows of one matrix, which its values are
multiplied with: adding up only those that are not zero takes longer (measured).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from slugline.features.tfidf import Rows
    from slugline.tree_level import Sums, TreeLevel

_CELLS = 1 << 25  # bytes of a table of weights
_WORDS = 1 << 22  # words of a table of keys: 48 MB


class RootTable:
    """The weights of several roots, side by side in the rows of one table."""

    def __init__(self, levels: Sequence[TreeLevel]) -> None:
        self._ends = np.cumsum([0, *(len(level.scale) for level in levels)]).tolist()
        terms = max(map(_terms, levels))
        # The last row is that of all terms without a weight.
        self._table = np.zeros((terms + 1, self._ends[-1]), dtype=np.int8)
        for level, start in zip(levels, self._ends, strict=False):
            term = np.repeat(level.terms, np.diff(level.entry_ptr))
            self._table[term, start + level.child.astype(np.int64)] = level.weight

    @staticmethod
    def fits(levels: Sequence[TreeLevel]) -> bool:
        """Whether these are roots with further levels below them, and a table of them is not too large."""
        if any(len(level.key_ptr) != 2 or level.centroid is not None or not _is_plain(level) for level in levels):
            return False
        return (max(map(_terms, levels)) + 1) * sum(len(level.scale) for level in levels) <= _CELLS

    def sums(self, rows: Rows, values: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Of each root the sums of weight times value, (N, 1, C)."""
        out = _products(self._table, np.minimum(rows.indices, len(self._table) - 1)[:, None], rows, values)
        return [out[:, :, low:high] for low, high in zip(self._ends, self._ends[1:], strict=False)]


class KeyTable:
    """Which nodes of a level have weights for a term, and a table of them where it is not too large.

    Of term t and node p there is bit p % 64 of the word t * W + p // 64; how many bits are set before it is the place
    of its weights.
    """

    def __init__(self, level: TreeLevel) -> None:
        self._level = level
        self._width = _words(level)
        self._terms = _terms(level)
        node = np.repeat(np.arange(len(level.key_ptr) - 1), np.diff(level.key_ptr))
        order = np.argsort(level.terms, kind="stable")
        node = node[order]
        word = level.terms[order].astype(np.int64) * self._width + (node >> 6)
        # The last words are those of all terms without a weight.
        self._bits = np.zeros((self._terms + 1) * self._width, dtype=np.uint64)
        first = np.flatnonzero(np.diff(word, prepend=-1))
        if len(first):
            self._bits[word[first]] = np.bitwise_or.reduceat(_bit(node), first)
        counts = np.bitwise_count(self._bits).astype(np.int64)
        self._before = (np.cumsum(counts) - counts).astype(np.int32)
        self._start = level.entry_ptr[order]
        self._each = np.diff(level.entry_ptr)[order].astype(np.int64)
        wide = level.width * (1 if level.centroid is None else 2)
        fits = (len(order) + 1) * wide <= _CELLS and _is_plain(level)
        self._table = self._weights(wide) if fits else None

    @staticmethod
    def fits(level: TreeLevel) -> bool:
        """Whether a table of this level's keys is not too large."""
        return (_terms(level) + 1) * _words(level) <= _WORDS

    def sums(self, rows: Rows, values: NDArray[np.float64], nodes: NDArray[np.int64]) -> Sums:
        """As `TreeLevel.sums`."""
        level, beam = self._level, nodes.shape[1]
        owner = np.repeat(np.arange(len(nodes)), np.diff(rows.indptr))
        word = (np.minimum(rows.indices, self._terms) * self._width)[:, None] + (nodes >> 6)[owner]
        bits, bit = self._bits.take(word), _bit(nodes)[owner]
        there = (bits & bit) != 0
        place = self._before.take(word) + np.bitwise_count(bits & (bit - np.uint64(1)))
        if self._table is not None:
            place += 1
            place *= there
            out = _products(self._table, place, rows, values)
            return out[:, :, : level.width], None if level.centroid is None else out[:, :, level.width :]
        row, column = np.nonzero(there)
        place = place[row, column]
        base = (owner[row] * beam + column) * level.width
        return level.added(self._start[place], self._each[place], base, values[row], (*nodes.shape, level.width))

    def _weights(self, wide: int) -> NDArray[np.int8]:
        """The weights of each term and node as a row, those of the centroids after them; the first row is nothing's."""
        level, each = self._level, self._each
        entry = np.repeat(self._start - (np.cumsum(each) - each), each) + np.arange(int(each.sum()))
        table = np.zeros((len(each) + 1, wide), dtype=np.int8)
        row, column = np.repeat(np.arange(1, len(each) + 1), each), level.child[entry].astype(np.int64)
        table[row, column] = level.weight[entry]
        if level.centroid is not None:
            table[row, level.width + column] = level.centroid[entry]
        return table


def _products(
    table: NDArray[np.int8], places: NDArray[np.integer[Any]], rows: Rows, values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Of N articles, whose terms have b rows of `table` each, `places` (terms, b): the sums of value times row.

    (N, b, width).
    """
    beam, width = places.shape[1], table.shape[1]
    bounds = rows.indptr.tolist()
    out = np.empty((len(rows), beam * width))
    most = int(np.diff(rows.indptr).max(initial=0))
    kept, whole = np.empty((most, beam, width), dtype=np.int8), np.empty((most, beam * width))
    for number, (start, stop) in enumerate(pairwise(bounds)):
        own, wide = kept[: stop - start], whole[: stop - start]
        # With "raise", numpy would copy the result once more.
        table.take(places[start:stop], axis=0, out=own, mode="clip")
        wide[...] = own.reshape(wide.shape)
        np.dot(values[start:stop], wide, out=out[number])
    return out.reshape(len(rows), beam, width)


def _bit(nodes: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Each node's bit in its word."""
    return np.asarray(np.uint64(1) << (nodes & 63).astype(np.uint64))


def _words(level: TreeLevel) -> int:
    """Words for the nodes of one term."""
    return (len(level.key_ptr) + 62) // 64


def _terms(level: TreeLevel) -> int:
    """One more than the last term with a weight."""
    return int(level.terms.max(initial=-1)) + 1


def _is_plain(level: TreeLevel) -> bool:
    """Whether no weight is said twice, as a damaged file may; such weights are added up."""
    rising = np.diff(level.child.astype(np.int64)) > 0
    starts = level.entry_ptr[(level.entry_ptr > 0) & (level.entry_ptr < len(level.child))].astype(np.int64)
    rising[starts - 1] = True
    return bool(rising.all())
