"""The scores of many articles at once: the numbers of `LinearHead.scores`, from tables of weights made once."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from slugline.errors import ModelFileError
from slugline.features.tfidf import Rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.head import LinearHead

MANY = 256
"""From so many articles at once on, a table is made: for fewer it would take longer than it saves."""

_CELLS = 1 << 22  # of a table: 32 MB
_WIDEST = 1 << 10  # terms of a table of wide rows
# So many cells of a table cost an article what one weight costs that is looked up (measured).
_CELLS_OF_ONE = 100


class Scorer:
    """Scores articles by one head, many of them faster than `LinearHead.scores` and with the very same numbers.

    This is possible where weights are whole numbers, whose sums do not depend on their order (`head.fixed_point`). Of
    a head whose whole table is small, each article's rows of it are gathered and multiplied; of a larger one the terms
    with most of the work, as the first many articles show it, are multiplied as matrices, and only the rest by looking
    up weights.
    """

    def __init__(self, head: LinearHead) -> None:
        self.head = head
        self._table: NDArray[np.float64] | None = None
        self._place: NDArray[np.int64] | None = None  # of each term in the table; the last row for all others

    def scores(self, rows: Rows) -> NDArray[np.float64]:
        """(N, L) float64, as `LinearHead.scores`. Raises ModelFileError where the weights are damaged."""
        head = self.head
        if head.weights.dtype != np.int8 or (self._table is None and len(rows) < MANY):
            return head.scores(rows)
        values, shift = head.values(rows)
        if self._table is None:
            self._prepare(rows)
        sums = self._gathered(rows, values) if self._place is None else self._multiplied(rows, values)
        return head.finished(sums, shift)

    def _prepare(self, rows: Rows) -> None:
        """Make the table, of all terms or of those that most weights belong to in these articles."""
        head = self.head
        width, lengths = len(head.labels), np.diff(head.indptr.astype(np.int64))
        if len(lengths) * width <= _CELLS:
            self._table = self._dense(np.arange(len(lengths)))
            return
        work = np.bincount(rows.indices, minlength=len(lengths)) * lengths
        most = min(_WIDEST, _CELLS // max(1, width))
        chosen = np.argsort(-work, kind="stable")[:most]
        chosen = np.sort(chosen[work[chosen] * _CELLS_OF_ONE > len(rows) * width])
        self._table = self._dense(chosen)
        self._place = np.full(len(lengths), len(chosen))
        self._place[chosen] = np.arange(len(chosen))

    def _dense(self, terms: NDArray[np.int64]) -> NDArray[np.float64]:
        """The weights of these terms, (len(terms), L)."""
        head = self.head
        starts = head.indptr[terms].astype(np.int64)
        lengths = head.indptr[terms + 1].astype(np.int64) - starts
        ends = np.cumsum(lengths)
        places = np.repeat(starts - (ends - lengths), lengths) + np.arange(ends[-1] if len(ends) else 0)
        labels = head.indices[places]
        if len(labels) and not (labels.min() >= 0 and labels.max() < len(head.labels)):
            raise ModelFileError("damaged: a weight belongs to no label")
        table = np.zeros((len(terms), len(head.labels)))
        # Added up, as a damaged file may say the same weight twice.
        np.add.at(table, (np.repeat(np.arange(len(terms)), lengths), labels), head.weights[places])
        return table

    def _gathered(self, rows: Rows, values: NDArray[np.float64]) -> NDArray[np.float64]:
        table, bounds = self._table, rows.indptr.tolist()
        assert table is not None
        out = np.empty((len(rows), table.shape[1]))
        room = np.empty((int(np.diff(rows.indptr).max(initial=0)), table.shape[1]))
        for number, (start, stop) in enumerate(pairwise(bounds)):
            part = room[: stop - start]
            # With "raise", numpy would copy the result once more.
            table.take(rows.indices[start:stop], axis=0, out=part, mode="clip")
            np.dot(values[start:stop], part, out=out[number])
        return out

    def _multiplied(self, rows: Rows, values: NDArray[np.float64]) -> NDArray[np.float64]:
        table, place = self._table, self._place
        assert table is not None
        assert place is not None
        at = place[rows.indices]
        within = at < len(table)
        counts = np.diff(rows.indptr)
        article = np.repeat(np.arange(len(rows)), counts)
        known = np.zeros((len(rows), len(table)))
        known[article[within], at[within]] = values[within]
        rest = ~within
        indptr = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum(np.bincount(article[rest], minlength=len(rows)), out=indptr[1:])
        others = Rows(indptr, rows.indices[rest], values[rest])
        sums: NDArray[np.float64] = self.head.sums(others, others.values)
        sums += known @ table
        return sums
