"""Linear support vector machine: squared hinge loss, by liblinear."""

from __future__ import annotations

import warnings
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from slugline.learn.estimators.base import Estimator


class Svm(Estimator):
    """LinearSVC (Fan et al. 2008, "LIBLINEAR"). C between 0.1 and 2 suits TF-IDF rows; 1 is a good start for tags.

    With more terms than rows, as is usual with text, the dual problem is solved by coordinate descent (Hsieh et al.
    2008), else the primal one by a trust-region Newton method.
    """

    name: ClassVar[str] = "svm"

    def fit_one(
        self, X: csr_matrix, y: NDArray[np.bool_], C: float, seed: int, positive_weight: float
    ) -> tuple[NDArray[np.float64], float]:
        """See Estimator.fit_one. With a very large C the solver stops before it has converged, and says nothing."""
        model = LinearSVC(
            C=C,
            dual=X.shape[0] < X.shape[1],
            class_weight={True: positive_weight, False: 1.0},
            max_iter=5000,
            random_state=seed,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(X, y)
        return model.coef_[0], float(model.intercept_[0])
