"""Which differences of two runs are beyond chance, as a person reads it."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from slugline.cli import console

if TYPE_CHECKING:
    from slugline.evaluate.paired import HeadComparison, PairedComparison
    from slugline.evaluate.significance import LabelChange
    from slugline.experiment.compare import RunComparison

SHOWN = 10
"""Labels gained and labels lost are shown up to this number each; JSON has all."""
MEASURES = {
    "micro_f1": "micro-F1",
    "micro_f1_all": "micro-F1, all",
    "macro_f1": "macro-F1",
    "precision_at_3": "P@3",
    "accuracy": "accuracy",
}


def paired_blocks(compared: RunComparison) -> list[str]:
    """The blocks of text to show, without the runs' own metrics."""
    paired = compared.paired
    if paired is None:
        return [_filled(f"No test of the differences: {compared.unpaired}.")]
    blocks = [_filled(f"Not compared: {why}.") for why in paired.refused]
    for head, name, label in ((paired.tags, "Tags", "tag"), (paired.event_type, "Event type", "event type")):
        if head is not None:
            blocks += _head(head, name, label, paired)
    return blocks


def _head(head: HeadComparison, name: str, label: str, paired: PairedComparison) -> list[str]:
    lines = [console.bold(name) + f"  on the {head.articles:,} held-out articles of both runs"]
    lines += [_filled(note) for note in head.notes]
    rows = [
        (
            MEASURES[test.measure],
            f"{test.a:.3f}",
            f"{test.b:.3f}",
            f"{test.difference:+.3f}",
            f"{test.low:+.3f} to {test.high:+.3f}",
            _p(test.p, paired.resamples),
            f"{test.differing:,}",
        )
        for test in head.tests
    ]
    header = ("measure", "A", "B", "B - A", "95 % interval", "p", "differing")
    lines.append(console.table(header, rows, right=(1, 2, 3, 5, 6)))
    sets = [f"{MEASURES[test.measure]}: over {head.label_sets[test.measure]}" for test in head.tests]
    lines += [console.dim(_filled(line)) for line in sets]
    if not head.changes:
        return ["\n".join(lines)]
    said = f"{label.capitalize()}s that differ: {len(head.changes):,}; on enough articles for a test: {head.tested:,}"
    if head.tested:
        said += f"; gained beyond chance (q at most 0.05): {len(head.gained):,}; lost: {len(head.lost):,}"
    blocks = ["\n".join(lines), _filled(said)]
    for title, changes in (("gained", head.gained), ("lost", head.lost)):
        if changes:
            blocks[-1] += "\n" + _changes(f"{label}s {title}", changes, paired.resamples)
    return blocks


def _changes(title: str, changes: tuple[LabelChange, ...], resamples: int) -> str:
    rows = [
        (
            console.short(change.label, 30),
            f"{change.a:.2f}",
            f"{change.b:.2f}",
            f"{change.difference:+.2f}",
            _p(change.p, resamples),
            _p(change.q, resamples),
            f"{change.support:,}",
        )
        for change in changes[:SHOWN]
    ]
    return console.table((title, "F1 A", "F1 B", "B - A", "p", "q", "held out"), rows, right=(1, 2, 3, 4, 5, 6))


def _p(value: float, resamples: int) -> str:
    """A p as shown; the smallest that so many resamples can give is told as a bound."""
    least = 1 / (resamples + 1)
    return f"<{1 / resamples:.4f}" if value <= least * 1.000001 else f"{value:.4f}"


def _filled(text: str) -> str:
    return fill(console.printable(text), console.WIDTH)
