"""Lengths, drift, confused labels and the worst errors of an evaluation, as a person reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from slugline.cli import console

if TYPE_CHECKING:
    from slugline.evaluate.drift import Drift
    from slugline.evaluate.lengths import LengthBand
    from slugline.evaluate.mistakes import Mistake, Mistakes
    from slugline.experiment.evaluation import Evaluation

SHOWN = 5
"""Rows of each table; JSON has more."""


def words_line(evaluation: Evaluation) -> str:
    """One line on unknown words; empty where the model has no view of single words."""
    words = evaluation.words
    if words.held_out is None:
        return ""
    said = f"{words.held_out:.1%} of the running words are not in the model's vocabulary"
    return said if words.training is None else f"{said} ({words.training:.1%} in training)"


def detail_blocks(evaluation: Evaluation, head: str, label: str) -> list[str]:
    """The blocks of one head ("tags" or "event_type"), whose labels are called `label`."""
    blocks = []
    if bands := evaluation.lengths.get(head):
        blocks.append(_lengths(bands, label))
    drift = evaluation.drift.get(head)
    if drift is not None:
        blocks.append(_drift(drift, label))
    if (mistakes := evaluation.mistakes.get(head)) is not None:
        blocks += _mistakes(mistakes, label)
    return blocks


def _lengths(bands: Sequence[LengthBand], label: str) -> str:
    """How well articles of each length are done."""
    names = {"micro_precision": "P", "micro_recall": "R", "micro_f1": "micro-F1", "accuracy": "accuracy"}
    shown = {name: title for name, title in names.items() if name in bands[0].metrics}
    rows = []
    for band in bands:
        measured = [band.metrics[name] for name in shown]
        last = measured[-1]
        interval = "" if last.low is None else f"{last.low:.3f} to {last.high:.3f}"
        figures = ("" if one.value is None else f"{one.value:.3f}" for one in measured)
        rows.append((f"{band.name} words", band.articles, *figures, interval))
    header = (f"{label}s by article's length", "articles", *shown.values(), "interval")
    return console.table(header, rows, right=range(1, 2 + len(shown)))


def _drift(drift: Drift, label: str) -> str:
    rows = [
        (
            console.short(move.label, 40),
            f"{move.train:.1%}",
            f"{move.held_out:.1%}",
            f"{100 * (move.held_out - move.train):+.1f}",
        )
        for move in drift.movers[:SHOWN]
    ]
    note = (
        f"over {drift.labels:,} {label}s: total variation {drift.total_variation:.3f} "
        f"({drift.by_chance:.3f} by chance, p {drift.p:.3f}),\nJensen-Shannon divergence {drift.jensen_shannon:.3f}"
    )
    header = (f"drift: share of articles by {label}", "training", "here", "points")
    return console.table(header, rows, right=(1, 2, 3)) + "\n" + console.dim(note)


def _mistakes(mistakes: Mistakes, label: str) -> list[str]:
    blocks = []
    if mistakes.confused:
        rows = [
            (console.short(pair.true, 28), console.short(pair.given, 28), pair.articles, f"{pair.share:.0%}")
            for pair in mistakes.confused[:SHOWN]
        ]
        header = (f"true {label}, not given", "given instead", "articles", "of its own")
        blocks.append(console.table(header, rows, right=(2, 3)))
    kinds = ((f"wrong {label}, most confident", mistakes.given), (f"true {label}, ruled out", mistakes.missed))
    return blocks + [_worst(title, found) for title, found in kinds if found]


def _worst(title: str, found: Sequence[Mistake]) -> str:
    labels = [
        console.short(one.label if one.instead is None else f"{one.label}, not {one.instead}", 34)
        for one in found[:SHOWN]
    ]
    left = console.WIDTH - len("0.000") - 4 - max(map(len, (title, *labels)))
    rows = [
        (f"{one.probability:.3f}", label, console.short(one.title or one.id, left))
        for one, label in zip(found, labels, strict=False)
    ]
    return console.table(("p", title, "article"), rows)
