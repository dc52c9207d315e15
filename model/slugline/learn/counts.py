"""The terms of a corpus and where they occur, before any is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix

from slugline.article import Article
from slugline.config import ViewConfig
from slugline.features.arrays import occurring, ragged, run_starts, stable_order
from slugline.features.counting import Entries, ViewCounter
from slugline.features.reading import Reading
from slugline.features.words import Words

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
        if self.grams is None:
            return [self.units[term] for term in terms.tolist()]
        units = [*self.units, ""]
        return [" ".join([units[unit] for unit in row if unit >= 0]) for row in self.grams[terms].tolist()]

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
    are numbered as in `views` and whose articles from 0 in each block. `words` are what read
    them, where they were read as arrays.
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
            size += sum(one.term.nbytes + one.article.nbytes + one.count.nbytes for one in block)
        return size


def chosen(
    entries: Sequence[Entries],
    articles: int,
    kept: Sequence[NDArray[np.int64]],
    places: Sequence[NDArray[np.int64]],
    columns: int,
) -> csr_matrix:
    """Counts of a block of articles, int32 CSR (articles, columns): the terms `kept` of each view, at these columns."""
    starts, lengths = np.zeros(columns, np.int64), np.zeros(columns, np.int64)
    before = 0
    for own, terms, place in zip(entries, kept, places, strict=True):
        every = np.bincount(own.term, minlength=int(terms.max(initial=0)) + 1)
        lengths[place] = every[terms]
        starts[place] = before + (np.cumsum(every) - every)[terms]
        before += len(own.term)
    taken = ragged(starts, lengths)
    article = np.concatenate([own.article for own in entries])[taken]
    count = np.concatenate([own.count for own in entries])[taken]
    indptr = np.append(0, np.cumsum(lengths))
    return csc_matrix((count, article, indptr), shape=(articles, columns)).tocsr()


def count_terms(articles: Sequence[Article], views: Sequence[ViewConfig]) -> Counted:
    """Count the terms of each view of each article: what takes time, and what weights and limits do not change."""
    words = Words()
    cuts = _cut([len(article.title) + len(article.body) for article in articles])
    return _counted((Reading.of(articles[start:end], views, words) for start, end in cuts), views, words)


def count_texts(texts: Sequence[str], view: ViewConfig, words: Words) -> Counted:
    """Count the terms of bare texts, as words read by `words`: each is a body of one paragraph."""
    cuts = _cut(list(map(len, texts)))
    return _counted((Reading.of_texts(texts[start:end], words) for start, end in cuts), [view], words)


def _counted(readings: Iterable[Reading], views: Sequence[ViewConfig], words: Words) -> Counted:
    counters = [ViewCounter(view, words) for view in views]
    blocks = [(reading.articles, tuple(counter.count(reading) for counter in counters)) for reading in readings]
    merged = [_merged([block[number] for _, block in blocks]) for number in range(len(views))]
    terms = tuple(
        _terms(counter.numbers.spelled, grams, entries)
        for counter, (grams, entries) in zip(counters, merged, strict=True)
    )
    return Counted(
        sum(size for size, _ in blocks),
        terms,
        tuple((size, tuple(entries[number] for _, entries in merged)) for number, (size, _) in enumerate(blocks)),
        words,
    )


def _cut(characters: Sequence[int]) -> list[tuple[int, int]]:
    """Blocks of articles of so many characters, from and to."""
    cuts, start, size = [], 0, 0
    for end, length in enumerate(characters, 1):
        size += length
        if size >= _MOST_CHARACTERS or end - start == _MOST_ARTICLES or end == len(characters):
            cuts.append((start, end))
            start, size = end, 0
    return cuts


def _merged(blocks: list[Entries]) -> tuple[NDArray[np.int32] | None, list[Entries]]:
    """The distinct n-grams of all blocks, short ones first, then by their units, and the blocks with their numbers."""
    every = [block.grams for block in blocks if block.grams is not None]
    if not every:
        return None, blocks
    if len(every) == 1:
        return every[0], blocks
    grams = np.vstack(every)
    size = int(grams.max(initial=0)) + 2
    order = np.arange(len(grams))
    for column in range(grams.shape[1] - 1, -1, -1):
        order = order[stable_order(grams[order, column] + 1, size)]
    # As in each block, whose entries so stay in order.
    lengths = (grams >= 0).sum(1)
    order = order[stable_order(lengths[order], grams.shape[1] + 1)]
    starts = run_starts(*grams[order].T)
    new = np.zeros(len(grams), np.int32)
    new[starts[1:]] = 1
    number = np.empty(len(grams), np.int32)
    number[order] = np.cumsum(new, dtype=np.int32)
    made: list[Entries] = []
    at = 0
    for block in blocks:
        own = number[at : at + len(every[len(made)])]
        at += len(own)
        made.append(Entries(own[block.term], block.article, block.count))
    return grams[order[starts]], made


def _terms(units: list[str], grams: NDArray[np.int32] | None, blocks: list[Entries]) -> ViewTerms:
    size = len(units) if grams is None else len(grams)
    with_, all_ = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for block in blocks:
        with_ += np.bincount(block.term, minlength=size)
        all_ += np.bincount(block.term, weights=block.count, minlength=size).astype(np.int64)
    return ViewTerms(units, grams, with_, all_)
