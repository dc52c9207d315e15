"""The terms that a `TextVectorizer` learned, found again in other texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from slugline.features.arrays import occurring, smallest
from slugline.features.counting import Entries
from slugline.features.ngrams import NgramTable
from slugline.features.numbering import Numbers
from slugline.features.words import Words
from slugline.learn.counts import Counted, ViewTerms, spelled

Tokenize = Callable[[str], list[str]]


@dataclass(frozen=True, eq=False)
class KnownTerms:
    """d terms in the order of columns: `units`, or n-grams of them, by their numbers, -1 behind shorter ones."""

    units: list[str]
    grams: NDArray[np.int32]  # (d, most units)
    column: NDArray[np.int32]  # (len(units) + 1,), of the terms of one unit; the last is -1

    @classmethod
    def of(cls, terms: ViewTerms, kept: NDArray[np.int64]) -> KnownTerms:
        """The terms `kept`, and no unit that is in none of them."""
        grams = kept.astype(np.int32)[:, None] if terms.grams is None else terms.grams[kept]
        used = occurring(grams, len(terms.units))
        number = np.full(len(terms.units) + 1, -1, np.int32)
        number[used] = np.arange(len(used))
        grams = number[grams]
        column = np.full(len(used) + 1, -1, np.int32)
        single = np.flatnonzero(grams[:, 1] < 0) if grams.shape[1] > 1 else np.arange(len(grams))
        column[grams[single, 0]] = single
        return cls([terms.units[unit] for unit in used.tolist()], grams, column)

    @cached_property
    def table(self) -> NgramTable:
        """The n-grams of two units or more. Made when it is first asked for, as fitting does not need it."""
        return NgramTable(self.grams, np.arange(len(self.grams), dtype=np.int32))

    def spelled(self) -> list[str]:
        """The terms, in order."""
        return spelled(self.units, self.grams)

    def count(self, texts: Sequence[str], words: Words) -> csr_matrix:
        """How often each term occurs in each text, int32 CSR (n, d), its rows sorted. `words` must number `units`."""
        units, lengths = words.read(texts)
        article = np.repeat(np.arange(len(texts)), lengths)
        columns, rows = [self.column[units]], [article]
        for column, at in self.table.find(units, lengths) if self.grams.shape[1] > 1 else ():
            columns.append(column)
            rows.append(article[at])
        column, row = np.concatenate(columns), np.concatenate(rows)
        known = column >= 0
        column, row = column[known], row[known]
        found = csr_matrix((np.ones(len(row), np.int32), (row, column)), shape=(len(texts), len(self.grams)))
        found.sum_duplicates()
        return found

    def count_spelled(self, texts: Sequence[str], tokenize: Tokenize, ngram_range: tuple[int, int]) -> csr_matrix:
        """The same where terms are spelled out: every unit is a term."""
        place = dict(zip(self.units, self.column.tolist(), strict=False))
        rows, columns = [], []
        for row, text in enumerate(texts):
            found = [place[term] for term in _spelled(tokenize(text), ngram_range) if term in place]
            rows += [row] * len(found)
            columns += found
        X = csr_matrix((np.ones(len(rows), np.int32), (rows, columns)), shape=(len(texts), len(self.grams)))
        X.sum_duplicates()
        return X


def count_spelled(texts: Sequence[str], tokenize: Tokenize, ngram_range: tuple[int, int]) -> Counted:
    """What `count_texts` counts, by strings: for words that may hold spaces, so that two n-grams may read the same."""
    numbers = Numbers()
    rows: list[int] = []
    terms: list[int] = []
    counts: list[int] = []
    for row, text in enumerate(texts):
        counted = Counter(map(numbers.__getitem__, _spelled(tokenize(text), ngram_range)))
        rows += [row] * len(counted)
        terms += counted.keys()
        counts += counted.values()
    term, count = np.array(terms, np.int32), np.array(counts, np.int32)
    order = np.argsort(term, kind="stable")
    size = len(numbers)
    articles_with = np.bincount(term, minlength=size)
    entries = Entries(
        np.arange(size, dtype=np.int32),
        articles_with.astype(np.int32),
        smallest(np.array(rows, np.int64)[order]),
        smallest(count[order]),
    )
    occurrences = np.bincount(term, weights=count, minlength=size).astype(np.int64)
    return Counted(
        len(texts), (ViewTerms(numbers.spelled, None, articles_with, occurrences),), ((len(texts), (entries,)),)
    )


def _spelled(words: list[str], ngram_range: tuple[int, int]) -> list[str]:
    low, high = ngram_range
    return [
        " ".join(words[start : start + size]) for size in range(low, high + 1) for start in range(len(words) - size + 1)
    ]
