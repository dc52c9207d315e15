"""Averaged stochastic gradient descent: for corpora larger than memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from slugline.learn.estimators.base import CONSTANT, LinearWeights
from slugline.learn.estimators.problem import Problem
from slugline.learn.estimators.scikit import ScikitLearn

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import SGDClassifier

Chunk: TypeAlias = "tuple[csr_matrix, NDArray[np.bool_]]"
"""Some rows: X (m, d) float64 CSR and Y (m, L) bool; d and L are the same in every chunk."""


class Sgd(ScikitLearn):
    """SGDClassifier on the SVM's objective (squared hinge), its weights averaged over the steps (Bottou 2010; Xu 2011).

    C means what it means for the SVM: the penalty is alpha = 1 / (C n) for n rows. `fit_chunks` never holds more than
    one chunk of rows.
    """

    name: ClassVar[str] = "sgd"

    def model(self, rows: int, terms: int, C: float, seed: int, positive_weight: float) -> SGDClassifier:  # noqa: ARG002
        """See ScikitLearn.model."""
        from sklearn.linear_model import SGDClassifier

        return SGDClassifier(
            loss="squared_hinge",
            alpha=1.0 / (C * rows),
            average=True,
            max_iter=100,
            class_weight={True: positive_weight, False: 1.0},
            random_state=seed,
        )

    def fit_chunks(
        self,
        chunks: Callable[[], Iterable[Chunk]],
        rows: int,
        C: float = 1.0,
        seed: int = 0,
        *,
        epochs: int = 5,
    ) -> LinearWeights:
        """Fit on rows that come in chunks: `chunks()` is called once for each of the `epochs` and gives them anew.

        `rows` is the number of rows in one pass, for the penalty. Chunks should be mixed: a chunk of one label only
        pulls the weights its way. For an iterator that cannot be started again pass `epochs=1`.
        Raises ValueError where a chunk is not a valid problem, chunks disagree in shape, or there is none.
        """
        models: list[SGDClassifier] = []
        seen = np.zeros((2, 0), dtype=bool)
        shape: tuple[int, int] | None = None
        for _ in range(epochs):
            for X, Y in chunks():
                Problem(X, Y, C)  # only to have it checked
                if shape is None:
                    shape = (Y.shape[1], X.shape[1])
                    models = [self.model(rows, shape[1], C, seed, 1.0) for _ in range(shape[0])]
                    seen = np.zeros((2, shape[0]), dtype=bool)
                if (Y.shape[1], X.shape[1]) != shape:
                    raise ValueError(f"chunk has (labels, terms) = {(Y.shape[1], X.shape[1])}, the first had {shape}")
                seen |= np.stack([~Y.all(axis=0), Y.any(axis=0)])
                for number, model in enumerate(models):
                    model.partial_fit(X, Y[:, number], classes=np.array([False, True]))
        if shape is None:
            raise ValueError("there is no chunk of rows")
        weights = LinearWeights.zeros(*shape)
        for number, model in enumerate(models):
            if seen[:, number].all():
                weights.coef[number], weights.intercept[number] = model.coef_[0], model.intercept_[0]
            else:
                weights.intercept[number] = CONSTANT if seen[1, number] else -CONSTANT
        return weights
