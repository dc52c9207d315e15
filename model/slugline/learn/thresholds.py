"""From which score on a tag is given: rules chosen on out-of-fold scores of the training articles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.decide import TAG_RULES, decide_tags
from slugline.learn.calibration import Calibration, calibrate_tags, tag_probabilities
from slugline.learn.scut import LIMITS, Fold, candidates, common_threshold, fit
from slugline.learn.selection import label_counts, micro_macro_of

FALLBACK_FROM = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
"""The least probabilities of the best tag that are tried, where no tag reaches its threshold."""

NO_CUT = -1e9
"""A threshold that every score reaches: the model file keeps finite ones."""

_Rows = NDArray[np.bool_]
_Chosen = tuple[NDArray[np.float64], int]
"""Thresholds (L,) and a rank, which counts for the rule "rank" only."""


@dataclass(frozen=True, slots=True, eq=False)
class Thresholds:
    """A threshold for each tag, and what else `decide.decide_tags` needs; fields have the names of its arguments.

    `calibration` is that of all the scores.
    `micro_f1` and `macro_f1` are cross-validated: each fold decided by thresholds chosen on the others.
    """

    values: NDArray[np.float64]  # (L,)
    rule: str
    fallback: bool
    micro_f1: float
    macro_f1: float
    calibration: Calibration
    fallback_from: float = 0.0
    rank: int = 0

    def decide(self, scores: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The tags of articles with these scores (m, L), bool (m, L), as the predictor will decide them."""
        return decide_tags(
            scores,
            self.values,
            known,
            fallback=self.fallback,
            rule=self.rule,
            rank=self.rank,
            fallback_from=self.fallback_from,
            probability=tag_probabilities(scores, self.calibration),
        )


def choose_thresholds(
    scores: NDArray[np.floating[Any]],
    truth: NDArray[np.bool_],
    folds: NDArray[np.int64],
    known: NDArray[np.bool_] | None = None,
    *,
    rule: str = "scutfbr",
    shrink: float = 0.5,
    fallback: str = "auto",
    min_probability: float = 0.0,
    calibration: Calibration | None = None,
) -> Thresholds:
    """Choose a threshold for each of L labels from out-of-fold scores (n, L), their truth (n, L) and folds (n,).

    `rule`, each compared in experiments/RESULTS.md:
    - "scutfbr" (Yang 2001; a threshold is shrunk by `shrink` / (positives + `shrink`) towards the common one), "scut"
      (neither limit nor shrinking): see `learn.scut`;
    - "global": one threshold for all tags, the best for micro-F1;
    - "plug-in": for each tag half of the F1 that its own probabilities promise (Lipton, Elkan and Naryanaswamy 2014,
      "Optimal thresholding of classifiers to maximize F1 measure");
    - "zero": the classifier's own boundary;
    - "rank": the k most probable tags, k the best for micro-F1 (RCut); "expected-f1": see `decide.best_sets`.

    No threshold is below the score that means a probability of `min_probability`, but the fallback may give a less
    probable tag. `fallback`: "always", "never", or "auto": whether, and from which of FALLBACK_FROM on, an article
    without a tag gets its best one is chosen by the sum of cross-validated micro-F1 and macro-F1 (never, if it is no
    better). It leaves out articles without a term that the model knows, which `known` (n,) tells (None: there are
    none). `calibration` gives scores their probabilities (None: fitted here, where it is needed).
    Needs two folds or more, except for "zero". Raises ValueError for an unknown rule.
    float32 scores give what the same as float64 give, and take half the memory.
    """
    if known is None:
        known = np.ones(len(scores), dtype=bool)
    if rule not in TAG_RULES:
        raise ValueError(f"unknown rule {rule!r}")
    if calibration is None:
        calibration = calibrate_tags(scores, truth)
    floor = _score_at(min_probability, calibration)
    numbers = np.unique(folds)
    choose = _chooser(rule, shrink, scores, truth, folds, calibration)

    def chosen_on(rows: _Rows) -> _Chosen:
        values, rank = choose(rows)
        return np.maximum(values, floor), rank

    values, rank = chosen_on(np.ones(len(scores), dtype=bool))
    held_out = [(values, rank)] * len(numbers) if rule == "zero" else [chosen_on(folds != k) for k in numbers]
    options: list[tuple[bool, float]] = [(False, 0.0)] if fallback != "always" else []
    if fallback != "never":
        options += [(True, least) for least in (FALLBACK_FROM if fallback == "auto" else FALLBACK_FROM[:1])]
    counts = np.zeros((len(options), 3, truth.shape[1]), dtype=np.int64)
    for number, (threshold, most) in zip(numbers, held_out, strict=True):
        rows = folds == number
        own = scores[rows]
        probability = tag_probabilities(own, calibration)
        for option, (best_if_none, least) in enumerate(options):
            decided = decide_tags(
                own,
                threshold,
                known[rows],
                fallback=best_if_none,
                rule=rule,
                rank=most,
                fallback_from=least,
                probability=probability,
            )
            counts[option] += label_counts(decided, truth[rows])
    measured = [micro_macro_of(own) for own in counts]
    # Rounded, so that of options that decide the same the first is taken.
    best = max(range(len(options)), key=lambda number: (round(sum(measured[number]), 9), -number))
    gives, least = options[best]
    return Thresholds(values, rule, gives, *measured[best], calibration, fallback_from=least, rank=rank)


def _chooser(
    rule: str,
    shrink: float,
    scores: NDArray[np.floating[Any]],
    truth: NDArray[np.bool_],
    folds: NDArray[np.int64],
    calibration: Calibration,
) -> Callable[[_Rows], _Chosen]:
    """What chooses by `rule` on some of the rows: whole folds, given as bool (n,)."""
    labels = scores.shape[1]
    if rule in ("zero", "expected-f1") or not labels:
        flat = np.zeros(labels) if rule == "zero" else np.full(labels, NO_CUT)
        return lambda _: (flat, 0)
    if rule == "rank":
        return lambda rows: (
            np.full(labels, NO_CUT),
            _best_rank(tag_probabilities(scores[rows], calibration), truth[rows]),
        )
    if rule == "plug-in":
        return lambda rows: (_plug_in(tag_probabilities(scores[rows], calibration), calibration), 0)
    edges = candidates(scores, truth)
    parts = {number: Fold(scores[folds == number], truth[folds == number], edges) for number in np.unique(folds)}
    limits = LIMITS if rule == "scutfbr" else np.zeros(1)

    def cut(rows: _Rows) -> _Chosen:
        inside = [parts[number] for number in np.unique(folds[rows])]
        if rule == "global":
            return np.full(labels, common_threshold(inside, edges) if len(edges) else 0.0), 0
        return fit(inside, edges, limits, shrink if rule == "scutfbr" else 0.0), 0

    return cut


def _score_at(probability: float, calibration: Calibration) -> NDArray[np.float64]:
    """The score of each label that means this probability, (L,)."""
    if probability <= 0:
        return np.full(len(calibration.slope), NO_CUT)
    return np.asarray((np.log(probability / (1.0 - probability)) - calibration.offset) / calibration.slope)


def _plug_in(probability: NDArray[np.float64], calibration: Calibration) -> NDArray[np.float64]:
    """The score of each label that means half of its highest expected F1, from probabilities (m, L)."""
    ordered = -np.sort(-probability, axis=0)
    hits = np.cumsum(ordered, axis=0)
    promised = (2.0 * hits / (np.arange(1, len(hits) + 1)[:, None] + np.maximum(hits[-1], 1e-12))).max(axis=0)
    half = np.clip(promised / 2.0, 1e-6, 0.5)
    return np.asarray((np.log(half / (1.0 - half)) - calibration.offset) / calibration.slope)


def _best_rank(probability: NDArray[np.float64], truth: NDArray[np.bool_]) -> int:
    """How many of the most probable tags give the highest micro-F1; of equals the fewest."""
    order = np.argsort(-probability, axis=1, kind="stable")
    hits = np.cumsum(np.take_along_axis(truth, order, axis=1).sum(axis=0))
    sizes = np.arange(1, len(hits) + 1)
    return int((2.0 * hits / (sizes * len(truth) + truth.sum())).argmax()) + 1
