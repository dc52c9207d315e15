"""`slugline evaluate` with a person's judgements, as a user runs it."""

from __future__ import annotations

import csv
import json

import pytest

from support import assert_one_line_error, slugline


def test_from_the_list_to_the_corrected_precision(starter_run, tmp_path):
    asked = ("evaluate", "--model", starter_run.model)
    done = slugline(*asked, "--false-positives", "8", "--judge", tmp_path / "j.csv", cwd=starter_run.folder)
    assert done.returncode == 0, done.stderr
    assert "wrote 8 tags to" in done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    with (tmp_path / "j.csv").open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert len(rows) == 8
    shown = done.stdout.splitlines()
    assert shown[-9].split()[0] == "p"
    # The file has one decimal more: rounding twice may differ by one in the last.
    assert [float(line.split()[0]) for line in shown[-8:]] == pytest.approx([float(row[4]) for row in rows], abs=6e-4)
    with (tmp_path / "k.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *([*row[:-1], "yes"] for row in rows)])
    done = slugline(*asked, "--judged", tmp_path / "k.csv", "--format", "json", cwd=starter_run.folder)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    judged = found["judged"]
    assert (judged["judged"], judged["passed_over"]) == (8, 0)
    assert judged["micro_precision"]["value"] == found["tags"]["metrics"]["micro_precision"]["value"]
    assert judged["micro_f1"]["value"] == found["tags"]["metrics"]["micro_f1"]["value"]
    assert judged["micro_precision"]["corrected"] > judged["micro_precision"]["value"]
    assert found["tags"]["drift"]["train"] == 378
    assert found["tags"]["worst_errors"]["given"][0]["id"] == rows[0][0].lstrip("'")

    (tmp_path / "bad.csv").write_text("id,tag,judgement\nnobody,War,yes\n")
    done = slugline(*asked, "--judged", tmp_path / "bad.csv", cwd=starter_run.folder)
    assert_one_line_error(done, "bad.csv:2: field 'id': no such article; found 'nobody'")


def test_spread_needs_something_to_spread(starter_run):
    done = slugline("evaluate", "--spread", cwd=starter_run.folder)
    assert done.returncode == 2
    assert "--false-positives" in done.stderr
