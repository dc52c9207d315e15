"""What training says where nothing was held out, as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slugline.cli import console

_HEADS = {"tags": "tags", "event_type": "event types", "event_group": "event groups"}
_NAMES = {
    "micro_f1": "micro-F1",
    "macro_f1": "macro-F1",
    "accuracy": "accuracy",
    "ece": "expected calibration error",
    "log_loss": "log loss",
}


def cross_validated_tables(corpus: str, train: int, measures: Mapping[str, Mapping[str, Any]]) -> str:
    """The cross-validated measures of every head, as `Outcome.measures` has them."""
    said = "cross-validated on them: each judged by classifiers of folds that it is not in"
    if not any(values.get("folds") for values in measures.values()):
        said = "nor was it cross-validated: nothing is known of how well it does"
    blocks = [console.bold(f"{corpus}: all {train:,} articles trained the model, none was held out") + f"\n{said}"]
    for head, values in measures.items():
        rows = [(name, f"{values[key]:.3f}") for key, name in _NAMES.items() if values.get(key) is not None]
        title = f"{_HEADS[head]}: {values['labels']:,} over {values['articles']:,} annotated articles"
        if rows:
            title += "\n" + console.table(("metric", "value"), rows, right=(1,))
        blocks.append(title)
    return "\n\n".join(blocks)
