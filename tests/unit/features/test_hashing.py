"""The table of pairs is a dictionary."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from slugline.features.hashing import PairTable

PAIR = st.tuples(st.integers(1, 2**64 - 1) | st.integers(1, 5), st.integers(0, 2**64 - 1) | st.integers(0, 5))


def columns(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    both = np.array(pairs, np.uint64).reshape(-1, 2)
    return both[:, 0].copy(), both[:, 1].copy()


@given(
    st.lists(st.dictionaries(PAIR, st.integers(-9, 2**31 - 1), max_size=20), max_size=5), st.lists(PAIR, max_size=20)
)
def test_it_finds_what_was_added(parts: list[dict[tuple[int, int], int]], asked: list[tuple[int, int]]) -> None:
    table, known = PairTable(), {}
    for part in parts:
        new = {pair: number for pair, number in part.items() if pair not in known}
        table.add(*columns(list(new)), np.array(list(new.values()), np.int32))
        known |= new
    assert len(table) == len(known)
    asked = asked + list(known)
    assert table.find(*columns(asked)).tolist() == [known.get(pair, PairTable.ABSENT) for pair in asked]


def test_it_grows_and_neighbours_do_not_hide_each_other() -> None:
    first = np.arange(1, 20_001, dtype=np.uint64)
    table = PairTable()
    for start in range(0, 20_000, 3_000):
        part = first[start : start + 3_000]
        table.add(part, part >> np.uint64(3), part.astype(np.int32))
    assert table.find(first, first >> np.uint64(3)).tolist() == first.tolist()
    assert (table.find(first, first) == PairTable.ABSENT).all()


def test_what_is_found_does_not_depend_on_the_draw() -> None:
    first = np.array([7, 8, 9], np.uint64)
    tables = [PairTable() for _ in range(5)]
    assert len({int(table._factors[0]) for table in tables}) > 1
    for table in tables:
        table.add(first[:2], first[:2], np.array([0, 1], np.int32))
        assert table.find(first, first).tolist() == [0, 1, PairTable.ABSENT]
