from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from slugline.learn import parallel
from slugline.learn.estimators import ESTIMATORS, Problem
from slugline.learn.estimators import svm as svm_module
from slugline.learn.estimators.problem import positive_weights
from slugline.learn.estimators.starts import Starts
from slugline.learn.parallel import label_blocks


def problem(rows: int = 60, terms: int = 12, labels: int = 3) -> tuple[csr_matrix, np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    X = random.random((rows, terms)) * (random.random((rows, terms)) < 0.4)
    return csr_matrix(X), X[:, :labels] > 0.3, np.arange(rows) % 4


@pytest.fixture
def tight(monkeypatch):
    """Folds start from the solution for all rows: that they end at their own shows at a small tolerance."""
    monkeypatch.setattr(svm_module, "TOLERANCE", 1e-4)


@pytest.mark.usefixtures("tight")
@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_each_fold_is_scored_by_a_fit_on_the_others(name):
    X, Y, folds = problem()
    estimator = ESTIMATORS[name]
    weights, scores = estimator.cross_fit(Problem(X, Y, seed=3), folds)
    for fold in range(4):
        others = Problem(X[folds != fold], Y[folds != fold], seed=3)
        expected = estimator.fit(others).scores(X[folds == fold])
        np.testing.assert_allclose(scores[folds == fold], expected, rtol=0, atol=2e-4)
    np.testing.assert_array_equal(weights.coef, estimator.fit(Problem(X, Y, seed=3)).coef)


@pytest.mark.usefixtures("tight")
@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_a_rows_own_label_does_not_reach_its_score(name):
    X, Y, folds = problem()
    _, before = ESTIMATORS[name].cross_fit(Problem(X, Y), folds)
    Y[0] = ~Y[0]
    _, after = ESTIMATORS[name].cross_fit(Problem(X, Y), folds)
    np.testing.assert_allclose(before[folds == 0], after[folds == 0], atol=2e-4)
    assert np.abs(before[folds == 1] - after[folds == 1]).max() > 0.02


def test_labels_in_turns_give_the_same_as_all_at_once(monkeypatch):
    X, Y, folds = problem(terms=40, labels=37)
    weights, scores = ESTIMATORS["svm"].cross_fit(Problem(X, Y), folds)
    monkeypatch.setattr(svm_module, "_KEPT", 1)
    same, again = ESTIMATORS["svm"].cross_fit(Problem(X, Y), folds)
    assert again.tobytes() == scores.tobytes()
    assert same.coef.tobytes() == weights.coef.tobytes()


def test_same_bytes_for_any_number_of_jobs():
    X, Y, folds = problem(terms=40, labels=37)
    _, alone = ESTIMATORS["svm"].cross_fit(Problem(X, Y), folds, jobs=1)
    _, together = ESTIMATORS["svm"].cross_fit(Problem(X, Y), folds, jobs=2)
    assert alone.tobytes() == together.tobytes()


def test_progress_goes_up_to_its_end():
    X, Y, folds = problem()
    told = []
    ESTIMATORS["logistic"].cross_fit(Problem(X, Y), folds, progress=lambda *said: told.append(said), what="s")
    fitting = [("fitting s", 0, 1), ("fitting s", 1, 1)]
    assert told == [("cross-validating s", done, 12) for done in range(13)] + fitting
    told.clear()
    ESTIMATORS["svm"].cross_fit(Problem(X, Y), folds, progress=lambda *said: told.append(said), what="s")
    assert told == fitting + [("cross-validating s", done, 4) for done in range(5)]


def test_a_label_that_only_one_fold_has_is_scored_as_absent_there():
    X, Y, folds = problem()
    Y[:, 0] = False
    Y[4, 0] = True
    _, scores = ESTIMATORS["svm"].cross_fit(Problem(X, Y), folds)
    assert (scores[folds == 0, 0] == -1).all()
    assert (scores[folds == 1, 0] != -1).all()


def test_wrong_folds_are_refused():
    X, Y, folds = problem()
    for wrong in (folds[:-1], np.zeros_like(folds)):
        with pytest.raises(ValueError, match="two folds"):
            ESTIMATORS["svm"].cross_fit(Problem(X, Y), wrong)


def both(estimator, *problems, starts):
    """What cross-fitting the problems one after the other gives, in one array each."""
    found = [estimator.cross_fit(one, np.arange(60) % 4, starts=starts) for one in problems]
    return [np.hstack([scores.ravel(), weights.coef.ravel(), weights.intercept]) for weights, scores in found]


@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_what_is_fitted_first_starts_cold(name):
    X, Y, _ = problem()
    (cold,) = both(ESTIMATORS[name], Problem(X, Y), starts=None)
    (first,) = both(ESTIMATORS[name], Problem(X, Y), starts=Starts())
    assert first.tobytes() == cold.tobytes()


@pytest.mark.usefixtures("tight")
@pytest.mark.parametrize("name", ["svm", "svm+nb"])
def test_a_start_changes_nothing_beyond_the_tolerance(name):
    X, Y, _ = problem(labels=20, terms=40)
    other = csr_matrix(X[:, 10:])
    wanted = Problem(other, Y, 3.0, positive_weight=np.linspace(0.5, 2.0, 20))
    (cold,) = both(ESTIMATORS[name], wanted, starts=None)
    _, warm = both(ESTIMATORS[name], Problem(X, Y), wanted, starts=Starts())
    np.testing.assert_allclose(warm, cold, atol=2e-3)
    assert warm.tobytes() != cold.tobytes()


def test_what_is_fitted_in_between_changes_nothing():
    X, Y, _ = problem()
    svm, first, last = ESTIMATORS["svm"], Problem(X, Y), Problem(X, Y, 3.0)
    alone = both(svm, first, last, starts=Starts())[-1]
    starts = Starts()
    after = both(svm, first, Problem(X, Y, 2.0), Problem(X, ~Y), last, starts=starts)[-1]
    assert after.tobytes() == alone.tobytes()
    # Of labels that were not fitted before it was closed nothing is kept.
    assert starts.find(~Y) is not None
    assert starts.find(Y[:, :2]) is None
    starts.close()
    both(svm, Problem(X, np.ascontiguousarray(Y[:, :2])), starts=starts)
    assert starts.find(Y[:, :2]) is None


def test_no_more_is_kept_than_may_be(monkeypatch):
    X, Y, folds = problem(terms=40, labels=37)
    cold, _ = ESTIMATORS["svm"].cross_fit(Problem(X, Y, 2.0), folds)
    # Three blocks of 16 labels, 60 rows; then labels that go in turns.
    for starts, in_one_turn in ((Starts(most_bytes=60 * 48 * 4 - 1), True), (Starts(), False)):
        monkeypatch.setattr(svm_module, "_KEPT", 10_000 if in_one_turn else 1)
        ESTIMATORS["svm"].cross_fit(Problem(X, Y), folds, starts=starts)
        assert starts.find(Y) is None
        again, _ = ESTIMATORS["svm"].cross_fit(Problem(X, Y, 2.0), folds, starts=starts)
        assert again.coef.tobytes() == cold.coef.tobytes()


def test_positive_weights_are_scikit_learns_balanced():
    from sklearn.utils.class_weight import compute_class_weight

    truth = np.array([0] * 6 + [1] * 3 + [2])
    one_hot = truth[:, None] == np.arange(3)
    expected = compute_class_weight("balanced", classes=np.arange(3), y=truth)
    np.testing.assert_allclose(positive_weights(one_hot, 1.0), expected)
    assert (positive_weights(one_hot, 0.0) == 1).all()
    assert (positive_weights(np.zeros((4, 2), bool), 1.0) == 1).all()


@pytest.mark.parametrize("labels", [0, 1, 16, 17, 100])
def test_blocks_hold_every_label_once(labels):
    blocks = label_blocks(labels)
    assert sorted(number for block in blocks for number in block.tolist()) == list(range(labels))
    assert len(blocks) <= parallel.BLOCKS
