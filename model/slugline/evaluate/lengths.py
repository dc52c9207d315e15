"""How well articles of each length are done: what a headline alone costs."""

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

LENGTHS = ((0, 24), (25, 49), (50, 99), (100, 199), (200, 399), (400, None))
"""The least and the most words of each band (title and body, parted at blanks); None: no limit."""


@dataclass(frozen=True, slots=True)
class LengthBand:
    """The `articles` of `least` to `most` words, and their `metrics`; those of tags are over the tags of the model."""

    least: int
    most: int | None
    articles: int
    metrics: dict[str, Metric]

    @property
    def name(self) -> str:
        """Such as "25-49", or "400+"."""
        return f"{self.least}+" if self.most is None else f"{self.least}-{self.most}"

    def to_dict(self) -> dict[str, Any]:
        """The JSON object documented in docs/evaluation.md."""
        metrics = {key: metric.to_dict() for key, metric in self.metrics.items()}
        return {"words": self.name, "articles": self.articles, "metrics": metrics}


def tag_lengths(words: Sequence[int], truth: Flags, decided: Flags, config: EvaluateConfig) -> tuple[LengthBand, ...]:
    """Micro-F1, precision and recall of tags in each band; `words` are those of N articles, the others (N, L).

    Bands without an article are left out.
    """
    right, given, true = (count_each(flags).astype(np.float64) for flags in (both(truth, decided), decided, truth))

    def measures(inside: NDArray[np.float64], weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        hits, said, actual = ((counts * inside) @ weights for counts in (right, given, true))
        return {
            "micro_f1": ratio(2 * hits, said + actual),
            "micro_precision": ratio(hits, said),
            "micro_recall": ratio(hits, actual),
        }

    return _bands(words, measures, config)


def event_lengths(words: Sequence[int], right: NDArray[np.bool_], config: EvaluateConfig) -> tuple[LengthBand, ...]:
    """The accuracy of event types in each band; `right` (N,) says where the given one is the true one."""

    def measures(inside: NDArray[np.float64], weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        return {"accuracy": ratio((right * inside) @ weights, inside @ weights)}

    return _bands(words, measures, config)


def _bands(words: Sequence[int], measures: Any, config: EvaluateConfig) -> tuple[LengthBand, ...]:
    counts = np.array(words, dtype=np.int64)
    bands = [(least, most, (counts >= least) & (True if most is None else counts <= most)) for least, most in LENGTHS]
    bands = [band for band in bands if band[2].any()]

    def statistic(weights: NDArray[np.float64]) -> Mapping[str, NDArray[np.float64]]:
        return {
            f"{least}/{name}": value
            for least, _, inside in bands
            for name, value in measures(inside.astype(np.float64), weights).items()
        }

    found = with_intervals(statistic, len(counts), config) if bands else {}
    return tuple(
        LengthBand(
            least,
            most,
            int(inside.sum()),
            {name.partition("/")[2]: metric for name, metric in found.items() if name.startswith(f"{least}/")},
        )
        for least, most, inside in bands
    )
