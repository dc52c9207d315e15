"""Articles counted as arrays have the terms that `view_terms` spells out."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.article import Article
from slugline.config import ViewConfig
from slugline.features import columns as module
from slugline.features.columns import Columns
from slugline.features.counting import ViewCounter
from slugline.features.reading import Reading
from slugline.features.views import view_prefix
from slugline.features.vocabulary import Vocabulary
from slugline.features.words import Words
from view_terms import view_terms

WORD = st.sampled_from(
    ["Syria", "rebels", "strikes", "striking", "U.S.", "été", "7", "x", "\n\n", "\n \u00a0\n", "中国", "12:x"]
)
TEXT = st.lists(WORD, max_size=12).map(" ".join)
ARTICLES = st.lists(st.builds(Article, id=st.just("x"), title=TEXT, body=TEXT), max_size=6)
VIEW = st.builds(
    lambda part, unit, low, more, repeat, lead: ViewConfig("v", part, unit, low, low + more, repeat, lead),
    st.sampled_from(["all", "headline", "lead", "body"]),
    st.sampled_from(["word", "stem", "char"]),
    st.integers(1, 3),
    st.integers(0, 2),
    st.integers(1, 3),
    st.integers(1, 5),
)


def expected(articles: list[Article], views: list[ViewConfig]) -> list[list[Counter[str]]]:
    return [[Counter(terms) for terms in view_terms(article, views)] for article in articles]


@given(ARTICLES, st.lists(VIEW, min_size=1, max_size=11))
def test_new_terms_are_counted(articles: list[Article], views: list[ViewConfig]) -> None:
    words = Words()
    reading = Reading.of(articles, views, words)
    found = [[Counter() for _ in views] for _ in articles]
    for number, view in enumerate(views):
        counter = ViewCounter(view, words)
        counted = counter.count(reading)
        place = np.repeat(np.arange(len(counted.term)), counted.articles_with)
        assert (np.diff(place * 1000 + counted.article) > 0).all()
        units = counter.numbers.spelled
        for at, article, count in zip(place, counted.article, counted.count, strict=True):
            row = [unit for unit in np.atleast_1d(counted.term[at]) if unit >= 0]
            term = view_prefix(number) + " ".join(units[unit] for unit in row)
            assert term not in found[article][number]
            found[article][number][term] = count
    assert found == expected(articles, views)


@pytest.mark.parametrize("forgetful", [False, True])
@given(ARTICLES, ARTICLES, st.lists(VIEW, min_size=1, max_size=4), st.integers(0, 3), st.integers(0, 200))
def test_known_terms_are_counted(forgetful, before, articles, views, every, more) -> None:
    wanted = expected(articles, views)
    terms = {term for views_ in wanted + expected(before, views) for counter in views_ for term in counter}
    # Some of the terms, and others: with many, n-grams are looked up one by one before they are put in a table.
    known = {term for number, term in enumerate(sorted(terms)) if number % 4 >= every} | {
        f"~{number} ~" for number in range(more * 10)
    }
    vocabulary = Vocabulary.from_terms(known)
    spelled = vocabulary.terms()
    patch = pytest.MonkeyPatch()
    if forgetful:
        patch.setattr(module, "_MOST_WORDS", 2)
        patch.setattr(module, "_SHORT_KEY", 0)
        patch.setattr(module, "_BLOCK", 2)
    try:
        columns = Columns(vocabulary, views)
        for asked in (before, articles, articles):
            found = [[Counter() for _ in views] for _ in asked]
            start = 0
            for one in columns.count(asked):
                assert (np.diff(one.article * 100_000 + one.column) > 0).all()
                for row in zip(one.article, one.view, one.column, one.count, strict=True):
                    found[start + row[0]][row[1]][spelled[row[2]]] = row[3]
                start += one.articles
            assert start == len(asked)
            kept = [
                [Counter({t: n for t, n in c.items() if t in known}) for c in views_]
                for views_ in expected(asked, views)
            ]
            assert found == kept
    finally:
        patch.undo()
