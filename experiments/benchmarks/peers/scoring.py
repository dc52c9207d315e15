"""The measures of a task, computed from stored predictions and the truth that only the runner has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from slugline.evaluate.significance import paired_mean, paired_test

RESAMPLES = 2000


@dataclass(frozen=True, eq=False)
class Truth:
    """Held-out labels. `labels` are those that are scored; `articles` maps ids to true labels, in a fixed order."""

    kind: str
    labels: tuple[str, ...]
    articles: dict[str, frozenset[str]]
    open: bool

    @classmethod
    def read(cls, path: Path, kind: str, *, open_labels: bool) -> Truth:
        """Closed: the trained labels alone, in truth and prediction alike. Open: whatever is true or predicted."""
        values = json.loads(path.read_text(encoding="utf-8"))
        keep = set(values["trained"])
        if open_labels or kind == "types":
            keep |= {label for labels in values["articles"].values() for label in labels}
        articles = {name: frozenset(labels) & keep for name, labels in values["articles"].items()}
        return cls(kind, tuple(sorted(keep)), articles, open_labels)


@dataclass(frozen=True, eq=False)
class Outcome:
    """One system's predictions as arrays, ready to be resampled.

    `hits`, `decided`, `actual` are sparse (L, N), their rows `labels`; `per_article` maps a measure's
    name to (N,) values, NaN where it is not defined; `held` (L,) marks the labels that occur in the truth.
    """

    kind: str
    labels: tuple[str, ...]
    hits: Any
    decided: Any
    actual: Any
    held: np.ndarray
    per_article: dict[str, np.ndarray]

    def rows(self, name: str, labels: Sequence[str]) -> np.ndarray:
        """(N, L) booleans of one of the matrices, with these labels as columns."""
        matrix = getattr(self, name).toarray() > 0
        column = {label: number for number, label in enumerate(labels)}
        found = np.zeros((matrix.shape[1], len(labels)), dtype=bool)
        found[:, [column[label] for label in self.labels]] = matrix.T
        return found

    def measures(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """Each measure in the resamples given by `weights` (N, B); (B,) each."""
        hits, decided, actual = (np.asarray(one @ weights) for one in (self.hits, self.decided, self.actual))
        f1 = np.divide(2 * hits, decided + actual, out=np.zeros_like(hits), where=decided + actual > 0)
        found: dict[str, np.ndarray] = {}
        if self.kind == "tags":
            found["micro_f1"] = 2 * hits.sum(axis=0) / np.maximum(1, decided.sum(axis=0) + actual.sum(axis=0))
        found["macro_f1"] = f1[self.held].mean(axis=0)
        for name, values in self.per_article.items():
            there = np.isfinite(values)
            found[name] = np.where(there, values, 0) @ weights / np.maximum(1e-9, there.astype(float) @ weights)
        return found


def outcome(truth: Truth, predictions: Path) -> Outcome:
    """Read one system's predictions. Raises ValueError where an article is missing."""
    found = {}
    with predictions.open(encoding="utf-8") as stream:
        for line in stream:
            one = json.loads(line)
            found[str(one["id"])] = one
    lost = truth.articles.keys() - found.keys()
    if lost:
        raise ValueError(f"{predictions}: {len(lost)} articles without a prediction, such as {min(lost)}")
    names = list(truth.articles)
    scored = set(truth.labels)
    decided = [[label for label in found[name]["decided"] if truth.open or label in scored] for name in names]
    ranked = [[label for label, _ in found[name]["scores"] if truth.open or label in scored] for name in names]
    actual = [truth.articles[name] for name in names]
    labels = sorted(scored | {label for one in decided for label in one})
    hits = [sorted(set(one) & true) for one, true in zip(decided, actual, strict=True)]
    held = np.isin(labels, sorted({label for one in actual for label in one}))
    per_article = (
        {"accuracy": np.array([float(set(one) == true) for one, true in zip(decided, actual, strict=True)])}
        if truth.kind == "types"
        else {
            name: np.array([rank(one, true) for one, true in zip(ranked, actual, strict=True)])
            for name, rank in RANKS.items()
        }
    )
    matrices = (
        _matrix(rows, labels) for rows in (hits, [sorted(set(one)) for one in decided], [sorted(one) for one in actual])
    )
    return Outcome(truth.kind, tuple(labels), *matrices, held, per_article)


def _matrix(rows: Sequence[Sequence[str]], labels: Sequence[str]) -> Any:
    """Sparse (L, N) ones."""
    column = {label: number for number, label in enumerate(labels)}
    where = [(column[label], number) for number, row in enumerate(rows) for label in row]
    across, down = zip(*where, strict=True) if where else ((), ())
    return sparse.csr_matrix((np.ones(len(where)), (across, down)), shape=(len(labels), len(rows)))


def precision_at(k: int) -> Any:
    """True labels among the first k, by k; NaN for an article without true labels."""

    def value(ranked: Sequence[str], true: frozenset[str]) -> float:
        return len(true.intersection(ranked[:k])) / k if true else np.nan

    return value


def ndcg_at_5(ranked: Sequence[str], true: frozenset[str]) -> float:
    """Gain 1, discount log2, against the best order; NaN for an article without true labels."""
    if not true:
        return np.nan
    gained = sum(1 / np.log2(place + 2) for place, label in enumerate(ranked[:5]) if label in true)
    return float(gained / sum(1 / np.log2(place + 2) for place in range(min(5, len(true)))))


RANKS = {"p_at_1": precision_at(1), "p_at_3": precision_at(3), "ndcg_at_5": ndcg_at_5}


def resamples(articles: int) -> np.ndarray:
    """(N, B) how often each article is in each resample; the same for every system of a task."""
    generator = np.random.default_rng(0)
    return generator.multinomial(articles, np.full(articles, 1 / articles), size=RESAMPLES).T.astype(np.float64)


def compared(ours: Outcome, theirs: Outcome) -> dict[str, dict[str, Any]]:
    """Slugline minus a peer, measure by measure, on the same articles; see slugline.evaluate.significance."""
    labels = sorted({*ours.labels, *theirs.labels})
    truth = ours.rows("actual", labels)
    a, b = theirs.rows("decided", labels), ours.rows("decided", labels)
    found = {
        name: paired_test(truth, a, b, name, resamples=RESAMPLES)
        for name in (("micro_f1", "macro_f1") if ours.kind == "tags" else ("macro_f1",))
    }
    found |= {
        name: paired_mean(theirs.per_article[name], values, name, resamples=RESAMPLES)
        for name, values in ours.per_article.items()
    }
    return {name: test.to_dict() for name, test in found.items()}
