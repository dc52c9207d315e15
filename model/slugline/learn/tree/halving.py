"""Balanced 2-means over the labels of many nodes: the source of machine code, see `kernels`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.learn.solvers.compiling import compiled
from slugline.learn.solvers.random import next_random, seeded


@compiled
def rank(
    keys: Any, place: NDArray[np.int64], spare: NDArray[np.int64], size: int
) -> None:  # pragma: no cover - compiled
    """The numbers 0 to `size` - 1 into `place`, in ascending order of their `keys`, of equal ones the lower first."""
    for at in range(size):
        place[at] = at
    width = 1
    while width < size:
        # A range with a step could raise.
        start = 0
        while start < size:
            middle, end = min(start + width, size), min(start + 2 * width, size)
            left, right = start, middle
            start = end
            for at in range(left, end):
                if right >= end or (left < middle and keys[place[left]] <= keys[place[right]]):
                    spare[at] = place[left]
                    left += 1
                else:
                    spare[at] = place[right]
                    right += 1
        for at in range(size):
            place[at] = spare[at]
        width *= 2


@compiled
def split_nodes(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    data: NDArray[np.float32],
    bounds: NDArray[np.int64],
    order: NDArray[np.int64],
    direction: NDArray[np.float32],
    means: NDArray[np.float32],
    mark: NDArray[np.int64],
    seen: NDArray[np.int32],
    mine: NDArray[np.int64],
    place: NDArray[np.int64],
    spare: NDArray[np.int64],
    side: NDArray[np.uint8],
    gain: NDArray[np.float32],
    first: int,
    last: int,
    seed: int,
    rounds: int,
) -> None:  # pragma: no cover - compiled
    """Split the nodes `first` to `last` of one level into halves by spherical 2-means, reordering `order` in place.

    Node i holds the labels `order[bounds[i]:bounds[i + 1]]`; label l is the row l of the CSR matrix, of length 1. The
    first half, the larger of odd numbers, are the labels that lie nearer to the first mean than to the second,
    relative to each other (Prabhu et al. 2018, Parabel, section 4.1). At most `rounds` rounds. To work in: `direction`
    (d,), `means` (d, 2) of zeros, `mark` (d,) of -1, `seen` for the terms of a node, `mine`, `place`, `spare`, `side`
    and `gain` for its labels.
    """
    for node in range(first, last):
        start, stop = bounds[node], bounds[node + 1]
        size = stop - start
        if size < 2:
            continue
        half = (size + 1) // 2
        for at in range(size):
            mine[at] = order[start + at]
            side[at] = 2
        distinct = 0
        for at in range(size):
            for k in range(indptr[mine[at]], indptr[mine[at] + 1]):
                if mark[indices[k]] != node:
                    mark[indices[k]] = node
                    seen[distinct] = indices[k]
                    distinct += 1
        state = seeded(seed)
        state, drawn = next_random(state + np.uint64(node), size)
        one = np.int64(drawn)
        state, drawn = next_random(state, size - 1)
        other = np.int64(drawn)
        if other >= one:
            other += 1
        side[one] = 0
        side[other] = 1
        for _ in range(rounds):
            for at in range(size):
                if side[at] == 2:
                    continue
                for k in range(indptr[mine[at]], indptr[mine[at] + 1]):
                    means[indices[k], side[at]] += data[k]
            length_one = length_other = 0.0
            for at in range(distinct):
                length_one += np.float64(means[seen[at], 0]) * means[seen[at], 0]
                length_other += np.float64(means[seen[at], 1]) * means[seen[at], 1]
            scale_one = np.float32(1.0 / np.sqrt(max(length_one, 1e-30)))
            scale_other = np.float32(1.0 / np.sqrt(max(length_other, 1e-30)))
            for at in range(distinct):
                term = seen[at]
                direction[term] = means[term, 0] * scale_one - means[term, 1] * scale_other
                means[term, 0] = 0.0
                means[term, 1] = 0.0
            for at in range(size):
                nearer = np.float32(0.0)
                for k in range(indptr[mine[at]], indptr[mine[at] + 1]):
                    nearer += data[k] * direction[indices[k]]
                gain[at] = -nearer
            rank(gain, place, spare, size)
            moved = 0
            for at in range(size):
                now = np.uint8(0) if at < half else np.uint8(1)
                if side[place[at]] != now:
                    side[place[at]] = now
                    moved += 1
            if moved == 0:
                break
        for at in range(size):
            order[start + at] = mine[place[at]]
