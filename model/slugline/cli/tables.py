"""An evaluation as a person reads it: 80 columns of plain text."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

from slugline.cli import console
from slugline.cli.detail_tables import detail_blocks, words_line

if TYPE_CHECKING:
    from slugline.evaluate.bands import Band
    from slugline.evaluate.results import EventTypeEvaluation, LabelScore, Metric, TagEvaluation
    from slugline.experiment.evaluation import Evaluation

TAG_METRICS = {
    "micro_f1": "micro-F1, tags of the model",
    "micro_precision": "  precision",
    "micro_recall": "  recall",
    "micro_f1_all": "micro-F1, unseen tags missed",
    "macro_f1": "macro-F1, tags held out",
    "macro_precision": "  precision",
    "macro_recall": "  recall",
    "macro_f1_all": "macro-F1, unseen tags missed",
    "macro_f1_model": "macro-F1, tags of the model",
    "weighted_f1": "weighted F1",
    "precision_at_1": "P@1",
    "precision_at_3": "P@3",
    "precision_at_5": "P@5",
    "recall_at_1": "R@1",
    "recall_at_3": "R@3",
    "recall_at_5": "R@5",
    "ndcg_at_1": "nDCG@1",
    "ndcg_at_3": "nDCG@3",
    "ndcg_at_5": "nDCG@5",
    "psp_at_1": "PSP@1",
    "psp_at_3": "PSP@3",
    "psp_at_5": "PSP@5",
    "lrap": "LRAP",
    "no_tag_decided": "articles with no tag decided",
    "unseen_tag_share": "true tags unseen in training",
    "ece": "expected calibration error",
}
EVENT_METRICS = {
    "accuracy": "accuracy",
    "micro_f1": "micro-F1",
    "macro_f1": "macro-F1, types held out",
    "macro_precision": "  precision",
    "macro_recall": "  recall",
    "macro_f1_model": "macro-F1, types of the model",
    "weighted_f1": "weighted F1",
    "accuracy_decided": "accuracy where decided",
    "abstained": "abstained",
    "unknown_share": "true types unseen in training",
    "log_loss": "log loss",
    "ece": "expected calibration error",
}
WIDEST_CONFUSION = 25
"""A confusion table of more types than this does not fit 80 columns."""


def evaluation_tables(evaluation: Evaluation, *, split: str | None = None, train: int | None = None) -> str:
    """Everything `slugline evaluate` shows of an evaluation."""
    part = f"all {evaluation.articles:,}" if evaluation.part == "all" else f"{evaluation.articles:,} {evaluation.part}"
    where = f"{evaluation.corpus}: {part} articles"
    if split is not None and train is not None:
        where += f" ({split} split, {train:,} training articles)"
    blocks = [console.bold(where)]
    if evaluation.includes_training:
        blocks[0] += "\nthe model was trained on some of these: the figures say little about new articles"
    if words := words_line(evaluation):
        blocks[0] += "\n" + words
    if evaluation.tags is not None:
        blocks += _tag_blocks(evaluation.tags)
        if evaluation.bands:
            blocks.append(_bands(evaluation.bands))
        blocks += detail_blocks(evaluation, "tags", "tag")
    if evaluation.event_type is not None:
        blocks += _event_blocks(evaluation.event_type)
        blocks += detail_blocks(evaluation, "event_type", evaluation.event_type.level)
    if evaluation.event_group is not None:
        blocks += _event_blocks(evaluation.event_group, "Group of the event type")
    return "\n\n".join(blocks)


def _tag_blocks(head: TagEvaluation) -> list[str]:
    said = [
        f"{head.labels:,} tags in the model, {head.labels_held_out:,} of them in the {head.articles:,} annotated "
        "articles",
        f"decided by: {head.rule}",
    ]
    if head.articles_without_tags:
        said.append(f"{head.articles_without_tags:,} articles without a tag of the model are left out of P@k to LRAP")
    blocks = [_intro("Tags", said), _metrics(head.metrics, TAG_METRICS, head.bootstrap.confidence)]
    note = f"(held out at least {head.min_support} times)"
    return [
        *blocks,
        _labels(f"best tags {note}", head.best),
        _labels(f"worst tags {note}", head.worst),
    ]


def _event_blocks(head: EventTypeEvaluation, title: str = "Event type") -> list[str]:
    level = "event type" if head.level == "type" else "group"
    said = [
        f"{head.labels} {head.level}s in the model, {head.labels_held_out} in the {head.articles:,} annotated articles",
        f"decided by: {head.rule}",
    ]
    if head.level == "group" and title == "Event type":
        said.append("measured by group: the model and the corpus have groups in common, not types")
    if head.unknown:
        names = ", ".join(f"{label} ({count})" for label, count in head.unknown.items())
        said.append(f"{head.level}s that the model does not know, counted as errors: {names}")
    numbers = {label: number for number, label in enumerate((score.label for score in head.per_label), start=1)}
    names_of = {key: label.replace("types", f"{head.level}s") for key, label in EVENT_METRICS.items()}
    blocks = [
        _intro(title, said),
        _metrics(head.metrics, names_of, head.bootstrap.confidence),
        _labels(level, head.per_label, numbers=numbers),
    ]
    if len(numbers) <= WIDEST_CONFUSION:
        blocks.append(_confusion(head, numbers))
    return blocks


def _intro(title: str, said: Sequence[str]) -> str:
    """What is said of a head before its tables, each line of `said` filled by itself; the title is bold."""
    lines = [fill(console.printable(line), console.WIDTH) for line in (f"{title}  {said[0]}", *said[1:])]
    return console.bold(title) + "\n".join(lines)[len(title) :]


def _metrics(metrics: dict[str, Metric], names: dict[str, str], confidence: float) -> str:
    rows = []
    for key, label in names.items():
        metric = metrics.get(key)
        if metric is None or metric.value is None:
            continue
        interval = "" if metric.low is None else f"{metric.low:.3f} to {metric.high:.3f}"
        rows.append((label, f"{metric.value:.3f}", interval))
    return console.table(("metric", "value", f"{100 * confidence:g} % interval"), rows, right=(1,))


def _bands(bands: Sequence[Band]) -> str:
    rows = []
    for band in bands:
        measured = [band.metrics[name].value or 0.0 for name in ("micro_precision", "micro_recall", "micro_f1")]
        rows.append((band.name, band.labels, *(f"{value:.3f}" for value in measured), band.support, band.given))
    title = "tags by training articles"
    return console.table((title, "tags", "P", "R", "micro-F1", "held out", "given"), rows, right=(1, 2, 3, 4, 5, 6))


def _labels(title: str, scores: Sequence[LabelScore], *, numbers: dict[str, int] | None = None) -> str:
    rows = [
        (
            f"{numbers[score.label]:>2}  {score.label}" if numbers else score.label,
            *(f"{value:.2f}" for value in (score.precision, score.recall, score.f1)),
            score.support,
            score.predicted,
        )
        for score in scores
    ]
    return console.table((title, "P", "R", "F1", "held out", "given"), rows, right=(1, 2, 3, 4, 5))


def _confusion(head: EventTypeEvaluation, numbers: dict[str, int]) -> str:
    """Rows: true types; columns: given types by number, then `-` for abstained."""
    columns = [column for column, label in enumerate(head.confusion_predicted) if label is not None or head.abstained]
    names = [head.confusion_predicted[column] for column in columns]
    width = max(2, *(len(str(count)) for row in head.confusion for count in row)) + 1
    header = "".join(("-" if name is None else str(numbers[name])).rjust(width) for name in names)
    lines = [console.bold(f"confusion: a true {head.level} a row, given {head.level}s by number"), "   " + header]
    for label, row in zip(head.confusion_truth, head.confusion, strict=True):
        cells = "".join((str(row[column]) if row[column] else ".").rjust(width) for column in columns)
        lines.append(f"{numbers[label]:>2} {cells}")
    return "\n".join(lines)
