"""Names are found in many articles as in one."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slugline.article import Article
from slugline.features import mentions, passages
from slugline.features.mentions import NameTable, find_mentions

NAMES = [
    "Syria",
    "Syria Times",
    "US",
    "WHO",
    "U.S. Army",
    "AT&T",
    "Zero Nine",
    "Plan B",
    "Flight 447",
    "São Paulo",
    "中 国",
]
NAMES += ["Times of Syria Today", "Army", "B-52 Plan", "O'Neill", "Mercury (planet)"]
PIECES = [
    *" ".join(NAMES).split(),
    "syria",
    "SYRIA",
    "Times.",
    "us",
    "who,",
    "plan",
    "b",
    "-",
    "U.S.-led",
    "\n\n",
    "\n",
]
PIECES += [
    "\xa0",
    "é",
    "中国",
    "Syria's",
    "(Syria)",
    "Syria/US",
    "it_is",
    "\x7f",
    "...",
    "A.",
    "1,200",
    "R&D.",
    "\u0301",
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=14).flatmap(
    lambda parts: st.sampled_from([" ", "", "-"]).map(lambda mark: mark.join(parts))
)
ARTICLES = st.lists(st.builds(Article, st.just("1"), TEXTS, TEXTS), max_size=12)


def found(articles: list[Article], table: NameTable) -> list[list[object]]:
    return [part.tolist() for part in dataclasses.astuple(find_mentions(articles, table))]


@settings(deadline=None, max_examples=300)
@given(ARTICLES, ARTICLES, st.sampled_from([1, 1 << 17]))
def test_many_articles_mention_what_each_does(first: list[Article], more: list[Article], remembered: int) -> None:
    alone, together = NameTable.build(NAMES), NameTable.build(NAMES)
    expected = [found(articles, alone) for articles in (first, more)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mentions, "_MANY", 0)
        patch.setattr(passages, "_MOST", remembered)
        # However long the texts are, they are read as arrays.
        patch.setattr("slugline.features.words._FEW", -1)
        assert [found(articles, together) for articles in (first, more)] == expected


def test_only_places_where_a_name_may_begin_are_looked_at() -> None:
    table = NameTable.build(["New York", "Syria", "York Castle"])
    reader = passages.Passages(table.index)
    articles = [Article("1", "A new start", "York is old"), Article("2", "", "In New York and Syria"), Article("3")]
    read = [(number, words.tokens, starts) for number, words, starts in reader.read(articles)]
    assert [(number, [words[start] for start in starts]) for number, words, starts in read] == [(1, ["new", "syria"])]
