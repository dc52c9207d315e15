"""What counts as a word, and which n-grams an article has."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from slugline.features import tokenizer
from slugline.features.tokenizer import NUMBER, paragraphs, tokens

LETTERS = st.text(alphabet=st.sampled_from("aBzéßİıΣςя中あहिन्์ 's’&.,-_0129٣²\n#"), max_size=40)
TEXT = st.text(max_size=60) | LETTERS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The U.S. and US troops", ["the", "u.s", "and", "us", "troops"]),
        ("U.S.-led, U.K.", ["u.s", "led", "u.k"]),
        ("REBELS OF EL SALVADOR'S FMLN", ["rebels", "of", "el", "salvador", "fmln"]),
        ("a cease-fire isn't Syria’s", ["cease", "fire", "isn", "syria"]),
        ("AT&T's R&D; a & b, x&", ["at&t", "r&d"]),
        ("7 killed, 1,200.5 hurt in 2024 and 1899", [NUMBER, "killed", NUMBER, "hurt", "in", "2024", "and", NUMBER]),
        ("G7 16th 1980s 9/11", ["g7", "16th", "1980s", NUMBER, NUMBER]),
        ("٢٠٢٤ ٣٫٥", ["2024", NUMBER]),
        ("Straße, STRASSE", ["strasse", "strasse"]),
        ("İstanbul Istanbul", ["istanbul", "istanbul"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("ประเทศไทย", ["ประเทศไทย"]),
        ("中国2024年3月G7", ["中", "国", "2024", "年", NUMBER, "月", "g7"]),
        ("____ foo_bar", ["foo", "bar"]),
        ("", []),
        ("\n\n ’ & .", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@given(TEXT)
def test_words_hold_no_space_and_do_not_depend_on_the_call(text: str) -> None:
    found = tokens(text)
    assert all(word and not any(sign.isspace() for sign in word) for word in found)
    assert found == tokens(text)


@given(TEXT, TEXT)
def test_a_blank_line_parts_words(before: str, after: str) -> None:
    assert tokens(f"{before}\n\n{after}") == tokens(before) + tokens(after)


WESTERN = st.characters(codec="cp1252") | st.characters(categories=["Ll", "P", "Nd"], max_codepoint=0x2FF)


@given(st.text(alphabet=WESTERN | st.sampled_from("ab&.,_019éя\n"), max_size=60))
def test_the_two_expressions_agree_on_text_that_both_read(text: str) -> None:
    folded = text.casefold().replace("i\u0307", "i")
    # A few letters, such as U+01F0, fold to a letter and a mark, which only one of the expressions knows.
    assume(not any(unicodedata.combining(char) for char in folded))
    assert tokenizer._every_script().findall(folded) == tokenizer._SIMPLE.findall(folded)


@given(st.text(alphabet=st.sampled_from("ABCÉßабвΣ 12.&-"), max_size=40))
def test_capitals_change_nothing(text: str) -> None:
    assert tokens(text) == tokens(text.upper())


@given(st.text(alphabet=st.characters(categories=["Ll", "Lu", "Lo", "Mn", "Nd"]), min_size=1, max_size=30))
def test_tokens_of_a_token_are_the_token(text: str) -> None:
    for word in tokens(unicodedata.normalize("NFC", text)):
        assert word == NUMBER or tokens(word) == [word]


@pytest.mark.parametrize("unit", ["a&", "1,", "a.", "1", "é\u0300&", "&", "_", "a.a.1,", "中"])
def test_no_text_makes_it_slow(unit: str) -> None:
    # A quadratic search over this would take minutes.
    assert isinstance(tokens(unit * 200_000 + "a"), list)
    assert isinstance(tokens("é" + unit * 200_000 + "a"), list)


def test_paragraphs_are_parted_by_blank_lines() -> None:
    assert paragraphs("a\nb\n \n\nc") == ["a\nb", "c"]
