"""What every adapter shares: the protocol with the runner and the grid search. Needs numpy alone.

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
from rules import Rule, apply_rule, best_rule, rule_quality, shown_rule

TOP = 50
"""Scores written for each article."""

Row = dict[str, Any]
Choice = dict[str, Any]


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
