"""Where the terms of an article stand in its text: the same reading as `features.views`, with the places of words."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from slugline.features.names import article_words, covered, name_token_spans
from slugline.features.stem import stem
from slugline.features.tokenizer import paragraph_starts, paragraphs, token_spans
from slugline.features.views import letters, view_prefix

if TYPE_CHECKING:
    from slugline.article import Article
    from slugline.config import ViewConfig
    from slugline.features.mentions import NameTable

_PIECE = re.compile(r"\S+")


class Span(NamedTuple):
    """One word in the text: characters `start` to `end` of the article's field, "title" or "body"."""

    field: str
    start: int
    end: int


class Place(NamedTuple):
    """One occurrence of a term: the words that it is made of, and how often it is counted there."""

    words: tuple[Span, ...]
    times: int = 1


def term_places(
    article: Article, views: Sequence[ViewConfig], wanted: Collection[str] | None = None
) -> dict[str, list[Place]]:
    """Every place of each `wanted` term (None: of every term) of a cleaned article, by the terms of `view_terms`.

    The `times` of a term's places sum to its frequency. A letter n-gram's place is the word that it is part of.

    >>> from slugline.article import Article
    >>> from slugline.config import ViewConfig
    >>> term_places(Article("1", "", "Oil. 7 oil"), [ViewConfig(title_repeat=1)])["oil"][1].words
    (Span(field='body', start=7, end=10),)
    """
    title = _stream("title", article.title, 0)
    body = [
        _stream("body", text, start)
        for text, start in zip(paragraphs(article.body), paragraph_starts(article.body), strict=True)
    ]
    found: dict[str, list[Place]] = {}
    for number, view in enumerate(views):
        for words, times in _parts(title, body, view):
            for term, first, last in _grams([word for word, _ in words], view, view_prefix(number)):
                if wanted is None or term in wanted:
                    place = Place(tuple(span for _, span in words[first:last]), times)
                    found.setdefault(term, []).append(place)
    return found


def name_places(article: Article, table: NameTable, tags: Collection[int]) -> dict[int, list[Place]]:
    """Where each of these tags is named in a cleaned article, by the tags' numbers in `table`.

    Of names of one tag that lie inside each other, the longest counts.
    """
    words = article_words(article, table.index.pieces)
    spans = _name_spans(article)
    of: dict[int, list[tuple[int, int]]] = {}
    found = table.index.find(words)
    for tag in tags:
        own = [one for one in found if any(owner == tag for owner, _ in table.owners(one.name))]
        for one, inside in zip(own, covered(own), strict=True):
            if not inside:
                of.setdefault(tag, []).append((one.start, one.length))
    return {
        tag: [
            Place(tuple(span for span in spans[start : start + length] if span is not None))
            for start, length in dict.fromkeys(places)
        ]
        for tag, places in of.items()
    }


def _stream(field: str, text: str, offset: int) -> list[tuple[str, Span]]:
    return [(word, Span(field, offset + start, offset + end)) for word, start, end in token_spans(text)]


def _parts(
    title: list[tuple[str, Span]], body: list[list[tuple[str, Span]]], view: ViewConfig
) -> list[tuple[list[tuple[str, Span]], int]]:
    """The streams of words that a view counts, and how often each."""
    if view.part == "headline":
        return [(title, 1)]
    if view.part == "all":
        return [(title, view.title_repeat), *((words, 1) for words in body)]
    if view.part == "body":
        return [(words, 1) for words in body]
    found, left = [], view.lead_words
    for words in body:
        found.append((words[:left], 1))
        left -= len(words)
        if left <= 0:
            break
    return found


def _grams(words: list[str], view: ViewConfig, prefix: str) -> list[tuple[str, int, int]]:
    """The terms of a stream, each with the words that it is made of: from the first to before the last."""
    low, high = view.ngram_min, view.ngram_max
    if view.unit == "char":
        return [
            (gram, number, number + 1) for number, word in enumerate(words) for gram in letters(word, low, high, prefix)
        ]
    units = [stem(word) for word in words] if view.unit == "stem" else words
    return [
        (prefix + " ".join(units[start : start + size]), start, start + size)
        for size in range(low, high + 1)
        for start in range(len(units) - size + 1)
    ]


def _name_spans(article: Article) -> list[Span | None]:
    """Where each token of `names.article_words` stands; None for a BREAK."""
    found: list[Span | None] = []
    parts = [("title", article.title, 0)]
    parts += [
        ("body", text, start)
        for text, start in zip(paragraphs(article.body), paragraph_starts(article.body), strict=True)
    ]
    for field, text, offset in parts:
        for piece in _PIECE.finditer(text):
            begin = offset + piece.start()
            found += [Span(field, begin + start, begin + end) for _, start, end in name_token_spans(piece[0])]
        found.append(None)
    return found
