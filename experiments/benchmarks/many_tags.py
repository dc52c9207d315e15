"""Label trees on many tags, from raw text: Slugline beside Omikuji, PECOS and napkinXC; and growth with tags.

    SLUGLINE_CORPORA=FOLDER python experiments/benchmarks/many_tags.py [--tasks T,...] [--only S,...] [--repeat 3]
    SLUGLINE_CORPORA=FOLDER python experiments/benchmarks/many_tags.py --growth 100,1000,10000,100000

Tasks: `topics` (WCEP's running stories, 2020 held out), `topics-random` (a random fifth held out) and `linked` (stories
and linked entities of 2025, the last quarter held out); articles without a tag are left out, for everybody. Every
system gets the same JSONL and the same tags. Training is one process from raw text to model file with two threads;
systems take turns, and the median of the repetitions counts. Peers get scikit-learn's TfidfVectorizer. Settings are
chosen on a slice of the training part (its last fifth by time, or a random one) by nDCG@5, one at a time in the order
of GRIDS, and kept in the work folder; Slugline's own are the defaults of its configuration, which were chosen on these
slices too, but for the view of the lead, as these articles have nothing else, and the recency of tags on
`topics-random`, where no article is later than the others. Quality is over held-out articles with a
tag that the training part has, with 95 % bootstrap intervals.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from peers.environments import ensure, variables
from scipy.sparse import csr_array

from slugline.config import CorpusConfig, EvaluateConfig
from slugline.corpus.load import load_corpus
from slugline.evaluate import metrics
from slugline.evaluate.intervals import with_intervals
from slugline.evaluate.ranking import inverse_propensities, rank_candidates

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "slugline-peers"
TASKS = ("topics", "topics-random", "linked")
MEASURES = ("P@1", "P@3", "P@5", "PSP@1", "PSP@3", "PSP@5", "nDCG@5")
THREADS = "2"
TOP = 20

GRIDS: dict[str, dict[str, list[Any]]] = {
    "omikuji parabel": {
        "tree": ["parabel"],
        "ngram": [1, 2],
        "linear_c": [1.0, 0.5, 2.0],
        "min_branch_size": [100, 20],
        "n_trees": [3, 1],
    },
    "omikuji bonsai": {
        "tree": ["bonsai"],
        "ngram": [1, 2],
        "linear_c": [1.0, 0.5, 2.0],
        "cluster_k": [100, 16],
        "n_trees": [3, 1],
    },
    "pecos": {
        "ngram": [1, 2],
        "Cp": [1.0, 2.0, 4.0],
        "Cn": [1.0, 0.5],
        "max_leaf_size": [100, 20],
        "negative_sampling_scheme": ["tfn", "tfn+man"],
    },
    "napkinxc": {"ngram": [1, 2], "liblinear_c": [10.0, 1.0, 30.0], "arity": [2, 16], "max_leaves": [100, 20]},
}
"""For each peer the values tried, the default first."""

OURS = "slugline tree"
SYSTEMS = (OURS, *GRIDS)

CONFIG = """
[split]
method = "none"
near_duplicate = 0.0
[tags]
estimator = "tree"
min_articles = 1
[names]
enabled = "never"
[[features.views]]
name = "words"
title_repeat = 1
weight = 1.4
[[features.views]]
name = "stems"
unit = "stem"
title_repeat = 1
"""

Row = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """A corpus split in two; `slice_at` is where the slice for settings begins in `train`."""

    name: str
    train: list[Row]
    held_out: list[Row]

    def inner(self) -> Task:
        """The training part split once more, as the corpus was."""
        cut = len(self.train) * 4 // 5
        return Task(f"{self.name}.slice", self.train[:cut], self.train[cut:])


def load_task(name: str) -> Task:
    """The rows of a task, those that train in the order of their dates, or at random where the split is."""
    corpus = CorpusConfig(name="wcep_linked") if name == "linked" else CorpusConfig(name="wcep", families=("topics",))
    loaded = load_corpus(corpus)
    rows = [
        {"id": one.id, "title": one.title, "body": one.body, "date": str(one.date), "tags": sorted(labels.tags)}
        for one, labels in zip(loaded.articles, loaded.labels, strict=True)
        if labels.tags and one.date is not None
    ]
    rows.sort(key=lambda row: (row["date"], row["id"]))
    if name == "topics":
        return Task(name, *([row for row in rows if (row["date"] >= "2020") == late] for late in (False, True)))
    if name == "topics-random":
        random.Random(0).shuffle(rows)
    cut = len(rows) * (4 if name == "topics-random" else 3) // (5 if name == "topics-random" else 4)
    return Task(name, rows[:cut], rows[cut:])


@dataclass(frozen=True)
class Spent:
    """What a process took."""

    wall: float
    cpu: float
    peak_mb: float


def run(command: list[Any], environment: dict[str, str], folder: Path) -> Spent:
    """Run a process to its end and measure it. Raises RuntimeError with what it said last."""
    out, log = folder / "measured.json", folder / "log.txt"
    environment = environment | {"OMP_NUM_THREADS": THREADS, "RAYON_NUM_THREADS": THREADS}
    measure = [sys.executable, "-S", "-E", HERE / "peers" / "measure.py", out, os.devnull, log, *command]
    subprocess.run([str(part) for part in measure], env=environment, check=True)
    found = json.loads(out.read_text(encoding="utf-8"))
    if found.pop("exit"):
        raise RuntimeError(log.read_text(encoding="utf-8", errors="replace").strip()[-500:])
    return Spent(**found)


class System:
    """One way of training: fit and predict as processes of their own."""

    def __init__(self, name: str, work: Path) -> None:
        self.name = name
        self._work = work
        self._peer = None if name == OURS else name.split()[0]

    def fit(self, task: Task, choice: dict[str, Any], folder: Path) -> Spent:
        """Train into `folder` on the task's JSONL there."""
        write_rows(folder / "train.jsonl", task.train)
        write_rows(folder / "articles.jsonl", [{**row, "tags": []} for row in task.held_out])
        job = {"train": "train.jsonl", "articles": "articles.jsonl", "model": "model", "out": "out.jsonl"}
        described = {key: str(folder / name) for key, name in job.items()} | {"choice": choice}
        (folder / "job.json").write_text(json.dumps(described), encoding="utf-8")
        if self._peer is None:
            random_split = "[tree]\nrecency = 0.0\n" if task.name.startswith("topics-random") else ""
            (folder / "config.toml").write_text(CONFIG + random_split, encoding="utf-8")
            arguments = ["--config", folder / "config.toml", "--out", folder / "model.safetensors", "--no-track"]
            command = ["train", folder / "train.jsonl", *arguments, "--jobs", THREADS, "--format", "json"]
            return run([sys.executable, "-m", "slugline", *command], dict(os.environ), folder)
        return self._adapter("fit", folder)

    def predict(self, folder: Path) -> tuple[Spent, list[list[str]]]:
        """Score the articles; each one's best tags."""
        if self._peer is not None:
            spent = self._adapter("predict", folder)
            lines = (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()
            return spent, [[tag for tag, _ in json.loads(line)["tags"]] for line in lines]
        command = ["predict", folder / "articles.jsonl", "--model", folder / "model.safetensors"]
        command += ["--top", TOP, "--format", "jsonl"]
        environment = dict(os.environ)
        with (folder / "out.jsonl").open("w") as stream:
            parts = [str(part) for part in (sys.executable, "-m", "slugline", *command)]
            subprocess.run(parts, stdout=stream, env=environment, check=True)
        lines = (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()
        return Spent(0, 0, 0), [[tag["tag"] for tag in json.loads(line)["tags"]] for line in lines]

    def size(self, folder: Path) -> float:
        """Megabytes of what predicting needs."""
        files = [folder / "model.safetensors"] if self._peer is None else (folder / "model").rglob("*")
        return sum(file.stat().st_size for file in files if file.is_file()) / 1e6

    def _adapter(self, action: str, folder: Path) -> Spent:
        assert self._peer is not None
        python = ensure(self._work / "environments", self._peer)
        adapter = HERE / "peers" / "adapters" / "many_tags.py"
        environment = variables(self._work / "environments", self._peer)
        environment.pop("PYTHONPATH", None)
        return run([python, adapter, self._peer, action, folder / "job.json"], environment, folder)


def write_rows(path: Path, rows: list[Row]) -> None:
    """JSON Lines."""
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def quality(task: Task, found: list[list[str]], bootstrap: int = 1000) -> dict[str, Any]:
    """Every measure as a Metric with its interval, over the articles that have a tag of the training part."""
    counts = Counter(tag for row in task.train for tag in row["tags"])
    names = sorted(counts)
    column = {name: number for number, name in enumerate(names)}
    known = [[column[tag] for tag in row["tags"] if tag in column] for row in task.held_out]
    kept = [number for number, own in enumerate(known) if own]
    indptr = np.cumsum([0, *(len(known[number]) for number in kept)])
    indices = np.array([label for number in kept for label in sorted(known[number])], dtype=np.int64)
    truth = csr_array((np.ones(len(indices)), indices, indptr), shape=(len(kept), len(names)))
    best = np.full((len(kept), 5), -1, dtype=np.int64)
    for place, number in enumerate(kept):
        own = [column.get(tag, -1) for tag in found[number][:5]]
        best[place, : len(own)] = own
    weights = inverse_propensities(np.array([counts[name] for name in names]), len(task.train))
    ranked = rank_candidates(best, np.zeros(best.shape), truth, weights)
    each = {f"P@{k}": ranked.precision(k) for k in (1, 3, 5)} | {"nDCG@5": ranked.ndcg(5)}
    gains = {f"PSP@{k}": ranked.propensity_scored(k) for k in (1, 3, 5)}

    def statistic(resample: np.ndarray) -> dict[str, np.ndarray]:
        means = {name: metrics.mean(values, resample) for name, values in each.items()}
        return means | {name: metrics.ratio(one @ resample, most @ resample) for name, (one, most) in gains.items()}

    return with_intervals(statistic, len(kept), EvaluateConfig(bootstrap=bootstrap))


def choose(system: System, task: Task, store: Path) -> dict[str, Any]:
    """The settings that are best on the slice by nDCG@5, one at a time in the grid's order; kept in `store`."""
    if system.name == OURS:
        return {}
    file = store / f"{task.name}.{system.name.replace(' ', '-')}.json"
    if file.exists():
        chosen: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["choice"]
        return chosen
    grid, tried, inner = GRIDS[system.name], {}, task.inner()

    def measured(choice: dict[str, Any]) -> float:
        key = json.dumps(choice)
        if key not in tried:
            with tempfile.TemporaryDirectory() as name:
                try:
                    system.fit(inner, choice, Path(name))
                    value = quality(inner, system.predict(Path(name))[1], bootstrap=0)["nDCG@5"].value
                except RuntimeError as error:
                    print(f"  {system.name} {choice}: {error}", file=sys.stderr)
                    value = -1.0
            tried[key] = value
            print(f"  {task.name}: {system.name} {value:.4f} {choice}", file=sys.stderr, flush=True)
        return float(tried[key])

    best = {name: values[0] for name, values in grid.items()}
    for name, values in grid.items():
        best = max([best, *({**best, name: value} for value in values)], key=measured)
    store.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"choice": best, "tried": tried}, indent=1), encoding="utf-8")
    return best


def compare(names: list[str], systems: list[System], store: Path, repeat: int) -> None:
    """Print a table for each task."""
    for name in names:
        task = load_task(name)
        tags = {tag for row in task.train for tag in row["tags"]}
        seen = sum(any(tag in tags for tag in row["tags"]) for row in task.held_out)
        choices = {system.name: choose(system, task, store) for system in systems}
        spent: dict[str, list[Spent]] = {system.name: [] for system in systems}
        rows: dict[str, tuple[Any, ...]] = {}
        for turn in range(repeat):
            for system in systems:
                with tempfile.TemporaryDirectory() as where:
                    folder = Path(where)
                    spent[system.name].append(system.fit(task, choices[system.name], folder))
                    if turn == 0:
                        rows[system.name] = quality(task, system.predict(folder)[1]), system.size(folder)
        print(f"\n### {name}: {len(task.train):,} training articles, {len(tags):,} tags; {seen:,} held-out articles\n")
        print(f"| system | wall, s | CPU, s | peak MB | model MB | {' | '.join(MEASURES)} |")
        print("|---|" + "---|" * (len(MEASURES) + 4))
        for system in systems:
            times = [statistics.median(getattr(one, key) for one in spent[system.name]) for key in ("wall", "cpu")]
            peak = max(one.peak_mb for one in spent[system.name])
            found, size = rows[system.name]
            cells = [f"{found[key].value:.3f} ({found[key].low:.3f} to {found[key].high:.3f})" for key in MEASURES]
            line = (f"{times[0]:.2f}", f"{times[1]:.2f}", f"{peak:.0f}", f"{size:.1f}", *cells)
            print(f"| {system.name} | {' | '.join(line)} |", flush=True)
        for system in systems:
            if choices[system.name]:
                print(f"\n{system.name}: {choices[system.name]}")


def synthetic(base: Task, tags: int, each: int = 4) -> Task:
    """A task with exactly `tags` tags, made from real articles: see `growth`.

    A tag is a real article of `base`, drawn with replacement, and a number; each of its `each` articles is made of half
    of the words of that article, drawn anew, and as many words of another one. One article of each tag in ten is held
    out.
    """
    draw = random.Random(tags)
    bodies = [row["body"].split() for row in base.train]
    train: list[Row] = []
    held: list[Row] = []
    for tag in range(tags):
        own = draw.choice(bodies)
        for copy in range(each + (tag % 10 == 0)):
            other = draw.choice(bodies)
            words = draw.sample(own, (len(own) + 1) // 2) + draw.sample(other, (len(other) + 1) // 2)
            row = {"id": f"{tag}-{copy}", "title": "", "body": " ".join(words), "tags": [f"tag {tag}"]}
            (held if copy == each else train).append(row)
    return Task(f"{tags} tags", train, held)


def growth(sizes: list[int], systems: list[System]) -> None:
    """Time, memory and size from few tags to many, on tags and articles resampled from the words of real articles.

    Quality on them says nothing of real tags; it shows that the model works at that size.
    """
    base = load_task("topics-random")
    print("\n### Growth with tags (resampled: four articles a tag, half their words from one real article)\n")
    print("| tags | training articles | system | wall, s | CPU, s | peak MB | model MB | P@1 |")
    print("|---|---|---|---|---|---|---|---|")
    for size in sizes:
        task = synthetic(base, size)
        for system in systems:
            choice = {} if system.name == OURS else {name: values[0] for name, values in GRIDS[system.name].items()}
            with tempfile.TemporaryDirectory() as where:
                folder = Path(where)
                spent = system.fit(task, choice, folder)
                _, found = system.predict(folder)
                first = quality(task, found, bootstrap=0)["P@1"].value
                line = (f"{size:,}", f"{len(task.train):,}", system.name, f"{spent.wall:.1f}", f"{spent.cpu:.1f}")
                shown = (*line, f"{spent.peak_mb:.0f}", f"{system.size(folder):.1f}", f"{first:.3f}")
                print(f"| {' | '.join(shown)} |", flush=True)


def main() -> None:
    """Choose settings where none are kept, run everything, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", default=",".join(TASKS), help=f"default: {','.join(TASKS)}")
    parser.add_argument("--only", default=",".join(SYSTEMS), help=f"default: {','.join(SYSTEMS)}")
    parser.add_argument("--repeat", type=int, default=3, help="times that every system is trained")
    parser.add_argument("--growth", help="numbers of tags, separated by commas; then nothing else is measured")
    parser.add_argument("--work", type=Path, default=CACHE, help="folder of environments and chosen settings")
    arguments = parser.parse_args()
    systems = [System(name, arguments.work) for name in arguments.only.split(",")]
    if arguments.growth:
        growth([int(size) for size in arguments.growth.split(",")], systems)
        return
    compare(arguments.tasks.split(","), systems, arguments.work / "many-tags", arguments.repeat)


if __name__ == "__main__":
    main()
