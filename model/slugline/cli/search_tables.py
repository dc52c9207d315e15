"""How the result of `slugline search` is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slugline.cli import console

if TYPE_CHECKING:
    from slugline.experiment.search import SearchResult
    from slugline.experiment.study import Trial

_BEST = 5
_WIDTH = 8
_NAME = 22


def search_tables(result: SearchResult) -> str:
    """The best trials beside the one that was started from, and their values, in 80 columns."""
    best = result.best[:_BEST]
    said = (
        f"{console.bold(result.corpus)}: {result.articles:,} training articles, cross-validated; objective: "
        f"{result.objective}\n{len(result.trials)} trials ({result.added} now): {result.count('complete')} complete, "
        f"{result.count('pruned')} given up after their first folds"
    )
    if result.count("failed"):
        said += f", {result.count('failed')} impossible"
    note = (
        "the best of many is a little better than it would be on new articles;\n"
        "`slugline train --config` measures it on the held-out part, unseen so far"
    )
    return "\n\n".join([said, _trials(result, best), _values(result, best), console.dim(note)])


def _trials(result: SearchResult, best: tuple[Trial, ...]) -> str:
    start = next((trial for trial in result.trials if trial.number == 0), None)
    shown = [*best] if start is None or start in best else [*best, start]
    header = ["trial", "objective"]
    if "tags" in result.heads:
        header += ["tags micro-F1", "macro-F1"]
    if "event_type" in result.heads:
        header += ["type accuracy", "macro-F1"]
    rows = []
    for trial in shown:
        row = [f"{trial.number}" + (" (start)" if trial.number == 0 else ""), _number(trial.value)]
        for head, first in (("tags", "micro_f1"), ("event_type", "accuracy")):
            if head in result.heads:
                found = trial.measures.get(head, {})
                row += [_number(found.get(first)), _number(found.get("macro_f1"))]
        rows.append((*row, f"{trial.seconds:.0f}"))
    return console.table((*header, "seconds"), rows, right=range(1, len(header) + 1))


def _values(result: SearchResult, best: tuple[Trial, ...]) -> str:
    header = ["value"] + [f"#{trial.number}" for trial in best] + ["weighs"]
    names = sorted((one.name for one in result.space), key=lambda name: -result.importances.get(name, 0.0))
    rows = []
    for name in names:
        share = result.importances.get(name)
        values = [str(trial.values.get(name, ""))[:_WIDTH] for trial in best]
        rows.append((name.removeprefix("views.")[:_NAME], *values, "" if share is None else f"{100 * share:.0f} %"))
    return console.table(header, rows, right=range(1, len(header)))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
