from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.decide import decide_tags
from slugline.learn.selection import micro_macro
from slugline.learn.thresholds import _Fold, choose_thresholds


def fold_of(scores: list[float], truth: list[int]) -> _Fold:
    return _Fold(np.array(scores)[:, None], np.array(truth, bool)[:, None], np.zeros(1))


def rare_and_frequent(seed: int = 0, rows: int = 600) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores whose best cut is at -0.5 rather than 0, of a frequent label, a rare one, and noise."""
    random = np.random.default_rng(seed)
    truth = random.random((rows, 3)) < np.array([0.3, 0.03, 0.01])
    scores = random.normal(-1.0, 0.3, truth.shape) + truth * np.array([1.0, 1.0, 0.0])
    return scores, truth, np.arange(rows) % 5


@given(
    st.lists(st.tuples(st.integers(-4, 4), st.booleans()), min_size=1, max_size=25).filter(
        lambda pairs: any(positive for _, positive in pairs)
    )
)
def test_the_best_cut_is_the_best_of_all(pairs):
    scores = np.array([score / 3 for score, _ in pairs])
    truth = np.array([positive for _, positive in pairs])
    fold = fold_of(scores.tolist(), truth.tolist())

    def quality(threshold: float) -> float:
        return micro_macro(scores[:, None] >= threshold, truth[:, None])[0]

    assert fold.quality[0] == pytest.approx(max(quality(threshold) for threshold in scores))
    assert quality(float(fold.cut[0])) == pytest.approx(fold.quality[0])


def test_the_cut_is_halfway_to_the_next_score():
    assert fold_of([0.0, 1.0, 2.0, 3.0], [0, 0, 1, 1]).cut[0] == 1.5


def test_below_the_limit_the_threshold_is_the_highest_score():
    """The best F1 here is 2/4, of the third place."""
    fold = fold_of([3.0, 2.0, 1.0, 0.0], [0, 0, 1, 0])
    assert fold.quality[0] == pytest.approx(0.5)
    np.testing.assert_array_equal(fold.thresholds(np.array([0.4, 0.5, 0.6]))[:, 0], [0.5, 0.5, 3.0])


def test_a_fold_without_positives_says_the_highest_score():
    assert fold_of([1.0, 4.0, 2.0], [0, 0, 0]).thresholds(np.zeros(1))[0, 0] == 4.0


def test_f1_at_thresholds_counts_rightly():
    fold = fold_of([3.0, 2.0, 1.0, 0.0], [1, 0, 1, 0])
    found = fold.f1_at(np.array([[3.5], [3.0], [1.0], [-1.0]]))[:, 0]
    np.testing.assert_allclose(found, [0, 2 / 3, 4 / 5, 4 / 6])


@pytest.mark.parametrize("rule", ["scutfbr", "scut"])
def test_chosen_thresholds_beat_zero(rule):
    scores, truth, folds = rare_and_frequent()
    chosen = choose_thresholds(scores, truth, folds, rule=rule, fallback="never")
    zero = choose_thresholds(scores, truth, folds, rule="zero", fallback="never")
    assert chosen.macro_f1 > zero.macro_f1 + 0.05
    assert chosen.values[0] == pytest.approx(-0.5, abs=0.15)


def test_the_limit_keeps_noise_out():
    """Plain SCut gives the unlearnable label to many; SCutFBR only to the top, and loses less of micro-F1."""
    scores, truth, folds = rare_and_frequent()
    scut, limited = (
        choose_thresholds(scores, truth, folds, rule=rule, shrink=0.0, fallback="never") for rule in ("scut", "scutfbr")
    )
    assert limited.values[2] > scut.values[2]
    assert limited.micro_f1 > scut.micro_f1


def test_shrinking_draws_rare_labels_to_the_common_threshold():
    scores, truth, folds = rare_and_frequent()
    values = [choose_thresholds(scores, truth, folds, shrink=shrink).values for shrink in (0.0, 3.0, 1e9)]
    common = values[2]
    np.testing.assert_allclose(common, common[0])
    near, far = np.abs(values[1] - common), np.abs(values[0] - common)
    assert (near < far).all()
    assert near[2] / far[2] < near[0] / far[0]


def test_cross_validated_measures_are_of_other_folds_thresholds():
    """Labels that are pure noise cannot look better than they are."""
    random = np.random.default_rng(1)
    scores, truth = random.normal(size=(300, 4)), random.random((300, 4)) < 0.1
    chosen = choose_thresholds(scores, truth, np.arange(300) % 5, rule="scut", fallback="never")
    assert chosen.macro_f1 < 0.25


def test_fallback_by_cross_validation():
    """Every article has one label, scored highest, but below its threshold of zero: the fallback finds it."""
    truth = np.eye(4, dtype=bool)[np.arange(200) % 4]
    scores = np.where(truth, -0.2, -1.0)
    helped = choose_thresholds(scores, truth, np.arange(200) % 5, rule="zero")
    assert (helped.fallback, helped.micro_f1) == (True, 1.0)
    assert choose_thresholds(scores, truth, np.arange(200) % 5, rule="zero", fallback="never").micro_f1 == 0
    nothing = np.zeros_like(truth)
    nothing[0, 1] = True
    assert not choose_thresholds(scores, nothing, np.arange(200) % 5, rule="zero").fallback


def test_the_fallback_is_measured_without_what_it_does_not_reach():
    """Half of the articles have no term that the model knows: for them the predictor never falls back."""
    truth = np.eye(4, dtype=bool)[np.arange(200) % 4]
    scores = np.where(truth, -0.2, -1.0)
    known = np.arange(200) < 100
    helped = choose_thresholds(scores, truth, np.arange(200) % 5, known, rule="zero")
    assert helped.fallback
    assert helped.micro_f1 == pytest.approx(2 / 3)


def test_fallback_gives_the_least_far_from_its_threshold():
    known = np.ones(2, dtype=bool)
    decided = decide_tags(np.array([[-1.0, -0.5], [1.0, 1.0]]), np.array([-0.9, 0.0]), known, fallback=True)
    np.testing.assert_array_equal(decided, [[True, False], [True, True]])
    assert not decide_tags(np.array([[-1.0, -0.5]]), np.zeros(2), known[:1], fallback=False).any()


def test_a_threshold_reached_exactly_is_reached():
    assert decide_tags(np.array([[0.5]]), np.array([0.5]), np.ones(1, dtype=bool), fallback=False).all()


def test_inputs_are_unchanged_and_results_repeat():
    scores, truth, folds = rare_and_frequent()
    before = scores.copy()
    first, second = (choose_thresholds(scores, truth, folds).values for _ in range(2))
    np.testing.assert_array_equal(scores, before)
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize("rule", ["scutfbr", "scut", "zero"])
def test_no_labels_and_no_positives(rule):
    folds = np.arange(10) % 2
    assert choose_thresholds(np.zeros((10, 0)), np.zeros((10, 0), bool), folds, rule=rule).values.shape == (0,)
    none = choose_thresholds(np.zeros((10, 2)), np.zeros((10, 2), bool), folds, rule=rule)
    assert np.isfinite(none.values).all()


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="rule"):
        choose_thresholds(np.zeros((2, 1)), np.zeros((2, 1), bool), np.arange(2), rule="rank")
