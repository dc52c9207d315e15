"""A few kills of each kind of work; `make soak` has two hundred, and the full disks."""

from __future__ import annotations

import json
import random
import sqlite3
import tomllib
from pathlib import Path

import pytest

from slugline.bundle import read_bundle
from slugline.predict import Predictor
from support import long_test

if not Path("/proc/self/stat").exists():
    pytest.skip("only Linux tells which processes are left", allow_module_level=True)


@pytest.mark.parametrize("name", ["train", "tags", "feedback", "download"])
def test_what_is_killed_leaves_everything_whole(name, tmp_path):
    tally = long_test("crash").try_kind(name, 3, 5, tmp_path / "work")
    assert tally.breaches == []
    # Of all that were begun at least one was still at work, however busy the machine is.
    assert tally.kills >= 1


def test_a_killed_training_leaves_its_store_whole(tmp_path):
    pytest.importorskip("mlflow", reason="MLflow is not installed")
    tally = long_test("crash").try_kind("track", 2, 5, tmp_path / "work")
    assert tally.breaches == []
    assert tally.kills >= 1


@pytest.mark.parametrize("name", ["train", "download"])
def test_a_full_or_read_only_disk_is_one_line_and_changes_nothing(name, tmp_path):
    full = long_test("disk_full")
    try:
        tally = full.try_kind(name, 3, 5, tmp_path / "work")
    except OSError as error:
        pytest.skip(f"nothing can be mounted here: {error}")
    assert tally.breaches == []
    # One disk has no room at all, another one is read-only.
    assert tally.failed >= 2


def at_once(folder: Path, *lines: list[str]) -> list[int]:
    """The exit codes of commands that run at the same time."""
    work = long_test("_work")
    processes = [work.CONTEXT.Process(target=work.command, args=(str(folder), line)) for line in lines]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    long_test("_kinds_of_work").write_corpus(folder / "corpus.jsonl", random.Random(1))
    return folder


def test_two_trainings_at_once_are_two_runs_and_one_whole_model(folder):
    pytest.importorskip("mlflow", reason="MLflow is not installed")
    for seed in "12":
        (folder / f"{seed}.toml").write_text(f"[split]\nseed = {seed}\n")
    line = ["train", "corpus.jsonl", "--out", "model.safetensors", "--config"]
    assert at_once(folder, [*line, "1.toml"], [*line, "2.toml"]) == [0, 0], (folder.parent / "log.txt").read_text()
    store = sqlite3.connect(folder / "experiments" / "mlflow.db")
    runs = store.execute("SELECT run_uuid, status, experiment_id FROM runs").fetchall()
    store.close()
    assert [status for _, status, _ in runs] == ["FINISHED", "FINISHED"]
    assert len({experiment for *_, experiment in runs}) == 1
    found = folder / "experiments" / "artifacts"
    seeds, models = [], []
    for run, *_ in runs:
        files = found / run / "artifacts"
        seeds.append(tomllib.loads((files / "config.toml").read_text())["split"]["seed"])
        models.append((files / "model.safetensors").read_bytes())
        said = json.loads((files / "evaluation.json").read_text())["model"]
        assert Predictor.load(files / "model.safetensors", copy=True).bundle.digest == said
    assert sorted(seeds) == [1, 2]
    assert (folder / "model.safetensors").read_bytes() in models
    assert long_test("_work").left_over(folder) == []


def test_edits_at_once_are_all_made(folder):
    assert at_once(folder, ["train", "corpus.jsonl", "--no-track", "--out", "model.safetensors"]) == [0]
    names = [f"name {number}" for number in range(6)]
    line = ["tags", "alias", "--model", "model.safetensors", "tag1"]
    assert at_once(folder, *([*line, name] for name in names)) == [0] * 6
    edits = read_bundle(folder / "model.safetensors").tag_vocabulary().edits
    assert sorted(str(edit.to) for edit in edits) == names
    assert long_test("_work").left_over(folder) == []
