"""`--report` as a user asks for it."""

from __future__ import annotations

import pytest

from support import slugline

pytest.importorskip("altair", reason="the extra report is not installed")
pytest.importorskip("vl_convert", reason="the extra report is not installed")


def test_evaluate_writes_a_report(starter_run, tmp_path):
    path = tmp_path / "out.html"
    done = slugline("evaluate", "--report", path, cwd=starter_run.folder)
    assert done.returncode == 0, done.stderr
    assert f"wrote the report {path}" in done.stderr
    html = path.read_text(encoding="utf-8")
    assert html.startswith("<!DOCTYPE html>")
    assert len(html.encode()) < 3_000_000
    for section in ("glance", "tags", "event-type", "event-group", "drift", "errors", "made"):
        assert f'<section id="{section}"' in html
    assert "<mark class=" in html
    assert f"slugline evaluate --report {path}" in html


def test_runs_show_names_the_report(starter_run):
    done = slugline("runs", "list", cwd=starter_run.folder)
    run = next(line.split()[0] for line in done.stdout.splitlines() if "starter" in line)
    done = slugline("runs", "show", run, cwd=starter_run.folder)
    assert done.returncode == 0, done.stderr
    assert "report.html is to be read in a browser" in done.stdout


def test_suspects_go_with_a_report(tmp_path):
    done = slugline("evaluate", "--suspects", cwd=tmp_path)
    assert done.returncode == 2
    assert "goes with --report" in done.stderr
