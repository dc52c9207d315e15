"""How long one prediction takes from a cold start: `slugline predict` against a joblib pipeline of scikit-learn.

    python experiments/benchmarks/cold_start.py [MODEL] [--article FILE] [--rounds N]

Both read the same article and predict its tags, each in a new process, alternating, so that a busy machine slows both.
The pipeline (TfidfVectorizer, one-vs-rest LinearSVC) is fitted here on the starter corpus; MODEL is trained on it too
if it is not given. Prints the medians, their ratio, and a row for experiments/RESULTS.md; exits with 1 if Slugline
takes more than a third of the time.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from slugline.resources import data_path

LIMIT = 1 / 3
PEER = """
import sys
import sklearn.svm
import joblib
pipeline, names = joblib.load(sys.argv[1])
decided = pipeline.predict([open(sys.argv[2], encoding="utf-8").read()])
print(names.inverse_transform(decided))
"""


def fit_peer(folder: Path) -> Path:
    """Fit the pipeline on the starter corpus and dump it."""
    import joblib
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MultiLabelBinarizer
    from sklearn.svm import LinearSVC

    with data_path("starter", "articles.jsonl").open(encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    names = MultiLabelBinarizer()
    labels = names.fit_transform([row["tags"] for row in rows])
    texts = ["\n\n".join(row.get(key) or "" for key in ("title", "body", "text")) for row in rows]
    pipeline = make_pipeline(
        TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2),
        OneVsRestClassifier(LinearSVC(random_state=0)),
    )
    path = folder / "pipeline.joblib"
    joblib.dump((pipeline.fit(texts, labels), names), path)
    return path


def slugline(*arguments: str | Path) -> list[str]:
    """The command as a user of this environment runs it."""
    return [str(Path(sys.executable).with_name("slugline")), *map(str, arguments)]


def seconds(command: list[str], folder: Path) -> float:
    """Wall time of one new process, which must succeed."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    taken = time.perf_counter() - start
    if done.returncode != 0 or not done.stdout.strip():
        sys.exit(f"{command} failed:\n{done.stderr}")
    return taken


def measure(model: Path | None, article: Path, rounds: int) -> tuple[list[float], list[float]]:
    """Wall times of Slugline and of the pipeline, `rounds` each, after a round that warms the file cache."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("fitting the pipeline ...", file=sys.stderr)
        peer = [sys.executable, "-c", PEER, str(fit_peer(folder)), str(article)]
        if model is None:
            model = folder / "model.safetensors"
            print("training the model ...", file=sys.stderr)
            seconds(slugline("train", "starter", "--out", model), folder)
        ours = slugline("predict", article, "--model", model)
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(rounds + 1):
            pair = seconds(ours, folder), seconds(peer, folder)
            print(f"round {number}: {pair[0]:.3f} s, {pair[1]:.3f} s", file=sys.stderr)
            if number:
                times[0].append(pair[0])
                times[1].append(pair[1])
    return times


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Cold start: slugline predict against a joblib pipeline.")
    parser.add_argument("model", nargs="?", type=Path, help="a model file; trained on the starter corpus if absent")
    parser.add_argument("--article", type=Path, default=data_path("starter", "sample-article.txt"))
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    model = None if options.model is None else options.model.resolve()
    ours, peers = measure(model, options.article.resolve(), options.rounds)
    our, peer = statistics.median(ours), statistics.median(peers)
    ratio = our / peer
    print(f"slugline predict     median {our:.3f} s  ({min(ours):.3f} to {max(ours):.3f})")
    print(f"scikit-learn, joblib median {peer:.3f} s  ({min(peers):.3f} to {max(peers):.3f})")
    print(f"ratio                {ratio:.2f}  (at most {LIMIT:.2f} wanted)")
    print(
        f"| cold start, one article | {our:.3f} s | {peer:.3f} s | {ratio:.2f} | Python {platform.python_version()} |"
    )
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
