"""`make soak`: every long test is run, whatever becomes of those before it, and a breach is the exit code."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from support import ROOT

SOAK = ROOT / "experiments" / "soak.py"
LONG_TESTS = [path for path in sorted((ROOT / "experiments" / "soak").glob("*.py")) if not path.name.startswith("_")]


def soak(folder, *arguments):
    command = [sys.executable, SOAK, "--folder", folder, "--log", folder / "log", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a_held.py").write_text("print('| a | table |')\n", encoding="utf-8")
    (tmp_path / "b_breached.py").write_text("print('lost an article')\nraise SystemExit(1)\n", encoding="utf-8")
    (tmp_path / "c_killed.py").write_text("import os\nos.kill(os.getpid(), 9)\n", encoding="utf-8")
    (tmp_path / "d_after.py").write_text("import sys\nprint(len(sys.argv), 'after all')\n", encoding="utf-8")
    (tmp_path / "_shared.py").write_text("raise SystemExit('not a long test')\n", encoding="utf-8")
    return tmp_path


def test_a_breach_does_not_stop_those_after_it_and_is_the_exit_code(folder):
    done = soak(folder)
    assert done.returncode == 1, done.stderr
    assert "| a | table |" in done.stdout
    assert "1 after all" in done.stdout
    rows = [line.split("|")[1:3] for line in done.stdout.splitlines() if line.count("|") == 4]
    outcomes = {name.strip(): outcome.strip() for name, outcome in rows}
    assert outcomes == {
        "long test": "outcome",
        "---": "---",
        "a_held": "held",
        "b_breached": "breached",
        "c_killed": "ended by signal 9",
        "d_after": "held",
    }
    assert "2 of 4 did not hold: b_breached, c_killed" in done.stdout
    assert (folder / "log" / "b_breached.log").read_text(encoding="utf-8") == "lost an article\n"


def test_those_that_are_named_are_run_alone(folder):
    done = soak(folder, "d_after", "a_held")
    assert done.returncode == 0, done.stderr
    assert "all 2 held" in done.stdout
    assert "lost an article" not in done.stdout


def test_a_name_that_is_none_is_said_with_those_there_are(folder):
    done = soak(folder, "_shared")
    assert done.returncode == 2
    assert "a_held, b_breached, c_killed, d_after" in done.stderr


@pytest.mark.parametrize("path", LONG_TESTS, ids=lambda path: path.stem)
def test_a_long_test_says_how_it_is_run(path):
    """Each is a script with a line of what it shows and its own command, as its `--help` says."""
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert said is not None
    assert f"python experiments/soak/{path.name}" in said


def test_make_soak_calls_it():
    plan = subprocess.run(["make", "-n", "soak"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "python experiments/soak.py" in plan
