"""`slugline train --split none` as a user runs it."""

from __future__ import annotations

import json

from support import assert_one_line_error, slugline
from unit.experiment.test_splits import write


def test_train_says_what_it_knows_and_evaluate_refuses(tmp_path):
    (tmp_path / "f.toml").write_text(write(tmp_path / "c.jsonl").to_toml())
    train = ["train", "--config", "f.toml", "--split", "none", "--no-track", "--out", "m"]
    done = slugline(*train, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    articles = len((tmp_path / "c.jsonl").read_text().splitlines())
    assert f"all {articles} articles trained the model, none was held out" in done.stdout
    assert "macro-F1" in done.stdout
    model = (tmp_path / "m").read_bytes()
    done = slugline(*train, "--format", "json", "--jobs", 2, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["corpus"], said["part"], said["train"]) == ("c.jsonl", "none", articles)
    assert said["cross_validated"]["event_type"]["accuracy"] > 0.5
    assert (tmp_path / "m").read_bytes() == model
    assert_one_line_error(slugline("evaluate", "--model", "m", cwd=tmp_path), "none was held out", "--part all")
    done = slugline("evaluate", "--model", "m", "--part", "all", cwd=tmp_path)
    assert "the model was trained on some of these" in done.stdout
    # Its configuration under splits that hold something out.
    done = slugline("evaluate", "--model", "m", "--splits", "--format", "json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {one["split"] for one in json.loads(done.stdout)["splits"]} >= {"random", "grouped"}


def test_without_cross_validation_nothing_is_known_and_that_is_said(tmp_path):
    (tmp_path / "f.toml").write_text(write(tmp_path / "c.jsonl").to_toml())
    train = ["train", "--config", "f.toml", "--folds", 0, "--no-track", "--out", "m"]
    done = slugline(*train, "--split", "none", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "nothing is known of how well it does" in done.stdout
    assert "near-duplicates" not in done.stderr
    done = slugline(*train, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "near-duplicates" in done.stderr
    assert "accuracy" in done.stdout
    (tmp_path / "f0.toml").write_text((tmp_path / "f.toml").read_text().replace("folds = 2", "folds = 0"))
    for command in (["search", "--config", "f0.toml", "--trials", 1], ["train", "--config", "f.toml", "--folds", 1]):
        assert_one_line_error(slugline(*command, cwd=tmp_path), "learn.folds")


def test_the_protocol_of_two_sides_cannot_be_asked_for(tmp_path):
    done = slugline("train", "--split", "none", "--label-set", "both-sides", cwd=tmp_path)
    assert_one_line_error(done, "tags.label_set", "held-out part")
