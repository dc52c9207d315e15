"""Drift is found where there is some, and not where there is none."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from slugline.article import Article, Labels
from slugline.bundle import Bundle, read_bundle, write_bundle
from slugline.config import Config, replace
from slugline.errors import CorpusError, ModelFileError
from slugline.experiment.incoming import (
    OK,
    RETRAIN,
    WATCH,
    Incoming,
    Signal,
    compare_articles,
)
from slugline.experiment.novelty import unknown_shares, with_unknown_words
from slugline.experiment.promises import compare_feedback, is_log
from slugline.feedback import EventAnswer, Feedback, append
from slugline.learn.train import train
from slugline.predict import Predictor
from slugline.reference import Reference
from small_model import small_bundle

KINDS = {"Sports": "team goal season player match", "Courts": "judge trial lawyer verdict appeal"}
COMMON = ["the", "year", "said", "after", "people", "city", "news", "week"]


def _article(number: int, kind: str, *, new: float = 0.0, mixed: float = 0.25) -> Article:
    """An article of a kind, a share of its words of the other, and a share of words that nobody has seen."""
    rng = np.random.default_rng(number)
    other = next(name for name in KINDS if name != kind)
    words = []
    for _ in range(24):
        draw = rng.random()
        if draw < new:
            words.append(f"new{rng.integers(10_000)}x")
        elif rng.random() < 0.5:
            words.append(str(rng.choice(COMMON)))
        else:
            words.append(str(rng.choice(KINDS[other if rng.random() < mixed else kind].split())))
    return Article(f"a{number}", "", " ".join(words))


def _some(start: int, count: int, *, courts: float = 0.5, **how: float) -> tuple[list[Article], list[str]]:
    kinds = ["Courts" if (number * 37 % 100) < 100 * courts else "Sports" for number in range(start, start + count)]
    return [_article(start + place, kind, **how) for place, kind in enumerate(kinds)], kinds


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    articles, kinds = _some(0, 600)
    labels = [Labels(frozenset({kind}), kind.lower()) for kind in kinds]
    config = replace(replace(Config(), "names", enabled="never"), "learn", folds=3)
    made = train(articles, labels, None, config).bundle(corpus={"train": len(articles)})
    path = tmp_path_factory.mktemp("model") / "m"
    write_bundle(path, with_unknown_words(made, articles))
    return read_bundle(path)


def _says(found: Incoming) -> dict[str, str]:
    return {signal.name: signal.says for signal in found.signals}


def test_more_of_the_same_is_ok(bundle: Bundle) -> None:
    for start, count in ((1000, 400), (2000, 100), (3000, 40)):
        found = compare_articles(bundle, _some(start, count)[0], "same")
        assert found.verdict == OK, found.to_dict()
        assert {signal.name for signal in found.signals} == {
            "unknown_words",
            "tag_probability",
            "event_type_probability",
            "tags",
            "event_types",
        }


def test_new_words_and_less_certainty_say_retrain(bundle: Bundle) -> None:
    found = compare_articles(bundle, _some(1000, 200, new=0.5, mixed=0.45)[0], "later")
    assert found.verdict == RETRAIN
    said = _says(found)
    assert said["unknown_words"] == RETRAIN
    assert RETRAIN in (said["tag_probability"], said["event_type_probability"])
    assert found.to_dict()["articles"] == 200


def test_other_shares_are_watched(bundle: Bundle) -> None:
    found = compare_articles(bundle, _some(1000, 300, courts=0.9)[0], "courts")
    assert _says(found)["event_types"] == RETRAIN
    assert _says(found)["unknown_words"] == OK
    (signal,) = (signal for signal in found.signals if signal.name == "event_types")
    assert signal.detail["movers"][0]["label"] in ("courts", "sports")


def test_few_articles_say_nothing(bundle: Bundle) -> None:
    found = compare_articles(bundle, _some(1000, 20, new=0.9)[0], "few")
    assert found.verdict == OK
    assert found.notes == ("fewer than 30 articles say nothing",)
    with pytest.raises(CorpusError, match="no articles"):
        compare_articles(bundle, [], "none")


def test_one_signal_alone_is_no_reason() -> None:
    def found(*said: tuple[str, str]) -> str:
        signals = tuple(Signal(name, 1.0, 0.0, {}, says) for name, says in said)
        return Incoming("s", "m", 100, signals).verdict

    assert found() == OK
    assert found(("unknown_words", RETRAIN)) == WATCH
    assert found(("unknown_words", RETRAIN), ("tags", WATCH)) == RETRAIN
    assert found(("unknown_words", WATCH), ("tags", WATCH)) == WATCH
    assert found(("accepted", RETRAIN)) == RETRAIN


def test_a_model_without_a_reference_says_so() -> None:
    with pytest.raises(ModelFileError, match="does not say what it made of its training articles"):
        compare_articles(small_bundle(), _some(0, 40)[0], "any")


def test_unknown_words_of_an_article_as_if_it_had_not_been_there(bundle: Bundle) -> None:
    """By hand: leave an article out of the training, and count the words that are then too rare."""
    articles, kinds = _some(0, 40, new=0.3)
    labels = [Labels(frozenset({kind}), kind.lower()) for kind in kinds]
    views = tuple(dataclasses.replace(view, min_df=1) for view in Config().features.views)
    config = replace(replace(Config(), "names", enabled="never"), "learn", folds=2)
    config = replace(config, "features", views=views)
    made = train(articles, labels, None, config).bundle(corpus={"train": len(articles)})
    own = unknown_shares(made, articles, own=True)
    for left_out in (0, 7):
        rest = [one for number, one in enumerate(articles) if number != left_out]
        known = {word for one in rest for word in one.body.split()}
        words = articles[left_out].body.split()
        assert own[left_out] == pytest.approx(sum(word not in known for word in words) / len(words))
    reference = bundle.sections["reference"]
    assert isinstance(reference, Reference)
    assert reference.articles["unknown_words"] == 600


def _answers(bundle: Bundle, count: int, wrong: float, *, text: bool = True) -> list[Feedback]:
    """Answers that say of the decided tags what their probabilities promise, but for a share that is wrong besides."""
    rng = np.random.default_rng(5)
    articles, _ = _some(5000, count)
    made = []
    for article, said in zip(articles, Predictor(bundle).predict(articles), strict=True):
        right = [tag.tag for tag in said.tags if rng.random() < tag.probability * (1 - wrong)]
        event = said.event_type
        assert event is not None
        yes = rng.random() < event.probability * (1 - wrong)
        made.append(
            Feedback.of(
                article,
                model=bundle.digest,
                accepted=right,
                rejected=[tag.tag for tag in said.tags if tag.tag not in right],
                event_type=EventAnswer("accepted" if yes else "rejected", event.type),
                keep_text=text,
            )
        )
    return made


def test_feedback_that_keeps_the_promise_is_ok(bundle: Bundle) -> None:
    found = compare_feedback(bundle, _answers(bundle, 150, 0.0), "log")
    assert found.verdict == OK, found.to_dict()
    assert found.signals[0].detail["judged"] > 250


def test_feedback_that_breaks_it_says_retrain(bundle: Bundle) -> None:
    assert compare_feedback(bundle, _answers(bundle, 150, 0.4), "log").verdict == RETRAIN


def test_answers_from_before_the_tags_were_edited_still_count(bundle: Bundle) -> None:
    answers = _answers(bundle, 150, 0.0)
    edits = [{"action": "rename", "tag": "Courts", "to": "Justice", "model": bundle.digest}]
    manifest = dataclasses.replace(bundle.manifest, edits=edits)
    renamed = dataclasses.replace(bundle, manifest=manifest, digest="sha256:edited")
    assert compare_feedback(renamed, answers, "log").signals == compare_feedback(bundle, answers, "log").signals


def test_answers_about_other_models_and_without_text(bundle: Bundle, tmp_path: Path) -> None:
    answers = _answers(bundle, 60, 0.6, text=False)
    found = compare_feedback(bundle, answers, "log")
    assert found.verdict == OK
    assert "0 labels were judged in articles whose text is in the log" in found.notes[0]
    # With a precision to compare with, there is a rough signal, which is no reason by itself.
    metrics = {"tags": {"micro_precision": {"value": 0.95}}}
    manifest = dataclasses.replace(bundle.manifest, metrics=metrics)
    assert compare_feedback(dataclasses.replace(bundle, manifest=manifest), answers, "log").verdict == WATCH
    others = [dataclasses.replace(one, model="sha256:other") for one in answers]
    found = compare_feedback(bundle, others, "log")
    assert found.signals == ()
    assert found.notes[0] == "60 of 60 answers are about other models"
    append(tmp_path / "log", answers[0])
    assert is_log(str(tmp_path / "log"))
    (tmp_path / "c.jsonl").write_text('{"title": "a", "body": "b"}\n')
    assert not is_log(str(tmp_path / "c.jsonl"))
    assert not is_log("-")
