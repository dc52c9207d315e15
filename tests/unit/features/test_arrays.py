from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from slugline.features.arrays import ragged, run_starts, stable_order


@given(st.lists(st.integers(0, 2**40 - 1) | st.integers(0, 70_000), max_size=60))
def test_the_order_is_stable(keys: list[int]) -> None:
    array = np.array(keys, np.int64)
    size = max(keys, default=0) + 1
    assert stable_order(array, size).tolist() == sorted(range(len(keys)), key=keys.__getitem__)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), max_size=9))
def test_ragged(rows: list[tuple[int, int]]) -> None:
    starts, lengths = np.array(rows, np.int64).reshape(-1, 2).T
    assert ragged(starts, lengths).tolist() == [at for start, length in rows for at in range(start, start + length)]


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), max_size=9))
def test_runs(rows: list[tuple[int, int]]) -> None:
    first, second = np.array(rows, np.int64).reshape(-1, 2).T
    starts = [at for at, row in enumerate(rows) if at == 0 or row != rows[at - 1]]
    assert run_starts(first, second).tolist() == starts
