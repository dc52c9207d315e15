"""What an evaluation found: metrics with intervals, and one score per label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slugline.evaluate.calibration import Bin
    from slugline.evaluate.curves import Curve


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric on the held-out articles and its bootstrap interval; None where it is undefined or was not asked for."""

    value: float | None
    low: float | None = None
    high: float | None = None

    def to_dict(self) -> dict[str, float | None]:
        """`{"value", "low", "high"}`, rounded to 6 decimals."""
        return {
            key: None if number is None else round(number, 6)
            for key, number in (("value", self.value), ("low", self.low), ("high", self.high))
        }


@dataclass(frozen=True, slots=True)
class LabelScore:
    """One tag or event type: `support` articles have it, `predicted` were given it; measures in [0, 1]."""

    label: str
    support: int
    predicted: int
    precision: float
    recall: float
    f1: float

    def to_dict(self) -> dict[str, Any]:
        """The fields, measures rounded to 6 decimals."""
        return {
            "label": self.label,
            "support": self.support,
            "predicted": self.predicted,
            "precision": round(self.precision, 6),
            "recall": round(self.recall, 6),
            "f1": round(self.f1, 6),
        }


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How intervals were made: resamples of articles, level, seed."""

    resamples: int
    confidence: float
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """The fields and the method's name."""
        return {
            "method": "percentile bootstrap over articles; ece shifted by its bootstrap bias",
            "resamples": self.resamples,
            "confidence": self.confidence,
            "seed": self.seed,
        }


@dataclass(frozen=True, slots=True)
class TagEvaluation:
    """The tag head on held-out articles. `metrics` are named and defined in docs/evaluation.md.

    `rule` names how tags were decided. `articles_without_tags` have no true tag that the model knows, and
    `articles_untagged` of them have no true tag at all: ranking metrics leave them out, all others keep them. `labels`
    tags are the model's, `labels_held_out` of them occur in the held-out articles. True tags that the model does not
    know occur `unseen_tags` times, and are `unseen_labels` different ones. `curves` are precision against recall, of
    all tags together first; `reliability` is what the calibration error sums up.
    """

    articles: int
    labels: int
    labels_held_out: int
    rule: str
    metrics: dict[str, Metric]
    articles_without_tags: int
    articles_untagged: int
    unseen_tags: int
    unseen_labels: int
    per_label: tuple[LabelScore, ...]
    min_support: int
    best: tuple[LabelScore, ...]
    worst: tuple[LabelScore, ...]
    bootstrap: Bootstrap
    curves: tuple[Curve, ...] = ()
    reliability: tuple[Bin, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON object documented in docs/evaluation.md."""
        return {
            "articles": self.articles,
            "labels": self.labels,
            "label_sets": {
                "model": {"labels": self.labels, "is": "tags that the model knows"},
                "held-out": {"labels": self.labels_held_out, "is": "tags of the model with a held-out article"},
                "all": {
                    "labels": self.labels_held_out + self.unseen_labels,
                    "is": "tags with a held-out article, known to the model or not",
                },
            },
            "rule": self.rule,
            "metrics": {name: metric.to_dict() for name, metric in self.metrics.items()},
            "articles_without_tags": self.articles_without_tags,
            "articles_untagged": self.articles_untagged,
            "ranking_metrics": "over the articles with at least one true tag of the model; the others are left out",
            "unseen_tags": self.unseen_tags,
            "min_support": self.min_support,
            "best": [score.to_dict() for score in self.best],
            "worst": [score.to_dict() for score in self.worst],
            "per_label": [score.to_dict() for score in self.per_label],
            "curves": [curve.to_dict() for curve in self.curves],
            "reliability": [one.to_dict() for one in self.reliability],
            "intervals": self.bootstrap.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class EventTypeEvaluation:
    """The event-type head on held-out articles. `metrics` are named and defined in docs/evaluation.md.

    `labels` types are the model's, `labels_held_out` types occur in the held-out articles; `unknown` maps those of
    them that the model does not know to their articles, which count as errors. `confusion[i][j]` counts articles of
    the true type `confusion_truth[i]` that were given `confusion_predicted[j]`, whose last entry is None: abstained.
    `level` is "type", or "group" where the labels are groups of the taxonomy. `curves` and `reliability` are as in
    TagEvaluation.
    """

    articles: int
    labels: int
    labels_held_out: int
    rule: str
    level: str
    metrics: dict[str, Metric]
    abstained: int
    unknown: dict[str, int]
    per_label: tuple[LabelScore, ...]
    min_support: int
    best: tuple[LabelScore, ...]
    worst: tuple[LabelScore, ...]
    confusion_truth: tuple[str, ...]
    confusion_predicted: tuple[str | None, ...]
    confusion: tuple[tuple[int, ...], ...]
    bootstrap: Bootstrap
    curves: tuple[Curve, ...] = ()
    reliability: tuple[Bin, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON object documented in docs/evaluation.md."""
        what = "event types" if self.level == "type" else "groups of event types"
        return {
            "articles": self.articles,
            "labels": self.labels,
            "level": self.level,
            "label_sets": {
                "model": {"labels": self.labels, "is": f"{what} that the model knows"},
                "held-out": {
                    "labels": self.labels_held_out,
                    "is": f"{what} with a held-out article, known to the model or not",
                },
            },
            "rule": self.rule,
            "metrics": {name: metric.to_dict() for name, metric in self.metrics.items()},
            "abstained": self.abstained,
            "unknown": dict(self.unknown),
            "min_support": self.min_support,
            "best": [score.to_dict() for score in self.best],
            "worst": [score.to_dict() for score in self.worst],
            "per_label": [score.to_dict() for score in self.per_label],
            "confusion": {
                "truth": list(self.confusion_truth),
                "predicted": list(self.confusion_predicted),
                "counts": [list(row) for row in self.confusion],
            },
            "curves": [curve.to_dict() for curve in self.curves],
            "reliability": [one.to_dict() for one in self.reliability],
            "intervals": self.bootstrap.to_dict(),
        }


def flatten(head: str, metrics: Mapping[str, Metric]) -> dict[str, float]:
    """Metrics as a run stores them: `tags/micro_f1` and its `.low` and `.high`; undefined ones are left out.

    >>> flatten("tags", {"micro_f1": Metric(0.9, 0.8, 0.95), "lrap": Metric(None)})
    {'tags/micro_f1': 0.9, 'tags/micro_f1.low': 0.8, 'tags/micro_f1.high': 0.95}
    """
    flat: dict[str, float] = {}
    for name, metric in metrics.items():
        for suffix, number in (("", metric.value), (".low", metric.low), (".high", metric.high)):
            if number is not None:
                flat[f"{head}/{name}{suffix}"] = number
    return flat


def unflatten(flat: Mapping[str, float]) -> dict[str, Metric]:
    """The metrics of a run with their intervals, by full name (`tags/micro_f1`), sorted by it.

    >>> unflatten({"tags/micro_f1": 0.9, "tags/micro_f1.low": 0.8, "seconds/train": 3.0})
    {'seconds/train': Metric(value=3.0, low=None, high=None), 'tags/micro_f1': Metric(value=0.9, low=0.8, high=None)}
    """
    names = sorted(name for name in flat if not name.endswith((".low", ".high")))
    return {name: Metric(flat[name], flat.get(f"{name}.low"), flat.get(f"{name}.high")) for name in names}
