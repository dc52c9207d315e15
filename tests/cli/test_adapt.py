"""`--adapt-priors`: shares of event types on stderr, predictions on stdout."""

from __future__ import annotations

import json
from pathlib import Path

from support import ROOT, slugline


def test_predict_and_evaluate_show_the_shares(starter_run, tmp_path: Path):
    lines = (ROOT / "data" / "starter" / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    batch = tmp_path / "batch.jsonl"
    batch.write_text("\n".join(lines) + "\n", encoding="utf-8")
    model = str(starter_run.folder / "model.safetensors")
    ran = slugline("predict", str(batch), "--model", model, "--format", "jsonl", "--adapt-priors", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert len(ran.stdout.splitlines()) == len(lines)
    assert f"shares of event types found on {len(lines)} articles" in ran.stderr
    assert ran.stderr.count(" %") >= 40
    measured = slugline(
        "evaluate", str(batch), "--model", model, "--part", "all", "--adapt-priors", "--format", "json", cwd=tmp_path
    )
    assert measured.returncode == 0, measured.stderr
    assert json.loads(measured.stdout)["event_type"]["articles"] == len(lines)
    assert "shares of event types found on" in measured.stderr


def test_too_few_articles_are_one_line(starter_run, tmp_path: Path):
    one = tmp_path / "one.txt"
    one.write_text("Rebels seize the airport\n\nSyrian rebels took it.\n", encoding="utf-8")
    model = str(starter_run.folder / "model.safetensors")
    ran = slugline("predict", str(one), "--model", model, "--adapt-priors", cwd=tmp_path)
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert "too few articles with known words to find new shares of event types; found 1; expected 300" in ran.stderr
    assert "Traceback" not in ran.stderr
