"""Without cross-validation heads are fitted once, decide by their classifiers and say that they were not measured."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from slugline.article import Article, Labels
from slugline.config import Config, FeatureConfig, ViewConfig, replace
from slugline.errors import ConfigError
from slugline.learn.estimators import ESTIMATORS, Problem, find_estimator
from slugline.learn.train import train
from slugline.learn.vectorize import fit_tfidf
from slugline.predict import Predictor
from slugline.self_test import with_self_test

WORDS = {"Sports": "team goal season player match", "Courts": "judge trial lawyer verdict appeal"}


def plain(estimator: str = "svm") -> Config:
    config = replace(Config(features=FeatureConfig((ViewConfig(),))), "learn", folds=0)
    config = replace(config, "tags", estimator=estimator, min_articles=2)
    return replace(config, "event_type", estimator=estimator)


def corpus(count: int = 24) -> tuple[list[Article], list[Labels]]:
    articles, labels = [], []
    for number in range(count):
        kind = "Sports" if number % 2 else "Courts"
        words = WORDS[kind].split()
        body = " ".join(words[(number + step) % 5] for step in range(20)) + f" case{number}"
        articles.append(Article(f"a{number}", f"{kind} {number}", body))
        labels.append(Labels(frozenset({kind}), {"Sports": "sport", "Courts": "trial"}[kind]))
    return articles, labels


@pytest.mark.parametrize("estimator", sorted(ESTIMATORS))
def test_the_weights_are_those_of_one_fit_and_nothing_is_measured(estimator):
    articles, labels = corpus()
    config = plain(estimator)
    model = train(articles, labels, None, config)
    assert set(model.heads) == {"tags", "event_type"}
    tags = model.tags
    assert (tags.rule, tags.fallback, tags.names) == ("zero", True, None)
    assert not tags.thresholds.any()
    assert tags.cross_validated == {"articles": 24, "labels": 2, "folds": 0, "rule": "zero"}
    truth = np.array([[name in one.tags for name in tags.labels] for one in labels])
    _, X = fit_tfidf(articles, model.config.features)
    own = find_estimator(estimator).fit(Problem(X, truth, config.tags.C, config.learn.seed))
    assert np.array_equal(tags.weights.coef, own.coef)
    assert model.event_type.priors == {"sport": 0.5, "trial": 0.5}


def test_the_model_file_decides_and_orders_as_its_scores_do():
    articles, labels = corpus()
    bundle = with_self_test(train(articles, labels, None, plain()).bundle())
    verdicts = Predictor(bundle).verdicts(articles)
    truth = np.array([[name in one.tags for name in verdicts.tag_labels] for one in labels])
    assert np.array_equal(verdicts.tag_decisions, truth)
    assert np.array_equal(verdicts.tag_probabilities > 0.5, truth)
    (said,) = Predictor(bundle).predict([Article("x", "Verdict", "the judge and the jury hear an appeal")])
    assert said.event_type.type == "trial"
    assert 0.5 < said.event_type.probability < 1


def test_the_same_bytes_for_any_number_of_jobs():
    articles, labels = corpus()
    one, two = (train(articles, labels, None, plain(), jobs=jobs) for jobs in (1, 2))
    assert np.array_equal(one.tags.weights.coef, two.tags.weights.coef)


def test_without_fallback_an_article_may_be_left_without_a_tag():
    articles, labels = corpus()
    assert not train(articles, labels, None, replace(plain(), "tags", fallback="never")).tags.fallback


@pytest.mark.parametrize(
    ("table", "changes"), [("names", {"enabled": "always"}), ("event_type", {"min_precision": 0.9})]
)
def test_what_only_cross_validation_can_choose_is_refused(table, changes):
    articles, labels = corpus()
    with pytest.raises(ConfigError, match="needs cross-validation"):
        train(articles, labels, None, replace(plain(), table, **changes))


def test_one_fold_is_none_at_all():
    with pytest.raises(ConfigError, match=r"learn\.folds"):
        Config(learn=dataclasses.replace(Config().learn, folds=1))
