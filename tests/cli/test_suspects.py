"""`slugline corpus suspects` as a user runs it."""

from __future__ import annotations

import csv
import json

import pytest

from slugline.cli.suspects import suspects_text
from slugline.experiment.suspects import Suspect, Suspects
from support import assert_one_line_error, slugline
from unit.experiment.test_suspects import write

pytest.importorskip("cleanlab")


def test_the_list_is_shown_and_written(tmp_path):
    write(tmp_path / "c.jsonl", planted=(7, 22, 48))
    done = slugline("corpus", "suspects", "c.jsonl", "--top", "2", "--out", "s.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    with (tmp_path / "s.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["id"] for row in rows if row["problem"] == "wrong event type"} >= {"a7", "a22", "a48"}
    assert f"wrote {len(rows)} suspects" in done.stderr
    done = slugline("corpus", "suspects", "c.jsonl", "--top", "2", "--format", "json", cwd=tmp_path)
    found = json.loads(done.stdout)
    assert found["suspects"] == {
        "event_type": sum(row["problem"] == "wrong event type" for row in rows),
        "tags": sum(row["problem"] != "wrong event type" for row in rows),
    }
    assert len(found["tags"]) == 2
    assert_one_line_error(slugline("corpus", "suspects", "c.jsonl", "--out", "c.jsonl", cwd=tmp_path), "overwrite")


def test_long_and_hostile_texts_stay_in_their_columns():
    one = Suspect("x", "a\x1b[31m" + "t" * 300, "wrong tag", "l" * 100, None, (), 0.5)
    shown = suspects_text(Suspects("c", 5, (), (one,), {"tags": 3, "event_type": 2}), 9)
    assert max(map(len, shown.splitlines())) <= 80
    assert "\x1b" not in shown
    assert "0 suspects; 2 event types were judged" in shown
