"""What would fail after hours of training fails before it; what training made is not lost with the store of runs."""

from __future__ import annotations

import dataclasses
import json

import pytest

from slugline import tracking
from slugline.config import Config, CorpusConfig, EventTypeConfig, replace
from slugline.errors import ConfigError, CorpusError, OutputError, SluglineError
from slugline.experiment import train as module
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
    monkeypatch.setattr(module, "prepare", lambda *_args, **_keys: pytest.fail("reading has started"))
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


@pytest.mark.parametrize("step", ["log_files", "_end"])
def test_a_store_that_fails_at_the_end_loses_neither_model_nor_evaluation(corpus, monkeypatch, tmp_path, step):
    def gone(*_args, **_keys):
        raise SluglineError("the store is gone")

    monkeypatch.setattr(tracking, step, gone)
    outcome = train_model(corpus(), tmp_path / "m")
    assert str(outcome.tracking_error) == "the store is gone"
    assert (tmp_path / "m").is_file()
    assert outcome.evaluation.event_type is not None
    untracked = train_model(corpus(), tmp_path / "n", track=False)
    assert (untracked.digest, untracked.tracking_error) == (outcome.digest, None)
