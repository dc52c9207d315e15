"""Lines of JSON written from arrays are those that are written from objects."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slugline.article import Article
from slugline.bundle import Bundle
from slugline.decide import best_tags
from slugline.predict import Predictor
from small_model import ARTICLES, UNKNOWN, named_bundle, small_bundle, two_levels

TEXTS = st.text(max_size=12) | st.sampled_from(["Syria \ud83d", '"\\/\u2028', "é\n\t中"])
ARTICLE = st.one_of(
    st.sampled_from([*ARTICLES, UNKNOWN, Article("6")]),
    st.builds(Article, TEXTS, TEXTS, st.sampled_from([article.body for article in ARTICLES]) | TEXTS),
)
PREDICTORS = [
    Predictor(bundle)
    for bundle in (
        small_bundle(),
        named_bundle(),
        dataclasses.replace(small_bundle(), tags=None),
        dataclasses.replace(small_bundle(), event_type=None),
        two_levels(),
        two_levels(abstain=(0.5, 0.4), seed=3),
        two_levels(abstain=(1.1, 0.3), seed=2),
    )
]


@settings(deadline=None)
@given(
    st.lists(ARTICLE, max_size=8),
    st.sampled_from(PREDICTORS),
    st.none() | st.integers(1, 9),
    st.booleans(),
    st.integers(1, 8),
)
def test_lines_are_what_json_makes_of_predictions(
    articles: list[Article], predictor: Predictor, top: int | None, ascii_only: bool, batch: int
) -> None:
    expected = [json.dumps(one.to_dict(), ensure_ascii=ascii_only) for one in predictor.predict(articles, top=top)]
    written = "".join(predictor.predict_lines(articles, top=top, ascii_only=ascii_only, batch=batch))
    assert written == "".join(line + "\n" for line in expected)


def int8(bundle: Bundle) -> Bundle:
    """The same with weights as model files have them, for which many articles take another way."""
    heads = {}
    for name in ("tags", "event_type", "event_group"):
        if (head := getattr(bundle, name)) is not None:
            weights = np.rint(head.weights / np.abs(head.weights).max() * 127).astype(np.int8)
            heads[name] = dataclasses.replace(head, weights=weights)
    return dataclasses.replace(bundle, **heads)


@pytest.mark.parametrize("bundle", [small_bundle(), two_levels(), named_bundle()], ids=["plain", "levels", "names"])
@pytest.mark.parametrize("cells", [1 << 22, 64], ids=["whole table", "part of it"])
def test_a_prediction_does_not_depend_on_its_neighbours(
    bundle: Bundle, cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slugline.scorer._CELLS", cells)
    articles = [
        dataclasses.replace(article, id=str(number), body=f"{article.body} {ARTICLES[number % 3].title}")
        for number, article in enumerate([*ARTICLES, UNKNOWN, Article("6")] * 60)
    ]
    for changed in (bundle, int8(bundle)):
        many = Predictor(changed).predict(articles, top=3)
        assert many == [Predictor(changed).predict([article], top=3)[0] for article in articles]


@given(st.data(), st.integers(0, 5), st.integers(1, 7), st.none() | st.integers(1, 8))
def test_the_best_tags_are_those_of_sorting_every_article(
    data: st.DataObject, articles: int, tags: int, top: int | None
) -> None:
    def matrix(values: st.SearchStrategy[float] | st.SearchStrategy[bool]) -> np.ndarray:
        row = st.lists(values, min_size=tags, max_size=tags)
        return np.array(data.draw(st.lists(row, min_size=articles, max_size=articles))).reshape(articles, tags)

    probability = matrix(st.sampled_from([0.0, 0.25, 0.5, 1.0])).astype(np.float64)
    decided, possible = matrix(st.booleans()).astype(bool), matrix(st.booleans()).astype(bool)
    labels = tuple(data.draw(st.permutations("abcdefg"[:tags])))
    expected = [
        sorted(
            (n for n in range(tags) if possible[row, n] and (top is not None or decided[row, n])),
            key=lambda n, row=row: (-probability[row, n], labels[n]),
        )[:top]
        for row in range(articles)
    ]
    assert best_tags(probability, decided, possible, labels, top) == expected


def test_batches_are_smaller_where_there_are_more_tags() -> None:
    assert Predictor(small_bundle()).batch_size == 1024
    tags = small_bundle().tags
    assert tags is not None
    wide = dataclasses.replace(tags, labels=tuple(map(str, range(40_000))))
    predictor = Predictor(small_bundle())
    predictor.bundle = dataclasses.replace(predictor.bundle, tags=wide)
    assert 64 <= predictor.batch_size < 128
