"""A small random generator for compiled code: the same numbers on every machine, in every thread."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(inline="always")
def seeded(seed: int) -> np.uint64:
    """The state that a seed starts with."""
    return np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0xD1B54A32D192ED03)


@njit(inline="always")
def next_random(state: np.uint64, below: int) -> tuple[np.uint64, int]:
    """The next state and a number from 0 to `below` - 1; below is less than 2^31.

    SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"), its upper bits scaled to
    the range.
    """
    state = state + np.uint64(0x9E3779B97F4A7C15)
    mixed = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    return state, int(((mixed >> np.uint64(33)) * np.uint64(below)) >> np.uint64(31))
