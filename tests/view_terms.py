"""Every term of an article, spelled out: what `features.counting`, `columns` and `spans` must agree with."""

from __future__ import annotations

from collections.abc import Sequence

from slugline.article import Article
from slugline.config import ViewConfig
from slugline.features.stem import stem
from slugline.features.tokenizer import paragraphs, tokens
from slugline.features.views import letters, view_prefix


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
