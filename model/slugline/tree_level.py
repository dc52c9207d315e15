"""One level of a label tree: the classifiers of the children of its nodes, kept by node and term. Numpy alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.features.tfidf import Rows

LEVEL_ARRAYS = ("child_ptr", "key_ptr", "terms", "entry_ptr", "child", "weight", "scale", "intercept")
LEAF_ARRAYS = ("centroid", "centroid_scale")
"""What the last level has in addition."""


@dataclass(frozen=True, eq=False)
class TreeLevel:
    """The classifiers of one level: P nodes with C children in all, over d terms.

    Node p has the children `child_ptr[p]` to `child_ptr[p + 1]`, which are the nodes of the next level or, at the last
    level, places of tags. Its weights are kept by term: of its terms `terms[key_ptr[p]:key_ptr[p + 1]]`, ascending,
    term k has the entries `entry_ptr[k]` to `entry_ptr[k + 1]`, each a `child`, counted from the node's first, and its
    `weight` in multiples of that child's `scale`. At the last level `centroid` is the entry's part of the tag's
    centroid, in multiples of `centroid_scale`.
    """

    child_ptr: NDArray[np.int64]  # (P + 1,)
    key_ptr: NDArray[np.int64]  # (P + 1,)
    terms: NDArray[np.int32]  # (K,)
    entry_ptr: NDArray[np.uint32]  # (K + 1,)
    child: NDArray[np.uint16]  # (E,)
    weight: NDArray[np.int8]  # (E,)
    scale: NDArray[np.float32]  # (C,)
    intercept: NDArray[np.float32]  # (C,)
    centroid: NDArray[np.int8] | None = None  # (E,)
    centroid_scale: NDArray[np.float32] | None = None  # (C,)

    @cached_property
    def width(self) -> int:
        """The most children that a node has."""
        return int(np.diff(self.child_ptr).max())

    @cached_property
    def keys(self) -> NDArray[np.int64]:
        """(K,) node << 32 | term, ascending."""
        node = np.repeat(np.arange(len(self.key_ptr) - 1, dtype=np.int64), np.diff(self.key_ptr))
        return np.asarray((node << 32) | self.terms)

    def margins(self, rows: Rows, nodes: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """What the classifiers of the children of `nodes` (N, b) say of N articles, and how near their centroids are.

        Both are (N, b, width); the second is there at the last level, the article's length not yet divided by. Places
        beyond a node's children hold nothing.
        """
        count, beam = nodes.shape
        width = self.width
        lengths = np.diff(rows.indptr)
        # Every term of every article, once for each of its nodes.
        owner = np.repeat(np.arange(count), lengths)
        wanted = (nodes[owner] << 32) | rows.indices[:, None]
        base = (owner[:, None] * beam + np.arange(beam)) * width
        wanted, base = wanted.ravel(), base.ravel()
        values = np.repeat(rows.values, beam)
        if len(self.terms):
            places = np.searchsorted(self.keys, wanted)
            found = np.flatnonzero(self.keys[np.minimum(places, len(self.terms) - 1)] == wanted)
        else:
            found = np.zeros(0, dtype=np.int64)
            places = found
        key = places[found]
        start = self.entry_ptr[key].astype(np.int64)
        each = self.entry_ptr[key + 1].astype(np.int64) - start
        upto = np.cumsum(each) - each
        entry = np.repeat(start - upto, each) + np.arange(int(each.sum()))
        slot = np.repeat(base[found], each) + self.child[entry]
        value = np.repeat(values[found], each)
        cells = count * beam * width
        first = self.child_ptr[nodes]
        children = np.minimum(first[:, :, None] + np.arange(width), len(self.scale) - 1)
        shape = (count, beam, width)
        sums = np.bincount(slot, weights=value * self.weight[entry], minlength=cells)[:cells].reshape(shape)
        margin = sums * self.scale[children] + self.intercept[children]
        if self.centroid is None or self.centroid_scale is None:
            return margin, None
        near = np.bincount(slot, weights=value * self.centroid[entry], minlength=cells)[:cells].reshape(shape)
        return margin, near * self.centroid_scale[children]

    def contributions(self, rows: Rows, row: int, child: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What each term of one article adds to the margin of one child, and to its nearness (both (terms,))."""
        part = slice(int(rows.indptr[row]), int(rows.indptr[row + 1]))
        indices, values = rows.indices[part], rows.values[part]
        node = int(np.searchsorted(self.child_ptr, child, side="right")) - 1
        low, high = int(self.key_ptr[node]), int(self.key_ptr[node + 1])
        margin, near = np.zeros(len(indices)), np.zeros(len(indices))
        for place, (term, value) in enumerate(zip(indices.tolist(), values.tolist(), strict=True)):
            key = low + int(np.searchsorted(self.terms[low:high], term))
            if key >= high or self.terms[key] != term:
                continue
            entries = slice(int(self.entry_ptr[key]), int(self.entry_ptr[key + 1]))
            at = self.child[entries] == child - int(self.child_ptr[node])
            margin[place] = value * float(self.weight[entries][at].sum(dtype=np.int64))
            if self.centroid is not None:
                near[place] = value * float(self.centroid[entries][at].sum(dtype=np.int64))
        wide = 0.0 if self.centroid_scale is None else float(self.centroid_scale[child])
        return margin * float(self.scale[child]), near * wide


_DTYPES: dict[str, tuple[Any, ...]] = {
    "child_ptr": (np.int64,),
    "key_ptr": (np.int64,),
    "terms": (np.int32,),
    "entry_ptr": (np.uint32,),
    "child": (np.uint8, np.uint16),
    "weight": (np.int8,),
    "scale": (np.float32,),
    "intercept": (np.float32,),
    "centroid": (np.int8,),
    "centroid_scale": (np.float32,),
}


def checked_level(own: dict[str, NDArray[Any]], nodes: int, terms: int) -> TreeLevel:
    """One level of a file, whose nodes are those of the level above, and whose children are in order: there can be no
    cycle. Raises ValueError where an array is not sound.
    """
    for name, array in own.items():
        if array.dtype not in _DTYPES[name] or array.ndim != 1:
            raise ValueError(f"{name} is {array.dtype} of {array.ndim} dimensions")
    keys, entries, children = len(own["terms"]), len(own["child"]), len(own["scale"])
    for name, length, end in (
        ("child_ptr", nodes + 1, children),
        ("key_ptr", nodes + 1, keys),
        ("entry_ptr", keys + 1, entries),
    ):
        array = own[name]
        if len(array) != length or array[0] != 0 or array[-1] != end or (array[1:] < array[:-1]).any():
            raise ValueError(f"{name} does not ascend from 0 to {end} in {length} steps")
    sizes = {"weight": entries, "centroid": entries, "intercept": children, "centroid_scale": children}
    for name, size in sizes.items():
        if name in own and len(own[name]) != size:
            raise ValueError(f"{name} has {len(own[name])} elements instead of {size}")
    width = np.diff(own["child_ptr"])
    if (width < 1).any():
        raise ValueError("a node has no child")
    for name in ("scale", "intercept", "centroid_scale"):
        if name in own and not np.isfinite(own[name]).all():
            raise ValueError(f"{name} holds a value that is not a finite number")
    if keys and not (own["terms"].min() >= 0 and own["terms"].max() < terms):
        raise ValueError("a weight belongs to no term")
    per_node = np.repeat(width, np.diff(own["entry_ptr"].astype(np.int64)[own["key_ptr"]]))
    if entries and not (own["child"] < per_node).all():
        raise ValueError("a weight belongs to no child")
    found = TreeLevel(**own)
    if keys and (np.diff(found.keys) <= 0).any():
        raise ValueError("the terms of a node do not ascend")
    return found
