"""The linear classifiers of many nodes at once: the source of machine code, see `kernels`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from slugline.learn.solvers.compiling import compiled
from slugline.learn.solvers.random import next_random, seeded
from slugline.learn.solvers.vectors import WIDTH, gather, scatter
from slugline.learn.tree.halving import rank

WHOLE_ROUNDS = 2
"""Rounds over all articles of a node; later ones are over those by which a round has moved something."""


@compiled
def fit_nodes(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    data: NDArray[np.float32],
    row_ptr: NDArray[np.int64],
    rows: NDArray[np.int32],
    child_ptr: NDArray[np.int64],
    positive_ptr: NDArray[np.int64],
    positives: NDArray[np.int32],
    tasks: NDArray[np.int64],
    local: NDArray[np.int32],
    row_local: NDArray[np.int32],
    seen: NDArray[np.int32],
    own: NDArray[np.int32],
    place: NDArray[np.int64],
    spare: NDArray[np.int64],
    own_ptr: NDArray[np.int64],
    own_terms: NDArray[np.int32],
    own_data: NDArray[np.float32],
    norms: NDArray[np.float32],
    turn: NDArray[np.int64],
    positive: NDArray[np.bool_],
    alpha: NDArray[np.float32],
    W: NDArray[np.float32],
    near: NDArray[np.float32],
    small: NDArray[np.float32],
    lengths: NDArray[np.float64],
    key_counts: NDArray[np.int64],
    scales: NDArray[np.float32],
    biases: NDArray[np.float32],
    wide_scales: NDArray[np.float32],
    out_terms: NDArray[np.int32],
    out_ends: NDArray[np.int64],
    out_child: NDArray[np.uint16],
    out_weight: NDArray[np.int8],
    out_centroid: NDArray[np.int8],
    seed: int,
    C: float,
    epochs: int,
    tolerance: float,
    prune: float,
    centroids: bool,
) -> int:  # pragma: no cover - compiled
    """The classifiers of some children of some nodes of one level, those of a task solved together.

    A task (node, low, high) is about the children `low` to `high` of a node, at most WIDTH. Node i is trained on the
    articles `rows[row_ptr[i]:row_ptr[i + 1]]` of the CSR matrix (float32, 32-bit term numbers); child c's positives
    among them are `positives[positive_ptr[c]:positive_ptr[c + 1]]`, the others its negatives. Squared hinge by dual
    coordinate descent (Hsieh et al. 2008) over articles in random order, for at most `epochs` rounds or until no dual
    variable moves by `tolerance`; from the third round on, over the articles that moved one in the round before.

    It differs from `solvers.blocks`, sixteen labels over all rows to convergence: here a node sees few articles and
    terms, which are numbered anew so that its weights lie together, and takes a few rounds from a cold start. Both use
    the same vectors.

    Results, of all tasks in order: how many terms each has (`key_counts`), the terms, the end of each term's entries,
    and of each entry its child (counted from the node's first), its weight and centroid in multiples of the child's
    scales; for every child scale, intercept and scale of the centroid. Weights below `prune`, and centroid parts
    below `prune` / 4, are dropped. Without `centroids` those are 0. Returns how many entries there are. To work in:
    `local` (d,) and `row_local` (n,) of -1, and the arrays from `seen` to `lengths`, see `nodes`.
    """
    articles, terms = len(indptr) - 1, len(local)
    keys = 0
    entries = 0
    written = 0
    bias, margin = small[0], small[1]
    least = np.float32(prune)
    least_centroid = np.float32(prune / 4)
    for task in range(len(tasks)):
        node, low, high = tasks[task, 0], tasks[task, 1], tasks[task, 2]
        mine = rows[row_ptr[node] : row_ptr[node + 1]]
        count = len(mine)
        width = high - low
        if count == articles:
            # The root: its articles and terms are all that there are, and keep their numbers.
            distinct = terms
            for term in range(terms):
                own[term] = term
            inner, inner_terms, inner_data = indptr, indices, data
        else:
            # The terms of the node's articles, numbered in ascending order.
            distinct = 0
            for at in range(count):
                for k in range(indptr[mine[at]], indptr[mine[at] + 1]):
                    term = indices[k]
                    if local[term] < 0:
                        local[term] = 0
                        seen[distinct] = term
                        distinct += 1
            rank(seen, place, spare, distinct)
            for at in range(distinct):
                own[at] = seen[place[at]]
                local[own[at]] = at
            inner, inner_terms, inner_data = own_ptr, own_terms, own_data
            inner[0] = 0
            filled = 0
            for at in range(count):
                for k in range(indptr[mine[at]], indptr[mine[at] + 1]):
                    inner_terms[filled] = local[indices[k]]
                    inner_data[filled] = data[k]
                    filled += 1
                inner[at + 1] = filled
        for at in range(count):
            square = np.float32(1.0)  # of the intercept
            for k in range(inner[at], inner[at + 1]):
                square += inner_data[k] * inner_data[k]
            norms[at] = square
            row_local[mine[at]] = at
        for at in range(count):
            turn[at] = at
            for c in range(WIDTH):
                positive[at, c] = False
                alpha[at, c] = 0.0
        for at in range(distinct):
            for c in range(WIDTH):
                W[at, c] = 0.0
        for c in range(WIDTH):
            bias[c] = 0.0
            margin[c] = 0.0
        for child in range(low, high):
            for k in range(positive_ptr[child], positive_ptr[child + 1]):
                positive[row_local[positives[k]], child - low] = True
        extra = np.float32(0.5 / C)
        state = seeded(seed)
        state, _ = next_random(state + np.uint64(node), 2)
        active = count
        for epoch in range(epochs):
            for at in range(active - 1, 0, -1):
                state, swap = next_random(state, at + 1)
                turn[at], turn[swap] = turn[swap], turn[at]
            worst = np.float32(0.0)
            moving = 0
            for step in range(active):
                at = turn[step]
                for c in range(WIDTH):
                    margin[c] = bias[c]
                gather(inner_terms, inner_data, inner[at], inner[at + 1], W, margin)
                inverse = np.float32(1.0) / (norms[at] + extra)
                largest = np.float32(0.0)
                for c in range(width):
                    sign = np.float32(1.0) if positive[at, c] else np.float32(-1.0)
                    before = alpha[at, c]
                    gradient = sign * margin[c] - np.float32(1.0) + before * extra
                    after = max(before - gradient * inverse, np.float32(0.0))
                    alpha[at, c] = after
                    margin[c] = (after - before) * sign
                    largest = max(largest, abs(after - before))
                    bias[c] += margin[c]
                if largest == 0.0:
                    continue
                worst = max(worst, largest)
                turn[moving], turn[step] = at, turn[moving]
                moving += 1
                for c in range(width, WIDTH):
                    margin[c] = np.float32(0.0)
                scatter(inner_terms, inner_data, inner[at], inner[at + 1], W, margin)
            if worst < tolerance:
                break
            if epoch + 1 >= WHOLE_ROUNDS:
                active = moving
        if centroids:
            for at in range(distinct):
                for c in range(width):
                    near[at, c] = 0.0
            for child in range(low, high):
                for k in range(positive_ptr[child], positive_ptr[child + 1]):
                    at = row_local[positives[k]]
                    for j in range(inner[at], inner[at + 1]):
                        near[inner_terms[j], child - low] += inner_data[j]
            for c in range(width):
                lengths[c] = 0.0
            for at in range(distinct):
                for c in range(width):
                    lengths[c] += np.float64(near[at, c]) * near[at, c]
            for at in range(distinct):
                for c in range(width):
                    if lengths[c] > 0:
                        # Never of a negative number, of which the C library would be asked.
                        near[at, c] /= np.sqrt(max(lengths[c], 1e-300))
        for c in range(width):
            largest = np.float32(0.0)
            furthest = np.float32(0.0)
            for at in range(distinct):
                largest = max(largest, abs(W[at, c]))
                if centroids:
                    furthest = max(furthest, abs(near[at, c]))
            scales[written + c] = wide_scales[written + c] = 1.0
            if largest > 0:
                scales[written + c] = largest / np.float32(127.0)
            if furthest > 0:
                wide_scales[written + c] = furthest / np.float32(127.0)
            biases[written + c] = bias[c]
        offset = low - child_ptr[node]
        for at in range(distinct):
            local[own[at]] = -1
            before = entries
            for c in range(width):
                whole = np.int8(0)
                part = np.int8(0)
                if abs(W[at, c]) >= least:
                    whole = np.int8(np.rint(W[at, c] / scales[written + c]))
                if centroids and abs(near[at, c]) >= least_centroid:
                    part = np.int8(np.rint(near[at, c] / wide_scales[written + c]))
                if whole == 0 and part == 0:
                    continue
                out_child[entries] = offset + c
                out_weight[entries] = whole
                out_centroid[entries] = part
                entries += 1
            if entries > before:
                out_terms[keys] = own[at]
                out_ends[keys] = entries
                keys += 1
                key_counts[task] += 1
        for at in range(count):
            row_local[mine[at]] = -1
        written += width
    return entries
