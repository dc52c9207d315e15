"""Heads that were made in parts, put together: groups of labels, and columns of some views."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.head import LinearHead


def spread(head: LinearHead, column: NDArray[np.int32]) -> LinearHead:
    """A head over its own columns as one over all d terms: `column` (d,) is each term's own column, -1 for none."""
    lengths = np.append(np.diff(head.indptr.astype(np.int64)), 0)[column]
    return dataclasses.replace(head, indptr=_indptr(lengths))


def joined(heads: Sequence[LinearHead]) -> LinearHead:
    """Heads over the same terms as one, labels one after the other; what is not of a label is the first's."""
    if len(heads) == 1:
        return heads[0]
    labels = tuple(label for head in heads for label in head.labels)
    narrow: Any = np.uint8 if len(labels) <= 1 << 8 else np.uint16 if len(labels) <= 1 << 16 else np.int32
    lengths = np.stack([np.diff(head.indptr.astype(np.int64)) for head in heads])
    starts = np.concatenate([[0], np.cumsum(lengths.sum(axis=0))])[:-1]
    indices = np.empty(int(lengths.sum()), dtype=narrow)
    weights = np.empty(len(indices), dtype=heads[0].weights.dtype)
    first = 0
    for head, own in zip(heads, lengths, strict=True):
        # Where a term's weights in this head begin, less where they begin in the head alone.
        place = np.arange(len(head.indices)) + np.repeat(starts - head.indptr[:-1].astype(np.int64), own)
        indices[place] = head.indices.astype(np.int64) + first
        weights[place] = head.weights
        starts = starts + own
        first += len(head.labels)
    each: dict[str, Any] = {
        key: np.concatenate([getattr(head, key) for head in heads])
        for key in ("scale", "intercept", "thresholds", "slope", "offset")
    }
    return dataclasses.replace(
        heads[0], labels=labels, indptr=_indptr(lengths.sum(axis=0)), indices=indices, weights=weights, **each
    )


def _indptr(lengths: NDArray[np.int64]) -> NDArray[Any]:
    found = np.concatenate([[0], np.cumsum(lengths)])
    return found.astype(np.uint32 if found[-1] < 1 << 32 else np.int64)
