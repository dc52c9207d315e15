"""How far labels have moved between the articles that a model was trained on and those that it is measured on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHOWN = 10
_DRAWS = 500


@dataclass(frozen=True, slots=True)
class Move:
    """The shares of a label: of training and of held-out articles that have it."""

    label: str
    train: float
    held_out: float

    def to_dict(self) -> dict[str, Any]:
        """The fields and their `difference`."""
        return {
            "label": self.label,
            "train": round(self.train, 6),
            "held_out": round(self.held_out, 6),
            "difference": round(self.held_out - self.train, 6),
        }


@dataclass(frozen=True, slots=True)
class Drift:
    """Between `train` and `held_out` articles, over `labels` labels: all that either part has.

    `total_variation` is half the sum of the absolute differences of shares, in [0, 1]: the share of labels that would
    have to be others. `jensen_shannon` is the divergence to base 2, in [0, 1] (Lin 1991). Of tags, shares are taken of
    all occurrences, so that they sum to 1. Two samples of the same news differ too: `by_chance` is the mean total
    variation of two such samples drawn from both parts together, and `p` the share of draws at least as far apart as
    the parts are. `movers` are the labels that gained or lost the largest share of articles.
    """

    train: int
    held_out: int
    labels: int
    total_variation: float
    jensen_shannon: float
    by_chance: float
    p: float
    movers: tuple[Move, ...]

    def to_dict(self) -> dict[str, Any]:
        """The fields, rounded to 6 decimals, and what the labels are."""
        return {
            "train": self.train,
            "held_out": self.held_out,
            "labels": self.labels,
            "label_set": "every label of the training or the held-out articles, known to the model or not",
            "total_variation": round(self.total_variation, 6),
            "jensen_shannon": round(self.jensen_shannon, 6),
            "by_chance": round(self.by_chance, 6),
            "p": round(self.p, 6),
            "movers": [move.to_dict() for move in self.movers],
        }


def label_drift(
    train: Mapping[str, int], held_out: Mapping[str, int], articles: tuple[int, int], *, seed: int = 0
) -> Drift | None:
    """Compare how often each label occurs in the two parts, whose annotated articles number `articles`.

    None where either part has no label at all. Draws are seeded and take occurrences to be independent, which the tags
    of one article are not quite.
    """
    labels = sorted({*train, *held_out})
    counts = np.array([[part.get(label, 0) for label in labels] for part in (train, held_out)], dtype=np.int64)
    totals = counts.sum(axis=1)
    if not labels or not totals.all():
        return None
    seen = float(_total_variation(counts, totals))
    rng = np.random.default_rng(seed)
    pooled = counts.sum(axis=0) / totals.sum()
    drawn = np.array(
        [
            float(_total_variation(np.stack([rng.multinomial(total, pooled) for total in totals]), totals))
            for _ in range(_DRAWS)
        ]
    )
    shares = counts / np.maximum(articles, 1)[:, None]
    order = sorted(range(len(labels)), key=lambda label: (-abs(shares[1, label] - shares[0, label]), labels[label]))
    return Drift(
        *articles,
        len(labels),
        seen,
        _jensen_shannon(*(counts / totals[:, None])),
        float(drawn.mean()),
        float(((drawn >= seen).sum() + 1) / (_DRAWS + 1)),
        tuple(Move(labels[label], *map(float, shares[:, label])) for label in order[:SHOWN]),
    )


def _total_variation(counts: NDArray[np.int64], totals: NDArray[np.int64]) -> np.float64:
    return np.float64(0.5 * np.abs(counts[0] / totals[0] - counts[1] / totals[1]).sum())


def _jensen_shannon(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    middle = (p + q) / 2
    found = 0.0
    for one in (p, q):
        occurs = one > 0
        found += 0.5 * float((one[occurs] * np.log2(one[occurs] / middle[occurs])).sum())
    return min(max(found, 0.0), 1.0)
