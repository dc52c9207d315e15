"""The light stemmer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.features.stem import stem


@pytest.mark.parametrize(
    "words",
    ["strike strikes striking striker strikers", "kill kills killed killing killings", "city cities", "bank banks"],
)
def test_forms_of_a_word_meet(words: str) -> None:
    assert len({stem(word) for word in words.split()}) == 1


@pytest.mark.parametrize("word", ["oil", "bus", "u.s", "16th", "at&t", "#", "2024", "press", "中"])
def test_what_has_no_ending_stays(word: str) -> None:
    assert stem(word) == word


@given(st.text(min_size=1, max_size=20))
def test_a_stem_is_never_empty_or_longer(word: str) -> None:
    assert 1 <= len(stem(word)) <= len(word)
