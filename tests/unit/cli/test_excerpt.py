"""The text with its evidence highlighted: what it says, how wide it is, and what it cannot do to a terminal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.article import Article
from slugline.cli import console
from slugline.cli.excerpt import LINES, excerpt, marked
from slugline.marks import Mark

BODY = (
    "Rebels took the town on Monday.\n\nThe army left. " + " ".join(f"word{n}" for n in range(200)) + " airport fell."
)
ARTICLE = Article("1", "Syrian rebels win", BODY)


@pytest.fixture(params=[False, True], ids=["brackets", "colour"])
def colour(request, monkeypatch) -> bool:
    monkeypatch.setattr(console, "use_colour", lambda: request.param)
    return bool(request.param)


@pytest.fixture
def plain(monkeypatch) -> None:
    monkeypatch.setattr(console, "use_colour", lambda: False)


def mark(article: Article, field: str, word: str, value: float) -> Mark:
    start = getattr(article, field).index(word)
    return Mark(field, start, start + len(word), value)


def bare(line: str) -> str:
    """A line without its highlighting."""
    return re.sub(r"\x1b\[[0-9;]*m|\[[+-]|\]", "", line)


def test_a_long_text_is_cut_around_its_evidence(plain):
    marks = [
        mark(ARTICLE, "title", "Syrian", 1.0),
        mark(ARTICLE, "title", "rebels", 2.0),
        mark(ARTICLE, "body", "army", -1.5),
        mark(ARTICLE, "body", "airport", 0.9),
        mark(ARTICLE, "body", "word100", 0.1),
    ]
    found = excerpt(ARTICLE, marks, 40)
    assert found[0] == "[+Syrian rebels] win …"
    assert found[1].startswith("The [-army] left.")
    assert "[+airport] fell." in found[-1]
    assert len(found) == 3
    assert "word100 " not in " ".join(found)


def test_a_short_text_is_whole(plain):
    article = Article("1", "Oil up", "Oil prices rose.\n\nShares fell.")
    found = excerpt(article, [mark(article, "body", "Oil", 0.5), mark(article, "body", "prices", 0.5)], 60)
    assert found == ["Oil up", "[+Oil prices] rose.", "Shares fell."]


def test_what_says_the_opposite_is_told_apart(colour):
    article = Article("1", "", "oil gas")
    (line,) = excerpt(article, [mark(article, "body", "oil", 0.5), mark(article, "body", "gas", -0.5)], 60)
    assert line == ("\x1b[1;32moil\x1b[0m \x1b[4;31mgas\x1b[0m" if colour else "[+oil] [-gas]")
    assert marked("x", 0) == "x"


def test_no_evidence_in_the_text_no_text():
    assert excerpt(ARTICLE, [], 60) == []
    assert excerpt(ARTICLE, [mark(ARTICLE, "body", "army", 0.001)], 60) == []


def test_an_article_cannot_steer_the_terminal(plain):
    article = Article("1", "\x1b]0;owned\x07", "red \x1b[31m alert \u202e\x9b2J \x08")
    found = excerpt(article, [mark(article, "body", "alert", 1.0)], 60)
    assert all(line.isprintable() for line in found)
    assert any("[+alert]" in line for line in found)


WORDS = st.lists(
    st.one_of(
        st.sampled_from(["oil", "\n\n", "U.S.-led", "中文" * 30, "x" * 90, "é\u0301", "\x1b[2J"]), st.text(max_size=12)
    ),
    max_size=60,
).map(" ".join)


@given(WORDS, WORDS, st.data())
def test_lines_fit_and_say_what_the_text_says(title: str, body: str, data: st.DataObject) -> None:
    article = Article("1", title, body)
    marks, width = [], data.draw(st.integers(24, 80))
    for field, text in (("title", title), ("body", body)):
        place = 0
        while place < len(text):
            start = data.draw(st.integers(place, len(text)))
            end = min(len(text), start + data.draw(st.integers(1, 9)))
            if start < end:
                marks.append(Mark(field, start, end, data.draw(st.floats(-2, 2))))
            place = end + 20
    found = excerpt(article, marks, width)
    assert len(found) <= LINES
    text = re.sub(r"[\s\[\]+-]", "", console.printable(title + body))
    for line in found:
        assert line.isprintable()
        assert console.columns(line) <= width or width < 30
        said = re.sub(r"[\s\[\]+-]", "", bare(line).removeprefix("… ").removesuffix(" …"))
        assert said in text
