"""Hard-wrapped text that flows."""

from __future__ import annotations

from textwrap import fill

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.article import Article
from slugline.flow import WIDEST, flowed
from slugline.marks import Mark
from slugline.serve.highlight import highlight

PROSE = (
    "Rebels said on Monday that the Syrian army had left the airport of Aleppo after weeks of heavy shelling.",
    "The government in Damascus did not confirm it, and called the reports of the rebels a fabrication meant to "
    "weaken the morale of its soldiers, who hold the citadel and most of the old town around it.",
    "Four people died.",
)


@pytest.mark.parametrize("width", [60, 72, 78, 100])
def test_mail_flows_in_its_paragraphs(width: int) -> None:
    wrapped = "\n\n".join(fill(one, width) for one in PROSE)
    assert "\n" in wrapped.replace("\n\n", "")
    assert flowed(wrapped) == "\n\n".join(PROSE)


def test_a_short_last_line_ends_a_paragraph_without_a_blank_line() -> None:
    wrapped = "\n".join(fill(one, 72) for one in PROSE)
    assert flowed(wrapped).split("\n") == list(PROSE)


def test_an_address_that_is_longer_than_the_lines_does_not_count() -> None:
    address = "https://example.com/" + "x" * 100
    assert flowed(f"{address}\n{fill(PROSE[1], 72)}") == f"{address}\n{PROSE[1]}"


@pytest.mark.parametrize(
    "text",
    [
        "Bread\nButter\nMilk",
        "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\n"
        "Rough winds do shake the darling buds of May,\nAnd summer's lease hath all too short a date;",
        f"{'A paragraph in one line. ' * 8}\n{'another one, in one line too. ' * 9}",
        "1. Germany 12 points, goals 9:1, home and away\n2. France 10 points, goals 8:2, home and away",
        "",
        "\n",
    ],
)
def test_lists_verse_and_long_lines_stay(text: str) -> None:
    assert flowed(text) == text


@given(st.text("ab ,.A\n", max_size=400), st.integers(20, WIDEST + 20))
def test_only_line_breaks_change_and_only_to_spaces(text: str, width: int) -> None:
    wrapped = fill(text, width)
    found = flowed(wrapped)
    assert len(found) == len(wrapped)
    assert all(new == old or (old, new) == ("\n", " ") for old, new in zip(wrapped, found, strict=True))
    assert found.count("\n\n") == wrapped.count("\n\n")


def test_marks_stay_on_their_words() -> None:
    body = fill(PROSE[0], 60) + "\n\n" + fill(PROSE[1], 60)
    places = [body.index(word) for word in ("airport", "Damascus", "citadel")]
    marks = [Mark("body", place, place + 7, 1.0) for place in places]
    _, paragraphs = highlight(Article("1", "", body), marks)
    assert [piece.text for paragraph in paragraphs for piece in paragraph if piece.sign] == [
        "airport",
        "Damascu",
        "citadel",
    ]
    assert ["".join(piece.text for piece in paragraph) for paragraph in paragraphs] == list(PROSE[:2])
