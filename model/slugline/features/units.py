"""Of which units, words, stems or letters, a view's terms are made: a matter of each distinct word, worked out once."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

from slugline.features.arrays import ragged
from slugline.features.numbering import Numbers
from slugline.features.stem import stem
from slugline.features.views import letters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.config import ViewConfig
    from slugline.features.words import Words


class Units:
    """The numbers of a view's units, by those of words."""

    __slots__ = ("_numbers", "_table", "_unit", "_words")

    def __init__(self, view: ViewConfig, words: Words) -> None:
        self._words = words
        self._unit = view.unit
        self._numbers = words.numbers if view.unit == "word" else Numbers()
        self._table = array("i")

    @property
    def numbers(self) -> Numbers:
        """Which number each unit has."""
        return self._numbers

    def table(self) -> NDArray[np.int32] | None:
        """The stem of each word read so far, by their numbers (a copy); None where words are the units."""
        if self._unit == "word":
            return None
        self._grow()
        return np.array(self._table, np.int32)

    def of(self, words: NDArray[np.int32]) -> NDArray[np.int32]:
        """The unit of each word of `words` (n,): itself or its stem."""
        if self._unit == "word":
            return words
        self._grow()
        return np.asarray(self._table, np.int32)[words]

    def _grow(self) -> None:
        new = self._words.spelled[len(self._table) :]
        self._table.extend(map(self._numbers.__getitem__, map(stem, new)))


class LetterUnits:
    """The letter n-grams of words, by their numbers."""

    __slots__ = ("_grams", "_high", "_lengths", "_low", "_words", "numbers")

    def __init__(self, view: ViewConfig, words: Words) -> None:
        self._words = words
        self._low, self._high = view.ngram_min, view.ngram_max
        self.numbers = Numbers()
        self._grams, self._lengths = array("i"), array("q")

    def table(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The letter n-grams of each word read so far end to end, with repetition, and how many each has (copies)."""
        for word in self._words.spelled[len(self._lengths) :]:
            grams = letters(word, self._low, self._high, "")
            self._grams.extend(map(self.numbers.__getitem__, grams))
            self._lengths.append(len(grams))
        return np.array(self._grams, np.int32), np.array(self._lengths, np.int64)


def from_table(
    values: NDArray[np.int32], lengths: NDArray[np.int64], rows: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Rows of a table of rows of several lengths, kept end to end in `values`; and the lengths of the chosen."""
    starts = np.cumsum(lengths) - lengths
    own = lengths[rows]
    return values[ragged(starts[rows], own)], own
