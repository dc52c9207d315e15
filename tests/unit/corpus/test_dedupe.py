from __future__ import annotations

import json
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slugline.article import Article
from slugline.corpus import shingles
from slugline.corpus.dedupe import near_duplicate_groups
from slugline.resources import data_path


def words(seed: int, count: int) -> list[str]:
    rng = random.Random(seed)
    return [f"w{rng.randrange(10**6)}" for _ in range(count)]


def articles(*bodies: str | list[str]) -> list[Article]:
    return [Article(str(i), "", body if isinstance(body, str) else " ".join(body)) for i, body in enumerate(bodies)]


def exact_groups(given_articles: list[Article], threshold: float) -> list[int]:
    """The definition, pair by pair."""
    sets = []
    for article in given_articles:
        w = article.body.casefold().split()
        sets.append((w, {tuple(w[i : i + 5]) for i in range(len(w) - 4)}))
    group = list(range(len(sets)))
    for j, (right_words, right) in enumerate(sets):
        for i, (left_words, left) in enumerate(sets[:j]):
            shared = len(left & right)
            alike = shared >= 8 and shared >= threshold * len(left | right)
            if (alike or left_words == right_words) and left_words:
                old, new = max(group[i], group[j]), min(group[i], group[j])
                group = [new if one == old else one for one in group]
    return group


def test_the_copies_of_the_starter_corpus_and_nothing_else() -> None:
    rows = [json.loads(line) for line in data_path("starter", "articles.jsonl").open(encoding="utf-8")]
    ids = [row["id"] for row in rows]
    groups = near_duplicate_groups([Article(row["id"], row["title"], row["body"]) for row in rows])
    pairs = {frozenset((ids[first], ids[i])) for i, first in enumerate(groups.tolist()) if first != i}
    assert pairs == {frozenset((one, one.removesuffix("-copy"))) for one in ids if one.endswith("-copy")}
    assert len(pairs) == 12


def test_exact_repeats_whatever_their_case_and_punctuation() -> None:
    groups = near_duplicate_groups(articles("Oil rises.", "", "gold falls", "OIL rises", "", "Oil rises again"))
    assert groups.tolist() == [0, 1, 2, 0, 4, 5]
    assert groups.dtype == np.int64


def test_long_bodies_are_compared_without_headlines_and_short_ones_with_them() -> None:
    long, brief = " ".join(words(1, 60)), "Qtly div 10 cts vs 10 cts prior Pay April 30 Record April 21"
    made = [
        Article("a", "One", long),
        Article("b", "Another", long),
        Article("c", "Acme", brief),
        Article("d", "Zenith", ""),
    ]
    assert near_duplicate_groups([*made, Article("e", "Zenith", "")]).tolist() == [0, 0, 2, 3, 3]
    other = Article("f", "Quite another company, with a longer name, sets its dividend for the quarter", "Div 5 cts")
    assert near_duplicate_groups([made[2], other]).tolist() == [0, 1]


def test_short_texts_need_more_than_a_common_phrase() -> None:
    made = articles(
        "Voters in Cyprus go to the polls for a parliamentary election",
        "Voters in Latvia go to the polls for a parliamentary election",
        "Scotland confirms its first case of COVID-19",
        "Chile confirms its first case of COVID-19",
    )
    assert near_duplicate_groups(made).tolist() == [0, 1, 2, 3]


def test_numbers_tell_texts_apart() -> None:
    table = "shr {0} cts vs {1} cts net {2} vs {3} revs {4} mln vs {5} mln avg shrs {6} vs {7}"
    made = articles(*(table.format(*(i * 100 + k for k in range(8))) for i in range(1, 30)))
    assert near_duplicate_groups(made).tolist() == list(range(29))


def test_groups_chain_and_are_named_by_their_first_member() -> None:
    a, b = words(1, 60), words(2, 60)
    groups = near_duplicate_groups(articles(words(3, 60), a, b, a[:40] + b[:40], words(4, 60)), 0.3)
    assert groups.tolist() == [0, 1, 1, 1, 4]


def test_zero_groups_nothing() -> None:
    assert near_duplicate_groups(articles("same words", "same words"), 0.0).tolist() == [0, 1]
    assert near_duplicate_groups([], 0.35).tolist() == []


def test_a_large_bucket_is_one_group() -> None:
    base = words(5, 200)
    made = articles(*([*base, f"number{i}"] for i in range(150)))
    assert set(near_duplicate_groups(made).tolist()) == {0}


@st.composite
def related(draw: st.DrawFn) -> list[Article]:
    stock = [words(seed, 40) for seed in range(3)]
    made = []
    for _ in range(draw(st.integers(0, 8))):
        text = list(draw(st.sampled_from(stock)))[: draw(st.integers(0, 40))]
        for place in draw(st.lists(st.integers(0, 39), max_size=6)):
            text[place : place + 1] = draw(st.sampled_from(["x", "y", "x y", ""])).split()
        made.append(text)
    return articles(*made)


@settings(deadline=None)
@given(related(), st.sampled_from([0.2, 0.35, 0.6, 0.9, 1.0]))
def test_as_the_definition_has_it(made: list[Article], threshold: float) -> None:
    assert near_duplicate_groups(made, threshold).tolist() == exact_groups(made, threshold)


@pytest.mark.parametrize("text", ["\ud800 lone", "a\x00b", "一二三四五六七八九十一二三四五六七八", "a" * 100_000])
def test_odd_texts(text: str) -> None:
    assert near_duplicate_groups(articles(text, "other", text)).tolist() == [0, 1, 0]


def test_progress_is_told() -> None:
    told: list[tuple[str, int, int | None]] = []
    near_duplicate_groups(articles("a", "b"), progress=lambda *args: told.append(args))
    assert told[-1] == ("near-duplicates", 2, 2)


def test_a_passage_that_many_share_makes_no_group_of_them() -> None:
    boilerplate = words(6, 30)
    made = articles(*([*boilerplate, *words(100 + i, 60)] for i in range(60)))
    pair = articles([*boilerplate, *words(100, 60)[:50], "changed"])
    assert near_duplicate_groups([*made, *pair]).tolist() == [*range(60), 0]


def test_groups_are_the_same_for_any_size_of_block(monkeypatch: pytest.MonkeyPatch) -> None:
    made = articles(*(words(seed % 7, 40)[: 30 + seed % 5] for seed in range(40)), *(words(s, 20) for s in range(20)))
    whole = near_duplicate_groups(made).tolist()
    monkeypatch.setattr(shingles, "_BLOCK", 300)
    assert near_duplicate_groups(made).tolist() == whole
    assert len(set(whole)) < len(made)
