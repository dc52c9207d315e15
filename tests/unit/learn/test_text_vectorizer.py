"""The transformers: scikit-learn's checks, and the matrix of scikit-learn's TfidfVectorizer."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.estimator_checks import parametrize_with_checks

from slugline.article import Article
from slugline.config import FeatureConfig, ViewConfig
from slugline.features.tokenizer import tokens
from slugline.learn import counts
from slugline.learn.text_vectorizer import ArticleVectorizer, TextVectorizer
from slugline.learn.vectorize import fit_tfidf

WORD = st.sampled_from(
    [
        "Oil",
        "oil",
        "up",
        "UP",
        "a",
        "U.S.",
        "x_y",
        "été",
        "ΟΔΟΣ",
        "ΟΔΟΣ'Β",
        "İz",
        "7",
        "1,200",
        "中国",
        "\n\n",
        ",",
        "ab-cd",
    ]
)
TEXT = st.lists(WORD, max_size=12).map(" ".join) | st.text(max_size=30)
TEXTS = st.lists(TEXT, min_size=1, max_size=8)
OPTIONS = st.fixed_dictionaries(
    {
        "ngram_range": st.sampled_from([(1, 1), (1, 2), (2, 2), (1, 3), (2, 4)]),
        "min_df": st.sampled_from([1, 2, 0.3]),
        "max_df": st.sampled_from([1.0, 0.7, 5]),
        "max_features": st.sampled_from([None, 3, 10]),
        "lowercase": st.booleans(),
        "token_pattern": st.sampled_from([r"(?u)\b\w\w+\b", r"\w", r"[^,]+", r"\b(\w)\w*"]),
        "norm": st.sampled_from(["l2", "l1", None]),
        "use_idf": st.booleans(),
        "smooth_idf": st.booleans(),
        "sublinear_tf": st.booleans(),
        "dtype": st.sampled_from([np.float64, np.float32]),
    }
)


def same(ours, theirs) -> None:
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    assert ours.has_sorted_indices
    np.testing.assert_allclose(ours.toarray(), theirs.toarray(), rtol=0, atol=1e-6)


# Those that there are for what reads strings; scikit-learn skips its own text vectorizers.
@parametrize_with_checks([TextVectorizer(), ArticleVectorizer()])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("small_blocks", [False, True])
@settings(deadline=None)
@given(TEXTS, TEXTS, OPTIONS)
def test_the_matrix_is_scikit_learns(small_blocks, texts, others, options):
    patch = pytest.MonkeyPatch()
    if small_blocks:
        patch.setattr(counts, "_MOST_CHARACTERS", 20)
    ours, theirs = TextVectorizer(**options), TfidfVectorizer(**options)
    try:
        try:
            expected = theirs.fit_transform(texts)
        except ValueError:
            with pytest.raises(ValueError, match=r"empty vocabulary|no terms remain|max_df"):
                ours.fit_transform(texts)
            return
        same(ours.fit_transform(texts), expected)
    finally:
        patch.undo()
    assert ours.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()
    assert ours.vocabulary_ == theirs.vocabulary_
    if options["use_idf"]:
        np.testing.assert_allclose(ours.idf_, theirs.idf_, rtol=1e-6)
    same(ours.transform(others), theirs.transform(others))
    copied = pickle.loads(pickle.dumps(ours))  # noqa: S301
    same(copied.transform(others), theirs.transform(others))


@settings(deadline=None)
@given(TEXTS, TEXTS, st.sampled_from([(1, 1), (1, 2), (2, 3)]))
def test_words_may_be_sluglines(texts, others, sizes):
    ours = TextVectorizer(token_pattern=None, ngram_range=sizes)
    theirs = TfidfVectorizer(tokenizer=tokens, token_pattern=None, lowercase=False, ngram_range=sizes)
    try:
        expected = theirs.fit_transform(texts)
    except ValueError:
        return
    same(ours.fit_transform(texts), expected)
    same(ours.transform(others), theirs.transform(others))


def test_bytes_are_utf_8():
    texts = ["Élection à Paris", "oil up", "Paris oil"]
    X = TextVectorizer().fit_transform(text.encode() for text in texts)
    same(X, TfidfVectorizer().fit_transform(texts))


@pytest.mark.parametrize("texts", ["oil", b"oil", [1.0], [None]])
def test_what_is_no_text_is_refused(texts):
    with pytest.raises(ValueError, match=r"string object|expected str"):
        TextVectorizer().fit(texts)


def test_boundaries_of_ngrams_are_checked():
    with pytest.raises(ValueError, match="ngram_range"):
        TextVectorizer(ngram_range=(2, 1)).fit(["oil up"])


@pytest.mark.parametrize("vectorizer", [TextVectorizer(), ArticleVectorizer()])
def test_before_fit_there_is_nothing(vectorizer):
    with pytest.raises(NotFittedError):
        vectorizer.transform(["oil"])
    with pytest.raises(NotFittedError):
        vectorizer.get_feature_names_out()


def test_articles_have_fields():
    articles = [Article(str(n), f"Oil up {n % 2}", f"Oil rose again.\n\nBanks fell {n}") for n in range(4)]
    views = (ViewConfig(ngram_max=2), ViewConfig("headline", "headline", weight=0.5))
    vectorizer = clone(ArticleVectorizer(views))
    X = vectorizer.fit_transform(articles)
    fitted, expected = fit_tfidf(articles, FeatureConfig(views))
    same(X, expected)
    same(vectorizer.transform(articles), expected)
    assert vectorizer.get_feature_names_out().tolist() == fitted.vocabulary.terms()
    assert ArticleVectorizer().fit(articles).transform(articles).nnz
