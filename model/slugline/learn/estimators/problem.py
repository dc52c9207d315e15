"""What an estimator is asked to solve: rows, their labels, and how closely to fit them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """L binary problems on the same n rows: which of them have each label.

    `X` is float64 (n, d), `Y` bool (n, L), `C` > 0 the inverse strength of regularisation (larger fits closer), `seed`
    of whatever is drawn at random, `positive_weight` (L,) multiplies the loss on each label's positive rows (None: 1).
    Nothing of it is changed by who solves it. Raises ValueError where shapes or types disagree, X has no row, or a
    value is not finite.
    """

    X: csr_matrix
    Y: NDArray[np.bool_]
    C: float = 1.0
    seed: int = 0
    positive_weight: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        X, Y, C, weight = self.X, self.Y, self.C, self.positive_weight
        if getattr(X, "format", None) != "csr" or X.dtype != np.float64 or X.ndim != 2:
            raise ValueError(f"X must be a two-dimensional float64 CSR matrix, not {type(X).__name__}")
        if not isinstance(Y, np.ndarray) or Y.dtype != np.bool_ or Y.ndim != 2:
            raise ValueError("Y must be a two-dimensional bool array")
        if X.shape[0] != Y.shape[0]:
            raise ValueError(f"X has {X.shape[0]} rows, Y has {Y.shape[0]}")
        if X.shape[0] == 0:
            raise ValueError("X has no rows")
        if not np.isfinite(X.data).all():
            raise ValueError("X holds a value that is not finite")
        if not (np.isfinite(C) and C > 0):
            raise ValueError(f"C must be a positive number, not {C!r}")
        if weight is not None and (weight.shape != (Y.shape[1],) or not (weight > 0).all()):
            raise ValueError(f"positive_weight must hold {Y.shape[1]} positive numbers")

    @property
    def rows(self) -> int:
        """n, how many rows there are."""
        return int(self.X.shape[0])

    @property
    def terms(self) -> int:
        """d, how many columns the rows have."""
        return int(self.X.shape[1])

    @property
    def labels(self) -> int:
        """L, how many binary problems there are."""
        return int(self.Y.shape[1])

    @property
    def weight(self) -> NDArray[np.float64]:
        """What a positive row of each label counts, (L,)."""
        return np.ones(self.labels) if self.positive_weight is None else self.positive_weight


def positive_weights(Y: NDArray[np.bool_], balance: float) -> NDArray[np.float64]:
    """What a positive row counts for each of L labels, (L,): (n / (L * positives)) ** `balance`; 1 where it has none.

    With `balance` 0 every row counts the same; with 1 this is scikit-learn's "balanced" of a multi-class problem, in
    which rare labels weigh more and frequent ones less.
    """
    return weights_of_counts(np.count_nonzero(Y, axis=0), len(Y), balance)


def weights_of_counts(positives: NDArray[np.integer[Any]], rows: int, balance: float) -> NDArray[np.float64]:
    """`positive_weights` from the number of each label's positive rows, (L,)."""
    share = rows / (len(positives) * np.maximum(positives, 1))
    return np.asarray(np.where(positives > 0, share, 1.0) ** balance)
