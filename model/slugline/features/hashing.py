"""Many keys looked up at once: an open-addressing hash table in numpy arrays."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SMALLEST = 10  # bits: a table of 1,024 slots, which one article does not fill


class PairTable:
    """Maps pairs of uint64 `(first, second)`, `first` never 0, to int32 numbers of at least `ABSENT` + 1.

    Linear probing (Knuth, The Art of Computer Programming 3, 6.4, algorithm L) of all keys side by side: a round of
    array operations for each step, and most keys are found in the first. The multipliers of the hash are drawn anew for
    each table, so that no text can be made whose words collide; what is found does not depend on them.
    """

    ABSENT = -(1 << 31)
    """What `find` gives for a pair that was never added."""

    __slots__ = ("_bits", "_factors", "_first", "_numbers", "_second", "_used")

    def __init__(self, expected: int = 0) -> None:
        """Room for `expected` pairs from the start."""
        self._bits = max(_SMALLEST, (2 * expected).bit_length())
        self._factors = np.frombuffer(os.urandom(16), np.uint64) | np.uint64(1)
        self._used = 0
        self._clear()

    def __len__(self) -> int:
        return self._used

    def find(self, first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The number of each pair, int32 (n,), `ABSENT` where there is none."""
        slot = self._slots(first, second)
        kept = self._first.take(slot)
        hit = kept == first
        hit &= self._second.take(slot) == second
        found = self._numbers.take(slot)
        # An empty slot holds ABSENT, which is the answer; whoever met another's pair goes on.
        left = np.flatnonzero(~(hit | (kept == 0)))
        mask = (1 << self._bits) - 1
        at = slot[left]
        while len(left):
            at = (at + 1) & mask
            kept = self._first[at]
            found[left] = self._numbers[at]
            done = (kept == 0) | ((kept == first[left]) & (self._second[at] == second[left]))
            left, at = left[~done], at[~done]
        return found

    def add(self, first: NDArray[np.uint64], second: NDArray[np.uint64], numbers: NDArray[np.int32]) -> None:
        """Add pairs that are not there, each of them once."""
        if 2 * (self._used + len(first)) > 1 << self._bits:
            old = self._first != 0
            kept = self._first[old], self._second[old], self._numbers[old]
            self._bits = (2 * (self._used + len(first))).bit_length() + 1
            self._clear()
            self._place(*kept)
        self._place(first, second, numbers)
        self._used += len(first)

    def _place(self, first: NDArray[np.uint64], second: NDArray[np.uint64], numbers: NDArray[np.int32]) -> None:
        mask = (1 << self._bits) - 1
        slot = self._slots(first, second)
        left = np.arange(len(first))
        while len(left):
            at = slot[left]
            free = self._first[at] == 0
            claim, wanted = left[free], at[free]
            # Of those that want one slot the last to write has it.
            self._first[wanted] = first[claim]
            self._second[wanted] = second[claim]
            self._numbers[wanted] = numbers[claim]
            mine = (self._first[at] == first[left]) & (self._second[at] == second[left])
            left = left[~mine]
            slot[left] = (slot[left] + 1) & mask

    def _slots(self, first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.int64]:
        mixed: NDArray[np.uint64] = first * self._factors[0]
        mixed += second * self._factors[1]
        mixed >>= np.uint64(64 - self._bits)
        return mixed.view(np.int64)

    def _clear(self) -> None:
        size = 1 << self._bits
        self._first = np.zeros(size, np.uint64)
        self._second = np.zeros(size, np.uint64)
        self._numbers = np.full(size, self.ABSENT, np.int32)
