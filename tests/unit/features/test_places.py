"""Searching for many words at once finds what looking for each alone does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.features.places import LONGEST, find_places

# Few letters, so that many words begin alike; around the limits of eight bytes and of what may be asked for.
WORD = st.one_of(
    st.text("ab\u00e9\uffff", max_size=20).map(str.encode),
    st.integers(0, LONGEST).map(lambda size: b"a" * size),
    st.binary(max_size=18).map(lambda word: word.replace(b"\0", b"\xff")),
)


def packed(words: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    offsets = np.cumsum([0, *map(len, words)])
    return np.frombuffer(b"".join(words), np.uint8), offsets


@given(st.sets(WORD, max_size=60), st.lists(WORD, min_size=1, max_size=30), st.sampled_from([np.uint32, np.int64]))
def test_every_word_is_found_where_it_is_and_no_other(known, asked, dtype):
    words = sorted({*known, b"padding!"})
    blob, offsets = packed(words)
    found = find_places([*asked, *words], blob, offsets.astype(dtype))
    place = {word: number for number, word in enumerate(words)}
    assert found.dtype == np.int64
    assert found.tolist() == [place.get(word, -1) for word in [*asked, *words]]


@pytest.mark.parametrize("size", [7, 8, 9, 15, 16, 17, LONGEST])
def test_words_that_differ_in_their_last_byte_alone(size):
    words = [b"a" * (size - 1) + bytes([last]) for last in range(1, 256)]
    blob, offsets = packed(words)
    assert find_places(words, blob, offsets).tolist() == list(range(255))
    assert find_places([words[3] + b"b", words[3][:-1]], blob, offsets).tolist() == [-1, -1]
