"""How often each term of a fitted vocabulary occurs in each article: the predicting side.

The same reading of articles as in `features.counting`, but for the last step: a word leads to columns of the vocabulary
instead of new numbers. That is looked up once for each distinct word that comes by.
"""

from __future__ import annotations

from _thread import allocate_lock
from array import array
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from slugline.features.arrays import ragged, run_starts
from slugline.features.ngrams import NgramColumns
from slugline.features.reading import Reading, Streams
from slugline.features.stem import stem
from slugline.features.units import Units
from slugline.features.views import letters, view_prefix
from slugline.features.words import Words
from slugline.records import record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.article import Article
    from slugline.config import ViewConfig
    from slugline.features.vocabulary import Vocabulary

_MOST_WORDS = 1 << 19  # kept from one call to the next; then all are forgotten
_SHORT_KEY = 24  # bits of column and view that leave room for 256 articles in a key of 32
_BLOCK = 4096  # articles whose counts are in memory at once


@record(frozen=True, slots=True, eq=False)
class Occurrences:
    """The term `column[k]`, of the view `view[k]`, occurs `count[k]` times in article `article[k]` of N: ascending by
    article, then by column.
    """

    articles: int  # N
    article: NDArray[np.int64]  # (n,)
    view: NDArray[np.int64]  # (n,)
    column: NDArray[np.int64]  # (n,)
    count: NDArray[np.int64]  # (n,)


class Columns:
    """Counts the terms of articles by their numbers in `vocabulary`. What it has looked up is kept for later
    calls, which may come from several threads.
    """

    def __init__(self, vocabulary: Vocabulary, views: Sequence[ViewConfig]) -> None:
        self._vocabulary = vocabulary
        self._views = views
        self._view_bits = (len(views) - 1).bit_length()
        self._bits = len(vocabulary).bit_length() + self._view_bits
        # Short keys are sorted twice as fast; each has room for a block of articles.
        self._type = np.dtype(np.uint32 if self._bits <= _SHORT_KEY else np.uint64)
        self._lock = allocate_lock()
        self._forget()

    def count(self, articles: Sequence[Article]) -> Iterator[Occurrences]:
        """The terms of the articles, block by block; articles are numbered from 0 in each block."""
        step = min(_BLOCK, 1 << (8 * self._type.itemsize - self._bits))
        for start in range(0, len(articles), step):
            block = articles[start : start + step]
            with self._lock:
                if len(self._words) > _MOST_WORDS:
                    self._forget()
                found = self._count(block)
            yield found

    def _count(self, articles: Sequence[Article]) -> Occurrences:
        reading = Reading.of(articles, self._views, self._words)
        found = []
        for number, (view, table) in enumerate(zip(self._views, self._tables, strict=True)):
            for columns, article in table.find(reading.part(view)):
                keys = np.left_shift(article, self._bits, dtype=self._type, casting="unsafe")
                keys |= (columns << self._view_bits).astype(self._type)
                if self._view_bits:
                    keys |= self._type.type(number)
                found.append(keys[columns >= 0])
        keys = np.concatenate(found)
        keys.sort(kind="stable")
        starts = run_starts(keys)
        count = np.diff(starts, append=len(keys))
        keys = keys[starts]
        one = self._type.type
        article = (keys >> one(self._bits)).astype(np.int64)
        view_of = (keys & one((1 << self._view_bits) - 1)).astype(np.int64)
        keys &= one((1 << self._bits) - 1)
        keys >>= one(self._view_bits)
        return Occurrences(len(articles), article, view_of, keys.astype(np.int64), count)

    def _forget(self) -> None:
        self._words = Words()
        self._tables = [
            (_LetterColumns if view.unit == "char" else _WordColumns)(number, view, self._vocabulary, self._words)
            for number, view in enumerate(self._views)
        ]


class _WordColumns:
    """The columns of a view of words or stems."""

    def __init__(self, number: int, view: ViewConfig, vocabulary: Vocabulary, words: Words) -> None:
        self._view = view
        self._prefix = view_prefix(number)
        self._vocabulary = vocabulary
        self._words = words
        self._table = array("i")
        self._ngrams = NgramColumns(self._prefix, view, vocabulary, Units(view, words)) if view.ngram_max > 1 else None

    def find(self, streams: Streams) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
        """The column of each term, with repetition, -1 where it has none; and the article of each."""
        if self._view.ngram_min == 1:
            yield from repeated(self._columns(streams.words), *per_word(streams))
        if self._ngrams is not None:
            yield from self._ngrams.find(streams)

    def _columns(self, words: NDArray[np.int32]) -> NDArray[np.int32]:
        if new := self._words.spelled[len(self._table) :]:
            units = map(stem, new) if self._view.unit == "stem" else new
            found = self._vocabulary.lookup([self._prefix + unit for unit in units])
            self._table.frombytes(found.astype(np.int32).tobytes())
        return np.asarray(self._table, np.int32)[words]


class _LetterColumns:
    """The columns of a view of letters: of each word those of its letter n-grams."""

    def __init__(self, number: int, view: ViewConfig, vocabulary: Vocabulary, words: Words) -> None:
        self._view = view
        self._prefix = view_prefix(number)
        self._vocabulary = vocabulary
        self._words = words
        self._table, self._starts = array("i"), array("q", [0])

    def find(self, streams: Streams) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
        """The column of each term that has one, with repetition, and the article of each."""
        self._extend(self._words.spelled[len(self._starts) - 1 :])
        starts = np.frombuffer(self._starts, np.int64)
        start = starts[streams.words]
        lengths = starts[streams.words + 1] - start
        columns = np.asarray(self._table, np.int32)[ragged(start, lengths)]
        article, repeat = per_word(streams)
        article = np.repeat(article, lengths)
        yield from repeated(columns, article, None if repeat is None else np.repeat(repeat, lengths))

    def _extend(self, words: list[str]) -> None:
        if not words:
            return
        grams = [letters(word, self._view.ngram_min, self._view.ngram_max, self._prefix) for word in words]
        distinct = list(dict.fromkeys(chain.from_iterable(grams)))
        column = dict(zip(distinct, self._vocabulary.lookup(distinct).tolist(), strict=True))
        for own in grams:
            self._table.extend([place for gram in own if (place := column[gram]) >= 0])
            self._starts.append(len(self._table))


def per_word(streams: Streams) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
    """Of each word of the streams its article, and how often it counts."""
    article = np.repeat(streams.article, streams.lengths)
    return article, None if streams.repeat is None else np.repeat(streams.repeat, streams.lengths)


def repeated(
    columns: NDArray[np.int32], article: NDArray[np.int64], repeat: NDArray[np.int64] | None
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
    """`columns` and `article` once, and what counts more often so many times again."""
    yield columns, article
    if repeat is not None:
        more = np.flatnonzero(repeat > 1)
        again = np.repeat(more, repeat[more] - 1)
        yield columns[again], article[again]
