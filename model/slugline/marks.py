"""What each word of an article adds to a score: evidence laid out over the text. Numpy alone, and hardly that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from slugline.records import record

if TYPE_CHECKING:
    from slugline.features.spans import Place, Span

SMALLEST_SHOWN = 0.005
"""A contribution that rounds to 0.00 is no reason."""


@record(frozen=True, slots=True)
class Mark:
    """Characters `start` to `end` of a cleaned article's `field`, "title" or "body", add `contribution` to a score."""

    field: str
    start: int
    end: int
    contribution: float


def marks(parts: Iterable[tuple[Sequence[Place], float]]) -> tuple[Mark, ...]:
    """The marks of some terms, each with its places and its contribution: disjoint, in the order of the text.

    A contribution is divided evenly among the occurrences that the model counted, and that of an occurrence among its
    words; what several terms say of one word is added up, so that all marks together are the sum of the contributions.
    Words that overlap without being the same (those of a name and those of a term) are cut where one of them begins or
    ends. A term without a place has no mark. What adds up to nothing is left out.

    >>> from slugline.features.spans import Place, Span
    >>> oil, price = Span("body", 0, 3), Span("body", 4, 9)
    >>> marks([([Place((oil, price))], 1.0), ([Place((oil,))], 0.25)])
    (Mark(field='body', start=0, end=3, contribution=0.75), Mark(field='body', start=4, end=9, contribution=0.5))
    """
    words: dict[Span, float] = {}
    for places, contribution in parts:
        counted = sum(place.times for place in places)
        for place in places:
            share = contribution * place.times / counted / len(place.words)
            for word in place.words:
                words[word] = words.get(word, 0.0) + share
    found: dict[tuple[str, int, int], float] = {}
    for field in ("title", "body"):
        own = sorted((word for word in words if word.field == field), key=lambda word: (word.start, word.end))
        for word, cuts in zip(own, _cuts(own), strict=True):
            for start, end in pairwise(cuts):
                share = words[word] * (end - start) / (word.end - word.start)
                found[field, start, end] = found.get((field, start, end), 0.0) + share
    ordered = sorted(found.items(), key=lambda item: (item[0][0] == "body", item[0]))
    return tuple(Mark(*where, value) for where, value in ordered if value)


def _cuts(words: Sequence[Span]) -> list[list[int]]:
    """Of words sorted by their start, where each is to be cut, its own start and end included."""
    edges = sorted({edge for word in words for edge in (word.start, word.end)})
    place = {edge: number for number, edge in enumerate(edges)}
    return [edges[place[word.start] : place[word.end] + 1] for word in words]
