"""The columns of a vocabulary's n-grams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from slugline.features.arrays import run_starts, stable_order
from slugline.features.hashing import PairTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.config import ViewConfig
    from slugline.features.reading import Streams
    from slugline.features.units import Units
    from slugline.features.vocabulary import Vocabulary

_STRINGS = 30  # A vocabulary is read whole once a thirtieth of its length has been asked for.


class NgramTable:
    """Finds n-grams of two units or more by the numbers of their units: `grams` (T, n), -1 behind shorter ones, has the
    numbers `columns` (T,).

    It holds pairs: of all but the last of an n-gram's units (the number of a shorter n-gram) and the last.
    """

    def __init__(self, grams: NDArray[np.int32], columns: NDArray[np.int32]) -> None:
        self._levels: list[tuple[PairTable, NDArray[np.int32]]] = []
        number, size = grams[:, 0], int(grams.max(initial=0)) + 1
        prefixes = size
        for length in range(2, grams.shape[1] + 1):
            rows = np.flatnonzero(grams[:, length - 1] >= 0)
            order = stable_order(grams[rows, length - 1], size)
            rows = rows[order[stable_order(number[rows[order]], prefixes)]]
            first, last = number[rows], grams[rows, length - 1]
            starts = run_starts(first, last)
            own = np.zeros(len(rows), np.int32)
            own[starts[1:]] = 1
            np.cumsum(own, out=own)
            table = PairTable(len(starts))
            pairs = _pair(first[starts], last[starts])
            table.add(*pairs, np.arange(len(starts), dtype=np.int32))
            column = np.full(len(starts), -1, np.int32)
            ends = np.ones(len(rows), np.bool_) if length == grams.shape[1] else grams[rows, length] < 0
            column[own[ends]] = columns[rows[ends]]
            self._levels.append((table, column))
            number, prefixes = np.zeros(len(grams), np.int32), len(starts)
            number[rows] = own

    def find(
        self, units: NDArray[np.int32], lengths: NDArray[np.int64]
    ) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
        """Of streams of units of these lengths, the columns of their n-grams, -1 where one only begins another; and
        where each begins.
        """
        at, number = np.arange(len(units)), units
        end = np.repeat(np.cumsum(lengths), lengths)  # of each unit's stream
        for size, (table, columns) in enumerate(self._levels, 2):
            fits = np.flatnonzero(at + (size - 1) < end[at])
            at, number = at[fits], number[fits]
            number = table.find(*_pair(number, units[at + (size - 1)]))
            known = np.flatnonzero(number >= 0)
            at, number = at[known], number[known]
            yield columns[number], at


class NgramColumns:
    """The columns of the n-grams of two words, or stems, or more of one view.

    The first are spelled out and looked up. When there are many, the n-grams of the vocabulary are put in a table, and
    none is spelled again.
    """

    def __init__(self, prefix: str, view: ViewConfig, vocabulary: Vocabulary, units: Units) -> None:
        self._prefix = prefix
        self._low, self._high = max(view.ngram_min, 2), view.ngram_max
        self._vocabulary = vocabulary
        self._units = units
        self._asked = 0
        self._table: NgramTable | None = None

    def find(self, streams: Streams) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
        """The column of each n-gram, with repetition, -1 where it has none; and the article of each."""
        units = self._units.of(streams.words)
        article = np.repeat(streams.article, streams.lengths)
        repeat = None if streams.repeat is None else np.repeat(streams.repeat, streams.lengths)
        self._asked += len(units)
        if self._table is None and self._asked * _STRINGS > len(self._vocabulary):
            self._table = self._read()
        found = self._spelled(units, streams) if self._table is None else self._table.find(units, streams.lengths)
        for columns, at in found:
            yield columns, article[at]
            if repeat is not None:
                again = np.repeat(np.arange(len(at)), repeat[at] - 1)
                yield columns[again], article[at[again]]

    def _spelled(
        self, units: NDArray[np.int32], streams: Streams
    ) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
        spelled = self._units.numbers.spelled
        words = [spelled[unit] for unit in units.tolist()]
        for size in range(self._low, self._high + 1):
            at = streams.positions(size)
            grams = [self._prefix + " ".join(words[start : start + size]) for start in at.tolist()]
            distinct = list(dict.fromkeys(grams))
            column = dict(zip(distinct, self._vocabulary.lookup(distinct).tolist(), strict=True))
            yield np.fromiter(map(column.__getitem__, grams), np.int32, len(grams)), at

    def _read(self) -> NgramTable:
        """The n-grams of the view, from the vocabulary."""
        number = self._units.numbers.__getitem__
        start, end = self._vocabulary.span(self._prefix)
        skip = len(self._prefix)
        grams, columns = [], []
        for column, term in enumerate(self._vocabulary.terms()[start:end], start):
            # Terms with a prefix are among those of the first view.
            if " " in term and (skip or ":" not in term):
                units = [*map(number, term[skip:].split(" "))]
                if self._low <= len(units) <= self._high:
                    grams.append(units + [-1] * (self._high - len(units)))
                    columns.append(column)
        return NgramTable(np.array(grams, np.int32).reshape(-1, self._high), np.array(columns, np.int32))


def _pair(first: NDArray[np.int32], second: NDArray[np.int32]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    return first.astype(np.uint64) + np.uint64(1), second.astype(np.uint64)
