"""What is done to every entry of the rows on disk: taking those of a head, and a pass of dual coordinate descent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from slugline.learn.solvers.compiling import compiled


@compiled
def dual_pass(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    data: NDArray[np.float32],
    square: NDArray[np.float32],
    order: NDArray[np.int64],
    out: NDArray[np.bool_],
    truth: NDArray[np.bool_],
    alpha: NDArray[np.float32],
    weights: NDArray[np.float32],
    intercept: NDArray[np.float32],
    positive: NDArray[np.float32],
    negative: np.float32,
    going: NDArray[np.bool_],
    worst: NDArray[np.float32],
) -> None:
    """Improve the dual variables `alpha` (n, L) of the rows in `order`, and with them `weights` (d, L), in place.

    The squared-hinge SVM with a regularised intercept, as LIBLINEAR solves it (Hsieh et al. 2008, "A dual coordinate
    descent method for large-scale linear SVM"): every step takes one row, and because the problems of the labels do
    not depend on each other, all labels of the row at a time, which keeps the processor's vector units busy.
    `square` (n,) is each row's squared length plus 1; `positive` (L,) and `negative` are 1 / (2 C) of a label's
    positive and of negative rows; rows that are `out` (n,) get alpha 0, as if they were not there. Labels that are not
    `going` (L,) stay as they are. `worst` (L,) rises to the largest gradient that each label met. A label's numbers do
    not depend on which other labels are there.
    """
    labels = weights.shape[1]
    score = np.empty(labels, dtype=np.float32)
    step = np.empty(labels, dtype=np.float32)
    one, zero = np.float32(1), np.float32(0)
    for place in range(len(order)):
        row = order[place]
        start, end = indptr[row], indptr[row + 1]
        own, true = alpha[row], truth[row]
        moved = False
        if out[row]:
            for label in range(labels):
                step[label] = -own[label] if true[label] else own[label]
                moved = moved or own[label] != zero
                own[label] = zero
        else:
            for label in range(labels):
                score[label] = intercept[label]
            for at in range(start, end):
                value, term = data[at], weights[indices[at]]
                for label in range(labels):
                    score[label] += value * term[label]
            for label in range(labels):
                sign = one if true[label] else -one
                bound = positive[label] if true[label] else negative
                gradient = sign * score[label] - one + own[label] * bound
                new = max(own[label] - gradient / (square[row] + bound), zero) if going[label] else own[label]
                change = new - own[label]
                own[label] = new
                step[label] = change * sign
                moved = moved or change != zero
                worst[label] = max(worst[label], abs(change) * (square[row] + bound))
        if moved:
            for label in range(labels):
                intercept[label] += step[label]
            for at in range(start, end):
                value, term = data[at], weights[indices[at]]
                for label in range(labels):
                    term[label] += value * step[label]


@compiled
def take_rows(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    data: NDArray[np.float32],
    place: NDArray[np.int64],
    column: NDArray[np.int32],
    taken: NDArray[np.int32],
    values: NDArray[np.float32],
    lengths: NDArray[np.int64],
    square: NDArray[np.float32],
) -> None:
    """Write the entries of the rows at `place` (n,) to the beginning of `taken` and `values`, where `column` has them.

    `column` (d,) is what each term is called there, -1 where it is left out. `lengths` (n,) become the entries of each
    row that were written, `square` (n,) its squared length plus 1.
    """
    end = 0
    for number in range(len(place)):
        start, total = end, 1.0
        for at in range(indptr[place[number]], indptr[place[number] + 1]):
            own = column[indices[at]]
            if own >= 0:
                taken[end] = own
                values[end] = data[at]
                total += np.float64(data[at]) * np.float64(data[at])
                end += 1
        lengths[number] = end - start
        square[number] = total
