"""Articles worth a look: doubtful, unlike each other, not seen before."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from slugline.article import Article, Labels
from slugline.config import Config, replace
from slugline.experiment.drift import count_labels
from slugline.features.tfidf import Rows
from slugline.feedback import article_digest
from slugline.learn.train import train
from slugline.picks import ALIKE, Doubts, choose, pick
from slugline.predict import Predictor

WORDS = {
    "Sports": "team goal season player match coach",
    "Courts": "judge trial lawyer verdict appeal jury",
    "Rowing": "oars boat river regatta crew",
}


def _text(*tags: str, number: int = 0, length: int = 8) -> str:
    words = " ".join(WORDS[tag] for tag in tags).split()
    rng = np.random.default_rng(number)
    return " ".join(str(word) for word in rng.choice(words, length))


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    articles, labels = [], []
    for number in range(120):
        tags = ("Sports",) if number % 2 else ("Courts",)
        if number % 20 == 1:
            tags = ("Sports", "Rowing")
        articles.append(Article(str(number), "", _text(*tags, number=number)))
        labels.append(Labels(frozenset(tags), tags[0].lower()))
    config = replace(replace(Config(), "names", enabled="never"), "learn", folds=3)
    views = tuple(dataclasses.replace(view, min_df=1) for view in config.features.views)
    trained = train(articles, labels, None, replace(config, "features", views=views))
    tags, types, annotated = count_labels(labels)
    about = {"label_counts": {"tags": dict(tags), "event_type": dict(types), "articles": annotated}}
    return Predictor(trained.bundle(corpus=about))


SURE = [Article(f"sure{n}", "", _text("Sports" if n % 2 else "Courts", number=1000 + n, length=20)) for n in range(10)]
MIXED = [
    Article("mixed1", "", "team goal judge trial season verdict"),
    Article("mixed2", "", "coach match appeal jury lawyer player boat"),
]


def test_the_doubtful_come_first(predictor: Predictor) -> None:
    found = pick(predictor, [*SURE, *MIXED], 2)
    assert {one.article.id for one in found} == {"mixed1", "mixed2"}
    assert found[0].worth >= found[1].worth > 0
    assert all(one.doubtful for one in found)


def test_what_was_reviewed_is_left_out(predictor: Predictor) -> None:
    copy = Article("copy", "", MIXED[0].body + "  ")
    found = pick(predictor, [*SURE, *MIXED, copy], 2, reviewed={article_digest(MIXED[0])})
    assert {one.article.id for one in found}.isdisjoint({"mixed1", "copy"})
    assert found[0].article.id == "mixed2"


def test_no_two_are_near_duplicates(predictor: Predictor) -> None:
    near = [Article(f"near{n}", "", MIXED[0].body + f" {'abcdef'[n]}{n}") for n in range(6)]
    found = pick(predictor, [*near, *MIXED, *SURE], 6)
    assert sum(one.article.id in ("mixed1", *(n.id for n in near)) for one in found) == 1


def test_a_pick_has_the_decided_tags_and_those_in_doubt(predictor: Predictor) -> None:
    (one,) = pick(predictor, [MIXED[0]], 1)
    verdicts = predictor.verdicts([MIXED[0]])
    doubt = Doubts(predictor).tags(verdicts)[0]
    shown = {tag.tag for tag in one.prediction.tags}
    for number, tag in enumerate(verdicts.tag_labels):
        assert (tag in shown) == bool(verdicts.tag_decisions[0, number] or doubt[number] >= 0.25)
    said = one.to_dict()
    assert said["digest"] == article_digest(MIXED[0])
    assert list(said) == ["id", "title", "event_type", "tags", "model", "digest", "worth", "doubtful"]


def test_doubt_is_highest_at_the_threshold(predictor: Predictor) -> None:
    verdicts = predictor.verdicts(MIXED)
    head = predictor.bundle.tags
    assert head is not None
    at = np.tile(1 / (1 + np.exp(-(head.slope * head.thresholds + head.offset))), (2, 1))
    near, far = np.clip(at * 1.1, 0, 1), np.clip(at * 0.2, 0, 1)
    doubts = Doubts(predictor)
    found = [doubts.tags(dataclasses.replace(verdicts, tag_probabilities=one)) for one in (at, near, far)]
    np.testing.assert_allclose(found[0], 1.0, atol=1e-6)
    assert (found[0] > found[1]).all()
    assert (found[1] > found[2]).all()


def test_a_rare_tag_counts_for_more(predictor: Predictor) -> None:
    verdicts = predictor.verdicts(MIXED)
    same = dataclasses.replace(verdicts, tag_probabilities=np.full_like(verdicts.tag_probabilities, 0.3))
    doubts = Doubts(predictor)
    weight = (doubts.weighed(same) / doubts.tags(same))[0]
    assert weight[verdicts.tag_labels.index("Rowing")] > 1.2 * weight[verdicts.tag_labels.index("Sports")]


def test_an_article_without_a_known_word_is_worth_nothing(predictor: Predictor) -> None:
    assert Doubts(predictor).of(predictor.verdicts([Article("x", "", "zzz qqq")])).tolist() == [0.0]


def test_marginal_relevance_by_hand() -> None:
    """Three rows: the second repeats the first nearly, the third is less in doubt and new."""
    rows = Rows(np.array([0, 1, 3, 4]), np.array([0, 0, 1, 2]), np.array([2.0, 0.75, 0.66, 1.0]))
    doubt = np.array([1.0, 0.95, 0.8])
    assert choose(doubt, rows, 3, 3) == [0, 2, 1]
    same = Rows(np.array([0, 1, 2]), np.array([0, 0]), np.array([1.0, 3.0]))
    assert choose(np.array([0.5, 1.0]), same, 1, 2) == [1]
    assert ALIKE < 1
    empty = Rows(np.array([0, 0, 0]), np.zeros(0, np.int64), np.zeros(0))
    assert choose(np.zeros(2), empty, 3, 5) == [0, 1]


def test_only_the_most_doubtful_are_kept_in_memory(predictor: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    import slugline.picks as module

    monkeypatch.setattr(module, "_POOL", 2)
    monkeypatch.setattr(module, "_POOL_PER_PICK", 1)
    told: list[int] = []
    found = pick(predictor, (one for one in [*SURE, *MIXED]), 2, on_progress=told.append)
    assert {one.article.id for one in found} == {"mixed1", "mixed2"}
    assert told == [12]
