"""Many texts read at once have the words that the tokenizer finds in each."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.features import words as module
from slugline.features.tokenizer import tokens
from slugline.features.words import Words

SIGNS = st.text(alphabet=st.sampled_from("aBzKßİıΣςǰ中あहिन्์ \u00a0\u3000\x00\x1c's’&.,-_0129٣²\n#\ud800"), max_size=40)
TEXTS = st.lists(st.text(max_size=60) | SIGNS | st.text(st.characters(max_codepoint=127), max_size=60), max_size=8)


def spelled(words: Words, texts: list[str]) -> list[list[str]]:
    numbers, lengths = words.read(texts)
    assert len(lengths) == len(texts)
    assert lengths.sum() == len(numbers)
    every = iter([words.spelled[number] for number in numbers.tolist()])
    return [[next(every) for _ in range(length)] for length in lengths.tolist()]


@pytest.fixture(params=["arrays", "both", "forgetful"])
def way(request, monkeypatch):
    """Texts are read by arrays however short they are, or as it comes, or with little room to remember."""
    if request.param != "both":
        monkeypatch.setattr(module, "_FEW", -1)
    if request.param == "forgetful":
        monkeypatch.setattr(module, "_MOST_PIECES", 2)
        monkeypatch.setattr(module, "_BLOCK", 16)


@pytest.mark.usefixtures("way")
@given(TEXTS, TEXTS)
def test_words_are_those_of_the_tokenizer(one: list[str], other: list[str]) -> None:
    words = Words()
    for texts in (one, other, one):
        assert spelled(words, texts) == [tokens(text) for text in texts]
    assert len(set(words.spelled)) == len(words) == len(words.numbers)


@pytest.mark.usefixtures("way")
@given(TEXTS)
def test_another_tokenizer_keeps_case(texts: list[str]) -> None:
    find = re.compile(r"(?u)\b\w\w+\b").findall
    assert spelled(Words(find, "_", fold=False), texts) == [find(text) for text in texts]


def test_long_pieces_and_many_words() -> None:
    texts = [
        "".join(chr(97 + number // 26**place % 26) for place in range(length)) + "1, x " + "a" * length
        for number, length in enumerate([*range(1, 60), *range(5, 400)])
    ]
    assert sum(map(len, texts)) > module._SHORT
    assert spelled(Words(), texts) == [tokens(text) for text in texts]
