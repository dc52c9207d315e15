"""Counting in blocks and by threads changes nothing of what is counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.article import Article
from slugline.config import FeatureConfig, ViewConfig
from slugline.errors import CorpusError
from slugline.learn import counts, parallel
from slugline.learn.vectorize import fit_tfidf
from view_terms import view_terms

TEXT = st.lists(st.sampled_from(["oil", "Oil", "price", "prices", "été", "x-y", "5.5", "\n\n", "."]), max_size=12).map(
    " ".join
)
ARTICLES = st.lists(st.builds(Article, id=st.just("a"), title=TEXT, body=TEXT), min_size=1, max_size=12)
VIEWS = (
    ViewConfig("words", ngram_max=3, min_df=1),
    ViewConfig("stems", unit="stem", ngram_min=2, ngram_max=2, min_df=2),
    ViewConfig("lead", part="lead", lead_words=3, sublinear_tf=False, max_terms=3),
    ViewConfig("letters", unit="char", ngram_min=2, ngram_max=4),
)


def fitted(articles, jobs=1):
    try:
        tfidf, X = fit_tfidf(articles, FeatureConfig(VIEWS), jobs=jobs)
    except CorpusError as error:
        return str(error)
    arrays = X.data, X.indices, X.indptr, tfidf.idf
    return tfidf.vocabulary.terms(), [(one.dtype, one.tobytes()) for one in arrays]


@given(ARTICLES, st.integers(1, 60), st.integers(1, 5), st.sampled_from([1, 2, 3]))
def test_blocks_and_threads_change_no_byte(articles, characters, most, jobs):
    expected = fitted(articles)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts, "_MOST_CHARACTERS", characters)
        patch.setattr(counts, "_MOST_ARTICLES", most)
        patch.setattr(parallel, "cores", lambda: 3)
        assert fitted(articles, jobs) == expected


def test_more_than_a_byte_holds_are_counted():
    many = Article("1", "", "oil " * 70_000)
    articles = [many, *[Article(str(number), "", "oil price") for number in range(300)]]
    found = counts.count_terms(articles, [ViewConfig(min_df=1, ngram_max=2)])
    (view,) = found.views
    spelled = view.spelled(view.sorted(np.arange(len(view.articles_with))))
    order = view.sorted(np.arange(len(view.articles_with)))
    assert dict(zip(spelled, view.articles_with[order].tolist(), strict=True)) == {
        "oil": 301,
        "oil oil": 1,
        "oil price": 300,
        "price": 300,
    }
    assert dict(zip(spelled, view.occurrences[order].tolist(), strict=True)) == {
        "oil": 70_300,
        "oil oil": 69_999,
        "oil price": 300,
        "price": 300,
    }


@given(ARTICLES)
def test_terms_are_spelled_as_the_views_spell_them(articles):
    view = ViewConfig(ngram_max=3)
    (terms,) = counts.count_terms(articles, [view]).views
    found = terms.spelled(np.flatnonzero(terms.articles_with))
    assert sorted(found) == sorted({term for one in articles for term in view_terms(one, [view])[0]})
