"""The predictor, with numpy alone, agrees with the scikit-learn pipeline that was trained."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from slugline.article import Article
from slugline.bundle import write_bundle
from slugline.config import Config, CorpusConfig, ViewConfig, replace
from slugline.corpus.load import load_corpus
from slugline.learn.train import TrainedModel, train
from slugline.predict import Predictor
from slugline.self_test import with_self_test
from support import sklearn_scores

ODD = [
    Article("empty"),
    Article("unknown", "zzzzqqq", "xxyyzz wwvvuu"),
    Article("long", "Rebels", "\n\n".join(["The army left the city of Aleppo on Monday."] * 300)),
    Article("dirty", "CafÃ© &amp; rebels", "It\u2019s\u200b \x07 over\u00a0there"),
    Article("foreign", "Straße", "İstanbul, 東京, मुंबई"),
]


VIEWS = {
    "words": (ViewConfig(),),
    "pairs": (ViewConfig(ngram_max=2),),
    "stems": (ViewConfig(unit="stem", ngram_max=2, heads="event_type"), ViewConfig("own", heads="tags")),
    "views": (
        ViewConfig(part="body"),
        ViewConfig("headline", "headline", weight=0.6),
        ViewConfig("lead", "lead", lead_words=60, weight=0.5),
        ViewConfig("letters", "all", "char", 3, 4, max_terms=5000),
    ),
}


@pytest.fixture(scope="module", params=VIEWS)
def trained(request) -> tuple[TrainedModel, list[Article]]:
    corpus = load_corpus(CorpusConfig("starter"))
    config = replace(Config(), "features", views=VIEWS[request.param])
    # What is compared is the arithmetic: weights as fitted, and neither names nor groups.
    config = replace(config, "learn", weights="float32", keep=1.0, folds=2)
    config = replace(replace(config, "names", enabled="never"), "event_type", levels="flat")
    return train(corpus.articles, corpus.labels, None, config), list(corpus.articles)


def test_every_score_agrees(trained, tmp_path):
    """472 articles and as many headlines alone, through a model file."""
    model, articles = trained
    write_bundle(tmp_path / "model.safetensors", with_self_test(model.bundle()))
    predictor = Predictor.load(tmp_path / "model.safetensors")
    asked = articles + [dataclasses.replace(one, body="") for one in articles] + ODD
    expected = sklearn_scores(model, asked)
    found = predictor.scores(asked)
    assert set(found) == set(expected) == {"tags", "event_type"}
    for head, scores in expected.items():
        assert scores.shape == found[head].shape
        assert np.abs(scores - found[head]).max() <= 1e-5
    assert len(asked) > 500


def test_every_decision_agrees(trained):
    model, articles = trained
    verdicts = Predictor(model.bundle()).verdicts(articles)
    scores = sklearn_scores(model, articles)
    np.testing.assert_array_equal(verdicts.event_scores.argmax(axis=1), scores["event_type"].argmax(axis=1))
    decided = scores["tags"] >= model.tags.thresholds
    some = decided.any(axis=1)
    np.testing.assert_array_equal(verdicts.tag_decisions[some], decided[some])


def test_rounded_weights_decide_as_the_exact_ones(trained):
    """The default storage drops small weights and rounds the rest: hardly a decision changes."""
    model, articles = trained
    config = replace(model.config, "learn", weights="int8", keep=0.99)
    small = dataclasses.replace(model, config=config).bundle()
    exact = model.bundle()
    for one, other in ((small.tags, exact.tags), (small.event_type, exact.event_type)):
        size, whole = (head.weights.nbytes + head.indices.nbytes for head in (one, other))
        assert size < whole / 3
    ours, theirs = Predictor(small).verdicts(articles), Predictor(exact).verdicts(articles)
    assert np.mean(ours.tag_decisions != theirs.tag_decisions) < 0.001
    assert np.mean(ours.event_scores.argmax(axis=1) != theirs.event_scores.argmax(axis=1)) < 0.01
