"""The search for slow patterns finds those that are, and no others."""

from __future__ import annotations

import argparse
import re

import pytest

from support import long_test

ASKED = argparse.Namespace(size=4000, seconds=0.01)


@pytest.fixture(scope="module")
def search():
    return long_test("regex_traps")


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"\s*\|?[\s:|-]+\|?\s*", "fullmatch"),  # the third power
        (r"\s+$", "search"),
        (r"(a|a)*b", "match"),  # every character doubles it
        (rb"<a(?:\s|[^>])*>", "findall"),
    ],
)
def test_a_trap_is_found(search, pattern, method):
    assert search.slowest(re.compile(pattern), method, ASKED)[2]


@pytest.mark.parametrize(
    ("pattern", "method"), [(r"[\s:|-]+", "fullmatch"), (r"\S+", "search"), (rb"<a[^<>]*+>", "sub")]
)
def test_what_is_linear_is_none(search, pattern, method):
    assert not search.slowest(re.compile(pattern), method, ASKED)[2]


def test_patterns_of_the_package_are_found_where_they_are_used(search):
    found = {(where, method) for where, method, _ in search.patterns()}
    assert ("serve.markdown._RULE", "fullmatch") in found
    assert ("corpus.turtle._TOKEN", "match") in found
    assert len(found) > 100
