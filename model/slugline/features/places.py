"""Where words are in a sorted list of words: binary search for all of them at once, eight bytes at a time.

One article asks for a few hundred of a model's terms. Bisecting for each is thousands of small steps of Python; here
every step is taken for all words together, and reads eight bytes of each as one number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST = 64
"""The longest word, in bytes, that `find_places` can look for."""

_STEP = 8
# The first so many bytes of eight, the first being the highest of the number.
_FIRST = np.array([2**64 - 2 ** (64 - 8 * count) for count in range(_STEP + 1)], dtype=np.uint64)


def find_places(
    wanted: Sequence[bytes], blob: NDArray[np.uint8], offsets: NDArray[np.integer[Any]]
) -> NDArray[np.int64]:
    """The place of each wanted word among the words `blob[offsets[i]:offsets[i + 1]]`, int64; -1 where it is not.

    The words of the list are sorted by their bytes and different. The wanted ones have at most LONGEST bytes and no
    NUL; the blob has at least eight bytes.

    >>> find_places([b"oil", b"gas"], np.frombuffer(b"cornoilseeds", np.uint8), np.array([0, 4, 7, 12])).tolist()
    [1, -1]
    """
    lengths = np.fromiter(map(len, wanted), np.int64, len(wanted))
    low, high = np.zeros(len(wanted), np.int64), np.full(len(wanted), len(offsets) - 1)
    width = max(1, -(-int(lengths.max(initial=0)) // _STEP))
    numbers = np.array(wanted, f"S{width * _STEP}").view(">u8").reshape(len(wanted), width).astype(np.uint64)
    eights = np.ndarray((len(blob) - _STEP + 1,), ">u8", blob, strides=(1,))
    for part in range(width):
        # A word that has no more bytes stays at the first of those that begin with it, which is the shortest.
        going = np.flatnonzero((lengths > part * _STEP) & (low < high)) if part else np.arange(len(wanted))
        if not len(going):
            break
        number = numbers[going, part]
        # The first place that is not before the number, and the first that is behind it, in one go.
        both = np.concatenate([number, number + np.uint64(1)])
        found = _first_not_before(both, np.tile(low[going], 2), np.tile(high[going], 2), eights, offsets, part * _STEP)
        low[going], high[going] = found[: len(going)], found[len(going) :]
    there = low < high
    found = low[there]
    there[there] = offsets[found + 1] - offsets[found] == lengths[there]
    return np.where(there, low, -1)


def _first_not_before(
    number: NDArray[np.uint64],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    eights: NDArray[np.uint64],
    offsets: NDArray[np.integer[Any]],
    skip: int,
) -> NDArray[np.int64]:
    """The first place in [low, high) whose word, from byte `skip` on, is not below `number`; else `high`.

    Where there is something to search, all words have more than `skip` bytes, or as many.
    """
    size, end = high - low, len(eights) - 1
    places = size > 0
    while places.any():
        half = size >> 1
        middle = low + half
        start = offsets.take(middle, mode="clip").astype(np.int64) + skip
        left = offsets.take(middle + 1, mode="clip") - start
        # Not `take`, which would copy numbers that overlap, all of them.
        value = eights[np.minimum(start, end)].astype(np.uint64)
        if (over := start - end).max() > 0:
            # The last bytes of the blob are read with those before them.
            value <<= (8 * over.clip(0, _STEP - 1)).astype(np.uint64)
        value &= _FIRST.take(left, mode="clip")
        before = (value < number) & places
        low = np.where(before, middle + 1, low)
        size = np.where(before, size - half - 1, half)
        places = size > 0
    return low
