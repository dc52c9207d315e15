"""What every adapter shares: the protocol with the runner, the grid search and the decision rules. Needs numpy alone.

The runner starts an adapter in its peer's own environment as `python with_PEER.py search|fit|predict JOB`, JOB being a
JSON file:

    kind      "tags" (any number of labels an article) or "types" (exactly one)
    settings  what makes this system of the peer's: the variant, and how it decides
    train     JSONL of the training articles: id, title, body, date, labels, fold (0 to 4), valid (true or false)
    articles  JSONL of the articles to predict: id, title, body, date; never labels
    chosen    JSON that `search` writes and `fit` reads: the settings chosen, and what else was tried
    model     the folder that `fit` fills and `predict` reads
    out       JSONL that `predict` writes: id, scores (the best 50, [label, score], best first), decided (labels)

`search` trains on the articles that are not `valid` and scores those that are; `fit` trains on all of them. Held-out
labels are never on this side of the protocol.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

TOP = 50
"""Scores written for each article."""

Row = dict[str, Any]
Choice = dict[str, Any]
Rule = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """One order of the runner's; see the module's description."""

    kind: str
    settings: dict[str, Any]
    train: Path
    articles: Path
    chosen: Path
    model: Path
    out: Path

    @classmethod
    def read(cls, path: Path) -> Job:
        """From the runner's file."""
        values = json.loads(path.read_text(encoding="utf-8"))
        paths = {key: Path(values[key]) for key in ("train", "articles", "chosen", "model", "out")}
        return cls(values["kind"], values["settings"], **paths)


class Peer(Protocol):
    """What an adapter has to bring."""

    def grid(self, job: Job) -> dict[str, list[Any]]:
        """The values tried for each parameter, the usual one first."""

    def train(self, job: Job, rows: Sequence[Row], labels: list[str], choice: Choice, folder: Path) -> Rule | None:
        """Train from raw text into `folder`; a rule of the peer's own goes before the searched one."""

    def scores(self, job: Job, folder: Path, rows: Sequence[Row], labels: list[str]) -> np.ndarray:
        """(N, L) scores, columns as `labels`; -inf where the peer gives none."""


def main(peer: Peer) -> None:
    """Do what the command line says."""
    action, job = sys.argv[1], Job.read(Path(sys.argv[2]))
    {"search": search, "fit": fit, "predict": predict}[action](peer, job)


def read_rows(path: Path) -> list[Row]:
    """The objects of a JSONL file."""
    with path.open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def text_of(row: Row) -> str:
    """Headline and body as one text."""
    return "\n\n".join(part for part in (row["title"], row["body"]) if part)


def texts_of(rows: Iterable[Row]) -> list[str]:
    """Headline and body of each article."""
    return [text_of(row) for row in rows]


def label_names(rows: Iterable[Row]) -> list[str]:
    """Every label that occurs, sorted."""
    return sorted({label for row in rows for label in row["labels"]})


def label_matrix(rows: Sequence[Row], labels: Sequence[str]) -> np.ndarray:
    """(N, L) booleans: which article has which label."""
    column = {label: number for number, label in enumerate(labels)}
    truth = np.zeros((len(rows), len(labels)), dtype=bool)
    for number, row in enumerate(rows):
        for label in row["labels"]:
            if label in column:
                truth[number, column[label]] = True
    return truth


def search(peer: Peer, job: Job) -> None:
    """Search the grid one parameter at a time, in the order given, and write the best choice with its rule."""
    rows = read_rows(job.train)
    train, valid = [row for row in rows if not row["valid"]], [row for row in rows if row["valid"]]
    labels = label_names(train)
    truth = label_matrix(valid, labels)
    # Labels that occur only in the slice are misses of every choice alike.
    missed = sum(len(row["labels"]) for row in valid) - int(truth.sum())
    tried: list[dict[str, Any]] = []

    def measured(choice: Choice) -> dict[str, Any]:
        known = [one for one in tried if one["choice"] == choice]
        if known:
            return known[0]
        start = time.perf_counter()
        folder = Path(tempfile.mkdtemp(prefix="search-", dir=job.chosen.parent))
        try:
            own = peer.train(job, train, labels, choice, folder)
            scores = peer.scores(job, folder, valid, labels)
        except Exception as error:
            # A setting that a peer cannot train with is not chosen.
            print(f"failed  {choice}  {error}", file=sys.stderr, flush=True)
            one = {"choice": choice, "rules": {}, "quality": {"chosen": -1.0, "plain": -1.0}, "failed": str(error)}
            tried.append(one)
            return one
        finally:
            shutil.rmtree(folder)
        limit = own or fixed_rule(job)
        rules = {"chosen": limit or best_rule(scores, truth, missed)}
        if job.kind == "tags":
            rules["plain"] = limit or plain_rule(job)
        quality = {name: rule_quality(scores, truth, missed, rule, kind=job.kind) for name, rule in rules.items()}
        one = {"choice": choice, "rules": rules, "quality": quality, "seconds": time.perf_counter() - start}
        print(f"{quality['chosen']:.4f}  {choice}  {shown_rule(rules['chosen'])}", file=sys.stderr, flush=True)
        tried.append(one)
        return one

    grid = peer.grid(job)
    best = measured({name: values[0] for name, values in grid.items()})
    for name, values in grid.items():
        found = [measured({**best["choice"], name: value}) for value in values]
        best = max([best, *found], key=lambda one: one["quality"]["chosen"])
    if best["quality"]["chosen"] < 0:
        sys.exit(f"every point of the grid failed, the first with: {tried[0]['failed']}")
    write_json(job.chosen, {"measure": "accuracy" if job.kind == "types" else "micro-F1", "tried": tried})


def fit(peer: Peer, job: Job) -> None:
    """Train on all training articles with what was chosen."""
    tried = json.loads(job.chosen.read_text(encoding="utf-8"))["tried"]
    # Systems that share a search may differ in the rule by which they choose from it.
    by = "plain" if job.settings.get("decide") == "plain" and job.kind == "tags" else "chosen"
    best = max(tried, key=lambda one: one["quality"][by])
    rows = read_rows(job.train)
    labels = label_names(rows)
    job.model.mkdir(parents=True)
    rule = peer.train(job, rows, labels, best["choice"], job.model) or fixed_rule(job) or best["rules"][by]
    about = {"labels": labels, "rule": rule, "rule_shown": shown_rule(rule), "choice": best["choice"]}
    write_json(job.model / "adapter.json", about)


def predict(peer: Peer, job: Job) -> None:
    """Score and decide the articles."""
    about = json.loads((job.model / "adapter.json").read_text(encoding="utf-8"))
    labels = np.array(about["labels"], dtype=object)
    rows = read_rows(job.articles)
    scores = peer.scores(job, job.model, rows, about["labels"])
    decided = apply_rule(scores, about["rule"])
    with job.out.open("w", encoding="utf-8") as stream:
        for row, values, chosen in zip(rows, scores, decided, strict=True):
            order = [int(n) for n in np.argsort(-values, kind="stable")[:TOP] if np.isfinite(values[n])]
            line = {
                "id": row["id"],
                "scores": [[labels[n], round(float(values[n]), 6)] for n in order],
                "decided": [str(label) for label in labels[chosen]],
            }
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")


def fixed_rule(job: Job) -> Rule | None:
    """The rule that the settings or the kind prescribe, if any."""
    if job.kind == "types":
        return {"rule": "best"}
    return job.settings.get("rule")


def plain_rule(job: Job) -> Rule:
    """The peer's natural limit: 0 for distances, 0.5 for probabilities (settings["limit"])."""
    return {"rule": "cut", "cut": job.settings.get("limit", 0.0), "fallback": False}


def apply_rule(scores: np.ndarray, rule: Rule) -> np.ndarray:
    """(N, L) decisions. Rules: best; top k; cut (one limit) or cuts (one a label), with or without the best label."""
    decided = np.zeros(scores.shape, dtype=bool)
    if not scores.size:
        return decided
    everyone = np.arange(len(scores))
    some = np.isfinite(scores.max(axis=1))
    if rule["rule"] in ("best", "top"):
        count = 1 if rule["rule"] == "best" else min(rule["k"], scores.shape[1])
        order = np.argsort(-scores, axis=1, kind="stable")[:, :count]
        np.put_along_axis(decided, order, True, axis=1)
        return decided & np.isfinite(scores)
    cut = np.asarray(rule["cut"], dtype=np.float64)
    decided = scores > cut
    if rule["fallback"]:
        none = some & ~decided.any(axis=1)
        decided[everyone[none], (scores - cut)[none].argmax(axis=1)] = True
    return decided


def rule_quality(scores: np.ndarray, truth: np.ndarray, missed: int, rule: Rule, *, kind: str) -> float:
    """Micro-F1 of tags, accuracy of types."""
    decided = apply_rule(scores, rule)
    hits = int((decided & truth).sum())
    if kind == "types":
        return hits / len(truth)
    return 2 * hits / max(1, int(decided.sum()) + int(truth.sum()) + missed)


def best_rule(scores: np.ndarray, truth: np.ndarray, missed: int = 0) -> Rule:
    """The rule with the best micro-F1: one cut for all labels, with or without "at least the best label", or top k."""
    flat, true = scores.ravel(), truth.ravel()
    finite = np.isfinite(flat)
    flat, true = flat[finite], true[finite]
    best_row = scores.argmax(axis=1)
    everyone = np.arange(len(scores))
    order = np.argsort(-flat, kind="stable")
    flat, true = flat[order], true[order]
    actual = int(truth.sum()) + missed
    count = np.arange(1, len(flat) + 1)
    f1 = 2 * np.cumsum(true) / (count + actual)
    # A cut lies between two different scores.
    borders = np.flatnonzero(np.append(flat[:-1] > flat[1:], True)) if len(flat) else np.zeros(0, dtype=int)
    if not len(borders):
        return {"rule": "cut", "cut": 0.0, "fallback": True}
    limits = np.append((flat[:-1] + flat[1:]) / 2, -np.inf)
    found = [
        (float(f1[n]), {"rule": "cut", "cut": float(limits[n]), "fallback": False})
        for n in [borders[f1[borders].argmax()]]
    ]
    # With the fallback every article's best label is decided beside those above the cut.
    top_score = scores[everyone, best_row]
    top_true = truth[everyone, best_row]
    usable = np.isfinite(top_score)
    around = borders[np.linspace(0, len(borders) - 1, min(len(borders), 400)).astype(int)]
    near = borders[f1[borders] > f1[borders].max() - 0.05]
    near = near[np.linspace(0, len(near) - 1, min(len(near), 400)).astype(int)]
    for n in sorted({*around.tolist(), *near.tolist()}):
        added = usable & (top_score <= limits[n])
        hits = int(true[: n + 1].sum()) + int(top_true[added].sum())
        value = 2 * hits / (n + 1 + int(added.sum()) + actual)
        found.append((value, {"rule": "cut", "cut": float(limits[n]), "fallback": True}))
    for k in (1, 2, 3, 4, 5):
        rule = {"rule": "top", "k": k}
        found.append((rule_quality(scores, truth, missed, rule, kind="tags"), rule))
    return max(found, key=lambda one: one[0])[1]


def shown_rule(rule: Rule) -> str:
    """A rule in words."""
    if rule["rule"] == "best":
        return "best score"
    if rule["rule"] == "top":
        return f"top {rule['k']}"
    cuts = np.ravel(rule["cut"])
    what = f"score above {cuts[0]:.3g}" if len(cuts) == 1 else "a threshold for each tag"
    return what + (", else the best" if rule["fallback"] else "")


def folds(rows: Sequence[Row]) -> list[np.ndarray]:
    """The articles of each fold."""
    number = np.array([row["fold"] for row in rows])
    return [np.flatnonzero(number == fold) for fold in np.unique(number)]


def write_json(path: Path, value: Any) -> None:
    """Write plain values."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def saved(folder: Path, make: Callable[[], Any], name: str = "vectorizer.joblib") -> Any:
    """Make an object and store it with joblib."""
    import joblib

    value = make()
    joblib.dump(value, folder / name)
    return value


def tfidf(folder: Path, rows: Sequence[Row], longest: int) -> Any:
    """scikit-learn's TF-IDF rows of n-grams up to `longest` words; the vectorizer is stored in `folder`."""
    import joblib
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, longest), min_df=2, dtype=np.float32)
    X = vectorizer.fit_transform(texts_of(rows))
    # Kept in older versions of scikit-learn, of no use when predicting, and large.
    vectorizer.stop_words_ = None
    joblib.dump(vectorizer, folder / "vectorizer.joblib")
    return X


def stored_tfidf(folder: Path, rows: Sequence[Row]) -> Any:
    """The rows of new articles."""
    import joblib

    return joblib.load(folder / "vectorizer.joblib").transform(texts_of(rows))


def threads() -> int:
    """How many threads a peer may use."""
    return int(os.environ.get("OMP_NUM_THREADS", "1"))
