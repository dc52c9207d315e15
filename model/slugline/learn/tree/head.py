"""The tag head of many tags: a label tree, and when its scores are a tag, chosen on articles held out of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from slugline.article import Labels
from slugline.config import Config
from slugline.decide import sigmoid
from slugline.errors import CorpusError
from slugline.features.tfidf import Rows
from slugline.learn.calibration import Calibration
from slugline.learn.estimators import LinearWeights
from slugline.learn.heads import TrainedTree
from slugline.learn.parallel import Jobs
from slugline.learn.platt import fit_platt
from slugline.learn.selection import calibration_error, f1, log_loss
from slugline.learn.tree.grow import grow_trees
from slugline.learn.tree.recency import DATED, past, recency_of
from slugline.progress import Progress, silent
from slugline.tree_search import Candidates, added

MOST_HELD_OUT = 1000
"""More articles than this would not change one sigmoid and one threshold."""

FALLBACK_FROM = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
"""The least probabilities of the best tag that are tried, where no tag reaches the threshold."""


def train_tree(
    X: csr_matrix,
    labels: Sequence[Labels],
    groups: NDArray[np.int64],
    names: tuple[str, ...],
    config: Config,
    *,
    dates: Sequence[dt.date | None] | None = None,
    progress: Progress = silent,
    jobs: Jobs = 1,
) -> TrainedTree:
    """Grow trees for the tags `names` on the rows of X (n, d) whose tags were annotated.

    One sigmoid for all tags (Platt 1999) and one threshold, the best for micro-F1, are chosen on a share of the
    articles, `config.tree.held_out`, by the first tree, which has not seen them; a threshold for each tag would mean
    nothing for tags of one or two articles. Tags that only those articles have are misses there. With the articles'
    `dates`, a tag's recency adds to its score as `config.tree.recency` says. Raises CorpusError if there are not two
    distinct annotated articles.
    """
    rows = np.array([number for number, one in enumerate(labels) if one.tags is not None], dtype=np.int64)
    own = X if len(rows) == X.shape[0] else X[rows]
    Y = label_matrix([labels[number] for number in rows], names)
    held = _held_out(groups[rows], config.tree.held_out, config.learn.seed)
    C, seed = config.tags.C, config.learn.seed
    inside = Y[~held]
    if not inside.nnz:
        raise CorpusError("no tag is left to learn from", expected="more articles, or a smaller tree.held_out")
    # One tree is enough to judge by: where several agree, their mean is what each says.
    progress("growing the tree to judge by", 0, 1)
    first = grow_trees(own[~held], inside, C, dataclasses.replace(config.tree, trees=1), seed, jobs)
    found = first.search(as_rows(own[held]))
    progress("growing the tree to judge by", 1, 1)
    days, weight = _days(dates, rows, config), 0.0
    if days is not None:
        said = config.tree.recency
        then = past(found, Y[held], days[held], inside, days[~held])
        weight = said if isinstance(said, float) else then.best_weight()
        found = added(found, _recency(inside, days[~held], weight)[found.labels])
    chosen = _choose(found, Y[held], config.tags.fallback, config.tags.min_probability)
    # It is one of several: the others have seen every article.
    others = dataclasses.replace(config.tree, trees=max(1, config.tree.trees - 1))
    tree = grow_trees(own, Y, C, others, seed + 1000, jobs, progress)
    if config.tree.trees > 1:
        tree = dataclasses.replace(tree, trees=(*first.trees, *tree.trees))
    if days is not None and weight:
        tree = dataclasses.replace(tree, recency=_recency(Y, days, weight))
    count = len(names)
    slope, offset, threshold = chosen["slope"], chosen["offset"], chosen["threshold"]
    measured: dict[str, Any] = {"articles": int(held.sum()), "labels": count, "folds": 1, "rule": "global"}
    measured |= {key: chosen[key] for key in ("fallback", "fallback_from", "micro_f1", "macro_f1", "ece", "log_loss")}
    if days is not None:
        measured["recency"] = weight
    return TrainedTree(
        names,
        LinearWeights(np.broadcast_to(0.0, (count, X.shape[1])), np.zeros(count)),
        np.full(count, threshold),
        Calibration(np.full(count, slope), np.full(count, offset)),
        "global",
        chosen["fallback"],
        cross_validated=measured,
        fallback_from=chosen["fallback_from"],
        tree=tree,
    )


def _days(
    dates: Sequence[dt.date | None] | None, rows: NDArray[np.int64], config: Config
) -> NDArray[np.float64] | None:
    """The dates of the articles `rows` as numbers of days, NaN where one has none; None where recency counts nothing.

    With "auto" that is also where too few have dates, and where articles to be predicted are no later than these: where
    the split is random.
    """
    if dates is None or not config.tree.recency:
        return None
    found = np.array([np.nan if (date := dates[row]) is None else date.toordinal() for row in rows.tolist()])
    dated = int(np.isfinite(found).sum())
    if config.tree.recency == "auto" and (config.split.method == "random" or dated < DATED * len(found)):
        return None
    return found if dated else None


def _recency(Y: csr_matrix, days: NDArray[np.float64], weight: float) -> NDArray[np.float32]:
    """(L,) what each label's score gains, 0 where no article of it has a date."""
    return (weight * np.nan_to_num(recency_of(Y, days, float(np.nanmax(days))))).astype(np.float32)


def label_matrix(labels: Sequence[Labels], names: tuple[str, ...]) -> csr_matrix:
    """(n, L) float32, 1 where an article has the tag."""
    column = {name: number for number, name in enumerate(names)}
    found = [sorted(column[tag] for tag in one.tags or () if tag in column) for one in labels]
    indptr = np.cumsum([0, *map(len, found)])
    indices = np.array([number for own in found for number in own], dtype=np.int64)
    return csr_matrix((np.ones(len(indices), dtype=np.float32), indices, indptr), shape=(len(labels), len(names)))


def as_rows(X: csr_matrix) -> Rows:
    """A matrix as the predictor's rows."""
    return Rows(X.indptr.astype(np.int64), X.indices.astype(np.int64), X.data)


def _held_out(groups: NDArray[np.int64], share: float, seed: int) -> NDArray[np.bool_]:
    """About this share of the articles, at most about MOST_HELD_OUT, near-duplicate groups whole, some on either side.

    Raises CorpusError where there are not two groups.
    """
    _, group = np.unique(groups, return_inverse=True)
    count = int(group.max()) + 1 if len(group) else 0
    if count < 2:
        raise CorpusError("too few articles to learn from", found=f"{count} distinct ones", expected="two or more")
    order = np.random.default_rng(seed).permutation(count)
    share = min(share, MOST_HELD_OUT / len(groups))
    chosen = np.zeros(count, dtype=bool)
    chosen[order[: min(count - 1, max(1, round(share * count)))]] = True
    return np.asarray(chosen[group])


def _choose(found: Candidates, Y: csr_matrix, fallback: str, least: float) -> dict[str, Any]:
    """Sigmoid, threshold and fallback for candidates of held-out articles whose tags are Y (m, L), and how good."""
    truth = _truth(found, Y)
    there = found.labels >= 0
    scores, right = found.scores[there], truth[there]
    slope, offset = fit_platt(scores, right) if len(scores) else (1.0, 0.0)
    probability = np.where(there, sigmoid(slope * found.scores + offset), 0.0)
    actual = np.asarray(Y.sum(axis=1)).ravel()
    floor = (np.log(least / (1 - least)) - offset) / slope if least > 0 else -np.inf
    # Every score as a threshold: how many are decided then, and how many of these are right.
    order = np.argsort(-scores, kind="stable")
    sorted_scores, hits = scores[order], np.cumsum(right[order], dtype=np.int64)
    last = np.append(sorted_scores[1:] < sorted_scores[:-1], True) & (sorted_scores >= floor)
    quality = np.where(last, f1(hits, np.arange(1, len(hits) + 1), np.full(len(hits), int(actual.sum()))), -1.0)
    threshold = float(sorted_scores[quality.argmax()]) if len(quality) and quality.max() > 0 else max(0.0, float(floor))
    options: list[tuple[bool, float]] = [(False, 0.0)] if fallback != "always" else []
    if fallback != "never":
        options += [(True, limit) for limit in (FALLBACK_FROM if fallback == "auto" else FALLBACK_FROM[:1])]
    measured = []
    for gives, limit in options:
        decided = there & (found.scores >= threshold)
        if gives:
            decided[:, 0] |= ~decided.any(axis=1) & there[:, 0] & (probability[:, 0] >= limit)
        measured.append(_quality(decided, truth, found.labels, Y))
    best = max(range(len(options)), key=lambda number: (round(measured[number][0], 9), -number))
    return {
        "slope": slope,
        "offset": offset,
        "threshold": threshold,
        "fallback": options[best][0],
        "fallback_from": options[best][1],
        "micro_f1": measured[best][0],
        "macro_f1": measured[best][1],
        "ece": calibration_error(probability[there], right),
        "log_loss": log_loss(probability[there], right),
    }


def _truth(found: Candidates, Y: csr_matrix) -> NDArray[np.bool_]:
    """Which candidates are true, (m, k)."""
    m, labels = Y.shape
    actual = np.repeat(np.arange(m), np.diff(Y.indptr)) * labels + Y.indices
    asked = np.arange(m)[:, None] * labels + found.labels
    return np.asarray(np.isin(asked, actual) & (found.labels >= 0))


def _quality(
    decided: NDArray[np.bool_], truth: NDArray[np.bool_], labels: NDArray[np.int64], Y: csr_matrix
) -> tuple[float, float]:
    """Micro-F1, and macro-F1 over the tags that these articles have."""
    count = Y.shape[1]
    hits = np.bincount(labels[decided & truth], minlength=count)
    claims = np.bincount(labels[decided], minlength=count)
    actual = np.bincount(Y.indices, minlength=count)
    micro = float(f1(hits.sum(), claims.sum(), actual.sum()))
    held = actual > 0
    return micro, float(f1(hits, claims, actual)[held].mean()) if held.any() else 0.0
