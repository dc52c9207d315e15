"""Precision against recall as the threshold falls: of all labels together, and of some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from slugline.evaluate.metrics import Flags

LEAST = 0.001
"""Pairs less probable than this are left out of the curves: nearly all of them, and none that are ever shown."""
POINTS = 60
"""At most so many points are kept of a curve, spread evenly over its recall."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Of label `label` (None: of all labels together, pooled), which `support` pairs have.

    `threshold` falls, `recall` rises; each (p,). `average_precision` is the sum of precision times gain in recall over
    every threshold down to LEAST, not only over the points kept.
    """

    label: str | None
    support: int
    average_precision: float
    threshold: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]

    def to_dict(self) -> dict[str, Any]:
        """The fields, rounded to 4 decimals."""
        said = {"label": self.label, "support": self.support, "average_precision": round(self.average_precision, 4)}
        points = {"threshold": self.threshold, "precision": self.precision, "recall": self.recall}
        return said | {name: np.round(values, 4).tolist() for name, values in points.items()}


def curves(
    labels: Sequence[str],
    truth: Flags,
    probability: NDArray[np.float64] | csr_array,
    chosen: Sequence[str],
    *,
    missed: int = 0,
) -> tuple[Curve, ...]:
    """The curve of all L labels pooled, then one for each of the `chosen` ones that some article has.

    `truth` and `probability` are (N, L), arrays or both sparse, columns in the order of `labels`. `missed` true labels
    that no column has count as never found.
    """
    support = np.asarray(truth.sum(axis=0)).ravel().astype(np.int64)
    number = {label: place for place, label in enumerate(labels)}
    found = [_curve(None, *_likely(truth, probability), int(support.sum()) + missed)]
    for label in chosen:
        own = [number[label]]
        if support[own[0]]:
            found.append(_curve(label, *_likely(truth[:, own], probability[:, own]), int(support[own[0]])))
    return tuple(found)


def _likely(
    truth: Flags, probability: NDArray[np.float64] | csr_array
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The probabilities of pairs that are not left out, row by row, and whether each is true."""
    if isinstance(probability, np.ndarray):
        # The places of the pairs would take more memory than the pairs.
        likely = np.asarray(probability >= LEAST)
        return probability[likely], np.asarray(truth)[likely]
    cells = probability.tocoo()
    kept = cells.data >= LEAST
    if not kept.any():
        # What scipy makes of no places is no array.
        return np.zeros(0), np.zeros(0, dtype=bool)
    return cells.data[kept], np.asarray(truth[cells.row[kept], cells.col[kept]]).ravel().astype(bool)


def _curve(label: str | None, chance: NDArray[np.float64], true: NDArray[np.bool_], support: int) -> Curve:
    order = np.argsort(-chance, kind="stable")
    chance, hits = chance[order], np.cumsum(true[order])
    del order
    # Pairs of one probability are decided together.
    last = np.append(chance[1:] != chance[:-1], True) if len(chance) else np.zeros(0, dtype=bool)
    place = np.flatnonzero(last)
    precision, recall = hits[place] / (place + 1), hits[place] / max(1, support)
    average = float((np.diff(recall, prepend=0.0) * precision).sum())
    kept = _spread(recall)
    return Curve(label, support, average, chance[place][kept], precision[kept], recall[kept])


def _spread(recall: NDArray[np.float64]) -> NDArray[np.int64]:
    """Which points to keep: the first, the last, and of the others the first at each of evenly spaced recalls."""
    if len(recall) <= POINTS:
        return np.arange(len(recall))
    wanted = np.searchsorted(recall, np.linspace(recall[0], recall[-1], POINTS - 1), side="left")
    return np.unique(np.append(wanted, len(recall) - 1))
