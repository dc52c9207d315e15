"""Runs whose processes are killed, and others beside them that go on."""

from __future__ import annotations

import subprocess
import sys

import pytest

from slugline import tracking
from slugline.tracking import store

WAITS = """
import sys
from slugline import tracking
with tracking.start_run(sys.argv[1], continued=sys.argv[2] or None) as run:
    print(run.id, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def start(folder):
    """`start(name, run_id)` starts a process that begins or continues a run and ends it when its input ends."""
    started = []

    def begin(name, continued=""):
        command = [sys.executable, "-c", WAITS, name, continued]
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process, process.stdout.readline().strip()

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def statuses():
    return {run.name: run.status for run in tracking.list_runs()}


def in_store(run_id):
    with store.opened(store.store_uri()) as client:
        return client.get_run(run_id).info.status


def test_a_run_whose_process_was_killed_is_told_from_one_that_is_written(folder, start):
    locks = folder / "experiments" / "running"
    (gone, lost), (kept, living) = start("lost"), start("living")
    assert statuses() == {"lost": "RUNNING", "living": "RUNNING"}
    gone.kill()
    gone.communicate()
    assert statuses() == {"lost": "KILLED", "living": "RUNNING"}
    found = tracking.get_run(lost)
    assert (found.status, found.seconds) == ("KILLED", None)
    assert "slugline.lock" not in found.tags
    # Whoever reads changes nothing; who writes next does.
    assert in_store(lost) == "RUNNING"
    with tracking.start_run("next"):
        assert len(list(locks.iterdir())) == 2
        assert (in_store(lost), in_store(living)) == ("KILLED", "RUNNING")
    kept.communicate()
    assert statuses() == {"lost": "KILLED", "living": "FINISHED", "next": "FINISHED"}
    assert not list(locks.iterdir())
    # It may go on, and be killed again.
    again, same = start("lost", lost)
    assert same == lost
    assert statuses()["lost"] == "RUNNING"
    again.kill()
    again.communicate()
    assert statuses()["lost"] == "KILLED"
    assert start("lost", lost)[1] == lost
    assert statuses()["lost"] == "RUNNING"


def test_a_run_without_a_lock_stays_running_and_files_of_others_stay_where_they_are(folder, start, monkeypatch):
    locks = folder / "experiments" / "running"
    locks.write_text("no folder")
    gone, _ = start("without")
    gone.kill()
    gone.communicate()
    assert statuses() == {"without": "RUNNING"}
    locks.unlink()
    locks.mkdir()
    for name in ("notes.txt", "it's"):
        (locks / name).write_text("mine")
    monkeypatch.setattr("slugline.tracking.alive.lock", lambda handle: None)
    with tracking.start_run("next"):
        assert statuses() == {"without": "RUNNING", "next": "RUNNING"}
    assert sorted(file.name for file in locks.iterdir()) == ["it's", "notes.txt"]


@pytest.mark.parametrize("tag", ["../mlflow.db", "", "/etc/passwd", "0" * 32, "0" * 31 + "'"])
def test_a_tag_that_names_no_lock_is_nothing(folder, tag):
    with tracking.start_run("odd", tags={"slugline.lock": tag}):
        assert statuses() == {"odd": "RUNNING"}


def test_a_run_whose_process_was_killed_is_marked(folder):
    with tracking.start_run("search") as run:
        tracking.mark_killed(run.id)
        assert tracking.get_run(run.id).status == "KILLED"
    tracking.mark_killed(run.id)
    tracking.mark_killed("0" * 32)
    assert tracking.get_run(run.id).status == "FINISHED"
