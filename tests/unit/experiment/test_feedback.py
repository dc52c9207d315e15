"""Feedback changes the training part and nothing else, and the model in the direction that was asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slugline import feedback
from slugline.article import Article
from slugline.bundle import read_bundle
from slugline.config import Config, CorpusConfig, replace
from slugline.errors import ConfigError, CorpusError
from slugline.experiment.feedback import FeedbackUse, with_feedback
from slugline.experiment.prepare import Prepared, prepare
from slugline.experiment.train import train_model
from slugline.feedback import EventAnswer, Feedback
from slugline.predict import Predictor

WORDS = {"Sports": "team goal season player match", "Courts": "judge trial lawyer verdict appeal"}
MODEL = "sha256:" + "0" * 64
NEW = "Rowers row their boats in the yearly regatta on the river, oars in hand"


def _row(number: int) -> dict[str, object]:
    kind = list(WORDS)[number % 2]
    words = WORDS[kind].split()
    body = " ".join(words[(number * 3 + step * (1 + number % 3)) % 5] for step in range(20))
    body += " " + " ".join(f"word{number * number % 17 + step * number}" for step in range(12))
    return {
        "id": f"a{number}",
        "title": f"{kind} {number}",
        "body": body,
        "tags": [kind],
        "event_type": kind.lower(),
        "part": "train" if number < 36 else "test",
    }


def _article(number: int) -> Article:
    row = _row(number)
    return Article(str(row["id"]), str(row["title"]), str(row["body"]))


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    (tmp_path / "c.jsonl").write_text("".join(json.dumps(_row(number)) + "\n" for number in range(48)))
    return replace(Config(corpus=CorpusConfig("c.jsonl")), "learn", feedback="log.jsonl")


def _say(article: Article, **answer: object) -> None:
    feedback.append("log.jsonl", Feedback.of(article, model=MODEL, who="anna", **answer))  # type: ignore[arg-type]


def _used(config: Config) -> tuple[Prepared, FeedbackUse]:
    made = with_feedback(prepare(config))
    assert made.feedback is not None
    return made, made.feedback


def test_labels_of_training_articles_change(config: Config) -> None:
    _say(_article(0), rejected=["Sports"], added=["courts"])
    _say(_article(1), accepted=["Courts"])
    _say(_article(2), event_type=EventAnswer("corrected", "courts"))
    _say(_article(3), event_type=EventAnswer("rejected", "courts"))
    _say(_article(5), event_type=EventAnswer("rejected", "sports"))
    made, used = _used(config)
    labels = made.train.labels
    # The corpus's spelling prevails.
    assert labels[0].tags == {"Courts"}
    assert labels[1] == prepare(config).train.labels[1]
    assert labels[2].event_type == "courts"
    assert labels[3].event_type is None
    assert labels[5].event_type == "courts"
    assert (used.answers, used.changed, used.confirmed, used.added) == (5, 3, 2, 0)


def test_the_held_out_part_is_never_touched(config: Config) -> None:
    _say(_article(40), rejected=["Sports"], keep_text=True)
    near = _article(40)
    _say(Article("new", near.title, near.body + " And."), accepted=["Courts"], complete=True, keep_text=True)
    made, used = _used(config)
    plain = prepare(config)
    assert (made.held_out.articles, made.held_out.labels) == (plain.held_out.articles, plain.held_out.labels)
    assert made.train.articles == plain.train.articles
    assert used.unused == {"held out": 1, "near-duplicate of a held-out article": 1}


def test_articles_with_text_are_added_and_others_counted(config: Config) -> None:
    _say(Article("new", "Regatta", NEW), added=["Sports"], complete=True, keep_text=True)
    _say(Article("a0", "Regatta again", NEW[::-1]), added=["Sports"], keep_text=True)
    _say(Article("gone", "Text not kept", NEW[3:]), added=["Sports"])
    _say(Article("empty", "Nothing said", NEW[9:]), keep_text=True)
    made, used = _used(config)
    assert [article.id for article in made.train.articles[36:]] == ["new", "a0 (1)", "empty"]
    assert made.train.labels[36].tags == {"Sports"}
    # Not all its tags are known: it is not annotated, and what is known stands beside it.
    assert made.train.labels[37].tags is None
    assert [(one.article, one.present) for one in made.train.partial] == [(37, {"Sports"})]
    assert made.train.labels[38].tags is None
    assert used.added == 2
    assert used.partly == 1
    assert used.unused == {
        "not in the corpus, text not in the log": 1,
        "nothing was said of it that is trained": 1,
    }
    assert used.summary() == (
        "4 answers on 4 articles: 0 relabelled, 0 confirmed, 2 added (1 for some tags only); not used: "
        "1 not in the corpus, text not in the log, 1 nothing was said of it that is trained"
    )


def test_later_answers_hold(config: Config) -> None:
    _say(_article(0), rejected=["Sports"])
    _say(_article(0), accepted=["Sports"], event_type=EventAnswer("corrected", None))
    made, used = _used(config)
    assert made.train.labels[0].tags == {"Sports"}
    assert used.articles == 1
    # "No type fits" is new here, and one article is too few to learn it from.
    assert made.train.labels[0].event_type == "sports"
    assert used.new_event_types == {"none": 1}


def test_a_bad_log_is_one_error(config: Config) -> None:
    Path("log.jsonl").write_text("nonsense\n")
    with pytest.raises(CorpusError, match=r"log\.jsonl:1: not JSON"):
        with_feedback(prepare(config))
    with pytest.raises(ConfigError, match="training from disk takes in no feedback"):
        train_model(replace(config, "learn", memory="1G"), Path("m"), track=False)


def _probability(model: Path, text: str, tag: str) -> float:
    (found,) = Predictor.load(model).predict([Article("x", "", text)], top=2)
    return next(score.probability for score in found.tags if score.tag == tag)


@pytest.mark.slow
def test_feedback_changes_the_model_in_the_direction_that_was_asked_for(config: Config) -> None:
    plain = replace(config, "learn", folds=3)
    Path("log.jsonl").write_text("")
    train_model(plain, Path("before"), track=False)
    for number in range(6):
        text = f"{NEW} for the {number}th time, said {'ABCDEF'[number]}."
        complete = {"complete": True} if number % 2 else {}
        _say(
            Article(f"new{number}", f"{number}", text),
            added=["Courts"],
            rejected=["Sports"],
            keep_text=True,
            **complete,
        )
    outcome = train_model(plain, Path("after"))
    assert _probability(Path("after"), NEW, "Courts") > _probability(Path("before"), NEW, "Courts") + 0.1
    assert _probability(Path("after"), NEW, "Sports") < _probability(Path("before"), NEW, "Sports")
    # The held-out articles, and so the figures, are those of the training without feedback.
    assert outcome.evaluation is not None
    assert outcome.evaluation.to_dict()["articles"] == 12
    kept = read_bundle("after").manifest.corpus["feedback"]
    assert (kept["answers"], kept["added"], kept["partly"]) == (6, 6, 3)
    from slugline import tracking

    run = tracking.get_run(outcome.run_id or "")
    assert run.metrics["corpus/feedback_added"] == 6.0
    assert run.params["learn.feedback"] == "log.jsonl"
    # The same log, the same bytes.
    again = train_model(plain, Path("again"), track=False)
    assert again.digest == outcome.digest
