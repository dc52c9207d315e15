"""F1 of tags by how many training articles they had: what a tag costs that is rare, or was never trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.config import EvaluateConfig
from slugline.evaluate.intervals import with_intervals
from slugline.evaluate.metrics import Flags, both, count_each, ratio
from slugline.evaluate.results import Metric

BANDS = ((0, 0), (1, 4), (5, 19), (20, None))
"""The least and the most training articles of each band; None: no limit."""


@dataclass(frozen=True, slots=True)
class Band:
    """The tags with `least` to `most` training articles. `labels` of them occur in the held-out articles, `support`
    times; `given` of them were decided. `metrics` are micro_f1, micro_precision and micro_recall.
    """

    least: int
    most: int | None
    labels: int
    support: int
    given: int
    metrics: dict[str, Metric]

    @property
    def name(self) -> str:
        """`0`, `1-4`, `20+`."""
        if self.most is None:
            return f"{self.least}+"
        return str(self.least) if self.most == self.least else f"{self.least}-{self.most}"

    def to_dict(self) -> dict[str, Any]:
        """The JSON object documented in docs/evaluation.md."""
        return {
            "training_articles": self.name,
            "labels": self.labels,
            "support": self.support,
            "given": self.given,
            "metrics": {name: metric.to_dict() for name, metric in self.metrics.items()},
        }


def bands_of(
    tags: Sequence[str],
    truth: Flags,
    decided: Flags,
    unknown: Sequence[Sequence[str]],
    trained: Mapping[str, int],
    config: EvaluateConfig,
) -> tuple[Band, ...]:
    """The bands of N articles, every true tag counted: those that the model does not know are missed.

    `truth` and `decided` (N, L) are of the model's `tags`, `unknown` are each article's true tags that the model does
    not know, `trained` says how many training articles a tag had (missing: none).
    """
    counts = np.array([trained.get(tag, 0) for tag in tags], dtype=np.int64)
    sums = []
    different = []
    for least, most in BANDS:

        def inside(count: int, least: int = least, most: int | None = most) -> bool:
            return least <= count and (most is None or count <= most)

        columns = np.array([inside(int(count)) for count in counts], dtype=bool)
        strange = [[tag for tag in own if inside(trained.get(tag, 0))] for own in unknown]
        missed = np.array([len(own) for own in strange], dtype=np.int64)
        here, given = truth[:, columns], decided[:, columns]
        sums.append([count_each(both(here, given)), count_each(given), count_each(here) + missed])
        different.append(int(np.count_nonzero(count_each(here, axis=0))) + len({tag for own in strange for tag in own}))
    # One product of matrices for all bands, in resamples that are drawn once.
    rows = np.array(sums, dtype=np.float64).reshape(-1, truth.shape[0])

    def statistic(weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        found: dict[str, NDArray[np.float64]] = {}
        for band, (right, given, true) in enumerate((rows @ weights).reshape(len(BANDS), 3, -1)):
            found[f"{band}/micro_f1"] = ratio(2 * right, given + true)
            found[f"{band}/micro_precision"] = ratio(right, given)
            found[f"{band}/micro_recall"] = ratio(right, true)
        return found

    metrics = with_intervals(statistic, truth.shape[0], config)
    return tuple(
        Band(
            least,
            most,
            labels,
            int(actual.sum()),
            int(decisions.sum()),
            {name: metrics[f"{band}/{name}"] for name in ("micro_f1", "micro_precision", "micro_recall")},
        )
        for band, ((least, most), labels, (_, decisions, actual)) in enumerate(zip(BANDS, different, sums, strict=True))
    )
