from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from slugline.article import NONE, Article, Labels
from slugline.config import Config, LearnConfig, replace
from slugline.errors import ConfigError, CorpusError
from slugline.learn import parallel
from slugline.learn.event_type_head import event_type_labels
from slugline.learn.tag_head import tag_labels
from slugline.learn.train import train
from slugline.predict import Predictor
from support import sklearn_scores

WORDS = {
    "Syria": "aleppo damascus idlib rebels army front",
    "Economy": "bank rates inflation shares market profit",
    "Sports": "match goal season team coach league",
}


def article(number: int, kind: str, other: str = "") -> Article:
    """A few words of its kind, one of another, and a word of no meaning."""
    own = WORDS[kind].split()
    body = [own[(number + step) % len(own)] for step in range(4)] + [f"word{number % 5}"]
    return Article(f"{kind}-{number}", own[number % len(own)], " ".join([*body, *other.split()[:3]]))


def corpus(each: int = 15) -> tuple[list[Article], list[Labels]]:
    articles = [article(number, kind) for number in range(each) for kind in WORDS]
    labels = [Labels(frozenset({kind, "News"}), kind.lower()) for _ in range(each) for kind in WORDS]
    return articles, labels


def config(**tags) -> Config:
    return replace(replace(Config(), "learn", folds=3), "tags", **tags)


def test_both_heads_learn_what_is_there():
    articles, labels = corpus()
    model = train(articles, labels, None, config())
    assert model.tags.labels == ("Economy", "News", "Sports", "Syria")
    assert model.event_type.labels == ("economy", "sports", "syria")
    assert model.tags.cross_validated["micro_f1"] > 0.95
    assert model.event_type.cross_validated["accuracy"] > 0.95
    predictor = Predictor(model.bundle())
    (found,) = predictor.predict([Article("new", "Rebels", "The army left Idlib and Aleppo.")])
    assert {tag.tag for tag in found.tags} == {"News", "Syria"}
    assert found.event_type.type == "syria"


def test_same_bytes_again_and_for_any_number_of_jobs(monkeypatch):
    monkeypatch.setattr(parallel, "WORTH_A_POOL", 0)
    articles, labels = corpus()
    models = [train(articles, labels, None, config(), jobs=jobs) for jobs in (1, 1, 2)]
    arrays = [{name: array.tobytes() for name, array in model.bundle().arrays().items()} for model in models]
    assert arrays[0] == arrays[1] == arrays[2]


def test_not_annotated_is_not_absent():
    """Articles without annotation change the vocabulary, but are negatives of nothing."""
    articles, labels = corpus()
    # The same Syrian articles, once more, this time nobody looked at them.
    unseen = [dataclasses.replace(article(number, "Syria"), id=f"x{number}") for number in range(15)]
    plain = train(articles, labels, None, config())
    more = train(articles + unseen, labels + [Labels(None, None)] * 15, None, config())
    negative = train(articles + unseen, labels + [Labels(frozenset(), None)] * 15, None, config())
    syria = plain.tags.labels.index("Syria")
    asked = [article(3, "Syria")]
    as_is, with_unseen, as_absent = (
        sklearn_scores(model, asked)["tags"][0, syria] for model in (plain, more, negative)
    )
    assert as_absent < with_unseen - 0.3
    assert with_unseen == pytest.approx(as_is, abs=0.25)
    assert more.tags.cross_validated["articles"] == more.event_type.cross_validated["articles"] == 45
    assert negative.tags.cross_validated["articles"] == 60


@pytest.mark.parametrize("missing", ["tags", "event_type"])
def test_a_head_that_the_corpus_lacks_is_absent_and_noted(missing):
    articles, labels = corpus()
    labels = [dataclasses.replace(one, **{missing: None}) for one in labels]
    model = train(articles, labels, None, config())
    assert getattr(model, missing) is None
    assert len(model.notes) == 1
    assert missing not in sklearn_scores(model, articles[:2])
    assert missing not in Predictor(model.bundle()).scores(articles[:2])
    assert missing not in model.summary()


def test_none_is_an_event_type_of_its_own():
    articles, labels = corpus()
    labels = [Labels(None, NONE if one.event_type == "sports" else one.event_type) for one in labels]
    assert train(articles, labels, None, config()).event_type.labels == ("economy", NONE, "syria")


def test_rare_tags_are_not_trained():
    articles, labels = corpus()
    labels[0] = Labels(labels[0].tags | {"Rare"}, labels[0].event_type)
    assert "Rare" not in train(articles, labels, None, config()).tags.labels
    assert "Rare" in train(articles, labels, None, config(min_articles=1)).tags.labels


def test_near_duplicates_stay_in_one_fold():
    """Labels drawn by lot: only who has a copy of an article in another fold can look as if it knew them."""
    random = np.random.default_rng(0)
    articles = [Article(str(n), "", " ".join(f"w{n}x{step}" for step in range(6))) for n in range(60)]
    labels = [Labels(None, str(kind)) for kind in random.integers(0, 2, 60)]
    copies = [dataclasses.replace(one, id=f"{one.id}-copy") for one in articles]
    groups = np.tile(np.arange(60), 2)
    accuracy = [
        train(articles + copies, labels * 2, given, config()).event_type.cross_validated["accuracy"]
        for given in (groups, None)
    ]
    assert accuracy[0] < 0.65
    assert accuracy[1] > 0.75


def test_progress_names_the_stages():
    told = []
    train(*corpus(), None, config(), progress=lambda *said: told.append(said))
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == [
        "vectorizing",
        "fitting tags",
        "cross-validating tags",
        "learning names",
        "fitting event types",
        "cross-validating event types",
    ]
    assert all(0 <= done <= total for _, done, total in told)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([Labels(None, None)] * 6, "no article has a tag; no article has an event type"),
        ([Labels(frozenset(), None)] * 6, "no article has a tag"),
        ([Labels(frozenset({"News"}), None)] * 6, "'News' is the only tag, and every article has it"),
        ([Labels(None, "sport")] * 6, "'sport' is the only event type"),
        ([Labels(frozenset({str(number)}), None) for number in range(6)], "no tag has 3 articles or more"),
    ],
    ids=["not annotated", "no tags", "one tag", "one event type", "all too rare"],
)
def test_nothing_to_learn_is_an_error(labels, message):
    with pytest.raises(CorpusError, match=message) as caught:
        train(corpus(2)[0], labels, None, config())
    assert "\n" not in str(caught.value)


def test_no_articles_and_too_few_are_errors():
    with pytest.raises(CorpusError, match="nothing to train on"):
        train([], [], None, config())
    articles, labels = corpus()
    with pytest.raises(CorpusError, match="too few articles"):
        train(articles, labels, np.zeros(len(articles), np.int64), config())


def test_lengths_that_disagree_and_unknown_estimators_are_refused():
    articles, labels = corpus()
    with pytest.raises(ValueError, match="45 articles, 44 labels"):
        train(articles, labels[:-1], None, config())
    with pytest.raises(ConfigError, match="unknown estimator"):
        train(articles, labels, None, config(estimator="forest"))
    with pytest.raises(ConfigError, match="unknown estimator"):
        train(articles, labels, None, replace(config(), "event_type", estimator="forest"))


@pytest.mark.parametrize("estimator", ["svm", "logistic", "sgd"])
@pytest.mark.parametrize("threshold", ["scutfbr", "scut", "zero"])
def test_every_estimator_and_rule_trains(estimator, threshold):
    articles, labels = corpus(6)
    settings = replace(config(estimator=estimator, threshold=threshold, C=10.0), "event_type", estimator=estimator)
    model = train(articles, labels, None, settings)
    assert model.tags.rule == threshold
    assert np.isfinite(model.tags.thresholds).all()


def test_the_highest_score_is_the_highest_probability():
    articles, labels = corpus()
    # One type ten times rarer, so that calibration finds a bias to correct.
    chosen = [number for number, one in enumerate(labels) if one.event_type != "syria" or number < 9]
    articles = [article(number, kind, WORDS["Sports"]) for number in range(15) for kind in WORDS]
    model = train([articles[i] for i in chosen], [labels[i] for i in chosen], None, config())
    head = model.event_type.linear_head(LearnConfig())
    assert not head.offset.any()
    verdicts = Predictor(model.bundle()).verdicts(articles)
    np.testing.assert_array_equal(verdicts.event_probabilities.argmax(axis=1), verdicts.event_scores.argmax(axis=1))


def test_summary_and_bundle_are_complete():
    articles, labels = corpus()
    model = train(articles, labels, None, config())
    said = json.loads(json.dumps(model.summary()))
    assert {"micro_f1", "macro_f1", "ece", "rule", "fallback"} <= set(said["tags"])
    assert {"accuracy", "macro_f1", "ece"} <= set(said["event_type"])
    assert set(said["seconds"]) == {"vectorizing", "tags", "event_type"}
    bundle = model.bundle(corpus={"name": "small"}, groups={"syria": "Wars"})
    assert bundle.manifest.config == model.config.to_dict()
    assert bundle.manifest.corpus["name"] == "small"
    assert set(bundle.manifest.libraries) == {"numba", "numpy", "scikit-learn", "scipy"}
    assert len(bundle.vocabulary) == len(bundle.idf)


def test_label_lists():
    labels = [Labels(frozenset({"b", "a"}), "x"), Labels(frozenset({"a"}), NONE), Labels(None, None)]
    assert tag_labels(labels, 1) == ("a", "b")
    assert event_type_labels(labels) == (NONE, "x")
