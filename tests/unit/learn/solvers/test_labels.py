from __future__ import annotations

import threading

import numpy as np
import pytest
from numba import njit
from scipy.sparse import csr_matrix
from scipy.sparse import random as random_sparse
from sklearn.svm import LinearSVC

from slugline.learn.parallel import Task, Threads, in_order, worker_count
from slugline.learn.solvers import compiling
from slugline.learn.solvers.labels import BlockProblem, BlockStart, TrainingRows, blocks_of, fit_block, score_fold
from slugline.learn.solvers.sixteen import WIDTH, aligned, solve_block


def problem(rows: int = 300, terms: int = 80, labels: int = 7) -> tuple[csr_matrix, np.ndarray]:
    generator = np.random.default_rng(3)
    X = csr_matrix(random_sparse(rows, terms, density=0.2, random_state=generator, format="csr"))
    noise = 0.2 * generator.random((rows, labels))
    return X, X[:, :labels].toarray() + noise > np.linspace(0.2, 0.9, labels)


def block(Y, *, weight=None, tol=1e-5, most=100_000):
    return BlockProblem(Y, np.ones(Y.shape[1]) if weight is None else weight, 1.0, tol, most, 0)


def linear_svc(X, y, weight=1.0):
    model = LinearSVC(C=1.0, class_weight={True: weight, False: 1.0}, tol=1e-9, max_iter=1_000_000).fit(X, y)
    return np.append(model.coef_[0], model.intercept_[0])


def test_every_column_ends_at_the_optimum_of_linear_svc():
    X, Y = problem()
    weight = np.linspace(0.5, 8.0, 7)
    W = fit_block(TrainingRows.of(X), block(Y, weight=weight), False).W
    for label in range(7):
        np.testing.assert_allclose(W[:, label], linear_svc(X, Y[:, label], weight[label]), atol=1e-4)
    assert not W[:, 7:-1].any(axis=1)[:-1].any()


def test_a_column_does_not_depend_on_the_others():
    X, Y = problem()
    rows = TrainingRows.of(X)
    together = fit_block(rows, block(Y, tol=0.1), True)
    for label in range(7):
        alone = fit_block(rows, block(Y[:, [label]], tol=0.1), True)
        np.testing.assert_array_equal(alone.W[:, 0], together.W[:, label])
        np.testing.assert_array_equal(alone.alpha[:, 0], together.alpha[:, label])
    assert (together.alpha >= 0).all()


def passes(X, Y):
    """How many passes the labels of Y take, and their dual variables."""
    rows, one = TrainingRows.of(X), block(Y, tol=0.01)
    alpha, W = np.zeros((len(rows), WIDTH), dtype=np.float32), aligned(rows.terms + 1)
    solve = np.arange(WIDTH) < Y.shape[1]
    arguments = (rows.arrays, rows.square, np.arange(len(rows)), one.padded(), one.cost(), solve, alpha, W)
    return solve_block(*arguments, one.tol, one.max_iter, one.seed), alpha


def test_a_label_that_is_done_is_left_alone():
    X, Y = problem()
    alone = [passes(X, Y[:, [label]]) for label in range(7)]
    took, alpha = passes(X, Y)
    assert min(count for count, _ in alone) < max(count for count, _ in alone) == took
    for label, (_, own) in enumerate(alone):
        np.testing.assert_array_equal(alpha[:, label], own[:, 0])


def test_a_start_from_other_features_and_costs_ends_at_the_optimum():
    X, Y = problem()
    weight = np.linspace(0.5, 8.0, 7)
    other = block(Y, weight=np.ones(7), tol=0.1)
    first = fit_block(TrainingRows.of(csr_matrix(X[:, 20:])), other, True)
    W = fit_block(TrainingRows.of(X), block(Y, weight=weight), False, BlockStart(first.alpha, other.cost())).W
    for label in range(7):
        np.testing.assert_allclose(W[:, label], linear_svc(X, Y[:, label], weight[label]), atol=1e-4)


def test_a_start_at_the_solution_moves_nothing():
    X, Y = problem()
    rows, one = TrainingRows.of(X), block(Y, tol=1e-3)
    solved = fit_block(rows, one, True)
    again = fit_block(rows, block(Y, tol=0.1), True, BlockStart(solved.alpha, one.cost()))
    np.testing.assert_allclose(again.W, solved.W, atol=2e-3)
    cold = fit_block(rows, block(Y, tol=0.1), True)
    assert np.abs(cold.W - solved.W).max() > 2e-3


def test_a_start_grows_with_the_costs_of_its_rows():
    _, Y = problem()
    before, after = block(Y), BlockProblem(Y, np.full(7, 3.0), 2.0, 0.1, 1, 0)
    scaled = BlockStart(np.ones((300, WIDTH), dtype=np.float32), before.cost()).scaled(after, after.padded())
    np.testing.assert_array_equal(scaled[:, :7], np.where(Y, 6.0, 2.0))
    assert scaled.dtype == np.float32


def test_weights_are_the_sum_of_what_the_rows_add():
    X, Y = problem()
    found = fit_block(TrainingRows.of(X), block(Y, tol=0.1), True)
    signed = found.alpha[:, :7] * np.where(Y, 1.0, -1.0)
    np.testing.assert_allclose(found.W[:-1, :7], X.T @ signed, atol=1e-4)
    np.testing.assert_allclose(found.W[-1, :7], signed.sum(axis=0), atol=1e-4)


def test_a_fold_is_scored_by_the_optimum_of_the_other_rows():
    X, Y = problem()
    rows, held_out = TrainingRows.of(X), np.arange(0, 300, 5)
    rest = np.setdiff1d(np.arange(300), held_out)
    scores = score_fold(rows, block(Y), fit_block(rows, block(Y), True), held_out)
    for label in range(7):
        w = linear_svc(X[rest], Y[rest, label])
        np.testing.assert_allclose(scores[:, label], X[held_out] @ w[:-1] + w[-1], atol=1e-4)


def test_a_label_of_the_held_out_rows_alone_is_absent_in_the_others():
    X, Y = problem()
    Y[:, 0] = False
    Y[[3, 4], 0] = True
    rows = TrainingRows.of(X)
    scores = score_fold(rows, block(Y), fit_block(rows, block(Y), True), np.array([3, 4]))
    assert (scores[:, 0] == -1).all()


def test_what_has_been_shrunk_comes_back():
    """Started from weights far off, rows are first left out that are support vectors in the end."""
    X, Y = problem()
    rows = TrainingRows.of(X)
    positive = np.zeros((300, WIDTH), dtype=bool)
    positive[:, :7] = Y
    alpha, W = np.zeros((300, WIDTH), dtype=np.float32), aligned(81)
    cost = np.ones((2, WIDTH), dtype=np.float32)
    settings = (rows.square, np.arange(300), positive, cost, np.arange(WIDTH) < 7, alpha, W)
    solve_block(rows.arrays, *settings, 0.5, 100, 0)
    solve_block(rows.arrays, *settings, 1e-5, 100_000, 1)
    np.testing.assert_allclose(W[:, 0], linear_svc(X, Y[:, 0]), atol=1e-4)
    assert (alpha[:, :7] == 0).any()


def test_matrices_that_cannot_be_written_or_have_wide_indices_are_taken():
    X, Y = problem()
    wide = csr_matrix(X)
    wide.indices, wide.indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
    wide.indices.flags.writeable = False
    first, second = (fit_block(TrainingRows.of(one), block(Y, tol=0.1), False).W for one in (X, wide))
    np.testing.assert_array_equal(first, second)


def test_blocks_hold_every_label_once_and_as_frequent_ones_together():
    _, Y = problem(labels=40)
    blocks = blocks_of(Y)
    assert [len(one) for one in blocks] == [16, 16, 8]
    counts = Y.sum(axis=0)[np.concatenate(blocks)]
    assert sorted(np.concatenate(blocks).tolist()) == list(range(40))
    assert (np.diff(counts) <= 0).all()
    assert blocks_of(Y[:, :0]) == []


def test_rows_are_aligned():
    W = aligned(5)
    assert W.ctypes.data % 64 == 0
    assert (W.shape, W.dtype) == ((5, WIDTH), np.float32)


def test_functions_are_compiled_where_no_cache_can_be_kept(monkeypatch):
    def without_cache(**settings):
        if settings.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return njit(**settings)

    monkeypatch.setattr(compiling, "njit", without_cache)
    assert compiling.compiled(lambda x: x + 1)(2) == 3


def _who(number):
    return number, threading.get_ident()


def _fail(number):
    raise ValueError(f"task {number}")


def test_threads_give_results_in_order_and_raise_what_tasks_raise():
    got = list(Threads(3).run([Task(_who, (number,)) for number in range(20)], work=1.0))
    assert [number for number, _ in got] == list(range(20))
    assert threading.get_ident() not in {thread for _, thread in got}
    assert {thread for _, thread in Threads(1).run([Task(_who, (1,))], work=1.0)} == {threading.get_ident()}
    with pytest.raises(ValueError, match="task 0"):
        list(Threads(2).run([Task(_fail, (number,)) for number in range(3)], work=1.0))


def test_other_workers_do_the_tasks():
    class Backwards:
        def run(self, tasks, *, work):
            assert work == 7.0
            results = [task() for task in reversed(tasks)]
            return iter(reversed(results))

    found = in_order([Task(_who, (number,)) for number in range(3)], Backwards(), work=7.0)
    assert [number for number, _ in found] == [0, 1, 2]


def test_counts_of_workers():
    assert worker_count(1) == 1
    assert worker_count(10_000) == worker_count(-1) >= 1
    assert worker_count(-10_000) == 1
    with pytest.raises(ValueError, match="jobs"):
        worker_count(0)
