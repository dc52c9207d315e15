"""TF-IDF rows are scikit-learn's, view by view."""

from __future__ import annotations

import json
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from slugline.article import Article
from slugline.config import FeatureConfig, ViewConfig
from slugline.features.tfidf import Rows, Tfidf, smooth_idf
from slugline.features.vocabulary import Vocabulary
from slugline.resources import data_path
from view_terms import view_terms

WORDS = st.sampled_from(["Syria", "syria", "rebels", "U.S.", "été", "7", "2024", "bank's", "中国", "\n\n", "a"])
TEXT = st.lists(WORDS, max_size=12).map(" ".join)
ARTICLES = st.lists(st.builds(Article, id=st.just("x"), title=TEXT, body=TEXT), min_size=1, max_size=6)
VIEWS = st.lists(
    st.builds(
        ViewConfig,
        part=st.sampled_from(["all", "headline", "lead", "body"]),
        unit=st.sampled_from(["word", "char"]),
        ngram_max=st.integers(1, 3),
        title_repeat=st.integers(1, 3),
        lead_words=st.integers(1, 5),
        weight=st.sampled_from([1.0, 0.5, 3.0]),
        sublinear_tf=st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


def named(views: list[ViewConfig]) -> FeatureConfig:
    """The views under names of their own."""
    keys = [key for key in ViewConfig.__slots__ if key != "name"]
    made = [
        ViewConfig(name=f"v{number}", **{key: getattr(view, key) for key in keys}) for number, view in enumerate(views)
    ]
    return FeatureConfig(tuple(made))


def dense(rows: Rows, columns: int) -> np.ndarray:
    out = np.zeros((len(rows), columns))
    for row in range(len(rows)):
        part = slice(rows.indptr[row], rows.indptr[row + 1])
        assert (np.diff(rows.indices[part]) > 0).all()
        out[row, rows.indices[part]] = rows.values[part]
    return out


def both(train: list[Article], articles: list[Article], config: FeatureConfig) -> tuple[np.ndarray, np.ndarray]:
    """Rows by scikit-learn, one vectorizer for each view, and by Slugline."""
    names: list[str] = []
    idf: list[float] = []
    values = []
    for number, view in enumerate(config.views):
        theirs = TfidfVectorizer(
            analyzer=lambda one, number=number: view_terms(one, config.views)[number], sublinear_tf=view.sublinear_tf
        )
        if not any(view_terms(one, config.views)[number] for one in train):
            continue
        theirs.fit(train)
        names += theirs.get_feature_names_out().tolist()
        idf += theirs.idf_.tolist()
        values.append(theirs.transform(articles).toarray() * view.weight)
    order = sorted(range(len(names)), key=names.__getitem__)
    ours = Tfidf(Vocabulary.from_terms(names), np.array(idf)[order], config)
    assert ours.vocabulary.terms() == sorted(names)
    return np.hstack(values)[:, order], dense(ours.rows(articles), len(names))


@settings(deadline=None)
@given(ARTICLES, ARTICLES, VIEWS)
def test_as_scikit_learn(train: list[Article], new: list[Article], views: list[ViewConfig]) -> None:
    train = [*train, Article("y", "Syria", "Syria")]
    theirs, ours = both(train, new, named(views))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "views",
    [
        [ViewConfig()],
        [ViewConfig(part="body"), ViewConfig(part="headline", weight=0.6), ViewConfig(part="lead", weight=0.5)],
        [ViewConfig(), ViewConfig(unit="char", ngram_min=3, ngram_max=5), ViewConfig(ngram_min=2, ngram_max=2)],
    ],
    ids=["one", "parts", "letters and pairs"],
)
def test_as_scikit_learn_on_real_articles(views: list[ViewConfig]) -> None:
    with data_path("starter", "articles.jsonl").open(encoding="utf-8") as stream:
        rows = [json.loads(line) for line in islice(stream, 120)]
    articles = [
        Article(str(number), row.get("title", ""), row.get("body") or row.get("text", ""))
        for number, row in enumerate(rows)
    ]
    assert sum(len(article.body) for article in articles) > 50_000
    theirs, ours = both(articles[:80], articles, named(views))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)


def test_smooth_idf_as_scikit_learn() -> None:
    articles = [Article("1", "a1 b1", ""), Article("2", "b1", ""), Article("3", "b1 c1", "")]
    theirs = TfidfVectorizer(analyzer=lambda one: view_terms(one, [ViewConfig()])[0]).fit(articles)
    np.testing.assert_allclose(smooth_idf(np.array([1, 3, 1]), 3), theirs.idf_, rtol=1e-15)


def test_rows_do_not_depend_on_their_neighbours_and_may_be_empty() -> None:
    tfidf = Tfidf(Vocabulary.from_terms(["aleppo", "syria"]), np.array([2.0, 1.0]), FeatureConfig((ViewConfig(),)))
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


def test_each_view_has_the_length_of_its_weight() -> None:
    config = FeatureConfig((ViewConfig(), ViewConfig("headline", "headline", weight=0.5)))
    tfidf = Tfidf(Vocabulary.from_terms(["1:oil", "1:up", "aleppo", "oil"]), np.ones(4), config)
    rows = tfidf.rows([Article("1", "Oil up", "Aleppo"), Article("2", "", "Oil in Aleppo")])
    assert rows.indices.tolist() == [0, 1, 2, 3, 2, 3]
    assert np.hypot(*rows.values[[2, 3]]) == pytest.approx(1.0)
    assert rows.values[[0, 1]].tolist() == pytest.approx([0.5 / 2**0.5] * 2)


def test_idf_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(3,\)"):
        Tfidf(Vocabulary.from_terms(["a"]), np.ones(3), FeatureConfig((ViewConfig(),)))
