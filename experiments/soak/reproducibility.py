"""One corpus, configuration and seed: one model file, byte for byte; one model: the same predictions everywhere.

    python experiments/soak/reproducibility.py [--seeds 2] [--corpora small,starter] [--minutes 10]

Each corpus is trained in surroundings that must not matter: other `--jobs`, PYTHONHASHSEED, locale, timezone and
folder, a Dask cluster on this machine; then with `--memory`, whose files are compared among themselves. The model's
predictions by the predictor here, by a server's REST API and by a distributed job are compared to 1e-6.

Prints a Markdown table; ends with 1 where something differs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

LINEAR = """[split]
seed = {seed}
[learn]
seed = {seed}
[evaluate]
bootstrap = 10
"""
TREE = '[tags]\nestimator = "tree"\n[tree]\nleaf = 2\nbranch = 2\ntrees = 2\n'
CONFIGS = {"linear": LINEAR, "tree": LINEAR + TREE}
PLACES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "jobs 1": (("--jobs", "1"), {"PYTHONHASHSEED": "0"}),
    "jobs 2": (("--jobs", "2"), {"PYTHONHASHSEED": "1"}),
    "elsewhere": (("--jobs", "1"), {"PYTHONHASHSEED": "4242", "LC_ALL": "C", "TZ": "Pacific/Apia"}),
    "cluster": (("--cluster", "local", "--jobs", "2"), {"PYTHONHASHSEED": "7"}),
}
ON_DISK = {
    "disk, jobs 1": (("--memory", "1G", "--jobs", "1"), {"PYTHONHASHSEED": "0"}),
    "disk, jobs 2": (("--memory", "1G", "--jobs", "2"), {"PYTHONHASHSEED": "5", "TZ": "Asia/Kathmandu"}),
}
NEAR = 1e-6


def command(*arguments: object, cwd: Path, **environment: str) -> None:
    """Run the command in a process of its own. Raises RuntimeError with what it said where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "slugline", *map(str, arguments)],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{arguments}: {done.stderr[-1000:]}")


def corpus_file(name: str, folder: Path) -> Path:
    """The articles of a corpus as a file: "small" is made, "starter" is the one that comes with Slugline."""
    if name == "starter":
        return ROOT / "data" / "starter" / "articles.jsonl"
    from stream_corpus import rows

    path = folder / "small.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows(240)), encoding="utf-8")
    return path


def trained(corpus: Path, config: str, folder: Path, places: dict[str, Any], name: str) -> dict[str, str]:
    """The SHA-256 of the model file that is trained in each of these places; the last one stays as `name`."""
    found = {}
    for number, (place, (arguments, environment)) in enumerate(places.items()):
        here = folder / f"{name} {number}"
        here.mkdir()
        (here / "config.toml").write_text(config, encoding="utf-8")
        options = ("--config", "config.toml", "--no-track", "--out", "model.safetensors")
        command("train", corpus, *options, *arguments, cwd=here, **environment)
        found[place] = hashlib.sha256((here / "model.safetensors").read_bytes()).hexdigest()
        shutil.move(here / "model.safetensors", folder / f"{name}.safetensors")
        shutil.rmtree(here)
    return found


def farthest(found: Any, expected: Any) -> float:
    """The greatest difference of two numbers at the same place of two JSON values; infinite where the rest differs."""
    if isinstance(expected, bool | str | None) or isinstance(found, bool | str | None):
        return 0.0 if found == expected else float("inf")
    if isinstance(expected, dict):
        if not isinstance(found, dict) or set(found) != set(expected):
            return float("inf")
        return max((farthest(found[key], expected[key]) for key in expected), default=0.0)
    if isinstance(expected, list):
        if not isinstance(found, list) or len(found) != len(expected):
            return float("inf")
        return max((farthest(*pair) for pair in zip(found, expected, strict=True)), default=0.0)
    return abs(found - expected)


def served(model: Path, rows: list[dict[str, Any]]) -> list[Any]:
    """The explanations that a server, a process of its own, answers."""
    arguments = [sys.executable, "-m", "slugline", "serve", "--port", "0", "--model", str(model)]
    process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if at := re.search(r"serving at (http://127\.0\.0\.1:\d+)", line):
                break
        else:
            raise RuntimeError("the server did not begin")
        found = []
        for row in rows:
            headers = {"Content-Type": "application/json"}
            request = urllib.request.Request(f"{at[1]}/v1/explain", data=json.dumps(row).encode(), headers=headers)
            with urllib.request.urlopen(request) as answer:
                found.append(json.load(answer))
        return found
    finally:
        process.terminate()
        process.communicate()


def distributed(model: Path, articles: Path, folder: Path) -> list[Any]:
    """The explanations that a job on a Dask cluster writes."""
    out = folder / "out"
    options = ("--model", model, "--out", out, "--cluster", "local", "--jobs", "2", "--explain")
    command("predict", articles, *options, cwd=folder)
    lines = [line for path in sorted(out.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    shutil.rmtree(out)
    return [json.loads(line) for line in lines]


def differences(model: Path, corpus: Path, folder: Path) -> dict[str, float]:
    """How far what the server and the distributed job say is from what the predictor says here.

    Explanations are compared, whose scores and contributions have 6 decimals (probabilities have 4).
    """
    from slugline.article import Article
    from slugline.predict import Predictor

    rows = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()[:32]]
    rows = [{key: row[key] for key in ("id", "title", "body")} for row in rows]
    articles = folder / "asked.jsonl"
    articles.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    said = [one.to_dict() for one in Predictor.load(model).explain_stream(Article(**row) for row in rows)]
    found = {"server": served(model, rows), "distributed": distributed(model, articles, folder)}
    return {way: farthest(one, said) for way, one in found.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--corpora", default="small,starter")
    parser.add_argument("--configs", default="linear,tree")
    parser.add_argument("--minutes", type=float, default=10.0, help="after which nothing more is begun")
    options = parser.parse_args()
    began, bad = time.monotonic(), 0
    print("| corpus | configuration | seed | trainings | different files | server | distributed |")
    print("|---|---|---|---|---|---|---|")
    for seed in range(options.seeds):
        for name in options.corpora.split(","):
            for kind in options.configs.split(","):
                if time.monotonic() - began > 60 * options.minutes:
                    continue
                with tempfile.TemporaryDirectory() as made:
                    folder = Path(made)
                    corpus = corpus_file(name, folder)
                    config = CONFIGS[kind].format(seed=seed)
                    files = trained(corpus, config, folder, PLACES, "model")
                    disk = trained(corpus, config, folder, ON_DISK, "disk") if kind == "linear" else {}
                    far = differences(folder / "model.safetensors", corpus, folder)
                extra = len(set(files.values())) - 1 + (len(set(disk.values())) - 1 if disk else 0)
                bad += extra > 0 or max(far.values()) > NEAR
                count = len(files) + len(disk)
                print(f"| {name} | {kind} | {seed} | {count} | {extra} |", *(f"{one:.1e} |" for one in far.values()))
                sys.stdout.flush()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
