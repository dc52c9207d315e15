"""The kernels of a label tree as they are compiled: balanced 2-means over labels, and the classifiers of many nodes.

Both work on a range of nodes and run without the interpreter's lock, so that threads share the matrix. Every node's
result depends on its own data and number alone: any number of threads gives the same bytes. `halving` and `fitting` are
the sources: `solvers.machine` compiles them once on a machine, and `nodes` calls what it made, without numba. So
nothing in them asks for memory or raises.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.np import numpy_support

from slugline.learn.solvers.vectors import WIDTH
from slugline.learn.tree.fitting import fit_nodes
from slugline.learn.tree.halving import split_nodes

carray: Any = numpy_support.carray


def _split_nodes(
    indptr: Any,
    indices: Any,
    data: Any,
    bounds: Any,
    order: Any,
    direction: Any,
    means: Any,
    mark: Any,
    seen: Any,
    mine: Any,
    place: Any,
    spare: Any,
    side: Any,
    gain: Any,
    entries: int,
    terms: int,
    labels: int,
    nodes: int,
    room: int,
    largest: int,
    first: int,
    last: int,
    seed: int,
    rounds: int,
) -> None:
    """`split_nodes`; the arrays by where they begin, then their sizes."""
    split_nodes(
        carray(indptr, (labels + 1,)),
        carray(indices, (entries,)),
        carray(data, (entries,)),
        carray(bounds, (nodes + 1,)),
        carray(order, (labels,)),
        carray(direction, (terms,)),
        carray(means, (terms, 2)),
        carray(mark, (terms,)),
        carray(seen, (room,)),
        carray(mine, (largest,)),
        carray(place, (largest,)),
        carray(spare, (largest,)),
        carray(side, (largest,)),
        carray(gain, (largest,)),
        first,
        last,
        seed,
        rounds,
    )


def _fit_nodes(
    indptr: Any,
    indices: Any,
    data: Any,
    row_ptr: Any,
    rows: Any,
    child_ptr: Any,
    positive_ptr: Any,
    positives: Any,
    tasks: Any,
    local: Any,
    row_local: Any,
    seen: Any,
    own: Any,
    place: Any,
    spare: Any,
    own_ptr: Any,
    own_terms: Any,
    own_data: Any,
    norms: Any,
    turn: Any,
    positive: Any,
    alpha: Any,
    W: Any,
    near: Any,
    small: Any,
    lengths: Any,
    key_counts: Any,
    scales: Any,
    biases: Any,
    wide_scales: Any,
    out_terms: Any,
    out_ends: Any,
    out_child: Any,
    out_weight: Any,
    out_centroid: Any,
    articles: int,
    entries: int,
    terms: int,
    nodes: int,
    reached: int,
    children: int,
    owned: int,
    jobs: int,
    most_rows: int,
    most_entries: int,
    most_terms: int,
    written: int,
    keys: int,
    room: int,
    seed: int,
    C: float,
    epochs: int,
    tolerance: float,
    prune: float,
    centroids: int,
) -> int:
    """`fit_nodes`; the arrays by where they begin, then their sizes."""
    return fit_nodes(
        carray(indptr, (articles + 1,)),
        carray(indices, (entries,)),
        carray(data, (entries,)),
        carray(row_ptr, (nodes + 1,)),
        carray(rows, (reached,)),
        carray(child_ptr, (nodes + 1,)),
        carray(positive_ptr, (children + 1,)),
        carray(positives, (owned,)),
        carray(tasks, (jobs, 3)),
        carray(local, (terms,)),
        carray(row_local, (articles,)),
        carray(seen, (most_terms,)),
        carray(own, (most_terms,)),
        carray(place, (most_terms,)),
        carray(spare, (most_terms,)),
        carray(own_ptr, (most_rows + 1,)),
        carray(own_terms, (most_entries,)),
        carray(own_data, (most_entries,)),
        carray(norms, (most_rows,)),
        carray(turn, (most_rows,)),
        carray(positive, (most_rows, WIDTH)),
        carray(alpha, (most_rows, WIDTH)),
        carray(W, (most_terms, WIDTH)),
        carray(near, (most_terms, WIDTH)),
        carray(small, (2, WIDTH)),
        carray(lengths, (WIDTH,)),
        carray(key_counts, (jobs,)),
        carray(scales, (written,)),
        carray(biases, (written,)),
        carray(wide_scales, (written,)),
        carray(out_terms, (keys,)),
        carray(out_ends, (keys,)),
        carray(out_child, (room,)),
        carray(out_weight, (room,)),
        carray(out_centroid, (room,)),
        seed,
        C,
        epochs,
        tolerance,
        prune,
        centroids != 0,
    )


_pointer: Any = types.CPointer
_KINDS: dict[str, Any] = {
    "n": types.int64,
    "r": types.float64,
    "L": _pointer(types.int64),
    "I": _pointer(types.int32),
    "F": _pointer(types.float32),
    "D": _pointer(types.float64),
    "?": _pointer(types.boolean),
    "B": _pointer(types.uint8),
    "H": _pointer(types.uint16),
    "b": _pointer(types.int8),
}


def _signature(returned: Any, kinds: str) -> Any:
    return returned(*[_KINDS[kind] for kind in kinds])


_FITTING = "LIF" + "LILLIL" + "IIII" + "LLLIFFL" + "?FFFF" + "D" + "LFFFILHbb"

ENTRIES: dict[str, tuple[Any, Any]] = {
    "split_nodes": (_split_nodes, _signature(types.void, "LIF" + "LLFFLILLLBF" + "n" * 10)),
    "fit_nodes": (_fit_nodes, _signature(types.int64, _FITTING + "n" * 15 + "rnrrn")),
}
"""What is compiled: by name, a function of addresses and numbers, and its types."""
