"""The path of `make train`, end to end, in a folder of its own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from slugline.bundle import read_bundle
from slugline.corpus.split import Split
from slugline.errors import CorpusError
from support import ROOT, SAMPLE, assert_one_line_error, slugline


def test_make_train_calls_these_commands():
    """What the other tests run is what the Makefile runs."""
    plan = subprocess.run(["make", "-n", "train"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "slugline train --out model.safetensors" in plan
    assert "slugline predict data/starter/sample-article.txt --model model.safetensors" in plan


def test_training_ends_with_a_held_out_table(starter_run):
    assert "held-out articles (temporal split" in starter_run.stdout
    for name in ("micro-F1", "macro-F1", "P@5", "nDCG@5", "LRAP", "accuracy", "confusion", "worst tags"):
        assert name in starter_run.stdout
    assert max(map(len, starter_run.stdout.splitlines())) <= 80


def test_training_leaves_a_model_and_a_run_only(starter_run):
    assert starter_run.model.stat().st_size > 100_000
    assert sorted(path.name for path in starter_run.folder.iterdir()) == ["experiments", "model.safetensors"]


def test_the_sample_article_gets_its_event_type_and_tags(starter_run):
    done = slugline("predict", SAMPLE, "--format", "jsonl", cwd=starter_run.folder)
    assert done.returncode == 0, done.stderr
    prediction = json.loads(done.stdout)
    assert prediction["event_type"]["type"] == "armed_conflict"
    assert prediction["event_type"]["group"] == "Armed conflicts and attacks"
    assert {"Africa", "Rebels"} <= {tag["tag"] for tag in prediction["tags"] if tag["decided"]}
    assert prediction["title"].startswith("Sudan: Rebel Column Takes")


def test_the_tags_line_is_not_read_as_text(starter_run, tmp_path):
    """With another Tags line and another footer, the prediction stays the same to the last digit."""
    text = SAMPLE.read_text(encoding="utf-8")
    head, _, _ = text.partition("\nTags\n")
    other = tmp_path / "sample-article.txt"
    other.write_text(f"{head}\nTags\nFootball, Inflation, Elections\nMost Read\n", encoding="utf-8")
    found = [
        slugline("predict", path, "--format", "json", "--top", "50", cwd=starter_run.folder).stdout
        for path in (SAMPLE, other)
    ]
    assert json.loads(found[0]) == json.loads(found[1])


def test_training_twice_gives_the_same_bytes(starter_run, tmp_path):
    done = slugline("train", "--out", tmp_path / "again.safetensors", "--no-track", "--jobs", 2, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "again.safetensors").read_bytes() == starter_run.model.read_bytes()


def test_evaluate_repeats_the_held_out_numbers_of_training(starter_run):
    done = slugline("evaluate", "--format", "json", cwd=starter_run.folder)
    assert done.returncode == 0, done.stderr
    again = json.loads(done.stdout)
    assert again["part"] == "held-out"
    assert again["tags"]["metrics"]["micro_f1"] == starter_metrics(starter_run)["tags"]["micro_f1"]
    assert again["event_type"]["metrics"]["accuracy"] == starter_metrics(starter_run)["event_type"]["accuracy"]


def test_the_run_has_every_value_and_file(starter_run):
    done = slugline("runs", "list", "--format", "json", cwd=starter_run.folder)
    assert done.returncode == 0, done.stderr
    (run,) = json.loads(done.stdout)
    assert run["status"] == "FINISHED"
    shown = json.loads(slugline("runs", "show", run["id"], "--format", "json", cwd=starter_run.folder).stdout)
    assert shown["params"]["features.views.0.ngram_max"]
    assert shown["metrics"]["tags/micro_f1"] == pytest.approx(starter_metrics(starter_run)["tags"]["micro_f1"]["value"])
    names = {Path(name).name for name in shown["files"]}
    assert {"model.safetensors", "evaluation.json", "split.json", "config.toml"} <= names


def test_a_recorded_split_is_taken_again(starter_run, tmp_path):
    (recorded,) = starter_run.folder.glob("experiments/artifacts/**/split.json")
    done = slugline(
        *("train", "--split-file", recorded, "--split", "random", "--seed", 7, "--no-track", "--format", "json"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    # The split is the recorded one, whatever else is asked for; other folds move the thresholds.
    about = read_bundle(tmp_path / "model.safetensors").manifest.corpus
    assert about["split_digest"] == json.loads(recorded.read_text(encoding="utf-8"))["digest"]
    assert about["split"] == "temporal"


def test_a_model_is_not_evaluated_on_another_split_than_its_own(starter_run, tmp_path):
    (recorded,) = starter_run.folder.glob("experiments/artifacts/**/split.json")
    own = Split.load(recorded)
    own.save(tmp_path / "split.json")
    train = ("train", "--split-file", "split.json", "--no-track")
    assert slugline(*train, cwd=tmp_path).returncode == 0
    # A sound split, but with a training article held out.
    values = own.to_dict() | {"train": own.train[1:], "held_out": (*own.held_out, own.train[0])}
    with pytest.raises(CorpusError) as caught:
        Split.from_dict(json.loads(json.dumps(values)))
    Split.from_dict(json.loads(json.dumps(values | {"digest": caught.value.expected}))).save(tmp_path / "split.json")
    done = slugline("evaluate", cwd=tmp_path)
    assert_one_line_error(done, "split.json", own.digest[:40])
    assert done.stdout == ""
    # Nor is the split overwritten by a model.
    before = (tmp_path / "split.json").read_bytes()
    assert_one_line_error(slugline(*train, "--out", "split.json", cwd=tmp_path), "split.json")
    assert (tmp_path / "split.json").read_bytes() == before


def test_a_split_that_was_changed_is_refused(starter_run, tmp_path):
    (recorded,) = starter_run.folder.glob("experiments/artifacts/**/split.json")
    changed = json.loads(recorded.read_text(encoding="utf-8"))
    changed["train"].append(changed["held_out"].pop())
    (tmp_path / "split.json").write_text(json.dumps(changed), encoding="utf-8")
    done = slugline("train", "--split-file", "split.json", "--no-track", cwd=tmp_path)
    assert_one_line_error(done, "split.json", "digest")


def starter_metrics(run):
    return read_bundle(run.model).manifest.metrics
