"""Counted terms as a matrix: of each block of articles the terms that a model has, a row for each article."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix

from slugline.features.arrays import ragged, stable_order
from slugline.features.counting import Entries
from slugline.learn.counts import Counted
from slugline.learn.parallel import Jobs, in_turn

Values = Callable[[csr_matrix], NDArray[Any]]
"""Makes the values of a block's rows (n, d), which are counts."""


def count_rows(
    counted: list[Counted],
    kept: Sequence[NDArray[np.int64]],
    places: Sequence[NDArray[np.int64]],
    values: Values,
    dtype: type,
    jobs: Jobs = 1,
) -> csr_matrix:
    """The rows of all articles, CSR (n, d) of `dtype`: the terms `kept` of each view become the columns `places`.

    The only item is taken out of `counted`, so that a caller who does not keep it has each block's memory back as soon
    as its rows are made. `jobs` threads make them, each block's at its place in one matrix.
    """
    one = counted.pop()
    columns = sum(map(len, kept))
    articles = one.articles
    size = sum(int(view.articles_with[own].sum()) for view, own in zip(one.views, kept, strict=True))
    column_of = []
    for view, own, place in zip(one.views, kept, places, strict=True):
        column_of.append(np.full(len(view.articles_with), -1, np.int32))
        column_of[-1][own] = place
    blocks = list(reversed(one.blocks))
    del one
    number = np.int32 if max(size, columns) <= np.iinfo(np.int32).max else np.int64
    data: NDArray[Any] = np.empty(size, dtype)
    indices: NDArray[Any] = np.empty(size, number)
    indptr: NDArray[Any] = np.zeros(articles + 1, number)

    def tasks() -> Iterator[Callable[[], None]]:
        row = at = 0
        while blocks:
            length, entries = blocks.pop()
            column = np.concatenate([of[own.term] for of, own in zip(column_of, entries, strict=True)])
            end = at + int(np.concatenate([own.articles_with for own in entries])[column >= 0].sum())
            yield partial(fill, slice(row, row + length), slice(at, end), entries, column)
            row, at = row + length, end

    def fill(rows: slice, part: slice, entries: Sequence[Entries], column: NDArray[np.int32]) -> None:
        own = _block(rows.stop - rows.start, columns, entries, column)
        indptr[rows.start + 1 : rows.stop + 1] = own.indptr[1:] + part.start
        indices[part] = own.indices
        data[part] = values(own)

    for _ in in_turn(tasks(), jobs):
        pass
    X: csr_matrix = csr_matrix((data, indices, indptr), shape=(articles, columns))
    X.has_canonical_format = True
    return X


def _block(articles: int, columns: int, entries: Sequence[Entries], column: NDArray[np.int32]) -> csr_matrix:
    """The counts of a block, CSR (articles, columns): its terms, view after view, are at `column`, or nowhere (-1)."""
    lengths = np.concatenate([own.articles_with for own in entries]).astype(np.int64)
    starts = np.cumsum(lengths) - lengths
    known = np.flatnonzero(column >= 0)
    order = known[stable_order(column[known], columns)]
    lengths = lengths[order]
    taken = ragged(starts[order], lengths)
    article = np.concatenate([own.article for own in entries])[taken]
    count = np.concatenate([own.count for own in entries])[taken]
    found = csc_matrix((count, article, np.append(0, np.cumsum(lengths))), shape=(articles, len(order))).tocsr()
    return csr_matrix((found.data, column[order][found.indices], found.indptr), shape=(articles, columns))
