"""How often each term of a view occurs in each article, for terms that are still to be found: the training side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.features.arrays import run_starts, smallest, stable_order
from slugline.features.units import LetterUnits, Units, from_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.config import ViewConfig
    from slugline.features.numbering import Numbers
    from slugline.features.reading import Reading, Streams
    from slugline.features.words import Words


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Where t terms occur in a block of articles: term i in `articles_with[i]` of them, the next ones of `article`,
    ascending, as often as `count` says. Articles and counts take as few bytes as hold the largest.

    `term` has the terms' numbers, (t,), or what n-grams are made of where they are not yet numbered, (t, ngram_max):
    the units of each, -1 behind shorter ones. No term is there twice.
    """

    term: NDArray[np.int32]
    articles_with: NDArray[np.int32]  # (t,)
    article: NDArray[np.unsignedinteger[Any]]  # (n,)
    count: NDArray[np.unsignedinteger[Any]]  # (n,)

    @property
    def nbytes(self) -> int:
        """How much memory it takes."""
        return self.term.nbytes + self.articles_with.nbytes + self.article.nbytes + self.count.nbytes


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
        return self.task(reading)()

    def task(self, reading: Reading) -> Callable[[], Entries]:
        """What counts the view's terms in these articles, in any thread: all that is numbered anew is numbered here."""
        if isinstance(self._units, LetterUnits):
            letters = self._units.table()
            return partial(_letters, reading, self._view, letters, len(self.numbers))
        stems = self._units.table()
        return partial(_words, reading, self._view, stems, len(self.numbers))


def _letters(
    reading: Reading, view: ViewConfig, table: tuple[NDArray[np.int32], NDArray[np.int64]], size: int
) -> Entries:
    """Count letter n-grams, `size` different ones: `table` has those of each word."""
    streams = reading.part(view)
    # Most words occur more than once in an article: their letters are taken once.
    words = _tally(streams.words, len(table[1]), streams)
    order = stable_order(words.article, reading.articles)
    grams, lengths = from_table(*table, np.repeat(words.term, words.articles_with)[order])
    article, weight = np.repeat(words.article[order], lengths), np.repeat(words.count[order], lengths)
    order = stable_order(grams, size)
    return _entries(*_runs(grams[order], article[order], weight[order].astype(np.int32)))


def _words(reading: Reading, view: ViewConfig, table: NDArray[np.int32] | None, size: int) -> Entries:
    """Count words or stems, `size` different ones, or their n-grams: `table` has the stem of each word."""
    streams = reading.part(view)
    units = streams.words if table is None else table[streams.words]
    low, high = view.ngram_min, view.ngram_max
    if high == 1:
        return _tally(units, size, streams)
    article = np.repeat(streams.article.astype(np.int32), streams.lengths)
    weight = None if streams.repeat is None else np.repeat(streams.repeat.astype(np.int32), streams.lengths)
    prefix, prefixes = units, size
    # Row t of `before` are the units of prefix t.
    before: NDArray[np.int32] = np.arange(size, dtype=np.int32)[:, None]
    levels = []
    if low == 1:
        every = _tally(units, size, streams)
        levels.append(Entries(every.term[:, None], every.articles_with, every.article, every.count))
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
            # Numbered in order, so that row t of `before` is term t.
            found = _entries(*_runs(number, article[at], None if weight is None else weight[at]))
            levels.append(Entries(before, found.articles_with, found.article, found.count))
        if length < high:
            prefix, prefixes = np.zeros(len(units), np.int32), len(before)
            prefix[at] = number
    return Entries(
        np.vstack([_padded(level.term, high) for level in levels]),
        np.concatenate([level.articles_with for level in levels]),
        np.concatenate([level.article for level in levels]),
        np.concatenate([level.count for level in levels]),
    )


def _tally(terms: NDArray[np.int32], size: int, streams: Streams) -> Entries:
    """Count terms from 0 to `size` - 1, one for each word of `streams`."""
    article = np.repeat(streams.article.astype(np.int32), streams.lengths)
    order = stable_order(terms, size)
    weight = None
    if streams.repeat is not None:
        weight = np.repeat(streams.repeat.astype(np.int32), streams.lengths)[order]
    return _entries(*_runs(terms[order], article[order], weight))


def _runs(
    term: NDArray[np.int32], article: NDArray[np.integer[Any]], weight: NDArray[np.int32] | None
) -> tuple[NDArray[np.int32], NDArray[np.integer[Any]], NDArray[np.int32]]:
    """Add up what is side by side: sorted by term, then by article."""
    starts = run_starts(term, article)
    if weight is None:
        count = np.diff(starts, append=len(term)).astype(np.int32)
    else:
        count = np.add.reduceat(weight, starts) if len(starts) else weight
    return term[starts], article[starts], count


def _entries(term: NDArray[np.int32], article: NDArray[np.integer[Any]], count: NDArray[np.int32]) -> Entries:
    """Terms beside their articles, sorted by term, as `Entries`."""
    starts = run_starts(term)
    return Entries(
        term[starts],
        np.diff(starts, append=len(term)).astype(np.int32),
        smallest(article),
        smallest(count),
    )


def _padded(grams: NDArray[np.int32], columns: int) -> NDArray[np.int32]:
    return np.pad(grams, ((0, 0), (0, columns - grams.shape[1])), constant_values=-1)
