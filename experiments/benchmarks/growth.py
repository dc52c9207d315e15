"""How time and memory grow with the number of articles: training in memory, training on disk, predicting.

    python experiments/benchmarks/growth.py [--sizes 1000,10000,100000] [--million] [--memory 1G] [--corpus NAME]
        [--in-memory-up-to 100000] [--limit 1800] [--only train,memory,predict] [--folder FOLDER]

The corpora are made of sentences of real articles (`resampled.py`, about five to an article), so that words stop
growing where the real corpus's do; no quality is measured on them. Every line is a process of its own, timed whole,
with its peak of memory (maximum resident set) as the system reports it; processor seconds are given as well, because
they say more on a busy machine. A run that takes longer than `--limit` seconds is left out. Before the first line one
small training warms the cache of compiled code. `--only` measures some of the three: training on disk ("train") and in
memory ("memory"), and predicting ("predict"), which takes the model that an earlier run left in `--folder`. Prints a
Markdown table, then the growth per article between the sizes.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from resampled import write_resampled


@dataclass(frozen=True)
class Line:
    """One run; `seconds` None where it took too long."""

    what: str
    articles: int
    seconds: float | None
    cpu: float = 0.0
    peak: float = 0.0

    def row(self) -> str:
        """The line as one of a Markdown table."""
        if self.seconds is None:
            return f"| {self.what} | {self.articles:,} | over the limit | | | |"
        each, cpu = 1e6 * self.seconds / self.articles, 1e6 * self.cpu / self.articles
        return f"| {self.what} | {self.articles:,} | {self.seconds:.1f} | {each:.0f} | {cpu:.0f} | {self.peak:.0f} |"


def run(what: str, articles: int, arguments: list[str], limit: float) -> Line:
    """Run the command, and say what it took."""
    start = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "slugline", *arguments], stdout=subprocess.DEVNULL, stderr=said
        )
        peak = 0.0
        status = Path(f"/proc/{process.pid}/status")
        while process.poll() is None:
            if time.perf_counter() - start > limit:
                process.kill()
                process.wait()
                return Line(what, articles, None)
            time.sleep(0.2)
            peak = max(peak, _high_water(status))
        seconds = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if process.returncode:
            said.seek(0)
            raise SystemExit(said.read().decode(errors="replace")[-2000:])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Line(what, articles, seconds, cpu, peak or after.ru_maxrss / 1024)


def _high_water(status: Path) -> float:
    """Megabytes of the process's largest resident set so far; 0 where the system does not tell."""
    try:
        lines = status.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def growth(lines: list[Line]) -> list[str]:
    """Microseconds per article of each size against the size before, by kind of run."""
    said = []
    for what in dict.fromkeys(line.what for line in lines):
        own = [line for line in lines if line.what == what and line.seconds is not None]
        for small, large in pairwise(own):
            per = [(line.seconds or 0) / line.articles for line in (small, large)]
            cpu = [line.cpu / line.articles for line in (small, large)]
            said.append(
                f"{what}: {small.articles:,} to {large.articles:,}: time per article {per[1] / per[0] - 1:+.0%}, "
                f"processor {cpu[1] / cpu[0] - 1:+.0%}, peak {small.peak:.0f} to {large.peak:.0f} MB"
            )
    return said


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--million", action="store_true", help="a million articles, too")
    parser.add_argument("--memory", default="1G")
    parser.add_argument("--corpus", default="reuters21578")
    parser.add_argument("--in-memory-up-to", type=int, default=100_000)
    parser.add_argument("--limit", type=float, default=1800)
    parser.add_argument("--folder", type=Path, help="where corpora and models are put (default: a temporary one)")
    parser.add_argument("--only", default="train,memory,predict", help="what is measured")
    asked = parser.parse_args()
    only = asked.only.split(",")
    sizes = [int(size) for size in asked.sizes.split(",")] + ([1_000_000] if asked.million else [])
    os.environ.setdefault("MLFLOW_TRACKING_URI", "sqlite:////nowhere/not-used.db")
    with tempfile.TemporaryDirectory() as made:
        folder = asked.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        lines: list[Line] = []
        warm = write_resampled(folder / "warm.jsonl", 300, asked.corpus)
        common = ["--no-track", "--split", "random"]
        warming = [more for name, more in (("memory", []), ("train", ["--memory", asked.memory])) if name in only]
        for more in warming:
            run(
                "warm",
                300,
                ["train", str(warm), "--out", str(folder / "warm.safetensors"), *common, *more],
                asked.limit,
            )
        print(
            "| | articles | s | µs per article | of them processor | peak MB |\n|---|---|---|---|---|---|", flush=True
        )
        for size in sizes:
            corpus = folder / f"resampled-{size}.jsonl"
            if not corpus.exists():
                write_resampled(corpus, size, asked.corpus)
            disk, memory = folder / f"disk-{size}.safetensors", folder / f"memory-{size}.safetensors"
            work: list[tuple[str, list[str]]] = []
            if "train" in only:
                on_disk = ["train", str(corpus), "--out", str(disk), *common, "--memory", asked.memory]
                work.append((f"train --memory {asked.memory}", on_disk))
            if "memory" in only and size <= asked.in_memory_up_to:
                work.append(("train in memory", ["train", str(corpus), "--out", str(memory), *common]))
            if "predict" in only:
                work.append(("predict", ["predict", str(corpus), "--model", str(disk), "--format", "jsonl"]))
            for what, arguments in work:
                if what == "predict" and not disk.exists():
                    continue
                lines.append(run(what, size, arguments, asked.limit))
                print(lines[-1].row(), flush=True)
    print()
    for said in growth(lines):
        print(said)


if __name__ == "__main__":
    main()
