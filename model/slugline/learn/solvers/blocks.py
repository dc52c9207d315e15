"""Linear SVMs of sixteen labels at once, whose rows are the same: dual coordinate descent with shrinking.

These are the sources: `machine` compiles them once on a machine, and `sixteen` calls what it made, without numba.
Nothing here asks for memory or raises, for machine code that does needs numba beside it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.np import numpy_support
from numpy.typing import NDArray

from slugline.learn.solvers.compiling import compiled
from slugline.learn.solvers.random import next_random, seeded
from slugline.learn.solvers.vectors import WIDTH, gather, scatter

carray: Any = numpy_support.carray
_ZERO, _ONE = np.float32(0.0), np.float32(1.0)
_SHRUNK = np.float32(-1.0)
_INFINITE = np.float32(np.inf)


@compiled
def solve_block(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    data: NDArray[np.float32],
    square: NDArray[np.float32],
    rows: NDArray[np.int64],
    order: NDArray[np.int64],
    wanted: NDArray[np.bool_],
    positive: NDArray[np.bool_],
    diagonal: NDArray[np.float32],
    unsolved: NDArray[np.bool_],
    shrunk: NDArray[np.bool_],
    own: NDArray[np.float32],
    alpha: NDArray[np.float32],
    W: NDArray[np.float32],
    tol: float,
    max_iter: int,
    seed: int,
) -> int:
    """Minimise, for each of 16 columns, |w|^2 / 2 + sum over rows of cost * max(0, 1 - y (w.x + b))^2; returns how many
    passes the last took.

    The bias b is regularised as the weight of a feature that is always 1, as in LinearSVC. Hsieh, Chang, Lin, Keerthi
    and Sundararajan (2008, "A dual coordinate descent method for large-scale linear SVM"), with shrinking and stopping
    as in LIBLINEAR: when the projected gradients of a pass are within `tol` of each other. Rows are visited in an order
    drawn anew in each pass from a generator of its own, started by `seed`.

    `indptr`, `indices`, `data` are the CSR arrays of X (n, d), `square` (n,) its rows' squared lengths plus 1, `rows`
    the numbers of those to learn from. `positive` (n, 16) says which rows have the labels, `diagonal` (2, 16) is 0.5
    over what a negative and a positive row of each costs, `unsolved` (16,) which columns to solve; the others stay as
    they are. `alpha` (n, 16), never negative, and `W` (d + 1, 16), which ends with the biases, are the start and the
    result. To work in: `order`, a copy of `rows`; `wanted` (n,), all true; `shrunk` (16,), all false; `own` (5, 16).

    Each column has its own shrunk rows and its own end, and no column touches another: the result is the same whatever
    the others are. A row's weights are read once for all columns, which is why this is faster than solving them one by
    one, though a row is left alone only when all columns have shrunk it or are done.
    """
    bias = W.shape[0] - 1
    scores, step, limit, highest, lowest = own[0], own[1], own[2], own[3], own[4]
    for column in range(WIDTH):
        limit[column] = _INFINITE
    state = seeded(seed)
    passes = 0
    left = True
    while left and passes < max_iter:
        left = False
        passes += 1
        for column in range(WIDTH):
            highest[column] = -_INFINITE
            lowest[column] = _INFINITE
        for last in range(len(order) - 1, 0, -1):
            state, other = next_random(state, last + 1)
            order[last], order[other] = order[other], order[last]
        for row in order:
            if not wanted[row]:
                continue
            for column in range(WIDTH):
                scores[column] = W[bias, column]
            gather(indices, data, indptr[row], indptr[row + 1], W, scores)
            moved = stays = False
            for column in range(WIDTH):
                before = alpha[row, column]
                step[column] = _ZERO
                if not unsolved[column] or before < _ZERO:
                    continue
                side = 1 if positive[row, column] else 0
                sign = _ONE if side else -_ONE
                gradient = sign * scores[column] - _ONE + before * diagonal[side, column]
                projected = gradient
                if before == _ZERO:
                    if gradient > limit[column]:
                        # It will hardly become a support vector: left out until all others are done.
                        alpha[row, column] = _SHRUNK
                        shrunk[column] = True
                        continue
                    projected = min(gradient, _ZERO)
                stays = True
                highest[column] = max(highest[column], projected)
                lowest[column] = min(lowest[column], projected)
                after = max(before - gradient / (square[row] + diagonal[side, column]), _ZERO)
                if after != before:
                    moved = True
                    alpha[row, column] = after
                    step[column] = (after - before) * sign
            wanted[row] = stays
            if moved:
                scatter(indices, data, indptr[row], indptr[row + 1], W, step)
                for column in range(WIDTH):
                    W[bias, column] += step[column]
        for column in range(WIDTH):
            if not unsolved[column]:
                continue
            if highest[column] - lowest[column] > tol:
                left = True
                limit[column] = highest[column] if highest[column] > _ZERO else _INFINITE
            elif shrunk[column]:
                _take_back(rows, alpha, wanted, column)
                left = True
                shrunk[column] = False
                limit[column] = _INFINITE
            else:
                unsolved[column] = False
    for column in range(WIDTH):
        _take_back(rows, alpha, wanted, column)
    return passes


@compiled
def _take_back(rows: NDArray[np.int64], alpha: NDArray[np.float32], wanted: NDArray[np.bool_], column: int) -> None:
    """Shrunk rows of a column take part again."""
    for row in rows:
        if alpha[row, column] < _ZERO:
            alpha[row, column] = _ZERO
            wanted[row] = True


@compiled
def leave_out(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    data: NDArray[np.float32],
    rows: NDArray[np.int64],
    positive: NDArray[np.bool_],
    step: NDArray[np.float32],
    alpha: NDArray[np.float32],
    W: NDArray[np.float32],
) -> None:
    """Take what `rows` have added out of the weights W (d + 1, 16), and set their `alpha` (n, 16) to 0.

    So the solution for all rows becomes a start for those that are left. `step` (16,) is to work in.
    """
    for row in rows:
        for column in range(WIDTH):
            step[column] = -alpha[row, column] if positive[row, column] else alpha[row, column]
            alpha[row, column] = _ZERO
            W[len(W) - 1, column] += step[column]
        scatter(indices, data, indptr[row], indptr[row + 1], W, step)


@compiled
def score_rows(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    data: NDArray[np.float32],
    rows: NDArray[np.int64],
    W: NDArray[np.float32],
    found: NDArray[np.float32],
) -> None:
    """Scores, into `found` (m, 16), of the m rows with these numbers by the weights W (d + 1, 16), biases last."""
    for place in range(len(rows)):
        row = rows[place]
        for column in range(WIDTH):
            found[place, column] = W[len(W) - 1, column]
        gather(indices, data, indptr[row], indptr[row + 1], W, found[place])


def _solve_block(
    indptr: Any,
    indices: Any,
    data: Any,
    square: Any,
    rows: Any,
    order: Any,
    wanted: Any,
    positive: Any,
    diagonal: Any,
    unsolved: Any,
    shrunk: Any,
    own: Any,
    alpha: Any,
    W: Any,
    n: int,
    entries: int,
    m: int,
    terms: int,
    tol: float,
    max_iter: int,
    seed: int,
) -> int:
    """`solve_block` of `m` of `n` rows with so many `entries` of `terms`; the arrays by where they begin."""
    return solve_block(
        carray(indptr, (n + 1,)),
        carray(indices, (entries,)),
        carray(data, (entries,)),
        carray(square, (n,)),
        carray(rows, (m,)),
        carray(order, (m,)),
        carray(wanted, (n,)),
        carray(positive, (n, WIDTH)),
        carray(diagonal, (2, WIDTH)),
        carray(unsolved, (WIDTH,)),
        carray(shrunk, (WIDTH,)),
        carray(own, (5, WIDTH)),
        carray(alpha, (n, WIDTH)),
        carray(W, (terms + 1, WIDTH)),
        tol,
        max_iter,
        seed,
    )


def _leave_out(
    indptr: Any,
    indices: Any,
    data: Any,
    rows: Any,
    positive: Any,
    step: Any,
    alpha: Any,
    W: Any,
    n: int,
    entries: int,
    m: int,
    terms: int,
) -> None:
    """`leave_out`, as `_solve_block`."""
    leave_out(
        carray(indptr, (n + 1,)),
        carray(indices, (entries,)),
        carray(data, (entries,)),
        carray(rows, (m,)),
        carray(positive, (n, WIDTH)),
        carray(step, (WIDTH,)),
        carray(alpha, (n, WIDTH)),
        carray(W, (terms + 1, WIDTH)),
    )


def _score_rows(
    indptr: Any, indices: Any, data: Any, rows: Any, W: Any, found: Any, n: int, entries: int, m: int, terms: int
) -> None:
    """`score_rows`, as `_solve_block`."""
    score_rows(
        carray(indptr, (n + 1,)),
        carray(indices, (entries,)),
        carray(data, (entries,)),
        carray(rows, (m,)),
        carray(W, (terms + 1, WIDTH)),
        carray(found, (m, WIDTH)),
    )


_pointer: Any = types.CPointer
_KINDS: dict[str, Any] = {
    "long": types.int64,
    "float": types.float64,
    "longs": _pointer(types.int64),
    "ints": _pointer(types.int32),
    "floats": _pointer(types.float32),
    "bools": _pointer(types.boolean),
}


def _signature(returned: Any, *kinds: str) -> Any:
    return returned(*[_KINDS[kind] for kind in kinds])


_CSR = ("longs", "ints", "floats")
_SIZES = ("long",) * 4
_SOLVING = ("floats", "longs", "longs", "bools", "bools", "floats", "bools", "bools", "floats", "floats", "floats")

ENTRIES: dict[str, tuple[Any, Any]] = {
    "solve_block": (_solve_block, _signature(types.int64, *_CSR, *_SOLVING, *_SIZES, "float", "long", "long")),
    "leave_out": (_leave_out, _signature(types.void, *_CSR, "longs", "bools", *["floats"] * 3, *_SIZES)),
    "score_rows": (_score_rows, _signature(types.void, *_CSR, "longs", "floats", "floats", *_SIZES)),
}
"""What is compiled: by name, a function of addresses and numbers, and its types."""
