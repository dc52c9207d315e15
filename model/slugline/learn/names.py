"""Learning when a tag's name in an article makes it a tag of it: one logistic regression for all tags."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.features.mentions import MENTION_FEATURES, Mentions
from slugline.learn.calibration import Calibration
from slugline.learn.estimators import LinearWeights
from slugline.learn.logit import fit_logistic
from slugline.learn.name_pairs import NamePairs
from slugline.learn.parallel import Jobs, Task, beside, threads
from slugline.learn.selection import f1
from slugline.learn.thresholds import Thresholds
from slugline.names import NAME_FEATURES, NameModel, TagCounts

WORTH = 0.002
"""Names are used ("auto") where they raise micro-F1 by cross-validation on the training articles by this much."""

NEVER = 1e9
"""A threshold that no score reaches."""

_STRIDE_ABOVE = 100_000
_UNLIKELY = -4.0
_STRIDE = 20
_FEWEST = 10


@dataclass(frozen=True, slots=True, eq=False)
class TagScores:
    """Out-of-fold scores of a tag head for n articles, and what is true of them."""

    scores: NDArray[np.float64]  # (n, L)
    truth: NDArray[np.bool_]  # (n, L)
    folds: NDArray[np.int64]  # (n,)
    known: NDArray[np.bool_]  # (n,) whether the model knows a term of the article
    calibration: Calibration  # of all scores
    logits: NDArray[np.float64]  # (n, L), each fold's scores calibrated by the others


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A tag head's out-of-fold scores (n, L) and weights, with names where `model` is not None; and what was measured.

    With names, scores are in logits.
    """

    scores: NDArray[np.float64]
    weights: LinearWeights
    model: NameModel | None
    measured: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class NameWeights:
    """What the regressions found: of head pairs the slope of the head's logit, an intercept, and the rest."""

    slope: float
    intercept: float
    silence: float
    head: NDArray[np.float64]
    own: NDArray[np.float64]


def _combine(
    pairs: NamePairs, head: TagScores, jobs: Jobs
) -> tuple[NDArray[np.float64], NDArray[np.float64], NameWeights]:
    """Scores of the head with names (n, L), scores of all pairs as of tags without a column (P,), both out of fold, and
    the weights to keep.
    """
    place = np.searchsorted(np.unique(head.folds), head.folds)
    combined = np.zeros(head.scores.shape)
    scores = np.zeros(len(pairs.mentions))
    count = int(place.max()) + 1
    # No article is of the fold number `count`: the last weights are of all.
    tasks = [Task(_fit, (pairs, head.logits, head.truth, place, place != fold)) for fold in range(count + 1)]
    *fitted, kept = threads(jobs).run(tasks, work=0.0)
    for fold, weights in enumerate(fitted):
        inside = place == fold
        mine = inside[pairs.mentions.article]
        whole, own = _scores(pairs, head.logits, place, weights)
        combined[inside], scores[mine] = whole[inside], own[mine]
    return combined, scores, kept


def choose_threshold(
    scores: NDArray[np.float64], truth: NDArray[np.bool_], hits: int, decided: int, actual: int
) -> tuple[float, float]:
    """The threshold of tags without a column that is best for micro-F1, and that micro-F1.

    `scores` and `truth` (P,) are of pairs of such tags; `hits` of the head's `decided` decisions are right, and there
    are `actual` true tags in all. +inf where giving none is best.
    """
    order = np.argsort(-scores, kind="stable")
    right = hits + np.concatenate([[0], np.cumsum(truth[order])])
    given = decided + np.arange(len(order) + 1)
    quality = f1(right, given, np.full(len(given), actual))
    # Equal scores cannot be parted.
    ordered = scores[order]
    quality[1:-1][ordered[1:] == ordered[:-1]] = -1.0
    best = int(quality.argmax())
    if best == 0:
        return float("inf"), float(quality[0])
    after = ordered[best] if best < len(ordered) else ordered[best - 1] - 1.0
    return float((ordered[best - 1] + after) / 2), float(quality[best])


def add_names(
    pairs: NamePairs,
    head: TagScores,
    weights: LinearWeights,
    choose: Callable[[NDArray[np.float64]], Thresholds],
    *,
    always: bool,
    jobs: Jobs = 1,
) -> Named:
    """Learn names on top of a tag head, and use them if `always` or where they raise micro-F1 by WORTH.

    `pairs` are what `find_pairs` found in the articles that `head` is about, `weights` the head fitted on all of
    them, `choose` what makes thresholds from scores. The micro-F1 that is compared is cross-validated and counts every
    true tag of the articles, those without a column too. With fewer than ten true mentions there is nothing to learn,
    and names are not used.
    """
    if np.count_nonzero(pairs.truth) < _FEWEST:
        return Named(head.scores, weights, None, {"names": len(pairs.table.index.keys), "used": False})
    plain = beside(jobs, lambda: choose(head.scores))
    combined, by_pair, found = _combine(pairs, head, jobs)
    without, _, _ = _pooled(head, plain(), pairs.true_tags)
    _, hits, decided = _pooled(replace(head, scores=combined), choose(combined), pairs.true_tags)
    # A tag known from this fold alone is none that the model could have offered.
    rare = pairs.offered & pairs.rare
    threshold, _ = choose_threshold(by_pair[rare], pairs.truth[rare], hits, decided, pairs.true_tags)
    given = pairs.offered & (pairs.mentions.tag >= pairs.heads) & (by_pair >= threshold)
    hits, decided = hits + int(np.count_nonzero(given & pairs.truth)), decided + int(np.count_nonzero(given))
    gained = float(f1(np.array(hits), np.array(decided), np.array(pairs.true_tags)))
    measured = {
        "names": len(pairs.table.index.keys),
        "tags_by_name_only": len(pairs.labels) - pairs.heads,
        "micro_f1_all_without": without,
        "micro_f1_all_with": gained,
        "used": always or gained >= without + WORTH,
    }
    if not measured["used"]:
        return Named(head.scores, weights, None, measured)
    whole = head.calibration
    slope = found.slope * whole.slope
    offset = found.slope * whole.offset + found.intercept + found.silence * pairs.counts.silence()[: pairs.heads]
    moved = LinearWeights(weights.coef * slope[:, None], weights.intercept * slope + offset)
    model = NameModel(
        pairs.labels,
        pairs.heads,
        pairs.table,
        pairs.counts,
        found.head,
        found.silence,
        found.own,
        threshold if np.isfinite(threshold) else NEVER,
    )
    return Named(combined, moved, model, measured)


def _pooled(head: TagScores, chosen: Thresholds, actual: int) -> tuple[float, int, int]:
    """Micro-F1 of the head's decisions over `actual` true tags, its hits and its decisions."""
    decided = chosen.decide(head.scores, head.known)
    hits, given = int(np.count_nonzero(decided & head.truth)), int(np.count_nonzero(decided))
    return float(f1(np.array(hits), np.array(given), np.array(actual))), hits, given


def _fit(
    pairs: NamePairs,
    logits: NDArray[np.float64],
    truth: NDArray[np.bool_],
    place: NDArray[np.int64],
    inside: NDArray[np.bool_],
) -> NameWeights:
    mentions = pairs.mentions
    mine = inside[mentions.article]
    of_head = mine & (mentions.tag < pairs.heads)
    own = mine & pairs.rare
    article, tag = mentions.article[of_head], mentions.tag[of_head]
    zero = np.zeros((len(article), 1))
    matched = np.hstack([logits[article, tag][:, None], zero, pairs.features[of_head]])
    rows, columns, weight = _unmatched(mentions, pairs.heads, logits, truth, inside)
    others = np.zeros((len(rows), matched.shape[1]))
    others[:, 0] = logits[rows, columns]
    others[:, 1] = pairs.silence[place[rows], columns]
    weights = NameWeights(1.0, 0.0, 0.0, np.zeros(len(NAME_FEATURES)), np.zeros(len(NAME_FEATURES)))
    found = _logistic(
        np.vstack([matched, others]),
        np.concatenate([pairs.truth[of_head], truth[rows, columns]]),
        np.concatenate([np.ones(len(matched)), weight]),
    )
    # A head whose scores speak against its own tags has learned nothing to build on.
    if found is not None and found[1] > 0:
        weights = replace(
            weights, slope=float(found[1]), intercept=float(found[0]), silence=float(found[2]), head=found[3:]
        )
    fitted = _logistic(pairs.features[own], pairs.truth[own], np.ones(int(own.sum())))
    if fitted is None:
        # Every tag is trained: they are looked at as if nothing were known of them.
        fitted = _logistic(_as_new(pairs.features[mine]), pairs.truth[mine], np.ones(int(mine.sum())))
    by_name = np.append(np.zeros(len(NAME_FEATURES) - 1), -20.0) if fitted is None else fitted[1:].copy()
    if fitted is not None:
        by_name[-1] += fitted[0]
    return replace(weights, own=by_name)


def _as_new(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """The features of pairs whose tag is not known from training: what is known of it is set to what a new one has."""
    unknown = TagCounts(0, *np.zeros((3, 1), dtype=np.int64)).features(np.zeros(1, dtype=np.int64))
    found = features.copy()
    start = len(MENTION_FEATURES)
    found[:, start : start + unknown.shape[1]] = unknown
    return found


def _unmatched(
    mentions: Mentions,
    heads: int,
    logits: NDArray[np.float64],
    truth: NDArray[np.bool_],
    inside: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Rows, columns and weights of cells of `inside` articles whose tag is not mentioned.

    All that are true or not quite unlikely; of the others, nearly all of them, every twentieth at twenty times the
    weight.
    """
    free = np.broadcast_to(inside[:, None], truth.shape).copy()
    of_head = mentions.tag < heads
    free[mentions.article[of_head], mentions.tag[of_head]] = False
    near = np.argwhere(free & (truth | (logits > _UNLIKELY)))
    far = np.argwhere(free & ~truth & (logits <= _UNLIKELY))
    step = max(_STRIDE, len(far) // _STRIDE_ABOVE)
    chosen = far[::step]
    weight = np.concatenate([np.ones(len(near)), np.full(len(chosen), len(far) / max(1, len(chosen)))])
    cells = np.concatenate([near, chosen])
    return cells[:, 0], cells[:, 1], weight


def _logistic(X: NDArray[np.float64], y: NDArray[np.bool_], weight: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Intercept and weights, (1 + features,); None where there are too few examples of a side to learn from.

    Features are scaled to one spread, so that regularisation treats them alike.
    """
    if min(np.count_nonzero(y), np.count_nonzero(~y)) < _FEWEST:
        return None
    spread = X.std(axis=0)
    spread[spread < 1e-9] = 1.0
    return np.asarray(fit_logistic(X / spread, y, weight) / np.concatenate([[1.0], spread]))


def _scores(
    pairs: NamePairs, logits: NDArray[np.float64], place: NDArray[np.int64], weights: NameWeights
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    silence = pairs.silence[place]
    combined = weights.slope * logits + weights.intercept + weights.silence * silence
    mentions = pairs.mentions
    of_head = mentions.tag < pairs.heads
    article, tag = mentions.article[of_head], mentions.tag[of_head]
    combined[article, tag] += pairs.features[of_head] @ weights.head - weights.silence * silence[article, tag]
    return combined, pairs.features @ weights.own
