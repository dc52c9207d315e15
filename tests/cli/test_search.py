"""`slugline search` as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import typer

from slugline.cli.search import seconds
from slugline.cli.search_tables import search_tables
from slugline.config import Config
from slugline.experiment.search import SearchResult
from slugline.experiment.space import config_values, space_for
from slugline.experiment.study import Trial
from support import assert_one_line_error, slugline

pytest.importorskip("optuna")


@pytest.fixture
def folder(tmp_path):
    words = {"Sports": "team goal season player match", "Courts": "judge trial lawyer verdict appeal"}
    with (tmp_path / "c.jsonl").open("w") as stream:
        for number in range(40):
            kind = "Sports" if number % 2 else "Courts"
            body = " ".join(words[kind].split()[(number + step) % 5] for step in range(12)) + f" n{number}"
            row = {"id": f"a{number}", "title": f"{kind} {number}", "body": body, "event_type": kind, "tags": [kind]}
            stream.write(json.dumps(row | {"part": "train" if number < 30 else "test"}) + "\n")
    return tmp_path


def test_search_then_train(folder):
    done = slugline("search", "c.jsonl", "--trials", "2", "--no-track", "--format", "json", cwd=folder)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["trials"] == {"complete": 2, "pruned": 0, "failed": 0, "added": 2}
    assert found["ended"] == "2 trials were asked for"
    assert "trial 1: " in done.stderr
    assert "wrote best.toml" in done.stderr
    again = slugline("search", "c.jsonl", "--trials", "2", "--no-track", cwd=folder)
    assert "2 trials (0 now)" in again.stdout
    assert max(map(len, again.stdout.splitlines())) <= 80
    trained = slugline("train", "--config", "best.toml", "--no-track", cwd=folder)
    assert trained.returncode == 0, trained.stderr


def test_a_search_that_is_killed_goes_on(folder):
    command = [sys.executable, "-m", "slugline", "search", "c.jsonl", "--trials", "500"]
    running = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, env=os.environ)
    for line in running.stderr:
        if line.startswith("trial 2:"):
            break
    time.sleep(0.1)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    assert (folder / "best.toml").is_file()
    done = slugline("search", "c.jsonl", "--trials", "5", "--format", "json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["trials"]["added"] < 3
    listed = slugline("runs", "list", cwd=folder).stdout
    assert listed.count("search") == 1
    assert "running" not in listed.lower()


def test_the_table_fits_80_columns():
    space = space_for(Config(), ("tags", "event_type"))
    measures = {"tags": {"micro_f1": 0.5, "macro_f1": 0.25}, "event_type": {"accuracy": 0.5, "macro_f1": 0.25}}
    values = config_values(Config(), space) | {"tags.estimator": "logistic", "tags.C": 0.0123}
    trials = tuple(Trial(120 + k, "complete", values, 0.5 - k / 100, measures, 1234.0) for k in range(7))
    shares = {one.name: 1 / len(space) for one in space}
    trials = (Trial(0, "complete", values, 0.1, measures, 1.0), *trials)
    shown = search_tables(
        SearchResult("s", "c", 9, ("tags", "event_type"), "mean", space, trials, 7, "", shares, Config(), None)
    )
    assert max(map(len, shown.splitlines())) <= 80
    assert "0 (start)" in shown
    assert "trial 126" not in shown


def test_times():
    assert [seconds(text) for text in ("20m", "90s", "1h30m", "45", "0.5h")] == [1200, 90, 5400, 45, 1800]
    for text in ("", "m", "20x", "1h 2m", "-5m", "0s"):
        with pytest.raises(typer.BadParameter):
            seconds(text)


def test_mistakes_are_told(folder):
    assert slugline("search", "c.jsonl", "--budget", "soon", cwd=folder).returncode == 2
    assert_one_line_error(slugline("search", "nowhere.jsonl", "--trials", "1", cwd=folder), "nowhere.jsonl")
    done = slugline("search", "c.jsonl", "--trials", "1", "--out", "c.jsonl", cwd=folder)
    assert_one_line_error(done, "would overwrite")
