"""The scores of many articles at once: the numbers of `LinearHead.scores`, from tables of weights made once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.errors import ModelFileError
from slugline.features.arrays import ragged
from slugline.features.tfidf import Rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.head import LinearHead

MANY = 256
"""From so many articles at once on, a table is made: for fewer it would take longer than it saves."""

_CELLS = 1 << 22  # of a table
_WIDEST = 1 << 10  # terms of a table of wide rows
# So many cells of a table cost an article what one weight costs that is looked up (measured).
_CELLS_OF_ONE = 100
_TOGETHER = 4  # articles whose weights are fetched at once (measured)


class Scorer:
    """Scores articles by one head, many of them faster than `LinearHead.scores` and with the very same numbers.

    This is possible where weights are whole numbers, whose sums do not depend on their order (`head.fixed_point`). Of
    a head whose whole table is small, each article's rows of it are gathered and multiplied; of a larger one the terms
    with most of the work, as the first many articles show it, are multiplied as matrices, and only the rest by looking
    up weights.
    """

    def __init__(self, head: LinearHead) -> None:
        self.head = head
        # The table, and each term's place in it, the last for all others (None: its number). Set at once, as several
        # threads may ask.
        self._made: tuple[NDArray[Any], NDArray[np.int64] | None] | None = None

    def scores(self, rows: Rows) -> NDArray[np.float64]:
        """(N, L) float64, as `LinearHead.scores`. Raises ModelFileError where the weights are damaged."""
        head = self.head
        if head.weights.dtype != np.int8 or (self._made is None and len(rows) < MANY):
            return head.scores(rows)
        values, shift = head.values(rows)
        made = self._made
        if made is None:
            self._made = made = self._prepare(rows)
        table, place = made
        sums = _gathered(table, rows, values) if place is None else self._multiplied(table, place, rows, values)
        return head.finished(sums, shift)

    def _prepare(self, rows: Rows) -> tuple[NDArray[Any], NDArray[np.int64] | None]:
        """Make the table, of all terms or of those that most weights belong to in these articles."""
        head = self.head
        width, lengths = len(head.labels), np.diff(head.indptr.astype(np.int64))
        if len(lengths) * width <= _CELLS:
            return self._dense(np.arange(len(lengths)), np.int8), None
        work = np.bincount(rows.indices, minlength=len(lengths)) * lengths
        most = min(_WIDEST, _CELLS // max(1, width))
        chosen = np.argsort(-work, kind="stable")[:most]
        chosen = np.sort(chosen[work[chosen] * _CELLS_OF_ONE > len(rows) * width])
        place = np.full(len(lengths), len(chosen))
        place[chosen] = np.arange(len(chosen))
        return self._dense(chosen, np.float64), place

    def _dense(self, terms: NDArray[np.int64], dtype: type[np.generic]) -> NDArray[Any]:
        """The weights of these terms, ascending, (len(terms), L), of `dtype`, or float64 if it cannot hold them."""
        head = self.head
        width = len(head.labels)
        starts = head.indptr[terms].astype(np.int64)
        lengths = head.indptr[terms + 1].astype(np.int64) - starts
        places = ragged(starts, lengths)
        labels = head.indices[places]
        if len(labels) and not (labels.min() >= 0 and labels.max() < width):
            raise ModelFileError("damaged: a weight belongs to no label")
        cells = np.repeat(np.arange(len(terms)) * width, lengths)
        cells += labels
        if (cells[1:] > cells[:-1]).all():
            table = np.zeros(len(terms) * width, dtype)
            table[cells] = head.weights[places]
        else:
            # A damaged file may say the same weight twice: they add up.
            table = np.bincount(cells, weights=head.weights[places], minlength=len(terms) * width)
        return table.reshape(len(terms), width)

    def _multiplied(
        self, table: NDArray[Any], place: NDArray[np.int64], rows: Rows, values: NDArray[np.float64]
    ) -> NDArray[np.float64]:
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


def _gathered(table: NDArray[Any], rows: Rows, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sums of each article's rows of the table, (N, L)."""
    width, bounds = table.shape[1], rows.indptr.tolist()
    out = np.empty((len(rows), width))
    ends = np.append(rows.indptr[:-1:_TOGETHER], rows.indptr[-1])
    most = int(np.diff(ends).max(initial=0))
    # Fetched as they are kept, an eighth of the memory; products are of float64.
    kept, wide = np.empty((most, width), table.dtype), np.empty((most, width))
    for first in range(0, len(rows), _TOGETHER):
        last = min(first + _TOGETHER, len(rows))
        low, high = bounds[first], bounds[last]
        fetched, weights = kept[: high - low], wide[: high - low]
        # With "raise", numpy would copy the result once more.
        table.take(rows.indices[low:high], axis=0, out=fetched, mode="clip")
        np.copyto(weights, fetched)
        for number in range(first, last):
            start, stop = bounds[number], bounds[number + 1]
            np.dot(values[start:stop], weights[start - low : stop - low], out=out[number])
    return out
