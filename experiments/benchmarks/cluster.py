"""Batch prediction on a Dask cluster: two workers against one, each of one thread and pinned to a core of its own.

    python experiments/benchmarks/cluster.py [--articles N] [--rounds R] [--model FILE] [--corpus NAME] [--folder DIR]

The input is one JSON Lines file of N articles (10^6 by default) resampled from sentences of real ones (`resampled.py`;
kept in DIR, where it is given). A round is `slugline predict FILE --out FOLDER --cluster ADDRESS` with one worker, then
with two; scheduler and workers are processes that run before the clock starts, and have imported and loaded what they
need. The clock is the whole command: start, planning, reading, predicting, writing, manifest. Prints a Markdown table
and the ratio of the medians; with it the CPU seconds of the busiest worker, which say what the ratio is where the cores
are shared with nothing else. Exits with 1 where two workers are not 1.7 times as fast as one; with --lenient, for a
machine that is shared, only where CPU seconds do not show it either.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from resampled import write_resampled

from slugline.resources import shipped_model

MUST, AIM = 1.7, 1.9


@contextlib.contextmanager
def running(folder: Path, workers: int) -> Iterator[tuple[str, list[psutil.Process]]]:
    """A scheduler and workers, each pinned to a core, as processes; the scheduler's file and the workers."""
    folder.mkdir()
    file = folder / "scheduler.json"
    common = ["--scheduler-file", str(file), "--no-dashboard"]
    started: list[psutil.Popen] = []

    def start(*arguments: str) -> psutil.Popen:
        with (folder / "log").open("ab") as log:
            started.append(psutil.Popen([sys.executable, "-m", "dask", *arguments, *common], stdout=log, stderr=log))
        return started[-1]

    try:
        start("scheduler", "--host", "127.0.0.1", "--port", "0")
        cores = sorted(os.sched_getaffinity(0))
        for number in range(workers):
            options = ("--no-nanny", "--nthreads", "1", "--host", "127.0.0.1", "--local-directory", str(folder))
            start("worker", *options).cpu_affinity([cores[number % len(cores)]])
        yield str(file), [psutil.Process(process.pid) for process in started[1:]]
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


def seconds_of(process: psutil.Process) -> float:
    """CPU seconds that a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


def predict(source: Path, out: Path, model: Path, scheduler: str, chunk: int) -> tuple[float, float]:
    """Run the command; wall-clock seconds, and CPU seconds of the client."""
    before = os.times()
    start = time.perf_counter()
    command = [sys.executable, "-m", "slugline", "predict", str(source), "--out", str(out), "--model", str(model)]
    subprocess.run([*command, "--cluster", scheduler, "--chunk-size", str(chunk)], check=True, capture_output=True)
    wall = time.perf_counter() - start
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, used


def measure(source: Path, warm: Path, model: Path, workers: int, chunk: int, folder: Path) -> dict[str, Any]:
    """One run with that many workers: wall seconds, CPU seconds of the client and of each worker."""
    with running(folder / "cluster", workers) as (scheduler, processes):
        # Some chunks for each worker, so that all have imported what they need.
        predict(warm, folder / "warm", model, scheduler, 1)
        before = [seconds_of(process) for process in processes]
        wall, client = predict(source, folder / "out", model, scheduler, chunk)
        used = [seconds_of(process) - earlier for process, earlier in zip(processes, before, strict=True)]
    shutil.rmtree(folder)
    folder.mkdir()
    return {"wall": wall, "client": client, "workers": used}


def main() -> None:
    """Read the command line, measure in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", type=Path, default=None, help="default: the shipped one")
    parser.add_argument("--corpus", default="reuters21578", help="what the articles are resampled from")
    parser.add_argument("--chunk-size", type=int, default=16, help="megabytes, as in slugline predict")
    parser.add_argument("--folder", type=Path, help="where the input is kept for the next time")
    parser.add_argument("--lenient", action="store_true", help="the machine is shared: CPU seconds may show it")
    asked = parser.parse_args()
    model = asked.model or shipped_model()
    with tempfile.TemporaryDirectory() as temporary:
        kept = asked.folder or Path(temporary)
        kept.mkdir(parents=True, exist_ok=True)
        source, warm = (kept / f"resampled-{articles}.jsonl" for articles in (asked.articles, 6_000))
        for path, articles in ((source, asked.articles), (warm, 6_000)):
            if not path.exists():
                write_resampled(path.with_suffix(".part"), articles, asked.corpus).rename(path)
        work = Path(temporary) / "work"
        work.mkdir()
        runs: dict[int, list[dict[str, Any]]] = {1: [], 2: []}
        for _ in range(asked.rounds):
            for workers, found in runs.items():
                found.append(measure(source, warm, model, workers, asked.chunk_size, work))
        report(asked, source.stat().st_size, model, runs)


def report(asked: argparse.Namespace, size: int, model: Path, runs: dict[int, list[dict[str, Any]]]) -> None:
    """Print the table, and exit with 1 where the ratio is below MUST."""
    print(
        f"{asked.articles:,} articles resampled from {asked.corpus} ({size / 1e6:.0f} MB), model {model.name}, ", end=""
    )
    print(f"{asked.rounds} rounds in turns, medians; {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print(
        "| workers | wall s | articles/s | CPU s of the busiest worker | CPU s of all workers | CPU s of the client |"
    )
    print("|---|---|---|---|---|---|")
    wall, busiest = {}, {}
    for workers, found in runs.items():
        wall[workers] = statistics.median(run["wall"] for run in found)
        busiest[workers] = statistics.median(max(run["workers"]) for run in found)
        total = statistics.median(sum(run["workers"]) for run in found)
        client = statistics.median(run["client"] for run in found)
        cells = (f"{wall[workers]:.1f}", f"{asked.articles / wall[workers]:,.0f}", f"{busiest[workers]:.1f}")
        print(f"| {workers} | {' | '.join(cells)} | {total:.1f} | {client:.1f} |")
    ratio, possible = wall[1] / wall[2], busiest[1] / busiest[2]
    each = [first["wall"] / second["wall"] for first, second in zip(runs[1], runs[2], strict=True)]
    print(
        f"\nTwo workers are {ratio:.2f} times as fast as one (rounds: {', '.join(f'{one:.2f}' for one in each)}); ",
        end="",
    )
    print(f"must {MUST}, aim {AIM}. By CPU seconds of the busiest worker {possible:.2f}.")
    sys.exit(0 if ratio >= MUST or (asked.lenient and possible >= MUST) else 1)


if __name__ == "__main__":
    main()
