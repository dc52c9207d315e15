"""The columns of a vocabulary's n-grams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from slugline.features.hashing import PairTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.config import ViewConfig
    from slugline.features.reading import Streams
    from slugline.features.units import Units
    from slugline.features.vocabulary import Vocabulary

_STRINGS = 30  # A vocabulary is read whole once a thirtieth of its length has been asked for.


class NgramColumns:
    """The columns of the n-grams of two words, or stems, or more of one view.

    The first are spelled out and looked up. When there are many, the n-grams of the vocabulary are put in a table of
    pairs, of all but the last of their units (the number of a shorter n-gram) and the last, and none is spelled again.
    """

    def __init__(self, prefix: str, view: ViewConfig, vocabulary: Vocabulary, units: Units) -> None:
        self._prefix = prefix
        self._low, self._high = max(view.ngram_min, 2), view.ngram_max
        self._vocabulary = vocabulary
        self._units = units
        self._asked = 0
        self._tables: list[PairTable] | None = None
        self._columns: list[NDArray[np.int32]] = []

    def find(self, streams: Streams) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
        """The column of each n-gram, with repetition, -1 where it has none; and the article of each."""
        units = self._units.of(streams.words)
        article = np.repeat(streams.article, streams.lengths)
        repeat = None if streams.repeat is None else np.repeat(streams.repeat, streams.lengths)
        self._asked += len(units)
        if self._tables is None and self._asked * _STRINGS > len(self._vocabulary):
            self._build()
        for columns, at in self._spelled(units, streams) if self._tables is None else self._numbered(units, streams):
            yield columns, article[at]
            if repeat is not None:
                more = repeat[at]
                again = np.repeat(np.arange(len(at)), more - 1)
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

    def _numbered(
        self, units: NDArray[np.int32], streams: Streams
    ) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
        assert self._tables is not None
        # Number of the n-gram of the vocabulary's that begins at each word; units are those of one word.
        at, number = np.arange(len(units)), units
        whole = units.astype(np.uint64)
        inside = np.repeat(np.cumsum(streams.lengths), streams.lengths)  # the end of each word's stream
        for size, (table, columns) in enumerate(zip(self._tables, self._columns, strict=True), 2):
            fits = np.flatnonzero(at + (size - 1) < inside[at])
            at, number = at[fits], number[fits]
            number = table.find(number.astype(np.uint64) + np.uint64(1), whole[at + (size - 1)])
            known = np.flatnonzero(number >= 0)
            at, number = at[known], number[known]
            if size >= self._low:
                yield columns[number], at

    def _build(self) -> None:
        """Read the n-grams of the view from the vocabulary."""
        self._tables = []
        numbers: list[dict[tuple[int, int], int]] = [{} for _ in range(2, self._high + 1)]
        columns: list[list[int]] = [[] for _ in numbers]
        unit_of = self._units.numbers
        start, end = self._vocabulary.span(self._prefix)
        skip = len(self._prefix)
        for column, term in enumerate(self._vocabulary.terms()[start:end], start):
            if " " not in term or (not skip and ":" in term):
                continue
            parts = term[skip:].split(" ")
            number = unit_of[parts[0]]
            for level, part in enumerate(parts[1 : self._high]):
                known = numbers[level]
                key = (number, unit_of[part])
                if (found := known.get(key)) is None:
                    found = known[key] = len(known)
                    columns[level].append(-1)
                number = found
            if self._low <= len(parts) <= self._high:
                columns[len(parts) - 2][number] = column
        for known, own in zip(numbers, columns, strict=True):
            pairs = np.array(list(known), np.uint64).reshape(-1, 2)
            table = PairTable(len(pairs))
            table.add(pairs[:, 0] + np.uint64(1), pairs[:, 1].copy(), np.arange(len(pairs), dtype=np.int32))
            self._tables.append(table)
            self._columns.append(np.array(own, np.int32))
