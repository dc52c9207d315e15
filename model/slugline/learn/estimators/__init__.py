"""The registered ways of fitting a linear model: svm (default), logistic, sgd, svm+nb."""

from __future__ import annotations

from slugline.errors import ConfigError
from slugline.learn.estimators.base import Estimator, LinearWeights
from slugline.learn.estimators.logistic import Logistic
from slugline.learn.estimators.problem import Problem
from slugline.learn.estimators.sgd import Sgd
from slugline.learn.estimators.svm import Svm
from slugline.learn.estimators.svm_nb import SvmNb

ESTIMATORS: dict[str, Estimator] = {"svm": Svm(), "logistic": Logistic(), "sgd": Sgd(), "svm+nb": SvmNb()}
"""Every estimator by the name that a configuration gives it."""

TREE = "tree"
"""The estimator of tags only that is no set of independent classifiers: a label tree (`learn.tree`)."""


def find_estimator(name: str, *, field: str = "estimator") -> Estimator:
    """The registered estimator. Raises ConfigError, naming the configuration's `field`, if there is none.

    >>> find_estimator("svm").name
    'svm'
    """
    try:
        return ESTIMATORS[name]
    except KeyError:
        known = sorted([*ESTIMATORS, TREE] if field == "tags.estimator" else ESTIMATORS)
        expected = f"one of {', '.join(known)}"
        raise ConfigError("unknown estimator", field=field, found=name, expected=expected) from None


__all__ = ["ESTIMATORS", "TREE", "Estimator", "LinearWeights", "Problem", "find_estimator"]
