"""What each word of an article adds to a score: evidence laid out over the text, as arrays. Numpy alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import index
from typing import TYPE_CHECKING, NamedTuple, overload

import numpy as np

from slugline.features.arrays import ragged, run_starts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from slugline.article import Article

SMALLEST_SHOWN = 0.005
"""A contribution that rounds to 0.00 is no reason."""


class Mark(NamedTuple):
    """Characters `start` to `end` of a cleaned article's `field`, "title" or "body", add `contribution` to a score."""

    field: str
    start: int
    end: int
    contribution: float


class Marks(Sequence[Mark]):
    """Disjoint marks of one article in the order of its text. A long text has tens of thousands: they are kept as
    arrays, 17 bytes each, and made into objects one at a time.
    """

    __slots__ = ("_contribution", "_end", "_start", "_title")

    def __init__(
        self, start: NDArray[np.int64], end: NDArray[np.int64], contribution: NDArray[np.float64], title: int
    ) -> None:
        """Places `start` to `end` (N,) in their own field, and their contributions (N,); the first `title` are of the
        title.
        """
        self._start, self._end = start.astype(np.int32), end.astype(np.int32)
        self._contribution, self._title = contribution, title

    def __len__(self) -> int:
        return len(self._start)

    def __iter__(self) -> Iterator[Mark]:
        fields = ["title"] * self._title + ["body"] * (len(self) - self._title)
        columns = (array.tolist() for array in (self._start, self._end, self._contribution))
        return map(Mark._make, zip(fields, *columns, strict=True))

    @overload
    def __getitem__(self, place: int) -> Mark: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Mark, ...]: ...

    def __getitem__(self, place: int | slice) -> Mark | tuple[Mark, ...]:
        if isinstance(place, slice):
            return tuple(self)[place]
        number = range(len(self))[index(place)]
        field = "title" if number < self._title else "body"
        return Mark(field, int(self._start[number]), int(self._end[number]), float(self._contribution[number]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Marks({list(self)!r})"


def laid_out(start: NDArray[np.int64], end: NDArray[np.int64], contribution: NDArray[np.float64], body: int) -> Marks:
    """The marks of N words that stand from `start` to `end`, (N,), in a text whose body begins at `body`.

    What several words say of the same characters is added up, so that all marks together are the sum of the
    contributions. Words that overlap without being the same (those of a name and those of a term) are cut where one of
    them begins or ends, each part having its share by length. What adds up to nothing is left out.

    >>> laid_out(np.array([0, 4, 0]), np.array([3, 9, 9]), np.array([0.5, 0.25, 0.9]), 0)[0]
    Mark(field='body', start=0, end=3, contribution=0.8)
    """
    order = np.lexsort((end, start))
    start, end, contribution = start[order], end[order], contribution[order]
    if bool((start[1:] < end[:-1]).any()):
        edges = np.sort(np.concatenate((start, end)))
        edges = edges[run_starts(edges)]
        first = np.searchsorted(edges, start)
        pieces = np.searchsorted(edges, end) - first
        piece = ragged(first, pieces)
        share = np.repeat(contribution / (end - start), pieces) * (edges[piece + 1] - edges[piece])
        contribution = np.bincount(piece, weights=share, minlength=len(edges)).astype(np.float64, copy=False)
        start, end = edges, np.append(edges[1:], edges[-1:])
    some = np.flatnonzero(contribution)
    start, end, contribution = start[some], end[some], contribution[some]
    title = int(np.searchsorted(start, body))
    start[title:] -= body
    end[title:] -= body
    return Marks(start, end, contribution, title)


def by_word(article: Article, marks: Iterable[Mark]) -> dict[str, float]:
    """The sum of the marks of each word of the cleaned `article`, case-folded."""
    texts = {"title": article.title, "body": article.body}
    found: dict[str, float] = {}
    for field, start, end, contribution in marks:
        word = texts[field][start:end].casefold()
        found[word] = found.get(word, 0.0) + contribution
    return found
