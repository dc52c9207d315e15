"""`slugline drift` from the command line: verdicts, exit codes, 80 columns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import StarterRun
from slugline import feedback
from slugline.article import Article
from slugline.bundle import read_bundle
from slugline.feedback import Feedback
from support import slugline

pytestmark = pytest.mark.slow


def _nonsense(path: Path) -> Path:
    """Articles in words that no model knows, and a few that are common."""
    rows = (
        {"id": str(n), "title": f"Zorbly {n}", "body": " ".join(f"qx{n}y{k} said the" for k in range(30))}
        for n in range(60)
    )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_new_words_say_retrain_and_fail_only_if_asked(starter_run: StarterRun, tmp_path: Path) -> None:
    later = _nonsense(tmp_path / "later.jsonl")
    done = slugline("drift", later, "--model", starter_run.model, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("retrain: ")
    assert max(len(line) for line in done.stdout.splitlines() if str(tmp_path) not in line) <= 80
    done = slugline("drift", later, "--model", starter_run.model, "--fail-on-drift", "--format", "json", cwd=tmp_path)
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert said["verdict"] == "retrain"
    assert said["articles"] == 60
    assert {one["signal"] for one in said["signals"]} >= {"unknown_words", "event_types"}


def test_a_models_own_corpus_is_no_drift(starter_run: StarterRun, tmp_path: Path) -> None:
    done = slugline("drift", "starter", "--model", starter_run.model, "--fail-on-drift", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].startswith("ok: ")


def test_a_log_and_what_cannot_be_compared(starter_run: StarterRun, tmp_path: Path) -> None:
    model = read_bundle(starter_run.model).digest
    feedback.append(tmp_path / "log", Feedback.of(Article("1", "a", "b"), model=model, accepted=["Syria"]))
    done = slugline("drift", tmp_path / "log", "--model", starter_run.model, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "30 are needed" in " ".join(done.stdout.split())
    done = slugline("drift", "nowhere.jsonl", "--model", starter_run.model, cwd=tmp_path)
    assert done.returncode == 1
    assert "nowhere.jsonl" in done.stderr
