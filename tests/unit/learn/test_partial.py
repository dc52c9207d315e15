"""Articles of which only some tags are known teach those tags, and nothing about the others."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from slugline.article import Article, Labels
from slugline.config import Config, replace
from slugline.learn.partial import PartialTags
from slugline.learn.train import train

WORDS = {"Sports": "team goal season player match", "Courts": "judge trial lawyer verdict appeal"}


def _article(number: int, text: str) -> Article:
    return Article(f"a{number}", text, f"{text} number{number} case{number % 5}")


def _corpus() -> tuple[list[Article], list[Labels]]:
    articles, labels = [], []
    for number in range(60):
        tag = list(WORDS)[number % 2]
        words = WORDS[tag].split()
        articles.append(_article(number, " ".join(words[(number + step) % 5] for step in range(8))))
        labels.append(Labels(frozenset({tag})))
    return articles, labels


def _config(folds: int) -> Config:
    config = replace(Config(), "learn", folds=folds)
    config = replace(config, "names", enabled="never")
    views = tuple(dataclasses.replace(view, min_df=1) for view in config.features.views)
    return replace(config, "features", views=views)


def _scores(model, text: str) -> dict[str, float]:
    from support import sklearn_scores

    (row,) = sklearn_scores(model, [_article(99, text)])["tags"]
    return dict(zip(model.tags.labels, row.tolist(), strict=True))


NEW = "regatta rowing boats oars"


@pytest.mark.parametrize("folds", [0, 3])
@pytest.mark.parametrize("present", [True, False])
def test_a_tag_that_is_known_moves_and_others_stay(folds: int, present: bool) -> None:
    articles, labels = _corpus()
    more = [_article(100 + number, NEW) for number in range(4)]
    tags = frozenset({"Sports"})
    partial = [
        PartialTags(60 + number, tags if present else frozenset(), frozenset() if present else tags)
        for number in range(4)
    ]
    every, unknown = articles + more, labels + [Labels()] * 4
    before = train(every, unknown, None, _config(folds))
    after = train(every, unknown, None, _config(folds), partial=partial)
    moved = _scores(after, NEW)["Sports"] - _scores(before, NEW)["Sports"]
    assert moved > 0.05 if present else moved < -0.01
    # Nothing was said of the other tag: not even in the last bit does it change.
    courts = before.tags.labels.index("Courts")
    assert (before.tags.weights.coef[courts] == after.tags.weights.coef[courts]).all()
    assert before.tags.weights.intercept[courts] == after.tags.weights.intercept[courts]


def test_it_is_what_training_on_those_rows_gives() -> None:
    """Where every tag of an article is known, partly known is the same as annotated, for the classifiers."""
    articles, labels = _corpus()
    more = [_article(100 + number, NEW) for number in range(4)]
    sports, courts = frozenset({"Sports"}), frozenset({"Courts"})
    partly = train(
        articles + more,
        labels + [Labels()] * 4,
        None,
        _config(0),
        partial=[PartialTags(60 + number, sports, courts) for number in range(4)],
    )
    wholly = train(articles + more, labels + [Labels(sports)] * 4, None, _config(0))
    np.testing.assert_allclose(partly.tags.weights.coef, wholly.tags.weights.coef, atol=1e-6)


def test_tags_that_are_not_trained_are_passed_over() -> None:
    articles, labels = _corpus()
    partial = [PartialTags(60, frozenset({"Rowing"}), frozenset({"Chess"}))]
    before = train([*articles, _article(100, NEW)], [*labels, Labels()], None, _config(0))
    after = train([*articles, _article(100, NEW)], [*labels, Labels()], None, _config(0), partial=partial)
    assert (before.tags.weights.coef == after.tags.weights.coef).all()
