"""Fitting on row files: what LIBLINEAR finds in memory, whatever the files, the groups, the threads and the kills."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.svm import LinearSVC

from slugline.learn.stream.merge import joined, spread
from slugline.learn.stream.problem import Problem
from slugline.learn.stream.rows import RowFiles
from slugline.learn.stream.solve import Settings, Solver, slices
from slugline.learn.stream.spool import Spool

ROWS, TERMS, LABELS, C = 240, 60, 5, 0.5


def random_rows(seed=0):
    random = np.random.default_rng(seed)
    X = random.random((ROWS, TERMS)) * (random.random((ROWS, TERMS)) < 0.15)
    X /= np.maximum(np.linalg.norm(X, axis=1, keepdims=True), 1e-9)
    Y = X @ random.normal(size=(TERMS, LABELS)) + 0.1 * random.normal(size=(ROWS, LABELS)) > 0.3
    return X.astype(np.float32), Y


@pytest.fixture
def problem(tmp_path):
    X, Y = random_rows()
    spool = Spool.open(tmp_path / "spool", {})
    starts = [0, 50, 51, 120, 200, ROWS]
    for number, (low, high) in enumerate(pairwise(starts)):
        rows, columns = np.nonzero(X[low:high])
        tagged, tags = np.nonzero(Y[low:high])
        count = high - low
        spool.save(
            f"rows-{number:06d}",
            {
                "indptr": np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=count))]).astype(np.int64),
                "indices": columns.astype(np.int32),
                "data": X[low:high][rows, columns],
                "tag": tags.astype(np.int32),
                "tag_ptr": np.concatenate([[0], np.cumsum(np.bincount(tagged, minlength=count))]),
                "tagged": np.arange(low, high) % 10 != 9,
                "deal": (np.arange(low, high) % 5).astype(np.int8),
                "fold": np.arange(low, high, dtype=np.uint64),
                "id": np.arange(low, high, dtype=np.uint64),
                "day": np.zeros(count, np.int32),
            },
        )
    files = RowFiles(spool, np.array(starts), np.full(len(starts) - 1, X.size))
    column = np.arange(TERMS, dtype=np.int32)
    return Problem(files, column, TERMS, tuple("abcde"))


def settings(**changed):
    return Settings(**({"C": C, "positive_weight": np.ones(LABELS), "seed": 0, "group": 2} | changed))


def weights(fitted):
    return np.concatenate(fitted.weights, axis=1), np.concatenate(fitted.intercept)


def test_it_finds_what_liblinear_finds(problem):
    X, Y = random_rows()
    weight = np.array([1.0, 1.0, 3.0, 0.5, 1.0])
    solver = Solver(problem, slice(0, LABELS), settings(positive_weight=weight), problem.files.spool, "t")
    coef, intercept = weights(solver.fit("all", 200))
    used = np.arange(ROWS) % 10 != 9
    for label in range(LABELS):
        model = LinearSVC(C=C, tol=1e-6, max_iter=100_000, class_weight={True: weight[label], False: 1.0})
        model.fit(X[used], Y[used, label])
        np.testing.assert_allclose(coef[:, label], model.coef_[0], atol=0.03)
        assert abs(intercept[label] - model.intercept_[0]) < 0.03


def test_rows_that_are_left_out_leave_no_trace(problem):
    spool = problem.files.spool
    solver = Solver(problem, slice(0, LABELS), settings(), spool, "t")
    solver.fit("all", 50)

    def out(block):
        return block.keys["deal"] == 2

    warm, _ = weights(solver.fit("without", 200, start="all", without=out))
    cold, _ = weights(Solver(problem, slice(0, LABELS), settings(), spool, "u").fit("without", 200, without=out))
    np.testing.assert_allclose(warm, cold, atol=0.03)
    everything, _ = weights(solver.fit("all", 50))
    assert np.abs(everything - cold).max() > 0.1


def test_labels_do_not_depend_on_their_company_nor_on_threads(problem, monkeypatch):
    spool = problem.files.spool
    whole, _ = weights(Solver(problem, slice(0, LABELS), settings(), spool, "one").fit("all", 3))
    part, _ = weights(Solver(problem, slice(2, 4), settings(), spool, "two").fit("all", 3))
    assert part.tolist() == whole[:, 2:4].tolist()
    monkeypatch.setattr("slugline.learn.stream.solve.SLICE", 2)
    threads, _ = weights(Solver(problem, slice(0, LABELS), settings(jobs=3), spool, "three").fit("all", 3))
    assert threads.tolist() == whole.tolist()


def test_when_a_label_stops_does_not_depend_on_its_company(problem):
    """Some labels are fitted well enough before others, which are then fitted on alone."""
    spool = problem.files.spool
    whole, _ = weights(Solver(problem, slice(0, LABELS), settings(), spool, "one").fit("all", 200))
    longer, _ = weights(Solver(problem, slice(0, LABELS), settings(), spool, "two").fit("all", 2))
    for label in range(LABELS):
        alone, _ = weights(Solver(problem, slice(label, label + 1), settings(), spool, f"of{label}").fit("all", 200))
        assert alone[:, 0].tolist() == whole[:, label].tolist()
    assert longer.tolist() != whole.tolist()


def test_a_fit_goes_on_after_its_last_epoch(problem):
    spool = problem.files.spool
    whole, _ = weights(Solver(problem, slice(0, LABELS), settings(), spool, "one").fit("all", 5))
    Solver(problem, slice(0, LABELS), settings(), spool, "two").fit("all", 2)
    # As a kill in the third epoch leaves the dual variables that it was writing.
    spool.path("fit-two-all-alpha-1.bin").write_bytes(b"torn")
    again, _ = weights(Solver(problem, slice(0, LABELS), settings(), spool, "two").fit("all", 5))
    assert again.tolist() == whole.tolist()


def test_slices_cover_every_label():
    for labels in (1, 64, 65, 200):
        found = slices(labels)
        assert [n for one in found for n in range(one.start, one.stop)] == list(range(labels))


def test_heads_made_in_parts_are_the_whole():
    from slugline.head import LinearHead

    random = np.random.default_rng(0)
    coef = random.normal(size=(7, 30)) * (random.random((7, 30)) < 0.5)
    names, own = tuple("abcdefg"), np.arange(7.0)
    whole = LinearHead.from_dense(names, coef, own, thresholds=own)
    parts = [LinearHead.from_dense(names[s], coef[s], own[s], thresholds=own[s]) for s in (slice(0, 3), slice(3, 7))]
    made = joined(parts)
    for key in ("labels", "indptr", "indices", "weights", "scale", "intercept", "thresholds", "slope", "offset"):
        assert list(getattr(made, key)) == list(getattr(whole, key)), key


def test_a_head_over_some_columns_is_spread_over_all():
    from slugline.head import LinearHead

    coef = np.array([[1.0, 2.0, 0.0], [0.0, 3.0, 4.0]])
    column = np.array([-1, 0, 1, -1, 2, -1], dtype=np.int32)
    wide = np.zeros((2, 6))
    wide[:, [1, 2, 4]] = coef
    made = spread(LinearHead.from_dense(("a", "b"), coef, np.zeros(2)), column)
    whole = LinearHead.from_dense(("a", "b"), wide, np.zeros(2))
    assert made.indptr.tolist() == whole.indptr.tolist()
    assert made.indices.tolist() == whole.indices.tolist()
    assert made.weights.tolist() == whole.weights.tolist()
