"""`slugline review` in a terminal and without one."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import StarterRun
from slugline import feedback
from support import ROOT, SAMPLE, slugline

pytestmark = pytest.mark.slow
STARTER = ROOT / "data" / "starter"


def test_a_list_of_picks_is_json_lines(starter_run: StarterRun, tmp_path: Path) -> None:
    done = slugline("review", "starter", "--model", starter_run.model, "-n", "5", "--format", "jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    picks = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(picks) == len({one["digest"] for one in picks}) == 5
    assert "Lewis and Gale 1994" in done.stderr
    # What is in the log is not asked again.
    for one in picks[:2]:
        line = {
            "format": 1,
            "time": feedback.now(),
            "who": "anna",
            "model": one["model"],
            "article": {"id": one["id"], "digest": one["digest"]},
            "tags": {"accepted": [], "rejected": [], "added": []},
            "event_type": None,
        }
        with (tmp_path / "feedback.jsonl").open("a") as stream:
            stream.write(json.dumps(line) + "\n")
    again = slugline("review", "starter", "--model", starter_run.model, "-n", "5", "--format", "jsonl", cwd=tmp_path)
    digests = {json.loads(line)["digest"] for line in again.stdout.splitlines()}
    assert digests.isdisjoint({one["digest"] for one in picks[:2]})
    assert {one["digest"] for one in picks[2:]} <= digests
    assert "2 reviewed before" in again.stderr


def test_without_a_terminal_it_says_so(starter_run: StarterRun, tmp_path: Path) -> None:
    done = slugline("review", SAMPLE, "--model", starter_run.model, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "asks in a terminal, and there is none; expected a terminal, or --format jsonl" in done.stderr
    done = slugline("review", "-", "--model", starter_run.model, cwd=tmp_path, stdin="Some text")
    assert done.returncode == 1
    assert "answers come from standard input" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_a_person_at_a_terminal(starter_run: StarterRun, tmp_path: Path) -> None:
    """Mark a tag, add one with Tab, accept, refuse the next, stop: by keys, through a pseudo-terminal."""
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "slugline", "review", "starter", "--model", str(starter_run.model)]
    process = subprocess.Popen(
        [*command, "--count", "3", "--who", "anna", "--keep-text"],
        cwd=tmp_path,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm"},
        start_new_session=True,
    )
    os.close(theirs)
    said = _wait_for(ours, "q quit")
    os.write(ours, b"+")
    said += _wait_for(ours, "empty: none): ")
    os.write(ours, b"Syri\t\n")
    said += _wait_for(ours, "q quit")
    for key in (b"a", b"r"):
        os.write(ours, key)
        said += _wait_for(ours, "q quit")
    os.write(ours, b"q")
    assert process.wait(timeout=120) == 0
    os.close(ours)
    first, second = feedback.read(tmp_path / "feedback.jsonl")
    assert "Syria" in first.added + first.accepted
    assert first.complete
    assert first.article is not None
    assert second.accepted == ()
    assert "\x1b[1;32m" in said


def _wait_for(terminal: int, text: str) -> str:
    said, end = "", time.monotonic() + 60
    while text not in said.replace("\r", ""):
        if not select.select([terminal], [], [], max(0.0, end - time.monotonic()))[0]:
            raise AssertionError(f"waited for {text!r}, and there was:\n{said}")
        said += os.read(terminal, 1 << 16).decode("utf-8", "replace")
    return said
