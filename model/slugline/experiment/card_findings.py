"""Where a model is weak, as the part of its card that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slugline.experiment.markdown import bullets, paragraph, plain, table

_UNMEASURED = (
    "The worst labels, articles by length and drift were not measured by the version of Slugline that made it; "
    "`slugline evaluate --format json` measures them."
)
_HEADS = {"tags": "tag", "event_type": "event type"}
_WORST = 5


def blocks(facts: Mapping[str, Any], *, cross_validated: bool) -> list[str]:
    """Markdown of the findings, of what few articles mean, and of the calibration; `cross_validated`: nothing was held
    out, so that nothing could be found.
    """
    said = [bullets(found)] if (found := _few(facts) + _calibration(facts["metrics"])) else []
    findings = facts["findings"]
    if findings is None:
        unmeasured = "Nothing was held out, on which more could be measured." if cross_validated else _UNMEASURED
        return [*said, paragraph(unmeasured)]
    for head, label in _HEADS.items():
        own = findings.get(head)
        if isinstance(own, Mapping):
            said += _worst(own, label) + _lengths(own, head) + _by_articles(own)
    drift = [_drift(findings[head], label) for head, label in _HEADS.items() if isinstance(findings.get(head), Mapping)]
    lines = [line for line in (*drift, _words(findings.get("unknown_words"))) if line]
    return [*said, "**The held-out articles against those of training:**", bullets(lines)] if lines else said


def _few(facts: Mapping[str, Any]) -> list[str]:
    few = facts["few"]
    if few is None or not few["tags"]:
        return []
    share = f"{few['tags']:,} of its {few['of']:,} tags ({few['tags'] / few['of']:.0%})"
    return [f"{share} were learned from fewer than {few['articles']} articles."]


def _calibration(metrics: Mapping[str, Any]) -> list[str]:
    said = []
    for head, label in (("tags", "the most probable tags"), ("event_type", "event types"), ("event_group", "groups")):
        error = metrics.get(head, {}).get("ece")
        if isinstance(error, Mapping) and error.get("value") is not None:
            said.append(f"{100 * error['value']:.1f} points for {label}")
    return [f"Held-out probabilities are off by, on average: {', '.join(said)} (calibration error)."] if said else []


def _worst(own: Mapping[str, Any], label: str) -> list[str]:
    rows = [
        (
            str(one["label"]),
            *(f"{one[key]:.2f}" for key in ("f1", "precision", "recall")),
            f"{one['support']:,}",
            f"{one['predicted']:,}",
            f"{one['trained']:,}" if "trained" in one else "-",
        )
        for one in own.get("worst", ())[:_WORST]
    ]
    if not rows:
        return []
    header = (f"worst {label}s", "F1", "precision", "recall", "held out", "given", "training")
    times = own.get("min_support", 1)
    often = "once" if times == 1 else f"{times} times"
    least = f"Of those held out at least {often}. held out, given, training: articles."
    return [table(header, rows, right=(1, 2, 3, 4, 5, 6)), paragraph(least)]


def _lengths(own: Mapping[str, Any], head: str) -> list[str]:
    measure = ("micro_f1", "micro-F1") if head == "tags" else ("accuracy", "accuracy")
    rows = [
        (f"{one['words']} words", f"{one['articles']:,}", *_metric(one["metrics"][measure[0]]))
        for one in own.get("by_length", ())
    ]
    return (
        [table((f"{_HEADS[head]}s by article's length", "articles", measure[1], "95 % interval"), rows, right=(1, 2))]
        if rows
        else []
    )


def _by_articles(own: Mapping[str, Any]) -> list[str]:
    rows = [
        (one["training_articles"], f"{one['labels']:,}", f"{one['support']:,}", *_metric(one["metrics"]["micro_f1"]))
        for one in own.get("by_training_articles", ())
    ]
    header = ("training articles of a tag", "tags", "held out", "micro-F1", "95 % interval")
    return [table(header, rows, right=(1, 2, 3))] if rows else []


def _metric(metric: Mapping[str, Any]) -> Sequence[str]:
    if metric.get("value") is None:
        return "-", "-"
    interval = "-" if metric.get("low") is None else f"{metric['low']:.3f} to {metric['high']:.3f}"
    return f"{metric['value']:.3f}", interval


def _drift(own: Mapping[str, Any], label: str) -> str:
    drift = own.get("drift")
    if not isinstance(drift, Mapping):
        return ""
    chance = "more than chance makes it" if drift["p"] < 0.05 else "no more than chance makes it"
    text = f"{label}s: {drift['total_variation']:.0%} would have to be others to be those of training ({chance})"
    movers = [f"“{plain(one['label'])}” {100 * one['difference']:+.1f}" for one in drift["movers"][:3]]
    return f"{text}; most moved, in points of all articles: {', '.join(movers)}." if movers else f"{text}."


def _words(words: Any) -> str:
    if not isinstance(words, Mapping) or words.get("held_out") is None:
        return ""
    training = "" if words.get("training") is None else f", {words['training']:.1%} in training"
    return f"unknown words: {words['held_out']:.1%} of the running words{training}."
