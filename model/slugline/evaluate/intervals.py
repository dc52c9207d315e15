"""Bootstrap intervals over articles (Efron 1979): how far a metric could move with other held-out articles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from slugline.config import EvaluateConfig
from slugline.evaluate.results import Metric

Statistic = Callable[[NDArray[np.float64]], Mapping[str, NDArray[np.float64]]]
"""From weights (N, B), how often each article is in each of B resamples, to metrics, each (B,); NaN: undefined."""

SHIFTED = frozenset({"ece"})
"""Metrics whose interval is moved by the bootstrap's bias.

A calibration error sums absolute values, so resampling noise only ever adds to it, and the resamples of a
well-calibrated model can all lie above its own value.
"""


def with_intervals(
    statistic: Statistic, articles: int, config: EvaluateConfig, *, cells: int = 1 << 19
) -> dict[str, Metric]:
    """Every metric of `statistic` on the articles themselves, with its percentile interval over resamples of them.

    Resamples draw N of N articles with replacement, seeded. Resamples in which a metric is undefined are left out of
    its interval. `cells` bounds the memory of one block of weights; the numbers do not depend on it.
    """
    values = {name: float(value[0]) for name, value in statistic(np.ones((articles, 1))).items()}
    drawn: dict[str, list[NDArray[np.float64]]] = {name: [] for name in values}
    for weights in resamples(articles, config.bootstrap, config.seed, cells=cells):
        for name, value in statistic(weights).items():
            drawn[name].append(value)
    return {name: _metric(name, value, drawn[name], config.confidence) for name, value in values.items()}


def resamples(articles: int, count: int, seed: int, *, cells: int = 1 << 19) -> Iterator[NDArray[np.float64]]:
    """Blocks (N, b) of weights of `count` resamples in all: multinomial counts, each column summing to N."""
    rng = np.random.default_rng(seed)
    step = max(1, cells // articles)
    for start in range(0, count, step):
        size = min(step, count - start)
        picked = rng.integers(0, articles, size=(size, articles))
        # Counted resample by resample, which stays in the cache, and then turned.
        picked += articles * np.arange(size)[:, None]
        counts = np.bincount(picked.ravel(), minlength=articles * size).reshape(size, articles)
        yield np.ascontiguousarray(counts.T, dtype=np.float64)


def _metric(name: str, value: float, drawn: list[NDArray[np.float64]], confidence: float) -> Metric:
    if np.isnan(value):
        return Metric(None)
    values = np.concatenate(drawn) if drawn else np.zeros(0)
    values = values[~np.isnan(values)]
    if len(values) == 0:
        return Metric(value)
    if name in SHIFTED:
        values = np.clip(values - (values.mean() - value), 0.0, 1.0)
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Metric(value, float(low), float(high))
