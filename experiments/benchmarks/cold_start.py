"""One article from a cold start, and `--help`: whole processes of Slugline and its peers, in turns, in one run.

    SLUGLINE_CORPORA=FOLDER python experiments/benchmarks/cold_start.py [--rounds N] [--only PEER,...] [--model FILE]

Every system has a model of Reuters-90 (ModApte) of its own, trained here once at the settings its documentation begins
with, and kept in the folder of experiments/benchmarks/peers.py, whose environments are used; a peer without one is
skipped (`peers.py --only NAME` makes it). Each process reads the same text file, the held-out article of median
length, and predicts its tags by the shortest script that the peer's documentation leads to (peers/cold/). Slugline is
its own command. A round starts every process once, so that a busy machine slows all; the first round warms the file
cache and is not counted. Bytecode is cached, as in any installation. Peers are given one thread, which spares their
NumPy the start of others.

Prints a table of medians with ratios and peak memory; exits with 1 where a limit of issue 4 is not kept.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peers.environments import python_of, variables
from peers.runner import HERE, Bench
from peers.systems import SYSTEMS
from peers.tasks import TASKS, write_slugline_config

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "slugline-peers"
PEERS: dict[str, tuple[str, dict[str, Any]]] = {
    "fasttext": ("one_fasttext.py", {"epoch": 25, "lr": 0.5, "wordNgrams": 1}),
    "sklearn-svc": ("one_sklearn.py", {"ngram": 1, "C": 1.0}),
    "omikuji-parabel": ("one_omikuji.py", {"ngram": 1, "linear.c": 1.0, "min_branch_size": 100}),
    "napkinxc-plt": ("one_napkinxc.py", {"ngram": 1, "liblinear_c": 10.0, "arity": 2}),
    "libmultilabel-1vsrest": ("one_libmultilabel.py", {"ngram": 1, "C": 1.0}),
    "pecos-xr-linear": (
        "one_pecos.py",
        {"ngram": 1, "Cp": 1.0, "max_leaf_size": 100, "negative_sampling_scheme": "tfn"},
    ),
    "annif-omikuji": ("one_annif.py", {"ngram": 1, "tree": "parabel"}),
}
"""By system of peers/systems.py: the script, and the settings, those that the documentation begins with."""

FASTTEXT, OTHERS, HELP, MEMORY = 1.3, 1 / 4, 2.0, 90.0
"""What issue 4 wants at most: of fastText's time, of any other's, `--help` of `import typer`, MB of memory."""


@dataclass
class Process:
    """One command that is measured, and what was measured."""

    name: str
    command: list[str]
    environment: dict[str, str]
    model_mb: float | None = None
    wall: list[float] | None = None
    cpu: list[float] | None = None
    peak: list[float] | None = None

    def median(self, values: list[float] | None) -> float:
        """Of the rounds."""
        return statistics.median(values or [])


def start(process: Process, folder: Path) -> dict[str, float]:
    """Run it once through measure.py, which is small itself. Exits where it fails."""
    record, stdout, stderr = (folder / name for name in ("record.json", "stdout", "stderr"))
    measure = [sys.executable, "-S", "-E", str(HERE / "measure.py"), str(record), str(stdout), str(stderr)]
    subprocess.run([*measure, *process.command], check=True, cwd=folder, env=process.environment)
    found: dict[str, float] = json.loads(record.read_text(encoding="utf-8"))
    if found["exit"]:
        sys.exit(f"{process.name} failed:\n{stderr.read_text(encoding='utf-8', errors='replace')[-2000:]}")
    return found


def fit(bench: Bench, name: str, model: Path) -> None:
    """Train a peer's model by its adapter, with the choice above in place of a search."""
    system, files = SYSTEMS[name], bench.task(TASKS["reuters90"])
    print(f"training {name} ...", file=sys.stderr)
    model.parent.mkdir(parents=True, exist_ok=True)
    rule = {"rule": "cut", "cut": 0.0, "fallback": False}
    tried = {"choice": PEERS[name][1], "rules": {"chosen": rule, "plain": rule}, "quality": {"chosen": 0, "plain": 0}}
    chosen = model.parent / "chosen.json"
    chosen.write_text(json.dumps({"measure": "none", "tried": [tried]}), encoding="utf-8")
    order = {"kind": "tags", "settings": system.settings, "train": str(files.train), "articles": str(files.one)}
    order |= {"chosen": str(chosen), "model": str(model), "out": str(model.parent / "out.jsonl")}
    job = model.parent / "order.json"
    job.write_text(json.dumps(order), encoding="utf-8")
    python = python_of(bench.environments, system.environment)
    command = [str(python), str(HERE / "adapters" / system.adapter), "fit", str(job)]
    environment = variables(bench.environments, system.environment)
    done = subprocess.run(command, env=environment, cwd=model.parent, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{name} cannot be trained:\n{done.stderr[-2000:]}")


def ours(bench: Bench, model: Path | None) -> Path:
    """Slugline's own model, trained on the same articles unless it is given."""
    if model is not None:
        return model.resolve()
    path = bench.folder / "cold-start" / "slugline" / "model.safetensors"
    if not path.exists():
        files = bench.task(TASKS["reuters90"])
        write_slugline_config(TASKS["reuters90"], files)
        print("training slugline ...", file=sys.stderr)
        path.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "slugline", "train", "--config", str(files.slugline_config)]
        subprocess.run([*command, "--out", str(path), "--no-track"], check=True, capture_output=True)
    return path


def article(bench: Bench) -> Path:
    """The article as a text file: headline, blank line, text."""
    row = json.loads(bench.task(TASKS["reuters90"]).one.read_text(encoding="utf-8"))
    path = bench.folder / "cold-start" / "article.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{row['title']}\n\n{row['body']}\n", encoding="utf-8")
    return path


def without_bytecode_ban(environment: dict[str, str]) -> dict[str, str]:
    """Bytecode is written and used, as everywhere but on machines that build images."""
    return {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}


def processes(bench: Bench, names: list[str], model: Path | None) -> list[Process]:
    """Slugline first, then every peer that is installed, then what `--help` is held against."""
    text, own = article(bench), ours(bench, model)
    plain = without_bytecode_ban(dict(os.environ))
    slugline = [sys.executable, "-m", "slugline"]
    size = own.stat().st_size / 1e6
    found = [Process("slugline predict", [*slugline, "predict", str(text), "--model", str(own)], plain, size)]
    for name in names:
        python = python_of(bench.environments, SYSTEMS[name].environment)
        if not (python.parents[1] / "installed.txt").exists():
            print(f"{name}: skipped, its environment is not installed", file=sys.stderr)
            continue
        trained = bench.folder / "cold-start" / name / "model"
        if not (trained / "adapter.json").exists():
            fit(bench, name, trained)
        script = str(HERE / "cold" / PEERS[name][0])
        environment = without_bytecode_ban(variables(bench.environments, SYSTEMS[name].environment))
        mb = sum(path.stat().st_size for path in trained.rglob("*") if path.is_file()) / 1e6
        found.append(Process(name, [str(python), script, str(trained), str(text)], environment, mb))
    found.append(Process("slugline --help", [*slugline, "--help"], plain))
    found.append(Process("slugline predict --help", [*slugline, "predict", "--help"], plain))
    found.append(Process("import typer", [sys.executable, "-c", "import typer"], plain))
    found.append(Process("import numpy", [sys.executable, "-c", "import numpy"], plain))
    return found


def table(found: list[Process]) -> str:
    """Medians, and what of each time Slugline's is."""
    by_name = {one.name: one for one in found}
    lines = [
        "| process | wall, s (min to max) | CPU, s | Slugline's wall is, times this | peak MB | model MB |",
        "|---|---|---|---|---|---|",
    ]
    for one in found:
        against = "slugline --help" if one.name in ("slugline --help", "import typer") else "slugline predict"
        ratio = by_name[against].median(by_name[against].wall) / one.median(one.wall)
        wall = one.wall or []
        model = "" if one.model_mb is None else f"{one.model_mb:.1f}"
        lines.append(
            f"| {one.name} | {one.median(wall):.3f} ({min(wall):.3f} to {max(wall):.3f}) | {one.median(one.cpu):.3f} "
            f"| {ratio:.2f} | {one.median(one.peak):.0f} | {model} |"
        )
    return "\n".join(lines)


def kept(found: list[Process]) -> list[tuple[str, float, float]]:
    """Each limit of issue 4: what it is about, what was measured, and the most that it may be."""
    by_name = {one.name: one for one in found}
    predict, shown = by_name["slugline predict"], by_name["slugline --help"]
    said = [
        (
            "--help / import typer",
            shown.median(shown.wall) / by_name["import typer"].median(by_name["import typer"].wall),
            HELP,
        )
    ]
    said.append(("peak MB of one prediction", predict.median(predict.peak), MEMORY))
    for name in PEERS:
        if (peer := by_name.get(name)) is not None:
            limit = FASTTEXT if name == "fasttext" else OTHERS
            said.append((f"predict / {name}", predict.median(predict.wall) / peer.median(peer.wall), limit))
    return said


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", help=f"peers, separated by commas, of {','.join(PEERS)}")
    parser.add_argument("--model", type=Path, help="Slugline's model of Reuters-90; trained here if not given")
    parser.add_argument("--work", type=Path, default=CACHE, help="folder of environments and models")
    options = parser.parse_args()
    names = list(PEERS) if options.only is None else options.only.split(",")
    if unknown := set(names) - set(PEERS):
        sys.exit(f"cold_start: unknown peer {min(unknown)!r}; expected some of {', '.join(PEERS)}")
    found = processes(Bench(options.work.resolve()), names, options.model)
    with tempfile.TemporaryDirectory() as name:
        for number in range(options.rounds + 1):
            for process in found:
                taken = start(process, Path(name))
                if number == 0:
                    process.wall, process.cpu, process.peak = [], [], []
                else:
                    for values, key in ((process.wall, "wall"), (process.cpu, "cpu"), (process.peak, "peak_mb")):
                        (values if values is not None else []).append(taken[key])
            print(f"round {number} of {options.rounds}", file=sys.stderr)
    print(table(found))
    print()
    said = kept(found)
    for what, value, limit in said:
        print(f"{what}: {value:.2f} (at most {limit:.2f}){'' if value <= limit else '  NOT KEPT'}")
    return 0 if all(value <= limit for _, value, limit in said) else 1


if __name__ == "__main__":
    sys.exit(main())
