"""Measures of a model on its own training articles, each judged by classifiers of folds that it is not in.

They are what is known of a model for which nothing was held out. Thresholds are chosen on the other folds too, but
they have no intervals, and whatever a person chose by looking at them makes them look better than new articles will.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slugline.bundle.content import HEADS

FIGURES = ("micro_f1", "macro_f1", "accuracy", "ece", "log_loss")
"""The measures; what else training says of a head are counts, rules and comparisons."""


def measures_of(summary: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Head by head the plain values of `TrainedModel.summary()`: counts, the rule and those of FIGURES."""
    return {
        head: {name: value for name, value in summary[head].items() if not isinstance(value, dict)}
        for head in HEADS
        if summary.get(head)
    }


def metrics_of(measures: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """The FIGURES of every head as a run stores them: `cross-validated/tags/micro_f1` and so on."""
    return {
        f"cross-validated/{head}/{name}": float(values[name])
        for head, values in measures.items()
        for name in FIGURES
        if values.get(name) is not None
    }
