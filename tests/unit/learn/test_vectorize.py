from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from slugline.article import Article
from slugline.config import FeatureConfig, ViewConfig
from slugline.errors import CorpusError
from slugline.features.views import prefix_of
from slugline.learn.vectorize import fit_tfidf, head_rows
from view_terms import view_terms

ARTICLES = [
    Article("1", "Rebels seize Aleppo", "The rebels took Aleppo.\n\nThe army left."),
    Article("2", "Bank raises rates", "The bank raised its rate. Rebels were not asked."),
    Article("3", "Élection à Paris", "Les électeurs votent; the army watches the bank."),
]
LETTERS = ViewConfig("letters", "headline", "char", 2, 4, weight=0.5, min_df=1)


@pytest.mark.parametrize(
    "views",
    [
        (ViewConfig(),),
        (ViewConfig(ngram_max=2, min_df=1),),
        (ViewConfig(sublinear_tf=False, max_df=0.7, min_df=1),),
        (ViewConfig(), LETTERS),
        (ViewConfig(part="body", min_df=1), ViewConfig("headline", "headline", min_df=2), LETTERS),
    ],
)
def test_terms_idf_and_rows_are_scikit_learns_and_the_predictors(views):
    fitted, X = fit_tfidf(ARTICLES, FeatureConfig(views))
    rows = fitted.rows(ARTICLES)
    np.testing.assert_array_equal(rows.indptr, X.indptr)
    np.testing.assert_array_equal(rows.indices, X.indices)
    np.testing.assert_array_equal(rows.values, X.data)
    assert X.dtype == np.float64
    assert X.indices.dtype == np.int32  # liblinear wants it
    terms = fitted.vocabulary.terms()
    place = {term: number for number, term in enumerate(terms)}
    found = set()
    for number, view in enumerate(views):
        theirs = TfidfVectorizer(
            analyzer=lambda one, number=number: view_terms(one, views)[number],
            min_df=view.min_df,
            max_df=view.max_df,
            sublinear_tf=view.sublinear_tf,
        )
        try:
            expected = theirs.fit_transform(ARTICLES).toarray() * view.weight
        except ValueError:  # no headline shares a word with another
            continue
        columns = [place[term] for term in theirs.get_feature_names_out()]
        np.testing.assert_allclose(X.toarray()[:, columns], expected, rtol=0, atol=1e-6)
        np.testing.assert_allclose(fitted.idf[columns], theirs.idf_, rtol=1e-6)
        found |= set(columns)
    assert found == set(range(len(terms)))


def test_rare_and_common_terms_are_dropped():
    names = set(fit_tfidf(ARTICLES, FeatureConfig((ViewConfig(min_df=2, max_df=0.7),)))[0].vocabulary.terms())
    assert {"rebels", "bank", "army"} <= names
    assert not names & {"aleppo", "the"}


def test_the_most_frequent_terms_are_kept_in_each_view():
    views = (ViewConfig(min_df=1, max_terms=2), ViewConfig("body", "body", min_df=1, max_terms=1))
    # "the" occurs five times; "bank" and "rebels" four times, with the headline twice: the first of them is kept.
    assert fit_tfidf(ARTICLES, FeatureConfig(views))[0].vocabulary.terms() == ["1:the", "bank", "the"]
    assert fit_tfidf(ARTICLES, FeatureConfig((ViewConfig(min_df=1, max_terms=1),)))[0].vocabulary.terms() == ["the"]


def test_a_view_without_terms_is_no_error_where_another_has_some():
    views = (ViewConfig(), ViewConfig("headline", "headline", min_df=3))
    assert (
        fit_tfidf(ARTICLES, FeatureConfig(views))[1].shape[1]
        == fit_tfidf(ARTICLES, FeatureConfig((ViewConfig(),)))[1].shape[1]
    )


@pytest.mark.parametrize(
    ("articles", "view"),
    [
        (ARTICLES, ViewConfig(min_df=4)),
        (ARTICLES, ViewConfig(min_df=3, max_df=0.1)),
        ([Article("1", "", "...")] * 3, ViewConfig()),
    ],
    ids=["too rare", "excluding each other", "no words"],
)
def test_no_term_is_an_error_that_names_the_settings(articles, view):
    with pytest.raises(CorpusError, match=r"no term.*min_df.*features\.views"):
        fit_tfidf(articles, FeatureConfig((view,)))


def test_a_head_learns_from_its_own_views():
    views = (ViewConfig(heads="tags"), ViewConfig("stems", unit="stem", heads="event_type"), LETTERS)
    fitted, X = fit_tfidf(ARTICLES, FeatureConfig(views))
    terms = np.array(
        [{"": "words", "1:": "stems", "2:": "letters"}[prefix_of(term)] for term in fitted.vocabulary.terms()]
    )
    for head, other in (("tags", "stems"), ("event_type", "words")):
        own = head_rows(X, fitted, head).toarray()
        assert not own[:, terms == other].any()
        np.testing.assert_array_equal(own[:, terms != other], X.toarray()[:, terms != other])
        assert own[:, terms == "letters"].any()
    assert X.toarray()[:, terms == "words"].any()
    both = fit_tfidf(ARTICLES, FeatureConfig((ViewConfig(),)))
    assert head_rows(both[1], both[0], "tags") is both[1]
