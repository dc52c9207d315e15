"""PECOS' XR-Linear on scikit-learn's TF-IDF (its own vectorizer changes the configuration passed to it)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import common
import numpy as np


class Pecos:
    """Settings: none. Scores are products of exp(-hinge^3), decided by a searched rule."""

    def grid(self, job: common.Job) -> dict[str, list[Any]]:  # noqa: ARG002
        """The cost of positives, the leaves of the tree (100: none for 90 labels) and the negatives sampled."""
        return {
            "ngram": [1, 2],
            "Cp": [1.0, 2.0, 4.0],
            "max_leaf_size": [100, 10],
            "negative_sampling_scheme": ["tfn", "tfn+man"],
        }

    def train(
        self,
        job: common.Job,  # noqa: ARG002
        rows: Sequence[common.Row],
        labels: list[str],
        choice: common.Choice,
        folder: Path,
    ) -> common.Rule | None:
        """As the README has it: PIFA label embeddings, hierarchical k-means, XR-Linear."""
        from pecos.xmc import Indexer, LabelEmbeddingFactory
        from pecos.xmc.xlinear.model import XLinearModel
        from scipy import sparse

        choice = dict(choice)
        X = common.tfidf(folder, rows, choice.pop("ngram")).astype(np.float32)
        Y = sparse.csr_matrix(common.label_matrix(rows, labels), dtype=np.float32)
        embedded = LabelEmbeddingFactory.create(Y, X, method="pifa")
        leaf = choice.pop("max_leaf_size")
        chain = Indexer.gen(
            embedded,
            indexer_type="hierarchicalkmeans",
            nr_splits=16,
            max_leaf_size=leaf,
            seed=0,
            threads=common.threads(),
        )
        XLinearModel.train(X, Y, C=chain, Cn=1.0, threads=common.threads(), **choice).save(str(folder / "pecos"))
        return None

    def scores(
        self,
        job: common.Job,  # noqa: ARG002
        folder: Path,
        rows: Sequence[common.Row],
        labels: list[str],
    ) -> np.ndarray:
        """-inf beyond the best 50."""
        from pecos.xmc.xlinear.model import XLinearModel

        model = XLinearModel.load(str(folder / "pecos"))
        X = common.stored_tfidf(folder, rows).astype(np.float32)
        found = model.predict(X, only_topk=common.TOP, beam_size=common.TOP, threads=common.threads()).tocoo()
        scores = np.full((len(rows), len(labels)), -np.inf, dtype=np.float32)
        scores[found.row, found.col] = found.data
        return scores


if __name__ == "__main__":
    common.main(Pecos())
