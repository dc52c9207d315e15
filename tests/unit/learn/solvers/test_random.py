from __future__ import annotations

import numpy as np
import pytest

from slugline.learn.solvers.random import next_random, seeded


@pytest.mark.parametrize("below", [1, 2, 7])
def test_random_numbers_are_in_their_range_and_all_come(below):
    state, seen = seeded(1), []
    for _ in range(200):
        state, number = next_random(np.uint64(state), below)
        seen.append(int(number))
    assert set(seen) == set(range(below))
