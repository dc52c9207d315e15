"""Every registered estimator through the same checks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack

from slugline.errors import ConfigError
from slugline.learn import parallel
from slugline.learn.estimators import ESTIMATORS, Problem, find_estimator
from slugline.learn.estimators.base import CONSTANT
from slugline.learn.estimators.svm_nb import SHARE, SMOOTHING, log_ratios

ROWS, TERMS = 120, 40
LABELS = 5


@pytest.fixture(params=sorted(ESTIMATORS))
def estimator(request):
    return ESTIMATORS[request.param]


def problem(seed: int = 0, rows: int = ROWS, terms: int = TERMS) -> tuple[csr_matrix, np.ndarray]:
    """Rows of length 1 in which each label has two terms of its own: separable."""
    random = np.random.default_rng(seed)
    Y = random.random((rows, LABELS)) < 0.3
    X = random.random((rows, terms)) * (random.random((rows, terms)) < 0.2)
    X[:, : 2 * LABELS] = np.repeat(Y, 2, axis=1) * (0.5 + random.random((rows, 2 * LABELS)))
    return csr_matrix(X / np.maximum(np.linalg.norm(X, axis=1, keepdims=True), 1e-9)), Y


def copies(X: csr_matrix, Y: np.ndarray) -> list[np.ndarray]:
    return [X.data.copy(), X.indices.copy(), X.indptr.copy(), Y.copy()]


def test_inputs_are_unchanged(estimator):
    X, Y = problem()
    before = copies(X, Y)
    estimator.fit(Problem(X, Y))
    for was, now in zip(before, copies(X, Y), strict=True):
        np.testing.assert_array_equal(was, now)


def test_shapes_and_types(estimator):
    X, Y = problem()
    weights = estimator.fit(Problem(X, Y))
    assert (weights.coef.shape, weights.coef.dtype) == ((LABELS, TERMS), np.float64)
    assert (weights.intercept.shape, weights.intercept.dtype) == ((LABELS,), np.float64)
    assert np.isfinite(weights.coef).all()
    assert weights.scores(X).shape == (ROWS, LABELS)


def test_same_seed_same_bytes(estimator):
    X, Y = problem()
    first, second = (estimator.fit(Problem(X, Y, seed=7)) for _ in range(2))
    assert first.coef.tobytes() == second.coef.tobytes()
    assert first.intercept.tobytes() == second.intercept.tobytes()


def test_same_bytes_for_any_number_of_jobs(estimator, monkeypatch):
    X, Y = problem()
    alone = estimator.fit(Problem(X, Y), jobs=1)
    monkeypatch.setattr(parallel, "WORTH_A_POOL", 0)
    together = estimator.fit(Problem(X, Y), jobs=2)
    assert alone.coef.tobytes() == together.coef.tobytes()
    assert alone.intercept.tobytes() == together.intercept.tobytes()


def test_memory_mapped_rows_are_fitted_alike(estimator, tmp_path):
    """What a worker process sees of a big matrix is a read-only map of it."""
    X, Y = problem()
    np.save(tmp_path / "data.npy", X.data)
    mapped = csr_matrix((np.load(tmp_path / "data.npy", mmap_mode="r"), X.indices, X.indptr), shape=X.shape)
    assert not mapped.data.flags.writeable
    assert estimator.fit(Problem(mapped, Y)).coef.tobytes() == estimator.fit(Problem(X, Y)).coef.tobytes()


@pytest.mark.parametrize("terms", [TERMS, 300])
def test_separable_labels_are_learned(estimator, terms):
    """With more terms than rows and with fewer: solvers may differ."""
    X, Y = problem(terms=terms)
    held_out, truth = problem(seed=1, terms=terms)
    decided = estimator.fit(Problem(X, Y, 10.0)).scores(held_out) > 0
    guessed = (~truth).mean()
    assert (decided == truth).mean() > guessed + 0.5 * (1 - guessed)


def test_labels_do_not_touch_each_other(estimator):
    X, Y = problem()
    both = estimator.fit(Problem(X, Y))
    alone = estimator.fit(Problem(X, Y[:, 2:3]))
    np.testing.assert_array_equal(both.coef[2], alone.coef[0])


def test_no_labels(estimator):
    X, Y = problem()
    weights = estimator.fit(Problem(X, Y[:, :0]))
    assert weights.coef.shape == (0, TERMS)
    assert weights.scores(X).shape == (ROWS, 0)


def test_labels_of_every_row_and_of_none(estimator):
    X, Y = problem()
    Y[:, 0], Y[:, 1] = True, False
    scores = estimator.fit(Problem(X, Y)).scores(X)
    assert (scores[:, 0] == CONSTANT).all()
    assert (scores[:, 1] == -CONSTANT).all()
    assert len(np.unique(scores[:, 2])) > 1


def test_heavier_positives_score_higher(estimator):
    X, Y = problem()
    plain, heavy = (
        estimator.fit(Problem(X, Y, 0.1, positive_weight=np.full(LABELS, weight))).scores(X).mean()
        for weight in (1.0, 20.0)
    )
    assert heavy > plain


def test_empty_rows_are_allowed(estimator):
    X, Y = problem()
    X = csr_matrix(np.where(np.arange(ROWS)[:, None] == 3, 0.0, X.toarray()))
    assert X[3].nnz == 0
    assert np.isfinite(estimator.fit(Problem(X, Y)).coef).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X, Y: (X[:-1], Y, 1.0), "119 rows, Y has 120"),
        (lambda X, Y: (X.toarray(), Y, 1.0), "CSR"),
        (lambda X, Y: (X.tocsc(), Y, 1.0), "CSR"),
        (lambda X, Y: (X.astype(np.float32), Y, 1.0), "float64"),
        (lambda X, Y: (X, Y.astype(int), 1.0), "bool"),
        (lambda X, Y: (X, Y[:, 0], 1.0), "two-dimensional"),
        (lambda X, Y: (X[:0], Y[:0], 1.0), "no rows"),
        (lambda X, Y: (X * np.inf, Y, 1.0), "finite"),
        (lambda X, Y: (X, Y, 0.0), "C must be"),
        (lambda X, Y: (X, Y, float("nan")), "C must be"),
    ],
)
def test_wrong_problems_are_refused(change, message):
    X, Y, C = change(*problem())
    with pytest.raises(ValueError, match=message):
        Problem(X, Y, C)


def test_wrong_weights_are_refused():
    X, Y = problem()
    for weight in (np.ones(LABELS + 1), np.zeros(LABELS)):
        with pytest.raises(ValueError, match="positive_weight"):
            Problem(X, Y, positive_weight=weight)


def test_registered_under_its_own_name(estimator):
    assert find_estimator(estimator.name) is estimator


def test_an_unknown_estimator_is_named():
    with pytest.raises(ConfigError, match=r"'tags.estimator'.*'forest'.*logistic, sgd, svm"):
        find_estimator("forest", field="tags.estimator")


def test_sgd_on_chunks_learns_and_is_deterministic():
    X, Y = problem(rows=600)
    Y[:, 0] = True

    def chunks():
        return ((X[start : start + 100], Y[start : start + 100]) for start in range(0, 600, 100))

    fits = [ESTIMATORS["sgd"].fit_chunks(chunks, 600, 10.0, epochs=5) for _ in range(2)]
    assert fits[0].coef.tobytes() == fits[1].coef.tobytes()
    held_out, truth = problem(seed=1)
    scores = fits[0].scores(held_out)
    assert ((scores > 0) == truth)[:, 1:].mean() > 0.9
    assert (scores[:, 0] == CONSTANT).all()


def test_sgd_on_chunks_refuses_none_and_unequal_ones():
    sgd = ESTIMATORS["sgd"]
    X, Y = problem()
    with pytest.raises(ValueError, match="no chunk"):
        sgd.fit_chunks(list, 10)
    with pytest.raises(ValueError, match="the first had"):
        sgd.fit_chunks(lambda: [(X, Y), (X[:, :-1], Y)], ROWS)


def test_naive_bayes_adds_the_log_ratio_of_its_terms():
    X, Y = problem()
    alone, both = (ESTIMATORS[name].fit(Problem(X, Y)) for name in ("svm", "svm+nb"))
    added = both.coef - alone.coef
    np.testing.assert_array_equal(both.intercept, alone.intercept)
    inside, outside = X[Y[:, 0]].sum(axis=0) + SMOOTHING, X[~Y[:, 0]].sum(axis=0) + SMOOTHING
    expected = np.asarray(np.log(inside / inside.sum()) - np.log(outside / outside.sum())).ravel()
    np.testing.assert_allclose(added[0], SHARE * expected, rtol=1e-9)
    with pytest.raises(ValueError, match="not negative"):
        ESTIMATORS["svm+nb"].fit(Problem(-X, Y))


def test_naive_bayes_gives_no_weight_to_a_column_without_values():
    X, Y = problem()
    padded = csr_matrix(hstack([X, csr_matrix((X.shape[0], 3))]))
    ratio = log_ratios(padded, Y)
    assert not ratio[:, -3:].any()
    np.testing.assert_allclose(ratio[:, :-3], log_ratios(X, Y), rtol=1e-12)
