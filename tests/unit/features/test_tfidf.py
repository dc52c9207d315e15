"""TF-IDF rows are scikit-learn's."""

from __future__ import annotations

import json
from functools import partial
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from slugline.article import Article
from slugline.config import FeatureConfig
from slugline.features.tfidf import Rows, Tfidf, smooth_idf
from slugline.features.tokenizer import terms
from slugline.features.vocabulary import Vocabulary
from slugline.resources import data_path

WORDS = st.sampled_from(["Syria", "syria", "rebels", "U.S.", "été", "7", "2024", "bank's", "中国", "\n\n", "a"])
TEXT = st.lists(WORDS, max_size=12).map(" ".join)
ARTICLES = st.lists(st.builds(Article, id=st.just("x"), title=TEXT, body=TEXT), min_size=1, max_size=6)


def dense(rows: Rows, columns: int) -> np.ndarray:
    out = np.zeros((len(rows), columns))
    for row in range(len(rows)):
        part = slice(rows.indptr[row], rows.indptr[row + 1])
        assert (np.diff(rows.indices[part]) > 0).all()
        out[row, rows.indices[part]] = rows.values[part]
    return out


def both(train: list[Article], articles: list[Article], config: FeatureConfig) -> tuple[np.ndarray, np.ndarray]:
    """Rows by scikit-learn and by Slugline."""
    theirs = TfidfVectorizer(analyzer=partial(terms, config=config), sublinear_tf=config.sublinear_tf, min_df=1)
    theirs.fit(train)
    names = theirs.get_feature_names_out().tolist()
    ours = Tfidf(Vocabulary.from_terms(names), theirs.idf_, config)
    assert ours.vocabulary.terms() == names
    return theirs.transform(articles).toarray(), dense(ours.rows(articles), len(names))


@settings(deadline=None)
@given(ARTICLES, ARTICLES, st.booleans(), st.integers(1, 3), st.integers(1, 3))
def test_as_scikit_learn(train: list[Article], new: list[Article], sublinear: bool, ngram: int, repeat: int) -> None:
    config = FeatureConfig(ngram_min=1, ngram_max=ngram, title_repeat=repeat, sublinear_tf=sublinear)
    train = [*train, Article("y", "Syria", "")]
    theirs, ours = both(train, new, config)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)


def test_as_scikit_learn_on_real_articles() -> None:
    with data_path("starter", "articles.jsonl").open(encoding="utf-8") as stream:
        rows = [json.loads(line) for line in islice(stream, 120)]
    articles = [
        Article(str(number), row.get("title", ""), row.get("body") or row.get("text", ""))
        for number, row in enumerate(rows)
    ]
    assert sum(len(article.body) for article in articles) > 50_000
    theirs, ours = both(articles[:80], articles, FeatureConfig())
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)


def test_smooth_idf_as_scikit_learn() -> None:
    articles = [Article("1", "a1 b1", ""), Article("2", "b1", ""), Article("3", "b1 c1", "")]
    theirs = TfidfVectorizer(analyzer=partial(terms, config=FeatureConfig(ngram_max=1))).fit(articles)
    np.testing.assert_allclose(smooth_idf(np.array([1, 3, 1]), 3), theirs.idf_, rtol=1e-15)


def test_rows_do_not_depend_on_their_neighbours_and_may_be_empty() -> None:
    tfidf = Tfidf(Vocabulary.from_terms(["aleppo", "syria"]), np.array([2.0, 1.0]), FeatureConfig())
    articles = [Article("1", "Syria", "Aleppo"), Article("2", "?", "nothing known"), Article("3", "", "Aleppo")]
    rows = tfidf.rows(articles)
    assert rows.indptr.tolist() == [0, 2, 2, 3]
    assert rows.values[2] == 1.0
    for number, article in enumerate(articles):
        alone = tfidf.rows([article])
        part = slice(rows.indptr[number], rows.indptr[number + 1])
        assert alone.indices.tolist() == rows.indices[part].tolist()
        assert alone.values.tolist() == rows.values[part].tolist()
    assert len(tfidf.rows([])) == 0


def test_idf_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(3,\)"):
        Tfidf(Vocabulary.from_terms(["a"]), np.ones(3), FeatureConfig())
