"""The model file: its size by part, how fast it opens, and what pruning and rounding of weights cost.

    SLUGLINE_CORPORA=FOLDER python experiments/benchmarks/model_file.py [--model FILE] [--config NAME] [--skip-table]

Without `--model` one is trained by the configuration. The last table is cross-validated on the training part of the
configuration's corpus, and never looks at the held-out one: in each fold the tags are fitted on the others, the weights
are pruned and rounded as a model file keeps them, and the fold is decided by thresholds that the other folds' scores
give, those of weights as fitted, as in training.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from slugline.bundle import read_bundle
from slugline.config import Config, LearnConfig, load_config
from slugline.experiment.prepare import prepare
from slugline.head import LinearHead
from slugline.learn.estimators import Problem, find_estimator
from slugline.learn.estimators.problem import positive_weights
from slugline.learn.folds import choose_folds
from slugline.learn.heads import cutoffs
from slugline.learn.tag_head import tag_labels
from slugline.learn.thresholds import choose_thresholds, micro_macro
from slugline.learn.vectorize import fit_tfidf, head_rows
from slugline.predict import Predictor
from slugline.tensors import read_tensors

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
LIMIT = 0.001
"""What cross-validated F1 may lose."""

KEPT: tuple[tuple[str, float, float], ...] = (
    ("float32", 1.0, 4),
    ("float16", 1.0, 2),
    ("int8", 1.0, 1),
    ("float16", 0.99, 2),
    ("int8", 0.995, 1),
    ("int8", 0.99, 1),
    ("int8", 0.985, 1),
    ("int8", 0.98, 1),
    ("int8", 0.97, 1),
    ("int8", 0.95, 1),
    ("int8", 0.90, 1),
    ("4 bits", 0.99, 0.5),
    ("4 bits", 0.97, 0.5),
)
"""Type, share of the sum of squares, and bytes of a weight."""

FEW = {("float32", 1.0), ("int8", 0.99), ("int8", 0.97), ("int8", 0.95)}


def sizes(path: Path) -> str:
    """Bytes of every array and of the header."""
    tensors = read_tensors(path, "slugline")
    whole = path.stat().st_size
    parts = {name: (array.nbytes, f"{array.dtype} {array.shape}") for name, array in tensors.arrays.items()}
    parts["header"] = (whole - sum(size for size, _ in parts.values()), f"manifest {len(tensors.metadata['slugline'])}")
    lines = ["| part | bytes | share | what |", "|---|---|---|---|"]
    for name, (size, what) in sorted(parts.items(), key=lambda item: -item[1][0]):
        lines.append(f"| `{name}` | {size:,} | {100 * size / whole:.1f} % | {what} |")
    return "\n".join([*lines, f"| all | {whole:,} | | |"])


def opening(path: Path, rounds: int) -> str:
    """CPU milliseconds, medians: opening, opening with the self-test, and reading every array against its SHA-256."""

    def taken(work: Callable[[], Any]) -> float:
        spent = []
        for _ in range(rounds + 1):
            start = time.process_time()
            work()
            spent.append(time.process_time() - start)
        return 1e3 * statistics.median(spent[1:])

    bundle = read_bundle(path)
    return (
        f"| opening, ms of CPU | {taken(lambda: read_bundle(path)):.2f} |\n"
        f"| and the self-test (`Predictor.load`) | {taken(lambda: Predictor.load(path)):.2f} |\n"
        f"| `verify`: every byte | {taken(bundle.verify):.2f} |"
    )


def kept_weights(coef: np.ndarray, intercept: np.ndarray, kind: str, keep: float) -> tuple[np.ndarray, int]:
    """`coef` (L, d) as a file would give it back, and how many weights are left."""
    cutoff = cutoffs(coef, keep)
    if kind == "4 bits":
        scale = np.abs(coef).max(axis=1, keepdims=True) / 7
        found = np.where(np.abs(coef) > cutoff[:, None], np.rint(coef / np.where(scale > 0, scale, 1)), 0) * scale
        return found, int(np.count_nonzero(found))
    dtype = {"int8": np.int8, "float16": np.float16, "float32": np.float32}[kind]
    labels = tuple(map(str, range(len(coef))))
    head = LinearHead.from_dense(labels, coef, intercept, dtype=dtype, cutoff=cutoff)
    found = np.zeros(coef.T.shape)
    terms = np.repeat(np.arange(len(found)), np.diff(head.indptr))
    found[terms, head.indices] = head.weights.astype(np.float64) * head.scale[head.indices]
    return np.ascontiguousarray(found.T), len(head.weights)


@dataclasses.dataclass
class Head:
    """The training part of one head: rows (n, d), truth (n, L), and how scores are judged: from those of weights as
    fitted and the folds comes what gives any scores two measures, both F1 of tags or accuracy and macro-F1 of types.
    """

    X: Any
    truth: np.ndarray
    estimator: str
    C: float
    balance: float
    folds: Callable[[LearnConfig], np.ndarray]
    judge: Callable[[np.ndarray, np.ndarray], Callable[[np.ndarray], tuple[float, float]]]


def tag_head(config: Config) -> Head:
    """Tags: micro-F1 and macro-F1, a fold decided by thresholds from the others."""
    train = prepare(config).train
    fitted, X = fit_tfidf(train.articles, config.features)
    X = head_rows(X, fitted, "tags")
    names = tag_labels(train.labels, config.tags.min_articles)
    column = {name: number for number, name in enumerate(names)}
    truth = np.zeros((len(train.labels), len(names)), dtype=bool)
    for row, one in enumerate(train.labels):
        truth[row, [column[tag] for tag in one.tags or () if tag in column]] = True
    known, tags = np.diff(X.indptr) > 0, config.tags

    def judge(plain: np.ndarray, folds: np.ndarray) -> Callable[[np.ndarray], tuple[float, float]]:
        # As in training, thresholds come from scores of weights as fitted, here those of the other folds.
        chosen = {}
        for fold in np.unique(folds).tolist():
            others = folds != fold
            chosen[fold] = choose_thresholds(
                plain[others],
                truth[others],
                folds[others],
                known[others],
                rule=tags.threshold,
                shrink=tags.threshold_shrink,
                fallback=tags.fallback,
                min_probability=tags.min_probability,
            )

        def judged(scores: np.ndarray) -> tuple[float, float]:
            decided = np.zeros(truth.shape, dtype=bool)
            for fold, thresholds in chosen.items():
                own = folds == fold
                decided[own] = thresholds.decide(scores[own], known[own])
            return micro_macro(decided, truth)

        return judged

    def folds(learn: LearnConfig) -> np.ndarray:
        return choose_folds(train.labels, train.groups, None, learn, by_time=False).numbers

    return Head(X, truth, tags.estimator, tags.C, 0.0, folds, judge)


def type_head(config: Config) -> Head:
    """Event types: accuracy and macro-F1 of the highest score."""
    train = prepare(config).train
    rows = [number for number, one in enumerate(train.labels) if one.event_type is not None]
    labels = [train.labels[number] for number in rows]
    fitted, X = fit_tfidf([train.articles[number] for number in rows], config.features)
    X = head_rows(X, fitted, "event_type")
    names = sorted({one.event_type for one in labels})
    number_of = np.array([names.index(one.event_type) for one in labels])
    truth = number_of[:, None] == np.arange(len(names))

    def judged(scores: np.ndarray) -> tuple[float, float]:
        found = scores.argmax(axis=1)
        hits = np.bincount(number_of[found == number_of], minlength=len(names))
        sizes = np.bincount(found, minlength=len(names)) + np.bincount(number_of, minlength=len(names))
        return float((found == number_of).mean()), float((2 * hits / np.maximum(1, sizes)).mean())

    def folds(learn: LearnConfig) -> np.ndarray:
        return choose_folds(labels, train.groups[rows], None, learn, by_time=False).numbers

    return Head(
        X, truth, config.event_type.estimator, config.event_type.C, config.event_type.balance, folds, lambda *_: judged
    )


def losses(config: Config, head: Head, ways: Sequence[tuple[str, float, float]], seeds: int, block: int = 128) -> str:
    """Cross-validated measures of every way: means over `seeds` ways of dealing articles out to folds, and what is lost
    against the first way, with its standard error over them. Labels are fitted `block` at a time.
    """
    X, truth, estimator = head.X, head.truth, find_estimator(head.estimator)
    count = truth.shape[1]
    measured = {(kind, keep): np.zeros((seeds, 2)) for kind, keep, _ in ways}
    left = dict.fromkeys(measured, 0.0)
    for seed in range(seeds):
        folds = head.folds(dataclasses.replace(config.learn, seed=seed))
        numbers = np.unique(folds).tolist()
        scores = {way: np.zeros(truth.shape) for way in measured}
        for fold in numbers:
            print(f"seed {seed}, fold {fold} ...", file=sys.stderr)
            own = folds == fold
            heavier = positive_weights(truth[~own], head.balance)
            for start in range(0, count, block):
                part = slice(start, start + block)
                weight = heavier[part] if head.balance else None
                weights = estimator.fit(Problem(X[~own], truth[~own, part], head.C, seed, weight))
                for kind, keep in measured:
                    coef, some = kept_weights(weights.coef, weights.intercept, kind, keep)
                    scores[kind, keep][own, part] = X[own] @ coef.T + weights.intercept
                    left[kind, keep] += some / len(numbers) / seeds
        judged = head.judge(scores[ways[0][:2]], folds)
        for way, found in scores.items():
            measured[way][seed] = judged(found)
    lines = [
        "| weights | keep | left | MB of weights and their labels | measured | lost, ± standard error | |",
        "|---|---|---|---|---|---|---|",
    ]
    index = 1 if count <= 256 else 2
    first = measured[ways[0][:2]]
    for kind, keep, size in ways:
        own = measured[kind, keep]
        mean, lost, some = own.mean(axis=0), (first - own).mean(axis=0), left[kind, keep]
        error = (first - own).std(axis=0) / max(1, seeds - 1) ** 0.5
        mark = "" if lost.max() <= LIMIT else "too much"
        lines.append(
            f"| {kind} | {keep} | {100 * some / count / X.shape[1]:.1f} % | {some * (size + index) / 1e6:.2f} "
            f"| {mean[0]:.4f} / {mean[1]:.4f} "
            f"| {lost[0]:+.4f} ± {error[0]:.4f} / {lost[1]:+.4f} ± {error[1]:.4f} | {mark} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--config", default="reuters90", help="a file of experiments/configs")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=5, help="ways of dealing articles out to folds")
    parser.add_argument("--types", action="store_true", help="the table of event types instead of tags")
    parser.add_argument("--few", action="store_true", help="fewer rows in the table, for large corpora")
    parser.add_argument("--no-model", action="store_true", help="only the table")
    parser.add_argument("--skip-table", action="store_true", help="only size and opening")
    options = parser.parse_args()
    config = CONFIGS / f"{options.config}.toml"
    if not options.no_model:
        with tempfile.TemporaryDirectory() as folder:
            model = options.model or Path(folder) / "model.safetensors"
            if options.model is None:
                command = [sys.executable, "-m", "slugline", "train", "--config", str(config), "--no-track"]
                subprocess.run([*command, "--out", str(model)], check=True, capture_output=True)
            print(sizes(model), opening(model, options.rounds), sep="\n\n| | |\n|---|---|\n", end="\n\n")
    if not options.skip_table:
        loaded = load_config(config)
        head = type_head(loaded) if options.types else tag_head(loaded)
        ways = [way for way in KEPT if not options.few or way[:2] in FEW]
        print(losses(loaded, head, ways, options.seeds))


if __name__ == "__main__":
    main()
