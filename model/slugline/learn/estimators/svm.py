"""Linear support vector machine: squared hinge loss, by liblinear."""

from __future__ import annotations

from typing import ClassVar

from sklearn.svm import LinearSVC

from slugline.learn.estimators.base import Estimator


class Svm(Estimator):
    """LinearSVC (Fan et al. 2008, "LIBLINEAR"). C between 0.1 and 2 suits TF-IDF rows; 1 is a good start for tags.

    With more terms than rows, as is usual with text, the dual problem is solved by coordinate descent (Hsieh et al.
    2008), else the primal one by a trust-region Newton method.
    """

    name: ClassVar[str] = "svm"

    def model(self, rows: int, terms: int, C: float, seed: int, positive_weight: float) -> LinearSVC:
        """See Estimator.model."""
        return LinearSVC(
            C=C,
            dual=rows < terms,
            class_weight={True: positive_weight, False: 1.0},
            max_iter=5000,
            random_state=seed,
        )
