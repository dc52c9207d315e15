"""The terms of a corpus and where they occur, before any is left out.

Rare terms stay until all blocks are counted, as a later block may hold them again. To know before which can reach
`min_df` takes the corpus's words twice, kept as numbers: four bytes a word, 43 MB for 100,000 resampled articles, whose
terms of one article take 3.8 MB (Reuters-21578: 5.4 and 10.4 MB). What is too big for that is for `learn.stream`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.article import Article
from slugline.config import ViewConfig
from slugline.features.arrays import occurring, run_starts, stable_order
from slugline.features.counting import Entries, ViewCounter
from slugline.features.reading import Reading
from slugline.features.words import Words
from slugline.learn.parallel import Jobs, in_turn

_MOST_ARTICLES = 1 << 16  # of a block: what can be sorted in one pass
_MOST_CHARACTERS = 1 << 21  # of a block: about 350,000 words; longer arrays leave the processor's cache


@dataclass(frozen=True, slots=True, eq=False)
class ViewTerms:
    """The T terms of one view: unit t, or the n-gram of the units of row t of `grams`, -1 behind shorter ones."""

    units: list[str]
    grams: NDArray[np.int32] | None  # (T, ngram_max)
    articles_with: NDArray[np.int64]  # (T,)
    occurrences: NDArray[np.int64]  # (T,)

    def spelled(self, terms: NDArray[np.int64]) -> list[str]:
        """How these terms are spelled, without the view's prefix."""
        return spelled(self.units, terms[:, None] if self.grams is None else self.grams[terms])

    def sorted(self, terms: NDArray[np.int64]) -> NDArray[np.int64]:
        """These terms in the order of their code points."""
        if self.grams is None:
            spelled = self.spelled(terms)
            return terms[sorted(range(len(terms)), key=spelled.__getitem__)]
        # No word holds a character as small as the space between words: n-grams are in the order of their units.
        grams = self.grams[terms]
        used = occurring(grams, len(self.units))
        units = [self.units[unit] for unit in used.tolist()]
        rank = np.zeros(len(self.units) + 1, np.int32)  # the last, -1, comes first
        rank[used[sorted(range(len(units)), key=units.__getitem__)]] = np.arange(1, len(used) + 1)
        order = np.arange(len(terms))
        for column in range(grams.shape[1] - 1, -1, -1):
            order = order[stable_order(rank[grams[order, column]], len(used) + 1)]
        return terms[order]


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Terms before any is left out; made by `count_terms`.

    `blocks` are the corpus's articles, one block after the other: how many, and the entries of each view, whose terms
    are numbered as in `views` and whose articles from 0 in each block. `words` are what read them, where they were read
    as arrays.
    """

    articles: int
    views: tuple[ViewTerms, ...]
    blocks: tuple[tuple[int, tuple[Entries, ...]], ...]
    words: Words | None = None

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        size = 0
        for view in self.views:
            # A string takes about 70 bytes.
            size += 70 * len(view.units) + view.articles_with.nbytes + view.occurrences.nbytes
            size += 0 if view.grams is None else view.grams.nbytes
        for _, block in self.blocks:
            size += sum(one.nbytes for one in block)
        return size


def count_terms(articles: Sequence[Article], views: Sequence[ViewConfig], jobs: Jobs = 1) -> Counted:
    """Count the terms of each view of each article: what takes time, and what weights and limits do not change.

    One thread reads, and where `jobs` are several, so many count what has been read.
    """
    words = Words()
    cuts = _cut([len(article.title) + len(article.body) for article in articles])
    return _counted((Reading.of(articles[start:end], views, words) for start, end in cuts), views, words, jobs)


def count_texts(texts: Sequence[str], view: ViewConfig, words: Words) -> Counted:
    """Count the terms of bare texts, as words read by `words`: each is a body of one paragraph."""
    cuts = _cut(list(map(len, texts)))
    return _counted((Reading.of_texts(texts[start:end], words) for start, end in cuts), [view], words, 1)


def spelled(units: list[str], grams: NDArray[np.integer[Any]]) -> list[str]:
    """How n-grams (T, most units) of these units are spelled; -1 stands behind shorter ones.

    >>> spelled(["oil", "price"], np.array([[0, -1], [0, 1]]))
    ['oil', 'oil price']
    """
    found = list(map(units.__getitem__, grams[:, 0].tolist()))
    if grams.shape[1] > 1:
        more = [*(" " + unit for unit in units), ""]
        for column in range(1, grams.shape[1]):
            found = list(map(operator.add, found, map(more.__getitem__, grams[:, column].tolist())))
    return found


def _counted(readings: Iterable[Reading], views: Sequence[ViewConfig], words: Words, jobs: Jobs) -> Counted:
    counters = [ViewCounter(view, words) for view in views]
    tasks = (partial(_count, reading.articles, [counter.task(reading) for counter in counters]) for reading in readings)
    sizes: list[int] = []
    found: list[list[Entries]] = [[] for _ in views]
    for size, block in in_turn(tasks, jobs):
        sizes.append(size)
        for entries, own in zip(found, block, strict=True):
            entries.append(own)
    terms = []
    for number, counter in enumerate(counters):
        grams, found[number] = _numbered(found[number])
        terms.append(_terms(counter.numbers.spelled, grams, found[number]))
    return Counted(sum(sizes), tuple(terms), tuple(zip(sizes, zip(*found, strict=True), strict=True)), words)


def _count(articles: int, tasks: Iterable[Callable[[], Entries]]) -> tuple[int, list[Entries]]:
    return articles, [task() for task in tasks]


def _cut(characters: Sequence[int]) -> list[tuple[int, int]]:
    """Blocks of articles of so many characters, from and to."""
    cuts, start, size = [], 0, 0
    for end, length in enumerate(characters, 1):
        size += length
        if size >= _MOST_CHARACTERS or end - start == _MOST_ARTICLES or end == len(characters):
            cuts.append((start, end))
            start, size = end, 0
    return cuts


def _numbered(blocks: list[Entries]) -> tuple[NDArray[np.int32] | None, list[Entries]]:
    """The distinct n-grams of all blocks and the blocks with their numbers."""
    if not blocks or blocks[0].term.ndim == 1:
        return None, blocks
    if len(blocks) == 1:
        grams = blocks[0].term
        return grams, [replace(blocks[0], term=np.arange(len(grams), dtype=np.int32))]
    numbers = [block.term[:, 0] for block in blocks]
    size = 2 + max(int(block.term.max(initial=-1)) for block in blocks)
    for column in range(1, blocks[0].term.shape[1]):
        # Of a block the n-grams of one length are in order, and merging such runs is what the stable sort is fast at.
        keys = [
            number.astype(np.int64) * size + (block.term[:, column] + 1)
            for number, block in zip(numbers, blocks, strict=True)
        ]
        every = np.concatenate(keys)
        every.sort(kind="stable")
        every = every[run_starts(every)]
        numbers = [np.searchsorted(every, own).astype(np.int32) for own in keys]
    grams = np.empty((len(every), blocks[0].term.shape[1]), np.int32)
    for number, block in zip(numbers, blocks, strict=True):
        grams[number] = block.term
    return grams, [replace(block, term=number) for number, block in zip(numbers, blocks, strict=True)]


def _terms(units: list[str], grams: NDArray[np.int32] | None, blocks: list[Entries]) -> ViewTerms:
    size = len(units) if grams is None else len(grams)
    with_, all_ = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for block in blocks:
        with_[block.term] += block.articles_with
        if len(block.count):
            starts = np.cumsum(block.articles_with) - block.articles_with
            all_[block.term] += np.add.reduceat(block.count, starts, dtype=np.int64)
    return ViewTerms(units, grams, with_, all_)
