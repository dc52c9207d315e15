"""scikit-learn: TF-IDF with LinearSVC or LogisticRegression, at the plain limit or with cross-validated thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import common
import numpy as np

FBR = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
"""The limits of F1 that SCutFBR tries."""


class Linear:
    """Settings: model ("svc" or "lr"), decide ("plain", "scut" or "cv")."""

    def grid(self, job: common.Job) -> dict[str, list[Any]]:
        """Single words first; C around each model's usual values."""
        svc = job.settings["model"] == "svc"
        grid: dict[str, list[Any]] = {"ngram": [1, 2], "C": [1.0, 0.25, 0.5, 2.0, 4.0] if svc else [10.0, 30.0, 100.0]}
        if job.kind == "types":
            grid["class_weight"] = [None, "balanced"]
        return grid

    def train(
        self, job: common.Job, rows: Sequence[common.Row], labels: list[str], choice: common.Choice, folder: Path
    ) -> common.Rule | None:
        """One-vs-rest for tags; for types what the estimator does with several classes."""
        import joblib

        X = common.tfidf(folder, rows, choice["ngram"])
        Y = common.label_matrix(rows, labels)
        joblib.dump(self._fitted(job, X, Y, choice), folder / "model.joblib")
        searching = "search-" in folder.name
        if job.kind == "types" or searching or job.settings["decide"] == "plain":
            return None
        return self._thresholds(job, X, Y, common.folds(rows), choice)

    def _fitted(self, job: common.Job, X: Any, Y: np.ndarray, choice: common.Choice) -> Any:
        from sklearn.linear_model import LogisticRegression
        from sklearn.multiclass import OneVsRestClassifier
        from sklearn.svm import LinearSVC

        weight = choice.get("class_weight")
        if job.settings["model"] == "svc":
            estimator = LinearSVC(C=choice["C"], class_weight=weight, random_state=0)
        elif job.kind == "types":
            estimator = LogisticRegression(C=choice["C"], class_weight=weight, max_iter=300)
        else:
            estimator = LogisticRegression(C=choice["C"], solver="liblinear", random_state=0)
        if job.kind == "types":
            return estimator.fit(X, Y.argmax(axis=1))
        return OneVsRestClassifier(estimator).fit(X, Y)

    def _thresholds(
        self, job: common.Job, X: Any, Y: np.ndarray, folds: list[np.ndarray], choice: common.Choice
    ) -> common.Rule:
        """A threshold for each tag: the mean over folds of the best one there (SCut, Yang 2001).

        "scut" keeps all of them. "cv" takes the best limit of SCutFBR, by micro-F1 on each fold with the thresholds of
        the other ones: below that F1 a fold's threshold is its highest score.
        """
        scores = np.full(Y.shape, -np.inf, dtype=np.float32)
        cuts, values, highest = (np.full((len(folds), Y.shape[1]), np.nan) for _ in range(3))
        for number, fold in enumerate(folds):
            rest = np.setdiff1d(np.arange(len(Y)), fold)
            known = np.flatnonzero(Y[rest].any(axis=0))
            model = self._fitted(job, X[rest], Y[rest][:, known], choice)
            scores[np.ix_(fold, known)] = decision(model, X[fold])
            for n in known[Y[np.ix_(fold, known)].any(axis=0)]:
                cuts[number, n], values[number, n] = best_cut(scores[fold, n], Y[fold, n])
                highest[number, n] = scores[fold, n].max()
        limits = (0.0,) if job.settings["decide"] == "scut" else FBR
        tried = []
        for limit in limits:
            limited = np.where(values < limit, highest, cuts)
            for fallback in (False, True):
                decided = np.zeros(Y.shape, dtype=bool)
                for number, fold in enumerate(folds):
                    others = mean_cut(np.delete(limited, number, axis=0))
                    rule = {"rule": "cuts", "cut": others, "fallback": fallback}
                    decided[fold] = common.apply_rule(scores[fold], rule)
                f1 = 2 * (decided & Y).sum() / max(1, decided.sum() + Y.sum())
                tried.append((f1, {"rule": "cuts", "cut": mean_cut(limited).tolist(), "fallback": fallback}))
        return max(tried, key=lambda one: one[0])[1]

    def scores(
        self,
        job: common.Job,  # noqa: ARG002
        folder: Path,
        rows: Sequence[common.Row],
        labels: list[str],  # noqa: ARG002
    ) -> np.ndarray:
        """Distances from the hyperplane."""
        import joblib

        return decision(joblib.load(folder / "model.joblib"), common.stored_tfidf(folder, rows))


def decision(model: Any, X: Any) -> np.ndarray:
    """(N, L) decision values, also where there are only two classes or one label."""
    values = model.decision_function(X)
    if values.ndim == 1:
        values = values[:, None] if hasattr(model, "estimators_") else np.column_stack([-values, values])
    return values.astype(np.float32)


def best_cut(scores: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """The threshold with the best F1, and that F1."""
    order = np.argsort(-scores, kind="stable")
    values, true = scores[order], truth[order]
    f1 = 2 * np.cumsum(true) / (np.arange(1, len(true) + 1) + true.sum())
    best = int(f1.argmax())
    below = values[best + 1] if best + 1 < len(values) else values[best] - 1.0
    return float((values[best] + below) / 2), float(f1[best])


def mean_cut(cuts: np.ndarray) -> np.ndarray:
    """(L,) the mean over folds; a tag that no fold could be tuned on keeps the plain limit."""
    there = np.isfinite(cuts)
    return np.where(there, cuts, 0).sum(axis=0) / np.maximum(1, there.sum(axis=0))


if __name__ == "__main__":
    common.main(Linear())
