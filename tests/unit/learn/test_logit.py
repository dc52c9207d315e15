from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

from slugline.learn import logit
from slugline.learn.logit import fit_logistic


def test_the_fit_is_scikit_learns(monkeypatch):
    random = np.random.default_rng(1)
    X = random.normal(size=(9000, 4))
    y = random.random(9000) < 1 / (1 + np.exp(-(2 * X[:, 0] - X[:, 1] - 1)))
    weight = np.where(random.random(9000) < 0.5, 1.0, 20.0)
    monkeypatch.setattr(logit, "_TOLERANCE", 1e-10)
    model = LogisticRegression(C=0.01, tol=1e-10, solver="newton-cholesky").fit(X, y, sample_weight=weight)
    expected = np.concatenate([model.intercept_, model.coef_[0]])
    np.testing.assert_allclose(fit_logistic(X, y, weight, C=0.01), expected, atol=1e-6)


def test_separable_sides_and_features_that_say_nothing_stay_finite():
    X = np.array([[-2.0, 0, 1], [-1, 0, 1], [1, 0, 1], [2, 0, 1]])
    found = fit_logistic(X, X[:, 0] > 0, np.ones(4))
    assert np.isfinite(found).all()
    assert found[1] > 0.5
    assert found[2] == 0
