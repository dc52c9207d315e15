"""Widths and colour: what a terminal is given, and what a pipe is."""

from __future__ import annotations

import io
import json
import sys

import pytest

from slugline.cli import console


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def plain(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return monkeypatch


@pytest.mark.parametrize(
    ("terminal", "variables", "wanted"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
        (True, {"CLICOLOR": "0"}, False),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": "0"}, False),
        (False, {"CLICOLOR_FORCE": "1"}, True),
        (False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(plain, terminal, variables, wanted):
    for name, value in variables.items():
        plain.setenv(name, value)
    plain.setattr(sys, "stdout", Terminal() if terminal else io.StringIO())
    assert console.use_colour() == wanted
    assert (console.bold("x") != "x") == wanted
    assert (console.dim("x") != "x") == wanted


@pytest.mark.parametrize(
    ("said", "found"), [("100", 100), ("12", 40), ("0", 80), ("wide", 80), ("", 80), ("\u0663", 80)]
)
def test_the_width_is_what_columns_says_and_else_eighty(plain, said, found):
    plain.setenv("COLUMNS", said)
    assert console.width(io.StringIO()) == found


def test_columns_of_wide_characters_and_marks():
    assert console.columns("abc") == 3
    assert console.columns("東京") == 4
    assert console.columns("e\u0301") == 1
    assert console.padded("東京", 6) == "東京  "


@pytest.mark.parametrize(
    ("text", "width", "cut"), [("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("東京都", 5, "東京…")]
)
def test_what_is_too_long_is_cut_to_columns(text, width, cut):
    assert console.short(text, width) == cut
    assert console.columns(cut) <= width


@pytest.mark.parametrize("values", [[], [{"a": "x\n"}], [{"a": [1, {"b": None}]}, {}, "é"]])
def test_a_list_is_written_piece_by_piece_as_json_writes_it(capsys, values):
    console.out_json_list(iter(values))
    assert capsys.readouterr().out == json.dumps(values, indent=2, ensure_ascii=False) + "\n"
