"""Hostile articles, corpora and files beside them: read, or refused in one line; never anything else.

The long version is `experiments/soak/hostile_input.py`.
"""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostile import BOMBS, SEEDS, mutated, outcome
from hostile.bombs import sparse_archive
from hostile.judging import digest
from hostile.sound import PAGE, TEXT, jsonl, parquet
from slugline.article import Article
from slugline.config_toml import read_toml
from slugline.corpus.clean import clean_text
from slugline.corpus.compression import ALWAYS_ALLOWED
from slugline.corpus.readers import read_records
from slugline.corpus.readers.articles import read_articles
from slugline.corpus.tags import tag_key, tidy_tag
from slugline.errors import ConfigError, CorpusError, SluglineError

SMALL = 10_000
"""Bytes of most bombs here."""

ONCE_SQUARE = (
    *("a tag of commas", "many keys twice", "combining marks", "Tags lines", "Tags line without end"),
    *("footers on a tag", "comments before HTML", "the same columns", "columns", "a dotted key", "a dotted table"),
    *("other attributes", "tags as Python", "ligatures", "deep TOML", "deep JSON", "deep JSON objects"),
    *("sign-offs after blanks", "starts of SGML"),
)
"""Bombs that took the square of their size, or a multiple of it in memory: half a MB of them would take minutes."""


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_or_refused(name: str, tmp_path: Path) -> None:
    file, make = BOMBS[name]
    path = tmp_path / file
    path.write_bytes(make(SMALL))
    assert outcome(path) in ("read", "refused")


@pytest.mark.parametrize("name", ONCE_SQUARE)
def test_what_took_the_square_of_its_size(name: str, tmp_path: Path) -> None:
    file, make = BOMBS[name]
    path = tmp_path / file
    path.write_bytes(make(500_000))
    assert outcome(path) in ("read", "refused")


@pytest.mark.parametrize("name", SEEDS)
def test_a_sound_file_is_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(SEEDS[name]())
    assert outcome(path) == "read"


@pytest.mark.parametrize("name", SEEDS)
def test_a_damaged_file_is_read_or_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    for seed in range(12):
        path.write_bytes(mutated(SEEDS[name](), random.Random(seed)))
        assert outcome(path) in ("read", "refused")


ODD = st.text(
    st.one_of(
        st.characters(codec=None),
        st.sampled_from("&;#<>\"'[]{},\t\r\n\0\x1b\x9b\u202e\u2028\ud800\udfff\u0301\u0327Ã©€\u0130\ufdfa.-=@|_:"),
    ),
    max_size=60,
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), ODD),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(ODD, inner, max_size=3)),
    max_leaves=8,
)
KEYS = st.sampled_from(("id", "title", "body", "tags", "event_type", "date", "part", "url", "source", "text", "topics"))
ROWS = st.lists(st.dictionaries(st.one_of(KEYS, ODD), VALUES, max_size=6), min_size=1, max_size=4)


@settings(max_examples=60)
@given(ROWS)
def test_rows_of_anything(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]]) -> None:
    path = tmp_path_factory.mktemp("rows") / "a.jsonl"
    path.write_bytes(jsonl(*rows))
    assert outcome(path) in ("read", "refused")
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert outcome(path) in ("read", "refused")


@settings(max_examples=60)
@given(
    st.lists(st.lists(ODD, max_size=4), max_size=4),
    st.sampled_from(",;\t|"),
    st.sampled_from(("utf-8", "utf-16", "cp1252")),
)
def test_tables_of_anything(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str, encoding: str
) -> None:
    path = tmp_path_factory.mktemp("table") / "a.csv"
    lines = [["title", "text", "tags", "date"], *rows]
    path.write_bytes("\n".join(delimiter.join(line) for line in lines).encode(encoding, "replace"))
    assert outcome(path) in ("read", "refused")


@settings(max_examples=100)
@given(ODD, ODD)
def test_articles_of_anything(title: str, body: str) -> None:
    digest(iter([Article("1", title, body)]))
    assert clean_text(clean_text(body)) == clean_text(body)
    assert tag_key(tidy_tag(title)) == tag_key(title)


def test_a_bomb_of_a_few_bytes_is_told_from_a_well_packed_corpus(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"title": "x"}\n' + b" " * (ALWAYS_ALLOWED + 1)))
    with pytest.raises(CorpusError, match=r"unpacks to far more .* expected at most 200 times its size"):
        list(read_articles(path))
    rows = "".join(json.dumps({"title": f"{number} {TEXT * 20}"}) + "\n" for number in range(10_000))
    assert len(rows) > ALWAYS_ALLOWED
    path.write_bytes(gzip.compress(rows.encode(), 1))
    assert sum(1 for _ in read_articles(path)) == 10_000


def test_holes_in_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(sparse_archive(8**11 - 1))
    with pytest.raises(SluglineError):
        list(read_records(path))
    with pytest.raises(CorpusError, match="a file with holes in the archive"):
        list(read_records(path, "reuters"))


def test_a_table_whose_rows_share_a_text_of_endless_length(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(parquet([{"title": "x" * 100_000}] * 3000))
    found = read_articles(path)
    assert len([next(found) for _ in range(167)]) == 167
    with pytest.raises(CorpusError, match=r"the table unpacks to far more .* up to row 168"):
        next(found)


def test_a_list_without_end(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(parquet([{"title": "x", "tags": ["Syria"] * 100_000}]))
    with pytest.raises(CorpusError, match="a column of 100,000 values"):
        list(read_records(path))


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (PAGE.replace("<h1>", "<br>" * 60_000 + "<h1>"), "too much for a page of news"),
        (PAGE.replace("<h1>", "x" * 10_000_000 + "<h1>"), "too much for a page of news"),
        (PAGE.replace("<h1>", "<p " + " ".join(f"a{n}=1" for n in range(2000)) + "><h1>"), "markup of this page"),
        (PAGE.replace("<h1>", "<![x[]]>" + "x" * 1_000_000 + "<h1>"), "markup of this page"),
    ],
)
def test_pages_made_to_be_slow(page: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(page, encoding="utf-8")
    with pytest.raises(CorpusError, match=why):
        list(read_articles(path))


def test_a_page_in_an_encoding_that_no_page_is_in(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(PAGE.replace("<title>", '<meta charset="punycode"><title>'), encoding="utf-8")
    assert "Zürich" in next(iter(read_articles(path))).body


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a = " + "[" * 101, "nested too deeply"),
        ("a = " + "{a = " * 101, "nested too deeply"),
        ("a." * 101 + "a = 1", "nested too deeply"),
        (f"[{'a.' * 101}a]", "nested too deeply"),
        ("a = " + "9" * 5000, "too many digits"),
    ],
)
def test_toml_that_the_parser_cannot_take(text: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=why):
        read_toml(path)


def test_toml_that_only_looks_deep(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    text = "# " + "[" * 200 + f'\na = "{"[." * 200}"\nb = \'{"[." * 200}\'\nc = """\n{"[." * 200}"""\nd = ['
    path.write_text(text + "1.5, " * 300 + "]\n" + "".join(f"[t{n}]\ne.f = 1\n" for n in range(200)), encoding="utf-8")
    assert len(read_toml(path)) == 204


def test_an_error_quotes_only_the_beginning(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl({"id": "i" * 100_000, "title": "x"}) * 2)
    with pytest.raises(CorpusError) as caught:
        list(read_records(path))
    assert len(str(caught.value)) < 1000
    assert "i..." in str(caught.value)


def test_an_error_steers_no_terminal() -> None:
    error = CorpusError("no\x1b[2J", file="a\x1b]0;x\x07\u202e.txt", field="f\x9b", found="a \x1b[31mred", expected="b")
    assert str(error).isprintable()


def test_marks_without_end_are_cut(tmp_path: Path) -> None:
    zalgo = "a" + "\u0301\u0327" * 1000 + "b"
    cleaned = clean_text(zalgo)
    assert len(cleaned) < 40
    assert (cleaned[-1], clean_text(cleaned)) == ("b", cleaned)
    # What has many marks because it is written so, and symbols in a row, stay.
    assert clean_text("\u0915\u093e\u094d" * 40) == "\u0915\u093e\u094d" * 40
    assert clean_text("★" * 50) == "★" * 50
