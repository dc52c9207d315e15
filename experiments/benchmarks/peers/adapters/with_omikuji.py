"""Omikuji's label trees on scikit-learn's TF-IDF: Parabel and Bonsai."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import common
import numpy as np

BEAM = 50


class Omikuji:
    """Settings: tree ("parabel" or "bonsai"). Scores are products of exp(-hinge), decided by a searched rule."""

    def grid(self, job: common.Job) -> dict[str, list[Any]]:
        """The regularisation, the branch sizes (the default of 100 makes no tree for 90 labels) and the collapse."""
        grid: dict[str, list[Any]] = {"ngram": [1, 2], "linear.c": [1.0, 0.5, 2.0, 4.0], "min_branch_size": [100, 10]}
        if job.settings["tree"] == "bonsai":
            grid["cluster.k"] = [100, 16]
        return grid

    def train(
        self, job: common.Job, rows: Sequence[common.Row], labels: list[str], choice: common.Choice, folder: Path
    ) -> common.Rule | None:
        """Bonsai as its README has it: cluster.k 100, cluster.unbalanced, no collapse; Parabel is the default."""
        import omikuji

        X = common.tfidf(folder, rows, choice["ngram"])
        data = folder / "train.txt"
        write_data(data, X, common.label_matrix(rows, labels))
        parameters = omikuji.Model.default_hyper_param()
        parameters.linear_c = choice["linear.c"]
        parameters.min_branch_size = choice["min_branch_size"]
        if job.settings["tree"] == "bonsai":
            parameters.cluster_balanced = False
            # A branch of fewer labels than clusters makes Omikuji panic.
            parameters.cluster_k = min(choice["cluster.k"], max(2, len(labels) // 2))
            parameters.min_branch_size = max(choice["min_branch_size"], parameters.cluster_k)
        model = omikuji.Model.train_on_data(str(data), parameters, n_threads=common.threads())
        data.unlink()
        model.save(str(folder / "omikuji"))
        return None

    def scores(
        self,
        job: common.Job,  # noqa: ARG002
        folder: Path,
        rows: Sequence[common.Row],
        labels: list[str],
    ) -> np.ndarray:
        """-inf where the beam did not reach a label."""
        import omikuji

        model = omikuji.Model.load(str(folder / "omikuji"))
        model.init_prediction_thread_pool(common.threads())
        X = common.stored_tfidf(folder, rows)
        scores = np.full((len(rows), len(labels)), -np.inf, dtype=np.float32)
        for number in range(X.shape[0]):
            row = X[number]
            pairs = list(zip(row.indices.tolist(), row.data.tolist(), strict=True))
            for label, score in model.predict(pairs, beam_size=BEAM, top_k=common.TOP):
                scores[number, label] = score
        return scores


def write_data(path: Path, X: Any, Y: np.ndarray) -> None:
    """The format of the extreme classification repository, which Omikuji reads."""
    with path.open("w", encoding="ascii") as stream:
        stream.write(f"{X.shape[0]} {X.shape[1]} {Y.shape[1]}\n")
        for number in range(X.shape[0]):
            row = X[number]
            order = np.argsort(row.indices)
            features = " ".join(f"{row.indices[n]}:{row.data[n]:.6f}" for n in order)
            stream.write(",".join(map(str, np.flatnonzero(Y[number]))) + f" {features}\n")


if __name__ == "__main__":
    common.main(Omikuji())
