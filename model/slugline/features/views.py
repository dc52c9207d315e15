"""The terms of an article, view by view: which of its words count where, and how a reason for a score names them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

from slugline.features.stem import stem
from slugline.features.tokenizer import paragraphs, tokens

if TYPE_CHECKING:
    from slugline.article import Article
    from slugline.config import ViewConfig

EDGE = "-"
"""Marks the ends of a word in its letter n-grams. No word has a hyphen in it: the tokenizer parts words there."""

_PREFIX = ":"  # no word has one in it either; a number before it is shorter than the view's name


def view_terms(article: Article, views: Sequence[ViewConfig]) -> list[list[str]]:
    """Every term of an article, with repetition, one list for each view. The text is made into words once.

    The terms of the first view are plain; before those of each other view stand its number and a colon, so that no two
    views share a term.

    >>> from slugline.article import Article
    >>> from slugline.config import ViewConfig
    >>> views = [ViewConfig(title_repeat=1), ViewConfig("letters", "headline", "char", 3, 3)]
    >>> view_terms(Article("1", "Oil up", "Up."), views)
    [['oil', 'up', 'up'], ['1:-oi', '1:oil', '1:il-', '1:-up', '1:up-']]
    """
    parts = {view.part for view in views}
    title = tokens(article.title) if parts & {"all", "headline"} else []
    body = [tokens(text) for text in paragraphs(article.body)] if parts & {"all", "body", "lead"} else []
    return [_terms(title, body, view, view_prefix(number)) for number, view in enumerate(views)]


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


def _terms(title: list[str], body: list[list[str]], view: ViewConfig, prefix: str) -> list[str]:
    if view.part == "all":
        return _grams([title], view, prefix) * view.title_repeat + _grams(body, view, prefix)
    if view.part == "headline":
        return _grams([title], view, prefix)
    return _grams(_lead(body, view.lead_words) if view.part == "lead" else body, view, prefix)


def _lead(body: list[list[str]], words: int) -> list[list[str]]:
    """The first words of the paragraphs, still apart."""
    found = []
    for paragraph in body:
        found.append(paragraph[:words])
        words -= len(paragraph)
        if words <= 0:
            break
    return found


def _grams(streams: list[list[str]], view: ViewConfig, prefix: str) -> list[str]:
    """The n-grams of each stream of words or of their stems, joined with one space, or the letters of its words."""
    low, high = view.ngram_min, view.ngram_max
    if view.unit == "stem":
        streams = [[stem(word) for word in words] for words in streams]
    if view.unit == "char":
        return [gram for words in streams for word in words for gram in letters(word, low, high, prefix)]
    made: list[str] = []
    for words in streams:
        for size in range(low, high + 1):
            made += words if size == 1 else map(" ".join, zip(*(words[start:] for start in range(size)), strict=False))
    return [prefix + term for term in made] if prefix else made


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
