"""What it costs to explain one article, by its length: CPU seconds, and the JSON that comes of it.

    python experiments/benchmarks/explain.py [--model FILE] [--tags 12] [--rounds 5] [--package FOLDER]

The text is that of the starter corpus's articles, one after another, cut off at each length; the tags are the most
probable ones, decided or not. Every length is explained once before it is measured, as in a server; the median of the
rounds counts. With `--package`, the folder `model` of another checkout is measured in turns with this one, each time
in a process of its own. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LENGTHS = (2_000, 20_000, 200_000)


def measure(model: str, tags: int) -> list[dict[str, float]]:
    """Of each length the CPU seconds of explaining and of writing JSON, the marks, and the bytes of JSON."""
    from slugline.article import Article
    from slugline.predict import Predictor

    try:
        from slugline.explanation_json import explanation_json as written
    except ImportError:  # an older checkout

        def written(found, **_):
            return json.dumps(found.to_dict(), ensure_ascii=False)

    rows = (ROOT / "data/starter/articles.jsonl").read_text(encoding="utf-8").splitlines()
    text = "\n\n".join(json.loads(row)["body"] for row in rows)
    predictor = Predictor.load(model)
    found = []
    for length in LENGTHS:
        article = Article("a", "Rebels seize the airport", text[:length])
        predictor.explain(article, top=tags)
        start = time.process_time()
        explanation = predictor.explain(article, top=tags)
        middle = time.process_time()
        made = written(explanation)
        end = time.process_time()
        marks = sum(len(tag.marks) for tag in explanation.tags)
        found.append({"explain": middle - start, "json": end - middle, "marks": marks, "bytes": len(made)})
    return found


def main() -> None:
    """Measure in processes of their own, in turns, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=str(ROOT / "data/models/news-en.safetensors"))
    parser.add_argument("--tags", type=int, default=12, help="the so many most probable tags are explained")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--package", help="the folder `model` of another checkout, measured in turns with this one")
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.once:
        print(json.dumps(measure(given.model, given.tags)))
        return
    packages = {"this": str(ROOT / "model")} | ({"other": given.package} if given.package else {})
    found: dict[str, list[list[dict[str, float]]]] = {name: [] for name in packages}
    command = [sys.executable, __file__, "--once", "--model", given.model, "--tags", str(given.tags)]
    for _ in range(given.rounds):
        for name, folder in packages.items():
            done = subprocess.run(command, env={**os.environ, "PYTHONPATH": folder}, check=True, capture_output=True)
            found[name].append(json.loads(done.stdout))
    print("| characters | package | explain, CPU s | JSON, CPU s | marks | JSON, MB |")
    print("|---:|---|---:|---:|---:|---:|")
    for place, length in enumerate(LENGTHS):
        for name, rounds in found.items():
            middle = {key: statistics.median(one[place][key] for one in rounds) for key in rounds[0][place]}
            seconds = f"{middle['explain']:.3f} | {middle['json']:.3f}"
            print(f"| {length:,} | {name} | {seconds} | {middle['marks']:,.0f} | {middle['bytes'] / 1e6:.1f} |")


if __name__ == "__main__":
    main()
