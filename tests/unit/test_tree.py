"""A label tree as a part of a model: predictions, reasons, the file, and files that lie about it."""

from __future__ import annotations

import dataclasses
import datetime as dt
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
from slugline.predict import Predictor
from slugline.reasons import RECENCY
from slugline.self_test import with_self_test
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
    assert Config.from_dict({"tree": {"recency": 2}}).tree.recency == 2.0
    for wrong in ("never", -1.0, 1e3):
        with pytest.raises(ConfigError, match=r"tree\.recency.*expected auto, or 0\.0 to 100\.0"):
            Config.from_dict({"tree": {"recency": wrong}})


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


def dated() -> tuple[list[Article], list[Labels]]:
    """Four articles a month for five years, one of each place, whose words stay the same while its story, which is the
    tag, changes every twenty months.
    """
    articles, labels = [], []
    for number in range(240):
        month, story = number // 4, number // 80
        place = number % 4
        text = f"{' '.join(WORDS[3 * place : 3 * place + 3])} word{number % 7} again and again"
        articles.append(
            Article(str(number), "", text, date=dt.date(2000 + month // 12, month % 12 + 1, 1 + number % 28))
        )
        labels.append(Labels(frozenset({f"Story {story} of place {place}"})))
    return articles, labels


@pytest.fixture(scope="module")
def told():
    config = replace(replace(Config(), "tags", estimator="tree"), "tree", leaf=3, branch=4, beam=3, candidates=12)
    return config, train(*dated(), None, config)


def test_recency_is_learned_and_is_a_reason_of_its_own(told, tmp_path):
    _, model = told
    assert model.tags.cross_validated["recency"] > 0
    write_bundle(tmp_path / "m.safetensors", with_self_test(model.bundle()))
    predictor = Predictor.load(tmp_path / "m.safetensors")
    (found,) = predictor.predict([Article("1", "", "ason aton aville")], top=5, explain=True)
    # Nothing but its date tells the last story from those before.
    assert found.tags[0].tag == "Story 2 of place 0"
    for tag in found.tags:
        assert tag.intercept + sum(item.contribution for item in tag.evidence) == pytest.approx(tag.score, abs=1e-6)
    recent = {tag.tag: {item.term: item.contribution for item in tag.evidence}.get(RECENCY, 0.0) for tag in found.tags}
    assert recent["Story 2 of place 0"] == pytest.approx(model.tags.cross_validated["recency"], rel=0.01)
    assert sorted(recent.values()) == sorted({*recent.values()})
    assert all(value > 0 for value in recent.values())


@pytest.mark.parametrize("corpus_", ["plain", "dated"])
def test_every_tag_can_be_explained_whether_or_not_the_search_came_to_it(corpus_, trained, told):
    bundle = with_self_test((trained if corpus_ == "plain" else told[1]).bundle())
    predictor = Predictor(bundle)
    articles = [
        Article("1", "", "ason bton cville today in the news"),
        Article("2", "", "ason"),
        Article("3", "", "zz"),
    ]
    labels = bundle.tags.labels
    searched = predictor.scores(articles)["tags"]
    for row, found in enumerate(predictor.explain_stream(articles, tags=labels)):
        assert sorted(tag.verdict.tag for tag in found.tags) == sorted(labels)
        for reasons in found.tags:
            tag = reasons.verdict
            total = tag.intercept + sum(item.contribution for item in tag.evidence)
            assert total == pytest.approx(tag.score, abs=1e-6)
            placed = sum(mark.contribution for mark in reasons.marks)
            recent = sum(item.contribution for item in tag.evidence if item.term == RECENCY)
            # How recent a tag is stands nowhere in the text.
            assert tag.intercept + placed + recent == pytest.approx(tag.score, abs=1e-6)
            score = searched[row, labels.index(tag.tag)]
            if score > NOT_MENTIONED and found.prediction.id != "3":
                assert tag.score == pytest.approx(score, abs=1e-6)
            else:
                assert not tag.decided
                assert reasons.why != ""
    best = next(iter(predictor.explain_stream(articles[:1], tags=labels))).tags[0]
    assert [mark for mark in best.marks if mark.contribution > 0]


def test_the_weight_of_recency_may_be_said_and_jobs_do_not_change_it(told):
    config, model = told
    fixed = train(*dated(), None, replace(config, "tree", recency=0.5), jobs=2)
    assert fixed.tags.tree.recency.max() == 0.5
    again = train(*dated(), None, config, jobs=2).bundle().arrays()
    assert {name: array.tobytes() for name, array in model.bundle().arrays().items()} == {
        name: array.tobytes() for name, array in again.items()
    }


@pytest.mark.parametrize("why", ["no dates", "few dates", "random split", "0"])
def test_without_a_time_that_goes_on_there_is_no_recency(told, why):
    config, model = told
    articles, labels = dated()
    if why == "random split":
        config = replace(config, "split", method="random")
    elif why == "0":
        config = replace(config, "tree", recency=0.0)
    else:
        known = 0 if why == "no dates" else 200
        articles = [
            dataclasses.replace(one, date=one.date if place < known else None) for place, one in enumerate(articles)
        ]
    found = train(articles, labels, None, config)
    assert found.tags.tree.recency is None
    assert "recency" not in found.tags.cross_validated
    arrays = model.bundle().arrays()
    trees = {name for name in arrays if name.startswith("tree.")} - {"tree.recency"}
    assert all(arrays[name].tobytes() == found.bundle().arrays()[name].tobytes() for name in trees)


@pytest.mark.parametrize("lie", [np.zeros(7, np.float32), np.zeros(12), np.full(12, np.nan, np.float32)])
def test_a_file_whose_recency_is_none_is_refused(told, tmp_path, lie):
    path = tmp_path / "m.safetensors"
    write_bundle(path, with_self_test(told[1].bundle()))
    line = refusal(edited(path, rehashed, lambda arrays: arrays.__setitem__("tree.recency", lie)))
    assert "sections.tree" in line
    assert "recency" in line
