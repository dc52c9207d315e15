"""How often each term of a view occurs in each article, for terms that are still to be found: the training side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from slugline.features.arrays import run_starts, stable_order
from slugline.features.units import LetterUnits, Units

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.config import ViewConfig
    from slugline.features.numbering import Numbers
    from slugline.features.reading import Reading, Streams
    from slugline.features.words import Words


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Term `term[k]` occurs `count[k]` times in article `article[k]`; ascending by term, then by article.

    Without `grams` term t is unit t. With them it is the n-gram of the units in row t of `grams`, which has -1 behind
    shorter ones.
    """

    term: NDArray[np.int32]  # (n,)
    article: NDArray[np.int32]  # (n,)
    count: NDArray[np.int32]  # (n,)
    grams: NDArray[np.int32] | None = None  # (T, ngram_max)


class ViewCounter:
    """Counts the terms of one view. Units keep their numbers from one call to the next."""

    def __init__(self, view: ViewConfig, words: Words) -> None:
        self._view = view
        self._units = LetterUnits(view, words) if view.unit == "char" else Units(view, words)

    @property
    def numbers(self) -> Numbers:
        """The units found so far."""
        return self._units.numbers

    def count(self, reading: Reading) -> Entries:
        """The view's terms in these articles."""
        streams = reading.part(self._view)
        if isinstance(self._units, LetterUnits):
            return self._letters(self._units, streams)
        units = self._units.of(streams.words)
        high = self._view.ngram_max
        if high == 1:
            return _tally(units, len(self.numbers), streams)
        return self._ngrams(units, streams)

    def _letters(self, units: LetterUnits, streams: Streams) -> Entries:
        # Most words occur more than once in an article: their letters are taken once.
        words = _tally(streams.words, units.words, streams)
        order = stable_order(words.article, int(streams.article[-1]) + 1 if len(streams.article) else 1)
        grams, lengths = units.of(words.term[order])
        article, weight = np.repeat(words.article[order], lengths), np.repeat(words.count[order], lengths)
        order = stable_order(grams, len(self.numbers))
        return _runs(grams[order], article[order], weight[order])

    def _ngrams(self, units: NDArray[np.int32], streams: Streams) -> Entries:
        low, high = self._view.ngram_min, self._view.ngram_max
        article = np.repeat(streams.article.astype(np.int32), streams.lengths)
        weight = None if streams.repeat is None else np.repeat(streams.repeat.astype(np.int32), streams.lengths)
        size = len(self.numbers)
        prefix, prefixes = units, size
        # Row t of `before` are the units of prefix t.
        before: NDArray[np.int32] = np.arange(size, dtype=np.int32)[:, None]
        levels = []
        if low == 1:
            levels.append((_tally(units, size, streams), before))
        for length in range(2, high + 1):
            at = streams.positions(length)
            last = units[at + (length - 1)]
            order = stable_order(last, size)
            order = order[stable_order(prefix[at[order]], prefixes)]
            at, last = at[order], last[order]
            first = prefix[at]
            starts = run_starts(first, last)
            number = np.zeros(len(at), np.int32)
            number[starts[1:]] = 1
            np.cumsum(number, out=number)
            before = np.hstack([before[first[starts]], last[starts][:, None]])
            if length >= low:
                levels.append((_runs(number, article[at], None if weight is None else weight[at]), before))
            if length < high:
                prefix, prefixes = np.zeros(len(units), np.int32), len(before)
                prefix[at] = number
        shifts = np.cumsum([0, *(len(grams) for _, grams in levels)])[:-1].astype(np.int32)
        return Entries(
            np.concatenate([entries.term + shift for (entries, _), shift in zip(levels, shifts, strict=True)]),
            np.concatenate([entries.article for entries, _ in levels]),
            np.concatenate([entries.count for entries, _ in levels]),
            np.vstack([_padded(grams, high) for _, grams in levels]),
        )


def _tally(terms: NDArray[np.int32], size: int, streams: Streams) -> Entries:
    """Count terms from 0 to `size` - 1, one for each word of `streams`."""
    article = np.repeat(streams.article.astype(np.int32), streams.lengths)
    order = stable_order(terms, size)
    weight = None
    if streams.repeat is not None:
        weight = np.repeat(streams.repeat.astype(np.int32), streams.lengths)[order]
    return _runs(terms[order], article[order], weight)


def _runs(term: NDArray[np.int32], article: NDArray[np.int32], weight: NDArray[np.int32] | None) -> Entries:
    """Add up what is side by side: sorted by term, then by article."""
    starts = run_starts(term, article)
    if weight is None:
        count = np.diff(starts, append=len(term)).astype(np.int32)
    else:
        count = np.add.reduceat(weight, starts) if len(starts) else weight
    return Entries(term[starts], article[starts], count)


def _padded(grams: NDArray[np.int32], columns: int) -> NDArray[np.int32]:
    return np.pad(grams, ((0, 0), (0, columns - grams.shape[1])), constant_values=-1)
