"""Two runs side by side: metrics with both intervals, and what was configured differently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slugline.evaluate.results import Metric


@dataclass(frozen=True, slots=True)
class MetricPair:
    """One metric of two runs; None where a run does not have it."""

    name: str
    a: Metric | None
    b: Metric | None

    @property
    def difference(self) -> float | None:
        """The value of `b` minus that of `a`; None where either is missing."""
        values = (None if self.a is None else self.a.value, None if self.b is None else self.b.value)
        return None if values[0] is None or values[1] is None else values[1] - values[0]

    def to_dict(self) -> dict[str, Any]:
        """`{"metric", "a", "b", "difference"}`."""
        difference = self.difference
        return {
            "metric": self.name,
            "a": None if self.a is None else self.a.to_dict(),
            "b": None if self.b is None else self.b.to_dict(),
            "difference": None if difference is None else round(difference, 6),
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Metrics of two runs, and the values (configuration, corpus digest, ...) in which they differ, as (a, b)."""

    metrics: tuple[MetricPair, ...]
    values: dict[str, tuple[str | None, str | None]]

    def to_dict(self) -> dict[str, Any]:
        """`{"metrics": [...], "values": {name: {"a", "b"}}}`."""
        return {
            "metrics": [pair.to_dict() for pair in self.metrics],
            "values": {name: {"a": a, "b": b} for name, (a, b) in self.values.items()},
        }


def compare(
    metrics_a: Mapping[str, Metric],
    metrics_b: Mapping[str, Metric],
    values_a: Mapping[str, str] | None = None,
    values_b: Mapping[str, str] | None = None,
) -> Comparison:
    """Pair the metrics of two runs by name, sorted, and list the values in which they differ.

    Intervals that overlap do not show that two runs are equal. Runs scored on different articles (their values differ
    in `split.digest`) are not compared by their metrics at all.

    >>> compare({"tags/micro_f1": Metric(0.8)}, {"tags/micro_f1": Metric(0.9)}).metrics[0].to_dict()["difference"]
    0.1
    """
    pairs = tuple(
        MetricPair(name, metrics_a.get(name), metrics_b.get(name)) for name in sorted({*metrics_a, *metrics_b})
    )
    a, b = values_a or {}, values_b or {}
    names = sorted(name for name in {*a, *b} if a.get(name) != b.get(name))
    return Comparison(pairs, {name: (a.get(name), b.get(name)) for name in names})
