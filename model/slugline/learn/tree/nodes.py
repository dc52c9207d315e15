"""The compiled kernels of a label tree (see `kernels`) for numpy arrays; they run without Python's lock."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import CFUNCTYPE, c_double, c_int64, c_void_p
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.learn.solvers import machine
from slugline.learn.solvers.sixteen import WIDTH, aligned, checked

UNIT = machine.Unit(
    "slugline.learn.tree.kernels",
    ("split_nodes", "fit_nodes"),
    ("tree/kernels.py", "tree/halving.py", "tree/fitting.py"),
)

_TYPES: dict[str, Callable[..., Any]] = {
    "split_nodes": CFUNCTYPE(None, *[c_void_p] * 14, *[c_int64] * 10),
    "fit_nodes": CFUNCTYPE(c_int64, *[c_void_p] * 35, *[c_int64] * 15, c_double, c_int64, c_double, c_double, c_int64),
}


def split_nodes(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    data: NDArray[np.float32],
    terms: int,
    bounds: NDArray[np.int64],
    order: NDArray[np.int64],
    first: int,
    last: int,
    seed: int,
    rounds: int,
) -> None:
    """`halving.split_nodes`: reorders `order` in place. Raises TypeError for an array of another type or shape."""
    labels = len(indptr) - 1
    largest = int(np.diff(bounds[first : last + 1]).max(initial=1))
    # A node's distinct terms are no more than its labels' entries.
    room = max(1, min(terms, len(indices)))
    arrays = (
        checked(indptr, np.int64, labels + 1),
        checked(indices, np.int32, len(indices)),
        checked(data, np.float32, len(indices)),
        checked(bounds, np.int64, len(bounds)),
        checked(order, np.int64, labels),
        np.zeros(terms, dtype=np.float32),
        np.zeros((terms, 2), dtype=np.float32),
        np.full(terms, -1, dtype=np.int64),
        np.empty(room, dtype=np.int32),
        *(np.empty(largest, dtype=np.int64) for _ in range(3)),
        np.empty(largest, dtype=np.uint8),
        np.empty(largest, dtype=np.float32),
    )
    sizes = len(indices), terms, labels, len(bounds) - 1, room, largest
    _function("split_nodes")(*[array.ctypes.data for array in arrays], *sizes, first, last, seed, rounds)


def fit_nodes(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    data: NDArray[np.float32],
    terms: int,
    row_ptr: NDArray[np.int64],
    rows: NDArray[np.int32],
    child_ptr: NDArray[np.int64],
    positive_ptr: NDArray[np.int64],
    positives: NDArray[np.int32],
    tasks: NDArray[np.int64],
    seed: int,
    C: float,
    epochs: int,
    tolerance: float,
    prune: float,
    centroids: bool,
) -> tuple[NDArray[Any], ...]:
    """`fitting.fit_nodes`: its results, from the numbers of terms to the scales of centroids.

    Raises TypeError for an array of another type or shape.
    """
    articles = len(indptr) - 1
    length = np.concatenate([[0], np.cumsum(np.diff(indptr)[rows])])
    each = length[row_ptr[tasks[:, 0] + 1]] - length[row_ptr[tasks[:, 0]]]
    many = np.diff(row_ptr)[tasks[:, 0]]
    width = tasks[:, 2] - tasks[:, 1]
    most_rows, most_entries = int(many.max(initial=1)), int(each.max(initial=1))
    # The root keeps the terms' numbers, whether articles have them or not.
    distinct = np.where(many == articles, terms, np.minimum(each, terms))
    most_terms = int(distinct.max(initial=1))
    # Memory that nothing is written to is none.
    keys, room, children = int(distinct.sum()), int((distinct * width).sum()), int(width.sum())
    counts = np.zeros(len(tasks), dtype=np.int64)
    scales, biases, wide_scales = (np.zeros(children, dtype=np.float32) for _ in range(3))
    found: tuple[NDArray[Any], ...] = (
        np.empty(keys, dtype=np.int32),
        np.empty(keys, dtype=np.int64),
        np.empty(room, dtype=np.uint16),
        np.empty(room, dtype=np.int8),
        np.empty(room, dtype=np.int8),
    )
    arrays = (
        checked(indptr, np.int64, articles + 1),
        checked(indices, np.int32, len(indices)),
        checked(data, np.float32, len(indices)),
        checked(row_ptr, np.int64, len(row_ptr)),
        checked(rows, np.int32, len(rows)),
        checked(child_ptr, np.int64, len(row_ptr)),
        checked(positive_ptr, np.int64, len(positive_ptr)),
        checked(positives, np.int32, len(positives)),
        checked(tasks, np.int64, len(tasks), 3),
        np.full(terms, -1, dtype=np.int32),
        np.full(articles, -1, dtype=np.int32),
        *(np.empty(most_terms, dtype=np.int32) for _ in range(2)),
        *(np.empty(most_terms, dtype=np.int64) for _ in range(2)),
        np.empty(most_rows + 1, dtype=np.int64),
        np.empty(most_entries, dtype=np.int32),
        np.empty(most_entries, dtype=np.float32),
        np.empty(most_rows, dtype=np.float32),
        np.empty(most_rows, dtype=np.int64),
        np.empty((most_rows, WIDTH), dtype=np.bool_),
        *(aligned(size) for size in (most_rows, most_terms, most_terms, 2)),
        np.zeros(WIDTH, dtype=np.float64),
        counts,
        scales,
        biases,
        wide_scales,
        *found,
    )
    sizes = articles, len(indices), terms, len(row_ptr) - 1, len(rows), len(positive_ptr) - 1, len(positives)
    more = len(tasks), most_rows, most_entries, most_terms, children, keys, room
    numbers = seed, C, epochs, tolerance, prune, int(centroids)
    entries = _function("fit_nodes")(*[array.ctypes.data for array in arrays], *sizes, *more, *numbers)
    lasts = int(counts.sum()), int(counts.sum()), entries, entries, entries
    return counts, *(one[:last].copy() for one, last in zip(found, lasts, strict=True)), scales, biases, wide_scales


@cache
def _function(name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = _TYPES[name](machine.address(name, UNIT))
    return found
