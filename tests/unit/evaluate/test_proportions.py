from __future__ import annotations

import pytest

from slugline.evaluate.proportions import f1_interval, wilson


def test_wilson_is_that_of_the_textbook() -> None:
    # Newcombe (1998), table 1: 81 of 263, and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert wilson(0, 0) is None


def test_f1_lies_in_its_interval_and_more_articles_narrow_it() -> None:
    few, many = f1_interval(8, 10, 12), f1_interval(80, 100, 120)
    assert few is not None
    assert many is not None
    assert few[0] < many[0] < 2 * 8 / 22 < many[1] < few[1]
    assert f1_interval(0, 0, 0) is None
