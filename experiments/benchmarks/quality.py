"""Quality on the held-out part of each corpus: Slugline beside plain scikit-learn on the same articles.

    SLUGLINE_CORPORA=FOLDER python experiments/benchmarks/quality.py [CONFIG ...] [--jobs N]

CONFIG names files of experiments/configs (default: all). "Plain" is what one writes in ten lines: TfidfVectorizer on
words, or on words and word pairs, one LinearSVC for each label (C 1 for tags, 0.5 for event types), threshold 0 or the
best type.
Prints a Markdown table with 95 % bootstrap intervals over articles, for experiments/RESULTS.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import MultiLabelBinarizer
from sklearn.svm import LinearSVC

from slugline.config import load_config
from slugline.decide import softmax
from slugline.evaluate.evaluation import evaluate_event_type, evaluate_tags
from slugline.evaluate.results import Metric
from slugline.experiment.prepare import Prepared
from slugline.experiment.train import train_model
from slugline.learn.event_type_head import event_type_labels
from slugline.learn.tag_head import tag_labels

CONFIGS = Path(__file__).resolve().parent.parent / "configs"
PLAIN = {"plain, words": 1, "plain, words and pairs": 2}
METRICS = {"tags": ("micro_f1", "macro_f1", "ndcg_at_5", "ece"), "event_type": ("accuracy", "macro_f1", "ece")}


def plain_rows(prepared: Prepared, longest: int) -> dict[str, tuple[Metric, ...]]:
    """The plain classifiers' held-out metrics, head by head, over the labels that Slugline has too.

    Terms are n-grams of up to `longest` words.
    """
    config, train, held_out = prepared.config, prepared.train, prepared.held_out
    vectorizer = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, longest), min_df=2)
    X = vectorizer.fit_transform([article.text for article in train.articles])
    Z = vectorizer.transform([article.text for article in held_out.articles])
    found = {}
    names = tag_labels(train.labels, config.tags.min_articles)
    if names:
        rows = [[n for n, one in enumerate(part.labels) if one.tags is not None] for part in (train, held_out)]
        known = set(names)
        sets = [[(train, held_out)[side].labels[n].tags & known for n in rows[side]] for side in (0, 1)]
        binarizer = MultiLabelBinarizer(classes=names)
        model = OneVsRestClassifier(LinearSVC(C=1.0, random_state=0)).fit(X[rows[0]], binarizer.fit_transform(sets[0]))
        scores = model.decision_function(Z[rows[1]])
        truth = binarizer.transform(sets[1]).astype(bool)
        # Scores are no probabilities; squeezed into [0, 1] in their order they serve the ranking metrics.
        squeezed = 1 / (1 + np.exp(-scores))
        head = evaluate_tags(names, truth, squeezed, scores > 0, config=config.evaluate, rule="score above 0")
        found["tags"] = tuple(head.metrics[name] for name in METRICS["tags"][:-1])
    types = event_type_labels(train.labels)
    if types:
        rows = [[n for n, one in enumerate(part.labels) if one.event_type is not None] for part in (train, held_out)]
        model = LinearSVC(C=0.5, random_state=0).fit(X[rows[0]], [train.labels[n].event_type for n in rows[0]])
        scores = model.decision_function(Z[rows[1]])
        truth = [held_out.labels[n].event_type for n in rows[1]]
        predicted = model.predict(Z[rows[1]]).tolist()
        head = evaluate_event_type(types, truth, softmax(scores), predicted, config=config.evaluate, rule="best score")
        found["event_type"] = tuple(head.metrics[name] for name in METRICS["event_type"][:-1])
    return found


def shown(metric: Metric | None) -> str:
    """A metric with its interval."""
    return "-" if metric is None else f"{metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}]"


def main() -> None:
    """Train, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("configs", nargs="*")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    names = arguments.configs or sorted(path.stem for path in CONFIGS.glob("*.toml"))
    tables: dict[str, list[str]] = {"tags": [], "event_type": []}
    for name in names:
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            config = load_config(CONFIGS / f"{name}.toml")
            outcome = train_model(config, Path(folder) / "model.safetensors", jobs=arguments.jobs, track=False)
            size = (Path(folder) / "model.safetensors").stat().st_size / 1e6
        seconds = time.perf_counter() - start
        plain = {name: plain_rows(outcome.prepared, longest) for name, longest in PLAIN.items()}
        for head in ("tags", "event_type"):
            evaluation = getattr(outcome.evaluation, head)
            if evaluation is None:
                continue
            what = f"{name}: {len(outcome.prepared.train):,} / {evaluation.articles:,}, {evaluation.labels:,} labels"
            ours = [shown(evaluation.metrics[metric]) for metric in METRICS[head]]
            tables[head].append(f"| {what} | Slugline | {' | '.join(ours)} | {seconds:.0f} | {size:.1f} |")
            for system, rows in plain.items():
                tables[head].append(f"| | {system} | {' | '.join(map(shown, rows[head]))} | - | - | - |")
        print(f"{name}: {seconds:.0f} s", file=sys.stderr)
    for head, lines in tables.items():
        if lines:
            columns = ["corpus: train / held-out", "system", *METRICS[head], "seconds", "MB"]
            print(f"\n### {head}\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
            print("\n".join(lines))


if __name__ == "__main__":
    main()
