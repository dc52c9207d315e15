"""The matrix of TextVectorizer is TfidfVectorizer's on every real corpus, and words are the tokenizer's."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from slugline.config import CorpusConfig, FeatureConfig
from slugline.config_views import DEFAULT_VIEWS
from slugline.corpus.load import load_corpus
from slugline.features.tokenizer import tokens
from slugline.features.words import Words
from slugline.learn.text_vectorizer import TextVectorizer
from slugline.learn.vectorize import fit_tfidf
from support import sklearn_rows

CORPORA = {
    "reuters21578": "reuters21578.tar.gz",
    "wcep": "events.jsonl.gz",
    "wcep_linked": "events-2025.jsonl.gz",
    "muc34": "documents.jsonl.gz",
    "starter": "articles.jsonl",
}
OPTIONS = [
    {},
    {"ngram_range": (1, 2), "sublinear_tf": True},
    {"ngram_range": (1, 3), "min_df": 3, "max_df": 0.2, "max_features": 20_000, "norm": "l1", "lowercase": False},
]


@pytest.fixture(scope="module", params=CORPORA)
def articles(request, real_corpus):
    path = real_corpus(request.param) / CORPORA[request.param]
    return [record.article for record in islice(load_corpus(CorpusConfig(str(path))).records, 4_000)]


def test_words_are_the_tokenizers(articles):
    texts = [article.text for article in articles]
    words = Words()
    numbers, lengths = words.read(texts)
    expected = list(map(tokens, texts))
    assert lengths.tolist() == list(map(len, expected))
    assert [words.spelled[number] for number in numbers.tolist()] == [word for own in expected for word in own]


@pytest.mark.parametrize("options", OPTIONS, ids=["words", "pairs", "triples, limited"])
def test_the_matrix_is_scikit_learns(articles, options):
    texts = [article.text for article in articles]
    cut = len(texts) * 3 // 4
    ours, theirs = TextVectorizer(**options), TfidfVectorizer(**options)
    same(ours.fit_transform(texts[:cut]), theirs.fit_transform(texts[:cut]))
    assert ours.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()
    same(ours.transform(texts[cut:]), theirs.transform(texts[cut:]))


def test_sluglines_own_views_are_scikit_learns(articles):
    cut = min(len(articles) * 3 // 4, 1500)
    learn, new = articles[:cut], articles[cut : cut + 300]
    fitted, X = fit_tfidf(learn, FeatureConfig(DEFAULT_VIEWS))
    same(X, sklearn_rows(fitted, learn))
    rows = fitted.rows(new)
    expected = sklearn_rows(fitted, new)
    expected.sort_indices()
    np.testing.assert_array_equal(rows.indptr, expected.indptr)
    np.testing.assert_array_equal(rows.indices, expected.indices)
    np.testing.assert_allclose(rows.values, expected.data, rtol=0, atol=1e-9)


def same(ours, theirs) -> None:
    assert ours.shape == theirs.shape
    assert abs(ours - theirs).max() <= 1e-6
