"""The embedded corpus and the alias file are what their documents say."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from slugline.article import Labels
from slugline.corpus.tags import load_aliases, normalise_tags, tag_key
from slugline.corpus.taxonomy import Taxonomy
from slugline.resources import data_path

SHA256 = "a121d36affdec51714907499111a8cc9b9a9aef7409f8aa4e565c316ba8cf6d2"
ALIASES = data_path("taxonomy", "tag_aliases.toml")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    lines = data_path("starter", "articles.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def originals(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if not row["id"].endswith("-copy")]


def shingles(text: str, size: int = 5) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + size]) for start in range(len(words) - size + 1)}


def test_file_is_the_one_that_was_handed_over():
    assert hashlib.sha256(data_path("starter", "articles.jsonl").read_bytes()).hexdigest() == SHA256


def test_every_row_has_the_same_fields_and_an_id_of_its_own(rows):
    assert {tuple(sorted(row)) for row in rows} == {("body", "date", "event_type", "id", "tags", "title")}
    assert len({row["id"] for row in rows}) == len(rows) == 472
    assert all(row["title"].strip() and row["body"].strip() and row["tags"] for row in rows)


def test_twenty_articles_for_each_type_of_the_taxonomy(originals):
    counts = Counter(row["event_type"] for row in originals)
    assert counts == dict.fromkeys(Taxonomy.load().types, 20)
    assert {Taxonomy.load().group_of(name) for name in counts} == set(Taxonomy.load().groups)


def test_twelve_copies_resemble_their_originals(rows):
    by_id = {row["id"]: row for row in rows}
    copies = [row for row in rows if row["id"].endswith("-copy")]
    assert len(copies) == 12
    for copy in copies:
        original = by_id[copy["id"].removesuffix("-copy")]
        assert copy["tags"] == original["tags"]
        assert copy["event_type"] == original["event_type"]
        left, right = shingles(copy["body"]), shingles(original["body"])
        assert 0.38 <= len(left & right) / len(left | right) <= 0.56


def test_dates_run_in_order_over_two_years(rows):
    dates = [dt.date.fromisoformat(row["date"]) for row in rows]
    assert dates == sorted(dates)
    assert (dates[0], dates[-1]) == (dt.date(2024, 1, 5), dt.date(2025, 12, 26))


def test_tags(originals):
    counts = Counter(tag for row in originals for tag in row["tags"])
    assert len(counts) == 181
    assert sum(count >= 5 for count in counts.values()) == 101
    assert all(len(row["tags"]) == len(set(row["tags"])) for row in originals)


def test_lengths(originals):
    words = [len(row["body"].split()) for row in originals]
    assert (min(words), max(words)) == (114, 229)


def test_licence_is_the_whole_of_cc0():
    text = data_path("starter", "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("Creative Commons Legal Code\n\nCC0 1.0 Universal")
    for heading in ("Statement of Purpose", "1. Copyright and Related Rights.", "4. Limitations and Disclaimers."):
        assert heading in text


def test_aliases_merge_one_pair_of_the_starter_tags_and_rename_no_other(rows):
    labels = [Labels(frozenset(row["tags"])) for row in rows]
    merged = normalise_tags(labels, load_aliases(ALIASES))
    before = {tag for one in labels for tag in one.tags or ()}
    after = {tag for one in merged for tag in one.tags or ()}
    assert before - after == {"Democratic Republic of Congo"}
    assert after <= before


def test_no_alias_is_canonical_or_repeated_or_needless():
    table = tomllib.loads(ALIASES.read_text(encoding="utf-8"))["aliases"]
    names = Counter(tag_key(name) for canonical, aliases in table.items() for name in (canonical, *aliases))
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [("U.S.", "United States"), ("usa", "United States"), ("DRC", "DR Congo"), ("U.N.", "United Nations")],
)
def test_usual_short_names_are_known(typed, canonical):
    assert load_aliases(ALIASES)[tag_key(typed)] == canonical


def test_the_documented_alias_file_loads(tmp_path):
    text = (Path(__file__).parents[2] / "docs" / "tags.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "mine.toml").write_text(example, encoding="utf-8")
    aliases = load_aliases(tmp_path / "mine.toml")
    assert aliases[tag_key("drc")] == "DR Congo"
    assert aliases[tag_key("U.S.")] == "United States"
