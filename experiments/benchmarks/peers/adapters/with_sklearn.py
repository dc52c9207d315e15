"""scikit-learn: TF-IDF with LinearSVC or LogisticRegression, at the plain limit or with cross-validated thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import common
import numpy as np


class Linear:
    """Settings: model ("svc" or "lr"), decide ("plain" or "cv")."""

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
        """For each tag the mean over folds of the threshold with the best F1 there (SCut), fallback if it pays."""
        found, scores = [], np.empty(Y.shape, dtype=np.float32)
        for fold in folds:
            rest = np.setdiff1d(np.arange(len(Y)), fold)
            known = Y[rest].any(axis=0)
            scores[fold] = -np.inf
            model = self._fitted(job, X[rest], Y[rest][:, known], choice)
            scores[np.ix_(fold, np.flatnonzero(known))] = decision(model, X[fold])
            found.append([best_cut(scores[fold, n], Y[fold, n]) for n in range(Y.shape[1])])
        cuts = np.array(found)
        with np.errstate(invalid="ignore"):
            mean = np.nanmean(np.where(np.isfinite(cuts), cuts, np.nan), axis=0)
        # A tag whose articles no fold could be tuned on keeps the plain limit.
        cut = np.where(np.isfinite(mean), mean, 0.0).tolist()
        rules: list[common.Rule] = [{"rule": "cuts", "cut": cut, "fallback": fallback} for fallback in (False, True)]
        return max(rules, key=lambda rule: common.rule_quality(scores, Y, 0, rule, kind="tags"))

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


def best_cut(scores: np.ndarray, truth: np.ndarray) -> float:
    """The threshold with the best F1; NaN where the tag has no article here."""
    if not truth.any() or not np.isfinite(scores).all():
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    values, true = scores[order], truth[order]
    f1 = 2 * np.cumsum(true) / (np.arange(1, len(true) + 1) + true.sum())
    best = int(f1.argmax())
    below = values[best + 1] if best + 1 < len(values) else values[best] - 1.0
    return float((values[best] + below) / 2)


if __name__ == "__main__":
    common.main(Linear())
