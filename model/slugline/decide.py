"""From scores to probabilities and decisions: the same rules in training, evaluation and prediction. Numpy alone."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CUTS = ("scutfbr", "scut", "global", "plug-in", "zero")
"""Rules that decide each tag on its own, by its threshold."""

TAG_RULES = (*CUTS, "rank", "expected-f1")
"""Every rule. "rank" takes the most probable tags; "expected-f1" the set with the highest expected F1."""

NOT_MENTIONED = -50.0
"""The score of a tag without a column in an article that does not mention it: a probability of 0, still finite."""

_WIDEST = 16


def decide_tags(
    scores: NDArray[np.float64],
    thresholds: NDArray[np.float64],
    known: NDArray[np.bool_],
    *,
    fallback: bool,
    rule: str = "zero",
    rank: int = 0,
    fallback_from: float = 0.0,
    probability: NDArray[np.float64] | None = None,
) -> NDArray[np.bool_]:
    """Which tags are decided, bool (N, L): those whose score (N, L) reaches their threshold (L,).

    By the rule "rank" they must also be among the article's `rank` most probable tags, by "expected-f1" in its
    `best_sets`. With `fallback`, an article that has none, but has a term that the model knows (`known`, (N,)), gets
    the tag with the highest score minus threshold (of equals, the first), if that tag's probability is at least
    `fallback_from`: an article about nothing gets nothing. `probability` (N, L) is needed by both rules, and where
    `fallback_from` is not 0. Training measures its choices by this very rule.
    """
    decided: NDArray[np.bool_] = scores >= thresholds
    if rule in ("rank", "expected-f1"):
        if probability is None:
            raise ValueError(f"the rule {rule!r} needs probabilities")
        decided &= _most_probable(probability, rank) if rule == "rank" else best_sets(probability)
    if fallback and np.isfinite(thresholds).any():
        rows = np.flatnonzero(known & ~decided.any(axis=1))
        best = (scores[rows] - thresholds).argmax(axis=1)
        if fallback_from > 0:
            if probability is None:
                raise ValueError("a least probability of the fallback needs probabilities")
            sure = probability[rows, best] >= fallback_from
            rows, best = rows[sure], best[sure]
        decided[rows, best] = True
    return decided


def best_sets(probability: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The set of tags with the highest expected F1 for each article, bool (N, L), from probabilities (N, L).

    Tags are taken as independent, so that the best set of k tags is that of the k most probable ones (Lewis 1995,
    "Evaluating and optimizing autonomous text classification systems"), and the expectation is a sum over how many of
    them and of the others are true (Quevedo, Luaces and Bahamonde 2012). At most 16 tags are looked at; the others
    count by their expected number. The empty set's F1 is 1 where no tag is true, so that it may be the best.

    >>> best_sets(np.array([[0.9, 0.6, 0.1], [0.1, 0.1, 0.0]])).tolist()
    [[True, True, False], [False, False, False]]
    """
    articles, tags = probability.shape
    width = min(_WIDEST, tags)
    order = np.argsort(-probability, axis=1, kind="stable")[:, :width]
    chance = np.take_along_axis(probability, order, axis=1)
    others = np.maximum(probability.sum(axis=1) - chance.sum(axis=1), 0.0)[:, None]
    # left[k][:, r] is the chance that r of the tags from place k on are true.
    left = [np.eye(1, width + 1).repeat(articles, axis=0)]
    for place in range(width - 1, -1, -1):
        left.insert(0, _one_more(left[0], chance[:, place]))
    best = left[0][:, 0] * np.exp(-others[:, 0])
    size = np.zeros(articles, dtype=np.int64)
    taken = np.eye(1, width + 1).repeat(articles, axis=0)
    counts = np.arange(width + 1)
    for chosen in range(1, width + 1):
        taken = _one_more(taken, chance[:, chosen - 1])
        expected = np.zeros(articles)
        for hits in range(1, chosen + 1):
            f1 = 2.0 * hits / (chosen + hits + counts + others)
            expected += taken[:, hits] * (left[chosen] * f1).sum(axis=1)
        better = expected > best
        best, size[better] = np.where(better, expected, best), chosen
    decided = np.zeros(probability.shape, dtype=bool)
    np.put_along_axis(decided, order, np.arange(width) < size[:, None], axis=1)
    return decided


def best_tags(
    probability: NDArray[np.float64],
    decided: NDArray[np.bool_],
    possible: NDArray[np.bool_],
    labels: tuple[str, ...],
    top: int | None = None,
) -> list[list[int]]:
    """For each of N articles the numbers of the tags to show, most probable first, ties by name.

    These are the `decided` ones among the `possible` (both (N, L)), or the `top` most probable of those.
    """
    chosen = possible & decided if top is None else possible
    if top is not None and top < len(labels):
        least = np.partition(np.where(possible, probability, -1.0), -top, axis=1)[:, -top]
        chosen = possible & (probability >= least[:, None])
    articles, tags = np.nonzero(chosen)
    rank = np.zeros(len(labels), dtype=np.int64)
    # Not np.unique, which imports numpy.ma: that alone takes longer than an article.
    different = sorted(set(tags.tolist()), key=labels.__getitem__)
    rank[different] = np.arange(len(different))
    ordered = tags[np.lexsort((rank[tags], -probability[articles, tags], articles))].tolist()
    bounds = np.zeros(len(probability) + 1, dtype=np.int64)
    np.cumsum(np.bincount(articles, minlength=len(probability)), out=bounds[1:])
    return [ordered[start:stop][:top] for start, stop in pairwise(bounds.tolist())]


def event_logits(
    scores: NDArray[np.float64], slope: NDArray[np.float64], offset: NDArray[np.float64], power: float = 0.0
) -> NDArray[np.float64]:
    """Of scores (N, K), what softmax makes probabilities of, (N, K): rising with each score.

    It is u = slope * score + offset, or with a `power` above 0, power * ln(sigmoid(u)): the probability is then in
    proportion to sigmoid(u) ** power. Margins of one-vs-rest classifiers want that: far below 0 a score counts as it
    is, far above 0 more of it says little more.
    """
    values = slope * scores + offset
    return values if power == 0 else np.asarray(-power * np.logaddexp(0.0, -values))


def _one_more(counted: NDArray[np.float64], chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """The distribution (N, m) of how many are true, with one tag more that is true by `chance` (N,)."""
    grown: NDArray[np.float64] = counted * (1.0 - chance[:, None])
    grown[:, 1:] += counted[:, :-1] * chance[:, None]
    return grown


def _most_probable(probability: NDArray[np.float64], count: int) -> NDArray[np.bool_]:
    """The `count` most probable of each row; of equals the first."""
    order = np.argsort(-probability, axis=1, kind="stable")[:, :count]
    found = np.zeros(probability.shape, dtype=bool)
    np.put_along_axis(found, order, True, axis=1)
    return found


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / (1 + exp(-x)) without overflow.

    >>> sigmoid(np.array([-1e9, 0.0, 1e9])).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * values)))


def softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """exp(x) over each row's sum of it, (N, K), without overflow.

    >>> softmax(np.array([[0.0, 0.0], [1e9, 0.0]])).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    values = np.clip(values, -1e9, 1e9)
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
