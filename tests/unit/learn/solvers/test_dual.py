from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse import random as random_sparse
from sklearn.svm import LinearSVC

from slugline.learn.solvers.dual import solve_dual
from slugline.learn.solvers.random import next_random, seeded


def problem(rows: int = 200, terms: int = 60) -> tuple[csr_matrix, np.ndarray]:
    generator = np.random.default_rng(3)
    X = csr_matrix(random_sparse(rows, terms, density=0.2, random_state=generator, format="csr"))
    y = np.asarray(X[:, :3].sum(axis=1)).ravel() + 0.1 * generator.random(rows) > 0.4
    return X, y


def solve(X, y, rows=None, *, cost_pos=1.0, cost_neg=1.0, tol=1e-8, start=None, seed=0, most=100_000):
    rows = np.arange(X.shape[0]) if rows is None else rows
    alpha, w = (np.zeros(len(rows)), np.zeros(X.shape[1] + 1)) if start is None else start
    passes = solve_dual(X.indptr, X.indices, X.data, rows, y[rows], cost_pos, cost_neg, alpha, w, tol, most, seed)
    return w, alpha, passes


def linear_svc(X, y, cost_pos=1.0, cost_neg=1.0):
    model = LinearSVC(C=1.0, class_weight={True: cost_pos, False: cost_neg}, tol=1e-10, max_iter=1_000_000)
    model.fit(X, y)
    return np.append(model.coef_[0], model.intercept_[0])


def test_the_optimum_is_that_of_linear_svc():
    X, y = problem()
    np.testing.assert_allclose(solve(X, y)[0], linear_svc(X, y), atol=1e-6)


def test_costs_of_the_two_sides_are_those_of_class_weights():
    X, y = problem()
    w, _, _ = solve(X, y, cost_pos=4.0, cost_neg=0.5)
    np.testing.assert_allclose(w, linear_svc(X, y, 4.0, 0.5), atol=1e-6)


def test_only_the_given_rows_are_learned_from():
    X, y = problem()
    rows = np.arange(0, 200, 2)
    np.testing.assert_allclose(solve(X, y, rows)[0], linear_svc(X[rows], y[rows]), atol=1e-6)


def test_a_warm_start_at_the_optimum_takes_one_pass_and_moves_nothing():
    X, y = problem()
    w, alpha, cold = solve(X, y)
    again, _, warm = solve(X, y, start=(alpha.copy(), w.copy()), tol=1e-6)
    assert warm <= 2 < cold
    np.testing.assert_allclose(again, w, atol=1e-6)


def test_a_warm_start_on_fewer_rows_ends_at_their_optimum():
    X, y = problem()
    _, alpha, _ = solve(X, y)
    rows = np.flatnonzero(np.arange(200) % 5 != 0)
    part = alpha[rows].copy()
    signed = part * np.where(y[rows], 1.0, -1.0)
    start = (part, np.append(X[rows].T @ signed, signed.sum()))
    np.testing.assert_allclose(solve(X, y, rows, start=start)[0], linear_svc(X[rows], y[rows]), atol=1e-6)


def test_same_seed_same_bytes_and_the_number_of_passes_is_kept():
    X, y = problem()
    first, second = (solve(X, y, seed=5, most=3) for _ in range(2))
    assert first[0].tobytes() == second[0].tobytes()
    assert first[2] == 3
    assert solve(X, y, seed=6, most=3)[0].tobytes() != first[0].tobytes()


@pytest.mark.parametrize("below", [1, 2, 7])
def test_random_numbers_are_in_their_range_and_all_come(below):
    state, seen = seeded(1), []
    for _ in range(200):
        state, number = next_random(np.uint64(state), below)
        seen.append(int(number))
    assert set(seen) == set(range(below))
