"""How the terms of each view are spelled, and how a reason for a score names them.

The terms of the first view are plain; before those of each other view stand its number and a colon, so that no two
views share a term.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slugline.config import ViewConfig

EDGE = "-"
"""Marks the ends of a word in its letter n-grams. No word has a hyphen in it: the tokenizer parts words there."""

_PREFIX = ":"  # no word has one in it either; a number before it is shorter than the view's name


def view_prefix(number: int) -> str:
    """What stands before the terms of this view: nothing for the first."""
    return "" if number == 0 else f"{number}{_PREFIX}"


def readable(term: str, views: Sequence[ViewConfig]) -> str:
    """A term as a reader sees it: of a view other than the first, with that view's name.

    >>> from slugline.config import ViewConfig
    >>> [readable(term, [ViewConfig(), ViewConfig("headline")]) for term in ("oil", "1:oil")]
    ['oil', 'oil (headline)']
    """
    number, prefixed, rest = term.partition(_PREFIX)
    # A damaged file may hold any number.
    known = prefixed and number.isdecimal() and len(number) < 9 and int(number) < len(views)
    return f"{rest} ({views[int(number)].name})" if known else term


def prefix_of(term: str) -> str:
    """What `view_prefix` put before the term."""
    return term[: term.find(_PREFIX) + 1]


def bare(term: str) -> str:
    """The words of a term, without its view."""
    return term.rpartition(_PREFIX)[2]


def letters(word: str, low: int, high: int, prefix: str) -> tuple[str, ...]:
    """The letter n-grams of a word between two marks; the whole where it is shorter than the shortest.

    Before each stands `prefix`. They are those of scikit-learn's "char_wb", with EDGE for its space.
    """
    marked = EDGE + word + EDGE
    sizes = range(low, min(high, len(marked)) + 1)
    found = chain.from_iterable(
        (marked[start : start + size] for start in range(len(marked) - size + 1)) for size in sizes
    )
    return tuple(prefix + gram for gram in found) or (prefix + marked,)
