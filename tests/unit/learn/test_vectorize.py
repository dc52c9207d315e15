from __future__ import annotations

import numpy as np
import pytest

from slugline.article import Article
from slugline.config import FeatureConfig
from slugline.errors import CorpusError
from slugline.features.tfidf import Tfidf
from slugline.features.vocabulary import Vocabulary
from slugline.learn.vectorize import fit_tfidf

ARTICLES = [
    Article("1", "Rebels seize Aleppo", "The rebels took Aleppo.\n\nThe army left."),
    Article("2", "Bank raises rates", "The bank raised its rate. Rebels were not asked."),
    Article("3", "Élection à Paris", "Les électeurs votent; the army watches the bank."),
]


@pytest.mark.parametrize(
    "config",
    [FeatureConfig(), FeatureConfig(ngram_max=2, min_df=1), FeatureConfig(sublinear_tf=False, max_terms=4, min_df=1)],
)
def test_the_numbers_are_those_of_the_predictors_features(config):
    vectorizer, X = fit_tfidf(ARTICLES, config)
    rows = Tfidf(Vocabulary.from_terms(vectorizer.get_feature_names_out()), vectorizer.idf_, config).rows(ARTICLES)
    X.sort_indices()
    np.testing.assert_array_equal(rows.indptr, X.indptr)
    np.testing.assert_array_equal(rows.indices, X.indices)
    np.testing.assert_allclose(rows.values, X.data, rtol=0, atol=1e-14)
    assert X.dtype == np.float64


def test_rare_and_common_terms_are_dropped():
    names = set(fit_tfidf(ARTICLES, FeatureConfig(min_df=2, max_df=0.7))[0].get_feature_names_out())
    assert {"rebels", "bank", "army"} <= names
    assert not names & {"aleppo", "the"}


@pytest.mark.parametrize(
    ("articles", "config"),
    [
        (ARTICLES, FeatureConfig(min_df=4)),
        (ARTICLES, FeatureConfig(min_df=3, max_df=0.1)),
        ([Article("1", "", "...")] * 3, FeatureConfig()),
    ],
    ids=["too rare", "excluding each other", "no words"],
)
def test_no_term_is_an_error_that_names_the_settings(articles, config):
    with pytest.raises(CorpusError, match=r"no term.*min_df"):
        fit_tfidf(articles, config)
