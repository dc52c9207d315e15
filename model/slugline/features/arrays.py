"""Sorting and counting of whole numbers, as arrays: what the vectorizer is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DIGIT = 16  # bits: numpy sorts uint16 by radix, in a tenth of the time of longer numbers


def ragged(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers from each start on, as many as its length, end to end.

    >>> ragged(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    places = np.arange(total)
    places += np.repeat(starts - ends + lengths, lengths)
    return places


def stable_order(keys: NDArray[np.integer[Any]], size: int) -> NDArray[np.int64]:
    """The order that sorts `keys`, whole numbers from 0 to `size` - 1, equal ones as they stand.

    Radix sort from the last digit on (Knuth, The Art of Computer Programming 3, 5.2.5).
    """
    order = np.argsort(keys.astype(np.uint16), kind="stable")
    shift = _DIGIT
    while (size - 1) >> shift > 0:
        digit = (keys >> shift).astype(np.uint16)[order]
        order = order[np.argsort(digit, kind="stable")]
        shift += _DIGIT
    return order


def run_starts(*keys: NDArray[Any]) -> NDArray[np.int64]:
    """Where in arrays (n,) side by side a run of equal rows begins.

    >>> run_starts(np.array([3, 3, 3, 4]), np.array([1, 1, 2, 2])).tolist()
    [0, 2, 3]
    """
    if not len(keys[0]):
        return np.zeros(0, np.int64)
    new = np.empty(len(keys[0]), np.bool_)
    new[0] = True
    np.not_equal(keys[0][1:], keys[0][:-1], out=new[1:])
    for key in keys[1:]:
        new[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(new)


def smallest(numbers: NDArray[np.integer[Any]]) -> NDArray[np.unsignedinteger[Any]]:
    """Numbers of at least 0 in as few bytes as hold the largest.

    >>> smallest(np.array([1, 300])).dtype
    dtype('uint16')
    """
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))


def occurring(numbers: NDArray[np.integer[Any]], size: int) -> NDArray[np.int64]:
    """Which of 0 to `size` - 1 occur in an array of any shape, ascending; -1 in it is none.

    >>> occurring(np.array([[3, -1], [1, 3]]), 5).tolist()
    [1, 3]
    """
    seen = np.zeros(size + 1, np.bool_)
    seen[numbers.ravel()] = True
    return np.flatnonzero(seen[:size])
