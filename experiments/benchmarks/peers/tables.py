"""The comparison as Markdown and JSON, computed anew from stored predictions."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

import numpy as np

from peers.runner import Bench
from peers.scoring import RESAMPLES, Outcome, Truth, compared, outcome, resamples
from peers.systems import SYSTEMS
from peers.tasks import Task

SHOWN = {
    "tags": {"micro_f1": "micro-F1", "macro_f1": "macro-F1", "p_at_1": "P@1", "p_at_3": "P@3", "ndcg_at_5": "nDCG@5"},
    "types": {"accuracy": "accuracy", "macro_f1": "macro-F1"},
}
PAIRED = {"tags": ("micro_f1", "macro_f1", "p_at_3"), "types": ("accuracy", "macro_f1")}
COSTS = ["system", "train s", "train CPU s", "search CPU s", "grid points", "peak MB", "model MB"]
COSTS += ["cold s", "cold CPU s", "articles per CPU s"]
OURS = "slugline"
SHORTEST = 0.1
"""CPU seconds that say something of how fast a system is."""
Record = dict[str, Any]


def compare(bench: Bench, task: Task) -> Record | None:
    """Every system's measures with intervals, and Slugline's paired differences; None if nothing was run."""
    files = bench.task(task)
    truth = Truth.read(files.truth, task.kind, open_labels=not task.closed)
    weights = resamples(len(truth.articles))
    one = np.ones((len(truth.articles), 1))
    record: Record = {"task": task.name, "about": task.about, "kind": task.kind, "labels": len(truth.labels)}
    record |= {"train": _train_size(files.truth), "held_out": len(truth.articles), "systems": {}}
    outcomes: dict[str, Outcome] = {}
    for name in SYSTEMS:
        result = bench.read(task.name, name)
        source = task.name
        if result is None and not task.closed:
            # A system that was not trained on every tag still has its predictions of the tags with enough articles.
            source = task.name.removesuffix("-open")
            result = bench.read(source, name)
        if result is None:
            continue
        row: Record = {"trained_on": source, **result}
        if "failed" not in result:
            found = outcomes[name] = outcome(truth, bench.result(source, name) / "predictions.jsonl")
            record["held_labels"] = int(found.held.sum())
            samples = found.measures(weights)
            row["measures"] = {
                key: _interval(float(value[0]), samples[key]) for key, value in found.measures(one).items()
            }
        record["systems"][name] = row
    if OURS in outcomes:
        for name, theirs in outcomes.items():
            if name != OURS:
                record["systems"][name]["slugline_minus_this"] = compared(outcomes[OURS], theirs)
    return record if record["systems"] else None


def _interval(value: float, samples: np.ndarray) -> dict[str, float]:
    low, high = np.quantile(samples, [0.025, 0.975])
    return {"value": value, "low": float(low), "high": float(high)}


def _train_size(truth: Path) -> int:
    return int(json.loads(truth.read_text(encoding="utf-8"))["train"])


def markdown(record: Record) -> str:
    """Two tables, quality and cost, and what failed."""
    kind = record["kind"]
    shown = SHOWN[kind]
    done = {name: row for name, row in record["systems"].items() if "failed" not in row}
    order = sorted(done, key=lambda name: -done[name]["measures"][next(iter(shown))]["value"])
    labels = "event types" if kind == "types" else "tags"
    lines = [
        f"### {record['task']}",
        "",
        f"{record['about']}: {record['train']:,} / {record['held_out']:,} articles, "
        f"{record['labels']:,} {labels} scored; macro-F1 over the {record.get('held_labels', 0):,} that occur in the "
        f"held-out part.",
        "",
    ]
    best = {key: max((row["measures"][key]["value"] for row in done.values()), default=0.0) for key in shown}
    columns = ["system", "decided by", *shown.values(), *(f"Slugline minus it: {shown[key]}" for key in PAIRED[kind])]
    lines += [header(columns)]
    for name in order:
        row = done[name]
        cells = [_measure(row["measures"][key], best[key]) for key in shown]
        differences = [_difference(row.get("slugline_minus_this", {}).get(key)) for key in PAIRED[kind]]
        mark = "" if row["trained_on"] == record["task"] else " (closed)"
        lines.append(line([name + mark, row["rule"], *cells, *differences]))
    lines += ["", header(COSTS)]
    for name in order:
        row = done[name]
        search, fit = row["search"] or {}, row["fit"]
        peak = max(fit["peak_mb"], row["predict"]["peak_mb"])
        cells = [f"{fit['wall']:.1f}", f"{fit['cpu']:.1f}", f"{search['cpu']:.0f}" if search else "-"]
        cells += [str(search.get("points", "-")), f"{peak:.0f}", f"{row['model_mb']:.1f}"]
        cells += [f"{row['cold_seconds']:.2f}", f"{row['cold_cpu_seconds']:.2f}"]
        # Starting up is not counted: what a second more brings.
        seconds = row["predict"]["cpu"] - row["cold_cpu_seconds"]
        rate = f"{(record['held_out'] - 1) / seconds:,.0f}" if seconds > SHORTEST else "-"
        lines.append(line([name, *cells, rate]))
    failed = {name: row["failed"] for name, row in record["systems"].items() if "failed" in row}
    if failed:
        lines += ["", "Failed:", "", *(f"- {name}: {why}" for name, why in failed.items())]
    notes = [f"- {name}: {SYSTEMS[name].notes}." for name in order if SYSTEMS[name].notes]
    if notes:
        lines += ["", *notes]
    return "\n".join(lines) + "\n"


def header(columns: list[str]) -> str:
    """The two first lines of a Markdown table."""
    return f"{line(columns)}\n|{'---|' * len(columns)}"


def line(cells: list[str]) -> str:
    """A line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def _measure(value: dict[str, float], best: float) -> str:
    text = f"{value['value']:.3f}"
    return f"**{text}**" if value["value"] >= best else text


def _difference(value: dict[str, float] | None) -> str:
    if value is None:
        return "-"
    p = "p < 0.001" if value["p"] < 0.001 else f"p = {value['p']:.3f}"
    return f"{value['difference']:+.3f} [{value['low']:+.3f}, {value['high']:+.3f}] {p}"


def write(bench: Bench, tasks: list[Task]) -> str:
    """Write comparison.json and comparison.md into the bench's folder; returns the Markdown."""
    records = [record for task in tasks if (record := compare(bench, task)) is not None]
    text = "\n".join(markdown(record) for record in records)
    intro = (
        f"Differences: 95 % intervals by paired bootstrap over held-out articles, two-sided p by approximate "
        f"randomisation, {RESAMPLES:,} resamples each. One thread for each system; "
        f"Python {platform.python_version()}.\n\n"
    )
    (bench.folder / "comparison.md").write_text(intro + text, encoding="utf-8")
    content = json.dumps(records, ensure_ascii=False, indent=1) + "\n"
    (bench.folder / "comparison.json").write_text(content, encoding="utf-8")
    return text
