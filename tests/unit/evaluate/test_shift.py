"""A shift is told from chance: samples of the reference itself seldom look like one."""

from __future__ import annotations

import numpy as np
import pytest

from slugline.evaluate.shift import SURE, mean_shift
from slugline.reference import POINTS

RNG = np.random.default_rng(1)
WHOLE = RNG.beta(2, 5, 20_000)
QUANTILES = np.quantile(WHOLE, np.linspace(0, 1, POINTS))


@pytest.mark.parametrize("count", [5, 50, 2000])
@pytest.mark.parametrize("upwards", [True, False])
def test_samples_of_the_reference_are_seldom_a_shift(count: int, upwards: bool) -> None:
    cried = sum(
        shift.p <= SURE
        for seed in range(100)
        if (shift := mean_shift(RNG.choice(WHOLE, count), QUANTILES, 20_000, upwards=upwards, seed=seed)) is not None
    )
    # One is expected; more than 6 come once in 10,000 times, and the draws are always the same.
    assert cried <= 6


def test_a_moved_sample_is_a_shift_in_its_own_direction() -> None:
    moved = RNG.choice(WHOLE, 400) + 0.1
    up = mean_shift(moved, QUANTILES, 20_000, upwards=True)
    down = mean_shift(moved, QUANTILES, 20_000, upwards=False)
    assert up is not None
    assert down is not None
    assert up.p < 0.005 < 0.99 < down.p
    assert up.distance == pytest.approx(0.1 / WHOLE.std(), abs=0.15)
    assert up.low < up.reference < up.high < up.mean
    assert up.articles == 400


def test_of_nothing_there_is_no_shift() -> None:
    assert mean_shift(np.zeros(0), QUANTILES, 10, upwards=True) is None
    same = mean_shift(np.ones(4), np.ones(POINTS), 10, upwards=True)
    assert same is not None
    assert (same.distance, same.p) == (0.0, 1.0)
