"""Rows of CSV: harmless to a spreadsheet, and what was meant can be had back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.article import EventTypeScore, Prediction, TagScore
from slugline.cli.predicted_csv import COLUMNS, cells
from slugline.corpus.readers.values import split_tags
from slugline.spreadsheets import restored


def row(*tags, title="T", identity="a", event=None):
    scores = tuple(TagScore(tag, 0.5, number == 0, 1.0) for number, tag in enumerate(tags))
    return dict(zip(COLUMNS, cells(Prediction(identity, title, event, scores, "sha256:0")), strict=True))


def test_a_row_has_what_the_object_has():
    found = row("Syria", "Rebels", event=EventTypeScore("attack", "War", 0.91234, 1.0, group_probability=0.95))
    assert found["tags"] == "Syria; Rebels"
    assert found["tag_probabilities"] == "0.5000; 0.5000"
    assert found["tag_decided"] == "true; false"
    assert (found["event_type"], found["event_group"]) == ("attack", "War")
    assert (found["event_probability"], found["event_group_probability"]) == ("0.9123", "0.9500")


def test_nothing_decided_is_empty():
    found = row()
    assert {name for name, value in found.items() if not value} == set(COLUMNS) - {"id", "title", "model"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "'=", "''+"])
def test_formulas_are_made_harmless(start):
    text = f"{start}HYPERLINK(1)"
    found = row(text.strip(), title=text, identity=text, event=EventTypeScore(text, text, 0.5, 1.0))
    for column in ("id", "title", "event_type", "event_group"):
        assert found[column] == f"'{text}"
        assert restored(found[column]) == text
    assert found["tags"].startswith("'")


@given(st.lists(st.text("ab ;,|[]{}()'\"=\\", min_size=1).map(lambda t: " ".join(t.split())).filter(bool), max_size=4))
def test_tags_can_be_had_back(tags):
    assert split_tags(restored(row(*tags)["tags"])) == tags


@given(st.text())
def test_what_was_written_can_be_had_back(text):
    assert restored(row(title=text)["title"]) == text
