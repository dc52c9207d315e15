"""Counting terms in bounded memory: 64-bit hashes in a table of fixed size, rare terms let go when it is full.

Lossy counting (Manku and Motwani 2002, "Approximate frequency counts over data streams"): every entry has a count and
the most that it can have had before it was entered; when the table is full, the entries go whose sum of both is
lowest. A term that was let go may come back. So the table ends with every term that is in more articles than the bound
`TermTable.lost`, and what it ends with is counted again, exactly, on the spooled articles (`learn.stream.vocabulary`).
While the table is never full, nothing is lost.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from slugline.learn.solvers.compiling import compiled

SLOT = 16
"""Bytes of a slot: a hash, a count and what may be missing from it."""

_FULL = 0.6
_SMALLEST = 1 << 16
_EMPTY = np.uint64(0)


class TermTable:
    """Open addressing over at most `most` slots (a power of two is taken), starting small and doubling."""

    def __init__(self, most: int) -> None:
        self.most = max(1 << (max(most, 2).bit_length() - 1), 1 << 10)
        size = min(_SMALLEST, self.most)
        self.keys = np.zeros(size, dtype=np.uint64)
        self.counts = np.zeros(size, dtype=np.uint32)
        self.missing = np.zeros(size, dtype=np.uint32)
        self.used = 0
        self.lost = 0

    def add(self, hashes: NDArray[np.uint64], articles: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Count terms (U,), none twice, each in so many `articles` (U,); which of them were entered now, bool (U,)."""
        entered = np.zeros(len(hashes), dtype=np.bool_)
        # In pieces, so that there is always room for one.
        step = len(self.keys) // 8
        for start in range(0, len(hashes), step):
            part = slice(start, start + step)
            while self.used + len(hashes[part]) > _FULL * len(self.keys):
                if len(self.keys) < self.most:
                    self._move(np.flatnonzero(self.keys), 2 * len(self.keys))
                else:
                    self._let_go()
            self.used += _add(
                self.keys, self.counts, self.missing, hashes[part], articles[part], np.uint32(self.lost), entered[part]
            )
        return entered

    def candidates(self, least: int) -> NDArray[np.uint64]:
        """The hashes, ascending, of the terms that may be in at least so many articles."""
        found = (self.keys != _EMPTY) & (self.counts.astype(np.int64) + self.missing >= least)
        return np.sort(self.keys[found])

    def _let_go(self) -> None:
        """Make room: at least a quarter of the entries go."""
        taken = np.flatnonzero(self.keys)
        highest = self.counts[taken] + self.missing[taken]
        bound = np.partition(highest, len(highest) // 4)[len(highest) // 4]
        self.lost = max(self.lost, int(bound))
        self._move(taken[highest > bound], len(self.keys))

    def _move(self, kept: NDArray[np.intp], size: int) -> None:
        """The entries at `kept` in a table of `size` slots."""
        keys, counts, missing = self.keys[kept], self.counts[kept], self.missing[kept]
        self.keys = np.zeros(size, dtype=np.uint64)
        self.counts = np.zeros(size, dtype=np.uint32)
        self.missing = np.zeros(size, dtype=np.uint32)
        _place(self.keys, self.counts, self.missing, keys, counts, missing)
        self.used = len(kept)


def term_hashes(terms: list[str]) -> NDArray[np.uint64]:
    """A 64-bit hash of each term, the same in every process, never 0: FNV-1a of its UTF-8 bytes, mixed.

    Of n different terms two have the same with a probability of about n * n / 2**65: 1e-5 for 20 million.
    """
    coded = [term.encode("utf-8", "surrogatepass") for term in terms]
    offsets = np.zeros(len(coded) + 1, dtype=np.int64)
    np.cumsum([len(one) for one in coded], out=offsets[1:])
    found = np.empty(len(coded), dtype=np.uint64)
    _hash(np.frombuffer(b"".join(coded), dtype=np.uint8), offsets, found)
    return found


@compiled
def _hash(blob: NDArray[np.uint8], offsets: NDArray[np.int64], found: NDArray[np.uint64]) -> None:
    for term in range(len(found)):
        value = np.uint64(0xCBF29CE484222325)
        for place in range(offsets[term], offsets[term + 1]):
            value = (value ^ np.uint64(blob[place])) * np.uint64(0x100000001B3)
        value = (value ^ (value >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
        value ^= value >> np.uint64(32)
        found[term] = value if value != np.uint64(0) else np.uint64(1)


@compiled
def _add(
    keys: NDArray[np.uint64],
    counts: NDArray[np.uint32],
    missing: NDArray[np.uint32],
    hashes: NDArray[np.uint64],
    articles: NDArray[np.uint32],
    lost: np.uint32,
    entered: NDArray[np.bool_],
) -> int:
    mask = np.uint64(len(keys) - 1)
    new = 0
    for number in range(len(hashes)):
        key = hashes[number]
        slot = key & mask
        while keys[slot] != np.uint64(0) and keys[slot] != key:
            slot = (slot + np.uint64(1)) & mask
        if keys[slot] == np.uint64(0):
            keys[slot] = key
            missing[slot] = lost
            entered[number] = True
            new += 1
        counts[slot] += articles[number]
    return new


@compiled
def _place(
    keys: NDArray[np.uint64],
    counts: NDArray[np.uint32],
    missing: NDArray[np.uint32],
    own: NDArray[np.uint64],
    own_counts: NDArray[np.uint32],
    own_missing: NDArray[np.uint32],
) -> None:
    mask = np.uint64(len(keys) - 1)
    for number in range(len(own)):
        slot = own[number] & mask
        while keys[slot] != np.uint64(0):
            slot = (slot + np.uint64(1)) & mask
        keys[slot] = own[number]
        counts[slot] = own_counts[number]
        missing[slot] = own_missing[number]
