"""A linear SVM for one label: dual coordinate descent with shrinking, from a cold or a warm start."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from slugline.learn.solvers.compiling import compiled
from slugline.learn.solvers.random import next_random, seeded


@compiled
def solve_dual(
    indptr: NDArray[np.int32],
    indices: NDArray[np.int32],
    data: NDArray[np.float32],
    rows: NDArray[np.int64],
    y: NDArray[np.bool_],
    cost_pos: float,
    cost_neg: float,
    alpha: NDArray[np.float64],
    w: NDArray[np.float64],
    tol: float,
    max_iter: int,
    seed: int,
) -> int:
    """Minimise |w|^2 / 2 + sum over rows of cost * max(0, 1 - y (w.x + b))^2; returns how many passes it took.

    `indptr`, `indices`, `data` are the CSR arrays of X (n, d); `rows` (m,) the numbers of its rows to learn from, and
    `y` (m,), `alpha` (m,) belong to them. `w` (d + 1,) ends with the bias, which is regularised as the weight of a
    feature that is always 1, as in LinearSVC. `alpha` and `w` are the start and, changed in place, the result: both
    zero, or alphas of a similar problem and w = sum of alpha * y * (x, 1) over the rows. Only the entries of `w` whose
    features some row has are touched.

    Hsieh, Chang, Lin, Keerthi and Sundararajan (2008, "A dual coordinate descent method for large-scale linear SVM"),
    with shrinking and stopping as in LIBLINEAR: when the projected gradients of a pass are within `tol` of each other.
    Rows are visited in an order drawn anew in each pass from a generator of its own, started by `seed`.
    """
    count = len(rows)
    bias = len(w) - 1
    diagonal_pos, diagonal_neg = 0.5 / cost_pos, 0.5 / cost_neg
    square = np.empty(count)
    for place in range(count):
        total = 1.0
        for at in range(indptr[rows[place]], indptr[rows[place] + 1]):
            total += np.float64(data[at]) * np.float64(data[at])
        square[place] = total
    order = np.arange(count)
    active = count
    highest_before = np.inf
    state = seeded(seed)
    passes = 0
    while passes < max_iter:
        passes += 1
        highest, lowest = -np.inf, np.inf
        for last in range(active - 1, 0, -1):
            state, other = next_random(state, last + 1)
            order[last], order[other] = order[other], order[last]
        step = 0
        while step < active:
            place = order[step]
            begin, end = indptr[rows[place]], indptr[rows[place] + 1]
            score = w[bias]
            for at in range(begin, end):
                score += w[indices[at]] * data[at]
            sign = 1.0 if y[place] else -1.0
            diagonal = diagonal_pos if y[place] else diagonal_neg
            before = alpha[place]
            gradient = sign * score - 1.0 + before * diagonal
            projected = gradient
            if before == 0.0:
                if gradient > highest_before:
                    # It will hardly become a support vector: left out until all others are done.
                    active -= 1
                    order[step], order[active] = order[active], order[step]
                    continue
                projected = min(gradient, 0.0)
            highest, lowest = max(highest, projected), min(lowest, projected)
            step += 1
            if abs(projected) > 1e-12:
                after = max(before - gradient / (square[place] + diagonal), 0.0)
                alpha[place] = after
                change = (after - before) * sign
                for at in range(begin, end):
                    w[indices[at]] += change * data[at]
                w[bias] += change
        if highest - lowest <= tol:
            if active == count:
                break
            active = count
            highest_before = np.inf
        else:
            highest_before = highest if highest > 0.0 else np.inf
    return passes
