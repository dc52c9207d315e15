"""How a comparison of splits is shown."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from slugline.cli import console

if TYPE_CHECKING:
    from slugline.evaluate.results import Metric
    from slugline.experiment.splits import SplitComparison

_HEADS = {
    "tags": ("Tags", {"micro_f1": "micro-F1", "macro_f1": "macro-F1", "unseen_tag_share": "unseen tags"}),
    "event_type": ("Event type", {"accuracy": "accuracy", "macro_f1": "macro-F1", "unknown_share": "unseen types"}),
}


def splits_table(found: SplitComparison) -> str:
    """The splits, then a table for each head, then what the differences mean; 80 columns."""
    rows = [
        (
            result.name,
            f"{result.train:,}",
            f"{result.held_out:,}",
            f"{result.straddling:,}",
            "" if result.train_to is None else result.train_to.isoformat(),
            "" if result.held_out_from is None else result.held_out_from.isoformat(),
        )
        for result in found.results
    ]
    header = ("split", "train", "held out", "copies across", "train to", "held out from")
    blocks = [
        f"{console.bold(found.corpus)}: {found.articles:,} articles, the same configuration under each split",
        console.table(header, rows, right=(1, 2, 3)),
    ]
    blocks += [block for head in _HEADS if (block := _head(found, head))]
    said = [line for head in _HEADS if (line := _meaning(found, head))]
    said += [*found.notes]
    said.append(
        "New articles come later than those trained on: the temporal figures are what to expect of them. Held-out "
        "articles differ between the splits, so that differences within the intervals may be chance."
    )
    return "\n\n".join([*blocks, "\n".join(fill(line, console.WIDTH) for line in said)])


def _head(found: SplitComparison, head: str) -> str:
    title, names = _HEADS[head]
    rows = []
    for result in found.results:
        metrics = result.metrics(head)
        if metrics:
            rows.append((result.name, *(_shown(metrics.get(name), name) for name in names)))
    return console.table((title, *names.values()), rows, right=(3,)) if rows else ""


def _shown(metric: Metric | None, name: str) -> str:
    if metric is None or metric.value is None:
        return "-"
    if name.endswith("_share"):
        return f"{100 * metric.value:.1f} %"
    interval = "" if metric.low is None else f" ({metric.low:.3f} to {metric.high:.3f})"
    return f"{metric.value:.3f}{interval}"


def _meaning(found: SplitComparison, head: str) -> str:
    """How much higher the figure is where copies, or articles of the same days, are on both sides."""
    title, names = _HEADS[head]
    metric = next(iter(names))
    copies = found.difference(head, metric, "random", "grouped")
    days = found.difference(head, metric, "grouped", "temporal")
    parts = []
    if copies is not None:
        parts.append(f"random is {_against(copies)} grouped, with near-duplicates on both sides")
    if days is not None:
        parts.append(f"grouped is {_against(days)} temporal, with articles of the same days on both sides")
    return f"{title}, {names[metric]}: {'; '.join(parts)}." if parts else ""


def _against(difference: float) -> str:
    return f"{abs(difference):.3f} {'below' if difference < 0 else 'above'}"
