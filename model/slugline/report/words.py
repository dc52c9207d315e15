"""What figures are called in the report, and how numbers are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TILES = {
    "tags": {
        "micro_f1": ("Micro-F1", "precision and recall in one figure; every tag of every article counts the same"),
        "micro_precision": ("Precision", "of the tags given, how many are true"),
        "micro_recall": ("Recall", "of the true tags, how many are given"),
        "macro_f1": ("Macro-F1", "every tag counts the same, however rare; over the tags held out"),
        "ece": ("Calibration error", "how far stated probabilities are from what happens; 0 is best"),
    },
    "event_type": {
        "accuracy": ("Accuracy", "articles with the right {level}; abstaining counts as wrong"),
        "macro_f1": ("Macro-F1", "every {level} counts the same, however rare"),
        "abstained": ("Abstained", "articles for which no {level} is given"),
        "ece": ("Calibration error", "how far stated probabilities are from what happens; 0 is best"),
    },
}
TILES["event_group"] = TILES["event_type"]
"""The headline numbers of each head."""

METRICS = {
    "micro_f1": "micro-F1",
    "micro_precision": "micro-precision",
    "micro_recall": "micro-recall",
    "micro_f1_all": "micro-F1, tags unseen in training counted as missed",
    "macro_f1": "macro-F1, labels held out",
    "macro_precision": "macro-precision",
    "macro_recall": "macro-recall",
    "macro_f1_all": "macro-F1, tags unseen in training counted as missed",
    "macro_f1_model": "macro-F1, labels of the model",
    "weighted_f1": "weighted F1",
    "lrap": "LRAP (label ranking average precision)",
    "no_tag_decided": "articles with no tag decided",
    "unseen_tag_share": "true tags unseen in training",
    "ece": "expected calibration error",
    "accuracy": "accuracy",
    "accuracy_decided": "accuracy where decided",
    "abstained": "abstained",
    "unknown_share": "true types unseen in training",
    "log_loss": "log loss",
}
_RANKING = {"precision_at_": "precision at ", "recall_at_": "recall at ", "ndcg_at_": "nDCG at ", "psp_at_": "PSP at "}

HEADS = {"tags": "Tags", "event_type": "Event types", "event_group": "Groups of event types"}
MISSING = "–"


def metric_name(key: str) -> str:
    """How a metric is called.

    >>> metric_name("precision_at_3"), metric_name("lrap")[:4]
    ('precision at 3', 'LRAP')
    """
    for start, said in _RANKING.items():
        if key.startswith(start):
            return said + key.removeprefix(start)
    return METRICS.get(key, key.replace("_", " "))


def number(value: float | None, digits: int = 3) -> str:
    """A figure with three decimals; a dash for none.

    >>> number(0.90149), number(None)
    ('0.901', '–')
    """
    return MISSING if value is None else f"{value:.{digits}f}"


def percent(value: float | None, digits: int = 1) -> str:
    r"""A share as a percentage, with a narrow space.

    >>> percent(0.0514)
    '5.1\u202f%'
    """
    return MISSING if value is None else f"{100 * value:.{digits}f}\u202f%"


def interval(metric: Mapping[str, Any]) -> str:
    """The bounds of `{"value", "low", "high"}`; nothing where there are none."""
    low, high = metric.get("low"), metric.get("high")
    return "" if low is None or high is None else f"{low:.3f} to {high:.3f}"


def percents(metric: Mapping[str, Any]) -> str:
    """The bounds as percentages."""
    low, high = metric.get("low"), metric.get("high")
    return "" if low is None or high is None else f"{percent(low)} to {percent(high)}"


RULES = {
    "scutfbr": "a threshold of its own for each tag, chosen by cross-validation",
    "scut": "a threshold of its own for each tag, chosen by cross-validation",
    "global": "one threshold for all tags, chosen by cross-validation",
    "plug-in": "the threshold on probabilities that is best for F1",
    "zero": "tags whose score is above zero",
    "rank": "the most probable tags above their thresholds",
    "expected-f1": "the set of tags with the highest expected F1",
    "argmax": "the most probable one",
}


def rule(name: str) -> str:
    """What a rule of decision does; nothing for one that is not known.

    >>> rule("argmax, abstaining below 0.3")
    'the most probable one'
    """
    first = name.replace(",", " ").split(" ")[0]
    return RULES.get(first, "")


def count(value: int, one: str, many: str = "") -> str:
    """A count with its noun.

    >>> count(1, "article"), count(2500, "article")
    ('1 article', '2,500 articles')
    """
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def short(text: str, width: int) -> str:
    """The text, cut with an ellipsis.

    >>> short("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= width else text[: width - 1] + "…"
