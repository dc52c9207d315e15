"""Rules that turn scores into decisions, and the choice of one on a validation slice. Needs numpy alone."""

from __future__ import annotations

from typing import Any

import numpy as np

Rule = dict[str, Any]


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
