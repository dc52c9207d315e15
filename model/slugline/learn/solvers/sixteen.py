"""The compiled solvers of sixteen labels at once (see `blocks`) for numpy arrays; they run without Python's lock."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import CFUNCTYPE, c_double, c_int64, c_void_p
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.learn.solvers import machine

WIDTH = 16
"""Columns of a block: sixteen float32 are the 64 bytes of a cache line."""

_TYPES: dict[str, Callable[..., Any]] = {
    "solve_block": CFUNCTYPE(c_int64, *[c_void_p] * 14, *[c_int64] * 4, c_double, c_int64, c_int64),
    "leave_out": CFUNCTYPE(None, *[c_void_p] * 8, *[c_int64] * 4),
    "score_rows": CFUNCTYPE(None, *[c_void_p] * 6, *[c_int64] * 4),
}

_Csr = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]
"""The CSR arrays of X (n, d): `indptr`, `indices`, `data`."""


def aligned(rows: int) -> NDArray[np.float32]:
    """Zeros, float32 (rows, WIDTH), every row on one cache line."""
    raw = np.zeros(rows * WIDTH + WIDTH, dtype=np.float32)
    start = (-raw.ctypes.data % 64) // 4
    return raw[start : start + rows * WIDTH].reshape(rows, WIDTH)


def solve_block(
    csr: _Csr,
    square: NDArray[np.float32],
    rows: NDArray[np.int64],
    positive: NDArray[np.bool_],
    cost: NDArray[np.float32],
    solve: NDArray[np.bool_],
    alpha: NDArray[np.float32],
    W: NDArray[np.float32],
    tol: float,
    max_iter: int,
    seed: int,
) -> int:
    """Minimise, for each of 16 columns, |w|^2 / 2 + sum over rows of cost * max(0, 1 - y (w.x + b))^2, until projected
    gradients are within `tol` of each other; returns how many passes the last took.

    `square` (n,) are the squared lengths of the rows of X plus 1, `rows` the numbers of those to learn from. `positive`
    (n, 16) says which rows have the labels, `cost` (2, 16) what a negative and a positive row of each costs, `solve`
    (16,) which columns to solve; the others stay as they are. `alpha` (n, 16), never negative, and `W` (d + 1, 16),
    which ends with the biases, are the start and the result. Raises TypeError for an array of another type or shape.
    """
    n = len(csr[0]) - 1
    arrays = (
        *_checked_csr(csr),
        checked(square, np.float32, n),
        checked(rows, np.int64, len(rows)),
        rows.copy(),
        np.ones(n, dtype=np.bool_),
        checked(positive, np.bool_, n, WIDTH),
        np.float32(0.5) / checked(cost, np.float32, 2, WIDTH),
        checked(solve, np.bool_, WIDTH).copy(),
        np.zeros(WIDTH, dtype=np.bool_),
        np.zeros((5, WIDTH), dtype=np.float32),
        checked(alpha, np.float32, n, WIDTH),
        checked(W, np.float32, len(W), WIDTH),
    )
    return int(_call("solve_block", arrays, csr, len(rows), len(W), tol, max_iter, seed))


def leave_out(
    csr: _Csr,
    rows: NDArray[np.int64],
    positive: NDArray[np.bool_],
    alpha: NDArray[np.float32],
    W: NDArray[np.float32],
) -> None:
    """Take what `rows` have added out of the weights W (d + 1, 16), and set their `alpha` (n, 16) to 0.

    So the solution for all rows becomes a start for those that are left. Raises as `solve_block` does.
    """
    n = len(csr[0]) - 1
    arrays = (
        *_checked_csr(csr),
        checked(rows, np.int64, len(rows)),
        checked(positive, np.bool_, n, WIDTH),
        np.zeros(WIDTH, dtype=np.float32),
        checked(alpha, np.float32, n, WIDTH),
        checked(W, np.float32, len(W), WIDTH),
    )
    _call("leave_out", arrays, csr, len(rows), len(W))


def score_rows(csr: _Csr, rows: NDArray[np.int64], W: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores (m, 16) of the m rows with these numbers by the weights W (d + 1, 16), which end with the biases.

    Raises as `solve_block` does.
    """
    found = np.zeros((len(rows), WIDTH), dtype=np.float32)
    arrays = (
        *_checked_csr(csr),
        checked(rows, np.int64, len(rows)),
        checked(W, np.float32, len(W), WIDTH),
        found,
    )
    _call("score_rows", arrays, csr, len(rows), len(W))
    return found


def _call(name: str, arrays: tuple[NDArray[Any], ...], csr: _Csr, rows: int, width: int, *numbers: float) -> Any:
    sizes = (len(csr[0]) - 1, len(csr[1]), rows, width - 1)
    return _function(name)(*[array.ctypes.data for array in arrays], *sizes, *numbers)


@cache
def _function(name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = _TYPES[name](machine.address(name))
    return found


def _checked_csr(csr: _Csr) -> _Csr:
    indptr, indices, data = csr
    return (
        checked(indptr, np.int64, len(indptr)),
        checked(indices, np.int32, len(indices)),
        checked(data, np.float32, len(indices)),
    )


def checked(array: NDArray[Any], kind: type[np.generic], *shape: int) -> NDArray[Any]:
    """The array, if it is one that machine code can take by its address."""
    if array.dtype != kind or array.shape != shape or not array.flags.c_contiguous:
        raise TypeError(f"{array.dtype} {array.shape}, not C-contiguous {kind.__name__} {shape}")
    return array
