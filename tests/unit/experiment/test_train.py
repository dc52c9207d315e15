"""What would fail after hours of training fails before it; what training made is not lost with the store of runs."""

from __future__ import annotations

import dataclasses
import json

import pytest

from slugline import tracking
from slugline.bundle import read_bundle
from slugline.config import Config, CorpusConfig, EventTypeConfig, replace
from slugline.errors import ConfigError, CorpusError, OutputError, SluglineError
from slugline.experiment import train as module
from slugline.experiment.evaluate import evaluate_corpus
from slugline.experiment.train import train_model

WORDS = {"Sports": "team goal season player match", "Courts": "judge trial lawyer verdict appeal"}


def rows(count=24, **held_out):
    """Articles of two event types in turn; the last quarter is the held-out part, with `held_out` for labels."""
    for number in range(count):
        kind = "Sports" if number % 2 else "Courts"
        words = WORDS[kind].split()
        body = " ".join(words[(number + step) % 5] for step in range(20)) + f" number{number} case{number * 7}"
        row = {"id": f"a{number}", "title": f"{kind} {number}", "body": body, "event_type": kind, "part": "train"}
        if number >= count * 3 // 4:
            row["part"] = "test"
            row.update(held_out)
        yield row


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def write(**held_out):
        (tmp_path / "c.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows(**held_out)))
        return Config(corpus=CorpusConfig("c.jsonl"))

    return write


@pytest.fixture
def untrained(monkeypatch):
    """Fails the test if training starts."""
    monkeypatch.setattr(module, "train", lambda *_args, **_keys: pytest.fail("training has started"))


def test_a_held_out_part_without_labels_is_told_before_training(corpus, untrained, tmp_path):
    config = corpus(event_type=None, tags=["a"])
    with pytest.raises(CorpusError, match=r"c\.jsonl: nothing to evaluate: no held-out article"):
        train_model(config, tmp_path / "m", track=False)


def test_a_missing_taxonomy_is_told_before_training(corpus, untrained, tmp_path):
    config = dataclasses.replace(corpus(), event_type=EventTypeConfig(taxonomy="nowhere.toml"))
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        train_model(config, tmp_path / "m", track=False)


def test_a_store_that_cannot_be_used_is_told_before_reading(corpus, monkeypatch, tmp_path):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/junk.db")
    (tmp_path / "junk.db").write_bytes(b"no database at all" * 100)
    monkeypatch.setattr(module, "prepare_to_train", lambda *_args, **_keys: pytest.fail("reading has started"))
    with pytest.raises(OutputError, match="not a database"):
        train_model(corpus(), tmp_path / "m")


@pytest.mark.parametrize("which", ["corpus", "taxonomy", "aliases"])
def test_the_model_never_replaces_what_it_is_made_from(corpus, tmp_path, which):
    config = corpus()
    (tmp_path / "own.toml").write_text("[aliases]\n")
    if which != "corpus":
        table = "corpus" if which == "aliases" else "event_type"
        config = replace(config, table, **{which: "own.toml"})
    target = tmp_path / ("c.jsonl" if which == "corpus" else "own.toml")
    before = target.read_bytes()
    with pytest.raises(OutputError, match="would overwrite what is read"):
        train_model(config, target, track=False)
    assert target.read_bytes() == before


@pytest.mark.parametrize("step", ["log_files", "writing._end"])
def test_a_store_that_fails_at_the_end_loses_neither_model_nor_evaluation(corpus, monkeypatch, tmp_path, step):
    def gone(*_args, **_keys):
        raise SluglineError("the store is gone")

    monkeypatch.setattr(f"slugline.tracking.{step}", gone)
    outcome = train_model(corpus(), tmp_path / "m")
    assert str(outcome.tracking_error) == "the store is gone"
    assert (tmp_path / "m").is_file()
    assert outcome.evaluation.event_type is not None
    untracked = train_model(corpus(), tmp_path / "n", track=False)
    assert (untracked.digest, untracked.tracking_error) == (outcome.digest, None)


def test_with_nothing_held_out_the_model_carries_cross_validated_measures(corpus, tmp_path):
    config = replace(corpus(), "split", method="none")
    outcome = train_model(config, tmp_path / "m", track=False)
    assert outcome.evaluation is None
    manifest = read_bundle(tmp_path / "m").manifest
    assert manifest.metrics == {}
    assert (manifest.corpus["split"], manifest.corpus["train"], manifest.corpus["held_out"]) == ("none", 24, 0)
    measures = manifest.corpus["cross_validated"]
    assert measures == outcome.measures
    assert measures["event_type"]["accuracy"] == 1.0
    assert measures["event_type"]["articles"] == 24
    said = outcome.to_dict()
    assert (said["part"], said["articles"], said["train"]) == ("none", 0, 24)
    assert said["cross_validated"] == measures
    # Held-out labels are not asked for: half of the articles' are enough.
    assert train_model(replace(corpus(event_type=None), "split", method="none"), tmp_path / "n", track=False).measures


def test_a_run_without_a_held_out_part_has_no_metric_that_looks_like_one(corpus, tmp_path):
    outcome = train_model(replace(corpus(), "split", method="none"), tmp_path / "m")
    run = tracking.get_run(outcome.run_id)
    assert run.metrics["cross-validated/event_type/accuracy"] == 1.0
    assert not any(name.startswith(("tags/", "event_type/")) for name in run.metrics)
    assert {"split.json", "cross-validated.json", "config.toml"} <= run.files.keys()
    assert not {"evaluation.json", "predictions.jsonl.gz"} & run.files.keys()


def test_a_model_of_every_article_is_not_evaluated_on_them_by_accident(corpus, tmp_path):
    config = replace(corpus(), "split", method="none")
    train_model(config, tmp_path / "m", track=False)
    for part in ("auto", "held-out"):
        with pytest.raises(CorpusError, match="trained on every article of this corpus"):
            evaluate_corpus(tmp_path / "m", None, part=part)
    # Also where the corpus has changed since: which of its articles are new is not known.
    (tmp_path / "c.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows(32)))
    with pytest.raises(CorpusError, match="trained on every article of this corpus"):
        evaluate_corpus(tmp_path / "m", None)
    assert evaluate_corpus(tmp_path / "m", None, part="all").includes_training
    (tmp_path / "other.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows(20)))
    assert not evaluate_corpus(tmp_path / "m", CorpusConfig("other.jsonl")).includes_training
