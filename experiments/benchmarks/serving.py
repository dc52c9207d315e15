"""Slugline's server against FastAPI with a scikit-learn pipeline from joblib, over HTTP on this computer.

    python experiments/benchmarks/serving.py [--seconds S] [--rounds N] [--model FILE]

Both are trained on the starter corpus, with the same tags and event types, and run side by side; `plain_server.py` is
the other one. A third server has the shipped model, with ten thousand tags more. Callers are connections that send one
article, or a hundred, and wait for the answer; they share the processors with the servers, so that this is the least
that a server does. The servers take turns, `--rounds` times, and every turn counts.

Prints a Markdown table. The last row is `predict --format jsonl` on the same articles: what HTTP and JSON cost.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from http_load import ROOT, Calls, Server, call, request, serving, slugline, starter

CORPUS = ROOT / "data" / "starter" / "articles.jsonl"
PLAIN = Path(__file__).with_name("plain_server.py")
BATCH = 100


@dataclass(slots=True)
class System:
    """A server, the paths where it takes an article and a list, and what it took in its turns."""

    name: str
    server: Server
    one: str
    many: str
    calls: dict[str, Calls] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=dict)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=ROOT / "data" / "models" / "news-en.safetensors")
    parser.add_argument("--seconds", type=float, default=4.0, help="of one turn")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    articles = starter()
    tasks = (
        ("one article, 1 caller", "one", 1, 1),
        ("one article, 8 callers", "one", 1, 8),
        (f"{BATCH} articles, 1 caller", "many", BATCH, 1),
        (f"{BATCH} articles, 4 callers", "many", BATCH, 4),
    )
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        trained, stored = folder / "starter.safetensors", folder / "plain.joblib"
        train = [sys.executable, "-m", "slugline", "train", str(CORPUS), "--split", "none", "--no-track"]
        subprocess.run([*train, "--out", str(trained)], check=True, stdout=subprocess.DEVNULL, cwd=folder)
        subprocess.run([sys.executable, str(PLAIN), "fit", str(CORPUS), str(stored)], check=True)
        quiet = {"stderr": subprocess.DEVNULL}
        systems = []
        for title, command, one, many in (
            ("Slugline", slugline(trained), "/v1/predict", "/v1/predict"),
            ("FastAPI + joblib", [sys.executable, str(PLAIN), "serve", str(stored)], "/predict", "/predict-all"),
            ("Slugline, shipped model", slugline(given.model), "/v1/predict", "/v1/predict"),
        ):
            systems.append(System(title, stack.enter_context(serving(command, **quiet)), one, many))
        for system in systems:
            call(system.server.port, asked(system, "one", articles), 1, 1.0)
        for turn in range(given.rounds):
            for task, kind, _, callers in tasks:
                for system in systems if turn % 2 else reversed(systems):
                    take_turn(system, task, asked(system, kind, articles), callers, given.seconds)
        print_table(tasks, systems)
        for system in systems:
            print(f"\n{system.name}: {system.server.resident():.0f} MB of memory of its own", end="")
        print(
            f"\n\n`predict --format jsonl`, start and all: {by_command(folder, given.model, articles):.0f} articles/s"
        )


def asked(system: System, kind: str, articles: list[dict[str, str]]) -> list[bytes]:
    """The requests of a task, of one article each or of many."""
    if kind == "one":
        return [request("POST", system.one, article) for article in articles]
    batches = [articles[start : start + BATCH] for start in range(0, len(articles) - BATCH + 1, BATCH)]
    return [request("POST", system.many, batch) for batch in batches]


def take_turn(system: System, task: str, requests: list[bytes], callers: int, seconds: float) -> None:
    """Call a server for some seconds, and add to what it took before."""
    before = system.server.processor_seconds()
    found = call(system.server.port, requests, callers, seconds)
    if set(found.statuses) != {200}:
        raise SystemExit(f"{system.name}, {task}: answers {dict(found.statuses)}")
    total = system.calls.setdefault(task, Calls())
    total.times += found.times
    total.seconds += found.seconds
    system.spent[task] = system.spent.get(task, 0.0) + system.server.processor_seconds() - before


def print_table(tasks: tuple[tuple[str, str, int, int], ...], systems: list[System]) -> None:
    """One row for each task and server."""
    print("| request | server | articles/s | p50 ms | p95 ms | p99 ms | server's CPU, ms an article |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for task, _, count, _ in tasks:
        for system in systems:
            calls = system.calls[task]
            done = count * len(calls.times)
            shares = " | ".join(f"{calls.within(share):.1f}" for share in (0.5, 0.95, 0.99))
            rate, cost = done / calls.seconds, 1000 * system.spent[task] / done
            print(f"| {task} | {system.name} | {rate:.0f} | {shares} | {cost:.2f} |")


def by_command(folder: Path, model: Path, articles: list[dict[str, str]]) -> float:
    """Articles a second of `slugline predict` on twenty times the corpus."""
    file, repeats = folder / "articles.jsonl", 20
    file.write_text("\n".join(json.dumps(article) for article in articles * repeats), encoding="utf-8")
    command = [sys.executable, "-m", "slugline", "predict", str(file), "--model", str(model), "--format", "jsonl"]
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return repeats * len(articles) / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
