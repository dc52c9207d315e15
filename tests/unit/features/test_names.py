"""Names in text: what is a name, where it is found, and that nothing is missed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.article import Article
from slugline.features.mentions import MENTION_FEATURES, NameTable, find_mentions
from slugline.features.names import (
    BREAK,
    Found,
    NameIndex,
    Pieces,
    Words,
    _plain,
    _read,
    article_words,
    covered,
    name_key,
    name_tokens,
    short_form,
)
from slugline.features.vocabulary import Vocabulary

WORDS = st.sampled_from(["a", "b", "c", "aa"])
SEQUENCES = st.lists(WORDS | st.just(BREAK), max_size=20)
NAMES = st.sets(st.lists(WORDS, min_size=1, max_size=4).map(tuple), max_size=12)


@given(SEQUENCES, NAMES)
def test_every_occurrence_is_found_as_a_naive_search_finds_it(sequence: list[str], names: set[tuple[str, ...]]) -> None:
    index = NameIndex(Vocabulary.from_terms(" ".join(name) for name in names))
    words = Words(sequence, 0)
    expected = sorted(
        (start, len(name), " ".join(name))
        for name in names
        for start in range(len(sequence))
        if tuple(sequence[start : start + len(name)]) == name
    )
    assert [(one.start, one.length, index.keys.term(one.name)) for one in index.find(words)] == expected


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(1, 5)), max_size=8, unique=True))
def test_covered_is_what_lies_inside_something_longer(spans: list[tuple[int, int]]) -> None:
    found = [Found(start, length, number) for number, (start, length) in enumerate(spans)]
    naive = [
        any(
            other.start <= one.start and one.start + one.length <= other.start + other.length
            for other in found
            if other.length > one.length
        )
        for one in found
    ]
    assert covered(found) == naive


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("U.S.", "a U.S.-led raid"),
        ("US", "troops of the US left"),
        ("US", "troops of the U.S. left"),
        ("Syria", "Syria's army"),
        ("cease-fire", "a cease fire holds"),
        ("São Paulo", "in Sao Paulo today"),
        ("Earthquakes", "an earthquake struck"),
        ("Syrian_Rebels", "SYRIAN REBELS said"),
        ("Flight 447", "aboard flight 447 from Rio"),
        ("Plan B", "there is no plan B"),
        ("George W. Bush", "as George W. Bush said"),
        ("AT&T", "shares of AT&T fell"),
        ("2025 Berlin attack", "after the 2025 Berlin attack"),
    ],
)
def test_a_name_meets_its_spellings(name: str, text: str) -> None:
    table = NameTable.build([name])
    assert len(find_mentions([Article("1", "", text)], table)) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("US", "they told us"),
        ("WHO", "a man who left"),
        ("Iran", "Iranian troops"),
        ("Flight 447", "aboard flight 448"),
        ("Plan B", "the plan failed"),
        ("Hepatitis B", "hepatitis spreads"),
        ("New York", "New\n\nYork"),
        ("2024", "in 2024"),
        ("X", "X said"),
    ],
)
def test_a_name_is_not_found_in_what_it_is_not(name: str, text: str) -> None:
    table = NameTable.build([name])
    assert len(find_mentions([Article("1", "", text)], table)) == 0


def test_names_do_not_reach_from_the_headline_into_the_body() -> None:
    words = article_words(Article("1", "New", "York"), Pieces())
    assert words.tokens == ["new", BREAK, "york", BREAK]
    assert words.title == 1


@given(st.text(max_size=40))
def test_any_text_has_tokens_and_a_key(text: str) -> None:
    assert all(name_tokens(text))
    assert isinstance(name_key(text), str)
    short_form(text)


LETTERS = st.text(alphabet="abI.&'’-1 9\n\n\xa0éİß中カ\u0301\u0307\u094d\u0939Яя_ᴬ", max_size=30)


@given(st.one_of(LETTERS, st.text(max_size=30)), st.one_of(LETTERS, st.text(max_size=30)), LETTERS)
def test_pieces_say_what_the_whole_text_says(title: str, body: str, before: str) -> None:
    """No token reaches across a blank, so that a text may be read piece by piece, and pieces be remembered."""
    pieces = Pieces()
    article_words(Article("0", before, before), pieces)
    words = article_words(Article("1", title, body), pieces)
    expected = [*name_tokens(title), BREAK]
    for part in re.split(r"\n\s*\n", body):
        expected += [*name_tokens(part), BREAK]
    first: list[str] = []
    throughout: list[str] = []
    for part in (title, body):
        written = re.findall(r"[^\W\d_][\w.&]*", part)
        big = [word for word in written if word[0].isupper()]
        whole = [word for word in big if word.isupper()]
        first += big if len(big) <= 0.7 * len(written) else []
        throughout += whole if len(whole) <= 0.7 * len(written) else []
    assert words.tokens == expected
    assert words.title == len(name_tokens(title))
    assert words.capitalised == set(name_tokens(" ".join(first)))
    assert words.capitals == set(name_tokens(" ".join(throughout)))


@given(st.one_of(st.text(), st.from_regex(r"[A-Za-z]{1,4}|[0-9.,]{1,6}|[A-Za-z0-9.,&']{1,6}", fullmatch=True)))
def test_words_and_numbers_are_read_as_any_piece_is(piece: str) -> None:
    plain = _plain(piece)
    assert plain is None or plain == _read(piece)


def test_most_pieces_are_plain() -> None:
    assert [bool(_plain(piece)) for piece in ("buses", "Buses", "USA", "1,234.5", "x", "U.S", "café", "4th")] == [
        *[True] * 4,
        *[False] * 4,
    ]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    table = NameTable.build(["Syria", "Syria Times", "US", "Zero Nine"])
    texts = [f"word{number} in Syria and the US read the Syria Times of zero nine" for number in range(40)]
    expected = [find_mentions([Article("1", "", text)], table).values.tolist() for text in texts]
    monkeypatch.setattr("slugline.features.names._REMEMBERED", 8)
    table = NameTable.build(["Syria", "Syria Times", "US", "Zero Nine"])
    assert [find_mentions([Article("1", "", text)], table).values.tolist() for text in texts] == expected
    assert len(table.index.pieces) <= 8
    assert len(table.index._seen) <= 30


def test_what_is_measured_of_a_mention() -> None:
    table = NameTable.build(["Aleppo", "Aleppo airport", "Mercury (planet)"])
    article = Article("1", "Rebels in Aleppo", "They hold the Aleppo airport. The planet mercury was seen over Aleppo.")
    mentions = find_mentions([article], table)
    assert mentions.tag.tolist() == [0, 1, 2]
    aleppo, airport, mercury = (dict(zip(MENTION_FEATURES, row, strict=True)) for row in mentions.values)
    assert aleppo["in the headline"] == 1
    assert airport["in the headline"] == 0
    assert aleppo["inside longer names only"] == airport["inside longer names only"] == 0
    assert aleppo["log of mentions"] > airport["log of mentions"]
    assert aleppo["written with capitals"] == 1
    assert mercury["written with capitals"] == 0
    assert mercury["by a shortened name"] == 1
    assert airport["by a shortened name"] == 0


def test_a_name_inside_a_longer_one_is_marked() -> None:
    table = NameTable.build(["China", "China Daily"])
    mentions = find_mentions([Article("1", "", "He reads the China Daily.")], table)
    inside = mentions.values[:, MENTION_FEATURES.index("inside longer names only")]
    assert inside.tolist() == [1.0, 0.0]


def test_aliases_and_merged_tables_are_one_table() -> None:
    whole = NameTable.build(["Syria", "Iraq"], {"Syria": ["Syrian Arab Republic"]})
    parts = NameTable.build(["Syria"]).merged(
        NameTable.build(["Syria", "Iraq"], {"Syria": ["Syrian Arab Republic"]}, skip=1)
    )
    assert parts.index.keys.terms() == whole.index.keys.terms()
    assert parts.tags.tolist() == whole.tags.tolist()
    assert parts.full.tolist() == whole.full.tolist()
