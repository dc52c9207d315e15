"""One level of a label tree: the classifiers of the children of its nodes, kept by node and term. Numpy alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.features.tfidf import Rows

LEVEL_ARRAYS = ("child_ptr", "key_ptr", "terms", "entry_ptr", "child", "weight", "scale", "intercept")
LEAF_ARRAYS = ("centroid", "centroid_scale")
"""What the last level has in addition."""

NOTHING = -1e30
"""The margin of a place beyond a node's children."""

Sums = tuple["NDArray[np.float64]", "NDArray[np.float64] | None"]


class Padded(NamedTuple):
    """Of P nodes what belongs to their children, (P, width) each: places beyond a node's children have NOTHING."""

    scale: NDArray[np.float64]
    intercept: NDArray[np.float64]
    centroid_scale: NDArray[np.float64] | None


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

    @cached_property
    def padded(self) -> Padded:
        """What belongs to the children of each node."""
        places = self.child_ptr[:-1, None] + np.arange(self.width)
        beyond = places >= self.child_ptr[1:, None]
        places = np.minimum(places, len(self.scale) - 1)
        intercept = np.where(beyond, NOTHING, self.intercept[places].astype(np.float64))
        near = None if self.centroid_scale is None else self.centroid_scale[places].astype(np.float64)
        return Padded(self.scale[places].astype(np.float64), intercept, near)

    def sums(self, rows: Rows, values: NDArray[np.float64], nodes: NDArray[np.int64]) -> Sums:
        """Sums of weight times value of the children of `nodes` (N, b) over the terms of N articles, (N, b, width), and
        those of centroid times value, at the last level. `values` are whole numbers for those of `rows`.
        """
        count, beam = nodes.shape
        # Every term of every article, once for each of its nodes.
        owner = np.repeat(np.arange(count), np.diff(rows.indptr))
        wanted = ((nodes[owner] << 32) | rows.indices[:, None]).ravel()
        if len(self.terms):
            places = np.searchsorted(self.keys, wanted)
            found = np.flatnonzero(self.keys[np.minimum(places, len(self.terms) - 1)] == wanted)
        else:
            found = places = np.zeros(0, dtype=np.int64)
        row, key = found // beam, places[found]
        base = (found + (owner - np.arange(len(owner)))[row] * beam) * self.width
        start = self.entry_ptr[key]
        return self.added(start, self.entry_ptr[key + 1] - start, base, values[row], (count, beam, self.width))

    def added(
        self,
        start: NDArray[np.uint32],
        each: NDArray[Any],
        base: NDArray[np.int64],
        values: NDArray[np.float64],
        shape: tuple[int, int, int],
    ) -> Sums:
        """Sums (N, b, width) of `each` entries from `start` on, times `values`, into the cells from `base` on."""
        ends = np.cumsum(each, dtype=np.int64)
        number = np.repeat(np.arange(len(each), dtype=np.int32), each)
        entry = (start - (ends - each)).take(number)
        entry += np.arange(len(entry))
        cell = base.take(number)
        cell += self.child.take(entry)
        value = values.take(number)
        sums = _sums(cell, value * self.weight.take(entry), shape)
        if self.centroid is None:
            return sums, None
        value *= self.centroid.take(entry)
        return sums, _sums(cell, value, shape)

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


def _sums(cell: NDArray[np.int64], values: NDArray[np.float64], shape: tuple[int, int, int]) -> NDArray[np.float64]:
    found = np.bincount(cell, weights=values, minlength=shape[0] * shape[1] * shape[2])
    # Of nothing at all, bincount makes whole numbers.
    return found.astype(np.float64, copy=False).reshape(shape)


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
