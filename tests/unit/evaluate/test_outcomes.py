"""What is kept of every held-out article comes back, and the errors worth reading are found in it."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest

from slugline.article import Article
from slugline.errors import SluglineError
from slugline.evaluate.mistakes import event_mistakes, false_positives, tag_mistakes
from slugline.evaluate.outcomes import (
    EventOutcome,
    Outcome,
    Outcomes,
    TagOutcome,
    event_outcomes,
    outcome_rows,
    tag_outcomes,
)

TAGS = tuple("abcdefg")


def outcomes():
    truth = np.zeros((2, 7), dtype=bool)
    truth[0, [0, 6]] = True
    decided = np.zeros((2, 7), dtype=bool)
    decided[0, [0, 1]] = True
    probability = np.array([[0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.1], [0.1] * 7])
    tags = tag_outcomes(TAGS, truth, [["unseen"], []], probability, decided)
    events = event_outcomes(["war", "vote", "none"], ["war", "flood"], np.array([[0.2, 0.7, 0.1]] * 2), ["vote", None])
    rows = outcome_rows([Article("1", "One", "Body  of\n\none. " + "x" * 300), Article("\udcff", "Two", "")])
    return Outcomes(
        tuple(
            Outcome(row.id, row.text, tag, event, row.title, row.snippet)
            for row, tag, event in zip(rows, tags, events, strict=True)
        ),
        TAGS,
        ("war", "vote", "none"),
    )


def test_what_is_kept_of_an_article():
    first, second = outcomes().rows
    assert first.tags == TagOutcome(
        ("a", "g", "unseen"), ("a", "b"), {"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.6, "e": 0.5, "g": 0.1}, 1 / 3
    )
    assert first.event_type == EventOutcome("war", "vote", {"vote": 0.7, "war": 0.2})
    assert first.snippet.startswith("Body of one. xxx")
    assert len(first.snippet) == 200
    assert second.tags.precision_at_3 is None
    assert second.event_type == EventOutcome("flood", None, {"vote": 0.7})


def test_the_file_comes_back_and_is_the_same_bytes(tmp_path):
    written = outcomes()
    for name in ("a", "b"):
        written.write(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    read = Outcomes.read(tmp_path / "a")
    assert (read.tags, read.event_types, read.level) == (written.tags, written.event_types, "type")
    for row, before in zip(read.rows, written.rows, strict=True):
        assert (row.id, row.text, row.event_type) == (before.id, before.text, before.event_type)
        assert (row.tags.true, row.tags.decided) == (before.tags.true, before.tags.decided)
        assert list(row.tags.probability) == list(before.tags.probability)
    assert read.rows[0].title == ""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"junk",
        gzip.compress(b""),
        gzip.compress(b"{}\n"),
        gzip.compress(b"[]\n"),
        gzip.compress(json.dumps({"format": 99}).encode()),
        gzip.compress(b'{"format": 1, "tags": [], "event_types": [], "level": "type"}\n{"id": 1}\n'),
        gzip.compress(
            b'{"format": 1, "tags": [], "event_types": [], "level": "type"}\n{"id": 1, "text": 2, "tags": 3}'
        ),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path, content):
    (tmp_path / "p").write_bytes(content)
    with pytest.raises(SluglineError, match="predictions"):
        Outcomes.read(tmp_path / "p")


def test_tags_mistakes():
    found = tag_mistakes(outcomes().rows)
    assert [(pair.true, pair.given, pair.articles, pair.share) for pair in found.confused] == [("g", "b", 1, 1.0)]
    assert [(mistake.id, mistake.label, mistake.probability) for mistake in found.given] == [("1", "b", 0.8)]
    # "unseen" could not be given, and is no error worth reading.
    assert [(mistake.label, mistake.probability) for mistake in found.missed] == [("g", 0.1)]
    assert found.to_dict()["worst_errors"]["given"][0]["title"] == "One"


def test_event_types_mistakes():
    found = event_mistakes(outcomes().rows)
    assert [pair.to_dict() for pair in found.confused] == [
        {"true": "war", "given": "vote", "articles": 1, "share": 1.0}
    ]
    assert [mistake.to_dict() for mistake in found.given] == [
        {"id": "1", "title": "One", "label": "vote", "probability": 0.7, "true": "war"}
    ]


def test_false_positives_are_in_the_order_of_probability():
    rows = [
        Outcome(str(number), "", TagOutcome(("x",), ("x", "y"), {"x": 0.99, "y": probability}, None))
        for number, probability in enumerate((0.3, 0.9, 0.6))
    ]
    assert [(mistake.id, mistake.label) for mistake in false_positives(rows)] == [("1", "y"), ("2", "y"), ("0", "y")]
