"""A label tree as a part of a model: predictions, reasons, the file, and files that lie about it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from slugline.article import Article, Labels
from slugline.bundle import write_bundle
from slugline.config import Config, TreeConfig, replace
from slugline.decide import NOT_MENTIONED, sigmoid
from slugline.errors import ConfigError, CorpusError
from slugline.learn.train import train
from slugline.predict import Predictor, with_self_test
from small_model import edited, refusal

WORDS = [f"{place}{kind}" for place in "abcdefghijkl" for kind in ("son", "ton", "ville")]


def corpus() -> tuple[list[Article], list[Labels]]:
    """Each tag is a place, whose articles have three words of their own; every fifth article has no tag."""
    articles, labels = [], []
    for number in range(120):
        place = number % 12
        own = WORDS[3 * place : 3 * place + 3]
        tagged = number % 5 != 4
        words = own if tagged else ["nothing", "much", "happens"]
        articles.append(Article(str(number), "", f"{' '.join(words)} today in the news word{number % 7}"))
        labels.append(Labels(frozenset({f"Place {place}"} if tagged else ()), None))
    return articles, labels


@pytest.fixture(scope="module")
def trained():
    articles, labels = corpus()
    config = replace(replace(Config(), "tags", estimator="tree"), "tree", leaf=3, branch=4, beam=3, candidates=6)
    return train(articles, labels, None, config)


@pytest.fixture(scope="module")
def model(trained, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("tree") / "model.safetensors"
    write_bundle(path, with_self_test(trained.bundle()))
    return path


@pytest.fixture
def copy(model, tmp_path) -> Path:
    """The model where a test may change it."""
    return Path(shutil.copy(model, tmp_path / "copy.safetensors"))


def test_the_file_predicts_what_training_saw(model):
    predictor = Predictor.load(model)
    predictor.bundle.verify()
    found = predictor.predict([Article("1", "", "ason aton aville"), Article("2", "", "zzz"), Article("3", "", "")])
    assert [tag.tag for tag in found[0].tags] == ["Place 0"]
    assert found[1].tags == found[2].tags == ()


def test_top_gives_the_best_in_order_and_reasons_sum_to_the_score(model):
    predictor = Predictor.load(model)
    (found,) = predictor.predict([Article("1", "", "ason bton cville today in the news")], top=5, explain=True)
    assert len(found.tags) == 5
    assert {"Place 0", "Place 1", "Place 2"} == {tag.tag for tag in found.tags[:3]}
    head = predictor.bundle.tags
    for tag in found.tags:
        assert tag.intercept + sum(item.contribution for item in tag.evidence) == pytest.approx(tag.score, abs=1e-9)
        assert tag.probability == pytest.approx(sigmoid(head.slope[0] * tag.score + head.offset[0]))
    best = found.tags[0]
    assert best.evidence[0].term.startswith(("ason", "bton", "cville"))
    assert best.evidence[0].contribution > 0


def test_scores_and_probabilities_cover_every_tag(model):
    predictor = Predictor.load(model)
    scores = predictor.scores([Article("1", "", "ason")])["tags"]
    assert scores.shape == (1, 12)
    assert np.count_nonzero(scores > NOT_MENTIONED) == 6
    chance = predictor.probabilities([Article("1", "", "ason")])["tags"]
    assert chance.shape == (1, 12)
    assert chance.argmax() == scores.argmax()
    assert (chance[scores == NOT_MENTIONED] == 0).all()


def test_a_batch_says_what_single_articles_say(model):
    predictor = Predictor.load(model)
    articles = corpus()[0][:40]
    together = predictor.predict(articles, top=3)
    alone = [predictor.predict([article], top=3)[0] for article in articles]
    assert together == alone


def test_the_same_bytes_for_any_number_of_jobs(trained):
    again = train(*corpus(), None, trained.config, jobs=2).bundle().arrays()
    assert {name: array.tobytes() for name, array in trained.bundle().arrays().items()} == {
        name: array.tobytes() for name, array in again.items()
    }


def test_few_articles_and_a_tree_for_event_types_are_errors():
    articles, labels = corpus()
    config = replace(replace(Config(), "tags", estimator="tree"), "tree", leaf=3)
    with pytest.raises(CorpusError, match="too few articles"):
        train(articles[:3], labels[:3], np.zeros(3, dtype=np.int64), replace(config, "tags", min_articles=1))
    with pytest.raises(ConfigError, match=r"event_type\.estimator"):
        train(articles, labels, None, replace(Config(), "event_type", estimator="tree"))
    with pytest.raises(ConfigError, match=r"names\.enabled"):
        replace(config, "names", enabled="always")
    with pytest.raises(ConfigError, match=r"tree\.leaf"):
        Config(tree=TreeConfig(leaf=1))


def test_many_tags_one_by_one_are_warned_of(monkeypatch):
    monkeypatch.setattr("slugline.learn.train.MANY_TAGS", 3)
    notes = train(*corpus(), None, replace(Config(), "learn", folds=2)).notes
    assert any("12 tags" in note and 'tags.estimator = "tree"' in note for note in notes)


LIES = {
    "order": (lambda a: a.__setitem__("tree.0.order", np.zeros(12, np.int32)), "every tag once"),
    "shape": (lambda a: a.__setitem__("tree.0.order", a["tree.0.order"][:-1]), "every tag once"),
    "missing": (lambda a: a.pop("tree.1.0.child"), "not those of a tree"),
    "more": (lambda a: a.__setitem__("tree.9.0.child", np.zeros(3, np.uint8)), "not those of a tree"),
    "dtype": (lambda a: a.__setitem__("tree.0.0.weight", a["tree.0.0.weight"].astype(np.float32)), "weight is float32"),
    "children": (lambda a: a["tree.0.0.child_ptr"].__setitem__(-1, 99), "child_ptr"),
    "keys": (lambda a: a["tree.0.1.key_ptr"].__setitem__(1, 10**6), "key_ptr"),
    "negative": (lambda a: a["tree.0.1.child_ptr"].__setitem__(1, -5), "child_ptr"),
    "entries": (lambda a: a["tree.0.1.entry_ptr"].__setitem__(1, 10**6), "entry_ptr"),
    "terms": (lambda a: a["tree.0.1.terms"].__setitem__(0, 10**6), "belongs to no term"),
    "unordered": (lambda a: a.__setitem__("tree.0.1.terms", a["tree.0.1.terms"][::-1].copy()), "do not ascend"),
    "child": (lambda a: a["tree.0.1.child"].__setitem__(0, 200), "belongs to no child"),
    "scale": (lambda a: a["tree.0.1.scale"].__setitem__(0, np.nan), "not a finite number"),
    "short": (lambda a: a.__setitem__("tree.0.1.intercept", a["tree.0.1.intercept"][:-1]), "intercept has"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_file_whose_tree_is_not_one_is_refused(copy, lie):
    change, said = LIES[lie]
    line = refusal(edited(copy, rehashed, change))
    assert "sections.tree" in line
    assert said in line


def rehashed(manifest) -> None:
    """The hashes are left as they are: what is wrong must be seen before they are compared."""
    assert manifest["sections"]["tree"]["levels"][0] >= 2


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("levels", 0),
        ("levels", [1, 2, 2]),
        ("levels", []),
        ("levels", ["2"]),
        ("beam", 0),
        ("beam", True),
        ("candidates", -1),
        ("nearness", "a"),
    ],
)
def test_a_manifest_whose_tree_is_not_one_is_refused(copy, key, value):
    line = refusal(edited(copy, lambda manifest: manifest["sections"]["tree"].update({key: value})))
    assert "sections.tree" in line
