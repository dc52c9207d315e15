"""napkinXC on scikit-learn's TF-IDF: probabilistic label trees, binary relevance; for types hierarchical softmax."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import common
import numpy as np

SMALLEST = 1e-6


class NapkinXC:
    """Settings: model ("plt", "br", "hsm" or "ovr"). Scores are probabilities, decided by a searched rule."""

    def grid(self, job: common.Job) -> dict[str, list[Any]]:
        """Liblinear's C around the default of 10, and the branches of a tree."""
        grid: dict[str, list[Any]] = {"ngram": [1, 2], "liblinear_c": [10.0, 1.0, 30.0, 100.0]}
        if job.settings["model"] in ("plt", "hsm"):
            grid["arity"] = [2, 16]
        return grid

    def _model(self, job: common.Job, folder: Path, **choice: Any) -> Any:
        from napkinxc import models

        kind = {"plt": models.PLT, "br": models.BR, "hsm": models.HSM, "ovr": models.OVR}[job.settings["model"]]
        return kind(str(folder / "napkinxc"), seed=0, threads=common.threads(), **choice)

    def train(
        self, job: common.Job, rows: Sequence[common.Row], labels: list[str], choice: common.Choice, folder: Path
    ) -> common.Rule | None:
        """Everything else at its default."""
        X = common.tfidf(folder, rows, choice["ngram"])
        column = {label: number for number, label in enumerate(labels)}
        Y: list[Any] = [[column[label] for label in row["labels"]] for row in rows]
        if job.settings["model"] in ("hsm", "ovr"):
            Y = [one[0] for one in Y]
        self._model(job, folder, **{name: value for name, value in choice.items() if name != "ngram"}).fit(X, Y)
        return None

    def scores(self, job: common.Job, folder: Path, rows: Sequence[common.Row], labels: list[str]) -> np.ndarray:
        """-inf beyond the best 50."""
        model = self._model(job, folder)
        model.load()
        found = model.predict_proba(common.stored_tfidf(folder, rows), top_k=min(common.TOP, len(labels)))
        scores = np.full((len(rows), len(labels)), -np.inf, dtype=np.float32)
        for number, pairs in enumerate(found):
            for label, probability in pairs:
                if probability > SMALLEST:
                    scores[number, label] = probability
        return scores


if __name__ == "__main__":
    common.main(NapkinXC())
