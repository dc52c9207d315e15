"""A label tree's verdicts on a corpus stay sparse, and are those of all articles at once."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from slugline.article import Article, Labels
from slugline.config import Config, EvaluateConfig, replace
from slugline.experiment import evaluate
from slugline.experiment.evaluate import evaluate_model
from slugline.experiment.tag_columns import TagVerdicts, said_of, tag_columns
from slugline.learn.train import train
from slugline.predict import Predictor

WORDS = [f"{place}{kind}" for place in "abcdefghijkl" for kind in ("son", "ton", "ville")]


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    texts = [WORDS[3 * (number % 12) :][:3] if number % 5 else ["nothing", "much"] for number in range(300)]
    # One without a word that the model knows.
    return [Article(str(n), "", " ".join(own) + f" today word{n % 7}") for n, own in enumerate(texts)] + [
        Article("x", "", "zzz")
    ]


@pytest.fixture(scope="module")
def labels() -> list[Labels]:
    found = [Labels(frozenset({f"Place {n % 12}", *(["Rare"] if n == 7 else [])}), None) for n in range(300)]
    return [*found, Labels(frozenset({"Never seen"}), None)]


@pytest.fixture(scope="module")
def predictor(articles, labels) -> Predictor:
    config = replace(
        replace(Config(), "tags", estimator="tree", min_articles=1), "tree", leaf=3, branch=4, candidates=4
    )
    return Predictor(train(articles[:150], labels[:150], None, config).bundle())


def dense(predictor: Predictor, articles: list[Article]):
    verdicts = predictor.verdicts(articles)
    return verdicts, TagVerdicts(verdicts.tag_labels, verdicts.tag_probabilities, verdicts.tag_decisions)


def test_columns_are_those_of_all_articles_at_once(predictor, articles, labels):
    assert len(articles) > 2 * predictor.batch_size
    verdicts, said = said_of(predictor, articles)
    assert verdicts.tag_labels == ()
    assert verdicts.known.tolist() == [True] * 300 + [False]
    found = tag_columns(predictor.bundle, said, labels)
    expected = tag_columns(predictor.bundle, dense(predictor, articles)[1], labels)
    assert found.labels == expected.labels
    assert found.unknown == expected.unknown
    for name in ("truth", "probability", "decided"):
        sparse = getattr(found, name)
        assert isinstance(sparse, csr_array)
        assert np.array_equal(sparse.toarray(), getattr(expected, name)), name


def test_the_evaluation_is_that_of_arrays(predictor, articles, labels, monkeypatch):
    some = [one if number % 9 else Labels(None, None) for number, one in enumerate(labels)]
    about = {"corpus": "small", "part": "all"}
    sparse = evaluate_model(predictor, articles, some, EvaluateConfig(bootstrap=20), **about)
    monkeypatch.setattr(evaluate, "said_of", dense)
    other = evaluate_model(predictor, articles, some, EvaluateConfig(bootstrap=20), **about)
    assert sparse.to_dict() == other.to_dict()
    assert sparse.outcomes == other.outcomes
    assert sparse.bands == other.bands
