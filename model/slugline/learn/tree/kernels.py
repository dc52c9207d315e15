"""The numba kernels of a label tree: balanced 2-means over labels, and the linear classifiers of many nodes at once.

Both work on a range of nodes and release the interpreter's lock, so that threads share the matrix. Every node's result
depends on its own data and number alone: any number of threads gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.learn.solvers.compiling import compiled
from slugline.learn.solvers.random import next_random, seeded
from slugline.learn.solvers.vectors import WIDTH, gather, scatter

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHOLE_ROUNDS = 2
"""Rounds over all articles of a node; later ones are over those by which a round has moved something."""


@compiled
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
) -> None:  # pragma: no cover - compiled
    """Split the nodes `first` to `last` of one level into halves by spherical 2-means, reordering `order` in place.

    Node i holds the labels `order[bounds[i]:bounds[i + 1]]`; label l is the row l of the CSR matrix, of length 1. The
    first half, the larger of odd numbers, are the labels that lie nearer to the first mean than to the second,
    relative to each other (Prabhu et al. 2018, Parabel, section 4.1). At most `rounds` rounds.
    """
    direction = np.zeros(terms, dtype=np.float32)
    means = np.zeros((terms, 2), dtype=np.float32)
    mark = np.full(terms, -1, dtype=np.int64)
    for node in range(first, last):
        start, stop = bounds[node], bounds[node + 1]
        size = stop - start
        if size < 2:
            continue
        half = (size + 1) // 2
        mine = order[start:stop].copy()
        total = 0
        for label in mine:
            total += indptr[label + 1] - indptr[label]
        seen = np.empty(total, dtype=np.int32)
        distinct = 0
        for label in mine:
            for k in range(indptr[label], indptr[label + 1]):
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
        side = np.full(size, 2, dtype=np.uint8)
        side[one] = 0
        side[other] = 1
        gain = np.empty(size, dtype=np.float32)
        place = np.arange(size)
        for _ in range(rounds):
            for at in range(size):
                if side[at] == 2:
                    continue
                for k in range(indptr[mine[at]], indptr[mine[at] + 1]):
                    means[indices[k], side[at]] += data[k]
            lengths = np.zeros(2, dtype=np.float64)
            for at in range(distinct):
                for c in range(2):
                    lengths[c] += np.float64(means[seen[at], c]) * means[seen[at], c]
            scale_one = np.float32(1.0 / np.sqrt(max(lengths[0], 1e-30)))
            scale_other = np.float32(1.0 / np.sqrt(max(lengths[1], 1e-30)))
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
            place = np.argsort(gain, kind="mergesort")
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


@compiled
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
) -> Any:  # pragma: no cover - compiled
    """The classifiers of some children of some nodes of one level, those of a task solved together.

    A task (node, low, high) is about the children `low` to `high` of a node, at most WIDTH. Node i is trained on the
    articles `rows[row_ptr[i]:row_ptr[i + 1]]` of the CSR matrix (float32, 32-bit term numbers); child c's positives
    among them are `positives[positive_ptr[c]:positive_ptr[c + 1]]`, the others its negatives. Squared hinge by dual
    coordinate descent (Hsieh et al. 2008) over articles in random order, for at most `epochs` rounds or until no dual
    variable moves by `tolerance`; from the third round on, over the articles that moved one in the round before.

    It differs from `solvers.dual`, which solves one label over all rows with shrinking: here a node sees few articles
    and terms, which are numbered anew so that its weights lie together, and takes a few rounds from a cold start. From
    `solvers.blocks`, sixteen labels over all rows to convergence, for the same reason; both use its vectors.

    Returns, of all tasks in order: how many terms each has, the terms, the end of each term's entries, and of each
    entry its child (counted from the node's first), its weight and centroid in multiples of the child's scales; then
    for every child scale, intercept and scale of the centroid. Weights below `prune`, and centroid parts
    below `prune` / 4, are dropped. Without `centroids` those are 0.
    """
    articles = len(indptr) - 1
    local = np.full(terms, -1, dtype=np.int32)
    row_local = np.full(articles, -1, dtype=np.int32)
    key_counts = np.zeros(len(tasks), dtype=np.int64)
    children = 0
    for task in range(len(tasks)):
        children += tasks[task, 2] - tasks[task, 1]
    scales = np.ones(children, dtype=np.float32)
    biases = np.zeros(children, dtype=np.float32)
    wide_scales = np.ones(children, dtype=np.float32)
    capacity = 1 << 14
    out_terms = np.empty(capacity, dtype=np.int32)
    out_ends = np.empty(capacity, dtype=np.int64)
    keys = 0
    room = 1 << 16
    out_child = np.empty(room, dtype=np.uint16)
    out_weight = np.empty(room, dtype=np.int8)
    out_centroid = np.empty(room, dtype=np.int8)
    entries = 0
    written = 0
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
            own = np.arange(terms).astype(np.int32)
            inner, inner_terms, inner_data = indptr, indices, data
        else:
            # The terms of the node's articles, numbered in ascending order.
            total = 0
            for at in range(count):
                total += indptr[mine[at] + 1] - indptr[mine[at]]
            seen = np.empty(total, dtype=np.int32)
            distinct = 0
            for at in range(count):
                for k in range(indptr[mine[at]], indptr[mine[at] + 1]):
                    term = indices[k]
                    if local[term] < 0:
                        local[term] = 0
                        seen[distinct] = term
                        distinct += 1
            own = np.sort(seen[:distinct])
            for at in range(distinct):
                local[own[at]] = at
            inner = np.empty(count + 1, dtype=np.int64)
            inner[0] = 0
            inner_terms = np.empty(total, dtype=np.int32)
            inner_data = np.empty(total, dtype=np.float32)
            filled = 0
            for at in range(count):
                for k in range(indptr[mine[at]], indptr[mine[at] + 1]):
                    inner_terms[filled] = local[indices[k]]
                    inner_data[filled] = data[k]
                    filled += 1
                inner[at + 1] = filled
        norms = np.empty(count, dtype=np.float32)
        for at in range(count):
            square = np.float32(1.0)  # of the intercept
            for k in range(inner[at], inner[at + 1]):
                square += inner_data[k] * inner_data[k]
            norms[at] = square
            row_local[mine[at]] = at
        positive = np.zeros((count, WIDTH), dtype=np.bool_)
        for child in range(low, high):
            for k in range(positive_ptr[child], positive_ptr[child + 1]):
                positive[row_local[positives[k]], child - low] = True
        extra = np.float32(0.5 / C)
        W = np.zeros((distinct, WIDTH), dtype=np.float32)
        bias = np.zeros(WIDTH, dtype=np.float32)
        alpha = np.zeros((count, WIDTH), dtype=np.float32)
        margin = np.zeros(WIDTH, dtype=np.float32)
        turn = np.arange(count)
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
        near = np.zeros((distinct if centroids else 0, width), dtype=np.float32)
        if centroids:
            for child in range(low, high):
                for k in range(positive_ptr[child], positive_ptr[child + 1]):
                    at = row_local[positives[k]]
                    for j in range(inner[at], inner[at + 1]):
                        near[inner_terms[j], child - low] += inner_data[j]
            lengths = np.zeros(width, dtype=np.float64)
            for at in range(distinct):
                for c in range(width):
                    lengths[c] += np.float64(near[at, c]) * near[at, c]
            for at in range(distinct):
                for c in range(width):
                    if lengths[c] > 0:
                        near[at, c] /= np.sqrt(lengths[c])
        for c in range(width):
            largest = np.float32(0.0)
            furthest = np.float32(0.0)
            for at in range(distinct):
                largest = max(largest, abs(W[at, c]))
                if centroids:
                    furthest = max(furthest, abs(near[at, c]))
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
                if entries == room:
                    room *= 2
                    out_child = np.concatenate((out_child, out_child))
                    out_weight = np.concatenate((out_weight, out_weight))
                    out_centroid = np.concatenate((out_centroid, out_centroid))
                out_child[entries] = offset + c
                out_weight[entries] = whole
                out_centroid[entries] = part
                entries += 1
            if entries > before:
                if keys == capacity:
                    capacity *= 2
                    out_terms = np.concatenate((out_terms, out_terms))
                    out_ends = np.concatenate((out_ends, out_ends))
                out_terms[keys] = own[at]
                out_ends[keys] = entries
                keys += 1
                key_counts[task] += 1
        for at in range(count):
            row_local[mine[at]] = -1
        written += width
    return (
        key_counts,
        out_terms[:keys].copy(),
        out_ends[:keys].copy(),
        out_child[:entries].copy(),
        out_weight[:entries].copy(),
        out_centroid[:entries].copy(),
        scales,
        biases,
        wide_scales,
    )
