"""What counts as the output that a document shows."""

from __future__ import annotations

import pytest

from docs.blocks import console
from docs.outputs import missing


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("a   b", "a b"),
        ("F1 0.56", "F1 0.53"),
        ("sport 93 %", "sport 96 %"),
        ("in ... s", "in 12.3 s"),
        ("Sudan…", "Sudan: rebels"),
        ("...\nb", "a\na\nb"),
        ("a\n...\nb\n...", "a\nb\nc"),
        ("3 (of 5)", "3 (of 5)"),
    ],
)
def test_the_same(expected, actual):
    assert missing(expected, actual) is None


@pytest.mark.parametrize(
    ("expected", "actual", "line"),
    [
        ("a", "b", "a"),
        ("F1 0.56", "F1 0.52", "F1 0.56"),
        ("sport 93 %", "sport 97 %", "sport 93 %"),
        ("12 articles", "13 articles", "12 articles"),
        ("a", "a\nb", "(nothing more)"),
        ("a\nb", "a", "b"),
        ("a\n...\nb", "a\nc", "b"),
    ],
)
def test_another(expected, actual, line):
    assert missing(expected, actual) == line


def test_a_console_block_is_commands_and_what_they_print():
    first, second = console("$ slugline predict \\\n> a.txt\nsport\n\nmore\n$ ls\n")
    assert (first.line, first.output) == ("slugline predict \\\na.txt", "sport\n\nmore")
    assert (second.line, second.output) == ("ls", "")
    with pytest.raises(ValueError, match=r"begins with"):
        console("sport\n")
