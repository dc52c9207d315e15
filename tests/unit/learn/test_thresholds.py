from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.decide import TAG_RULES, decide_tags, sigmoid
from slugline.learn.calibration import Calibration, tag_probabilities
from slugline.learn.scut import Fold
from slugline.learn.selection import micro_macro
from slugline.learn.thresholds import choose_thresholds


def fold_of(scores: list[float], truth: list[int]) -> Fold:
    return Fold(np.array(scores)[:, None], np.array(truth, bool)[:, None], np.zeros(1))


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


@pytest.mark.parametrize("rule", TAG_RULES)
def test_no_labels_and_no_positives(rule):
    folds = np.arange(10) % 2
    assert choose_thresholds(np.zeros((10, 0)), np.zeros((10, 0), bool), folds, rule=rule).values.shape == (0,)
    none = choose_thresholds(np.zeros((10, 2)), np.zeros((10, 2), bool), folds, rule=rule)
    assert np.isfinite(none.values).all()


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="rule"):
        choose_thresholds(np.zeros((2, 1)), np.zeros((2, 1), bool), np.arange(2), rule="best")


@pytest.mark.parametrize("rule", ["global", "expected-f1"])
def test_other_rules_beat_zero_on_rare_labels(rule):
    scores, truth, folds = rare_and_frequent()
    chosen = choose_thresholds(scores, truth, folds, rule=rule, fallback="never")
    zero = choose_thresholds(scores, truth, folds, rule="zero", fallback="never")
    assert chosen.micro_f1 > zero.micro_f1 + 0.05


def test_the_global_rule_has_one_threshold():
    scores, truth, folds = rare_and_frequent()
    values = choose_thresholds(scores, truth, folds, rule="global").values
    assert np.ptp(values) == 0


def test_the_plug_in_threshold_is_half_of_the_f1_that_is_promised():
    """Calibrated probabilities 0.8 and 0.1: taking the first half promises F1 = 2 * 0.8 / (1 + 0.9)."""
    probability = np.repeat([0.8, 0.1], 500)
    scores = np.log(probability / (1 - probability))[:, None]
    truth = np.arange(1000)[:, None] % 10 < np.where(probability > 0.5, 8, 1)[:, None]
    even = Calibration(np.ones(1), np.zeros(1))
    chosen = choose_thresholds(scores, truth, np.arange(1000) // 10 % 5, rule="plug-in", calibration=even)
    assert sigmoid(chosen.values)[0] == pytest.approx(0.8 / 1.9, abs=1e-6)


def test_the_rank_is_how_many_tags_articles_have():
    random = np.random.default_rng(5)
    scores = random.normal(size=(200, 6))
    truth = np.zeros((200, 6), dtype=bool)
    np.put_along_axis(truth, np.argsort(-scores, axis=1)[:, :2], True, axis=1)
    chosen = choose_thresholds(scores, truth, np.arange(200) % 5, rule="rank", calibration=even_calibration(6))
    assert (chosen.rank, chosen.micro_f1) == (2, 1.0)
    assert (chosen.decide(scores, np.ones(200, dtype=bool)) == truth).all()


def even_calibration(labels: int) -> Calibration:
    return Calibration(np.full(labels, 3.0), np.zeros(labels))


@pytest.mark.parametrize("rule", TAG_RULES)
def test_no_tag_reaches_its_threshold_below_the_least_probability(rule):
    scores, truth, folds = rare_and_frequent()
    known = np.ones(len(scores), dtype=bool)
    free = choose_thresholds(scores, truth, folds, rule=rule, fallback="never", min_probability=0.0)
    bound = choose_thresholds(scores, truth, folds, rule=rule, fallback="never", min_probability=0.4)
    probability = tag_probabilities(scores, bound.calibration)
    decided = bound.decide(scores, known)
    assert decided.any()
    assert probability[decided].min() >= 0.4
    assert decided.sum() <= free.decide(scores, known).sum()


def test_articles_about_nothing_get_nothing():
    """Half of the articles have no tag and low scores: the fallback learns to leave them alone."""
    truth = np.eye(4, dtype=bool)[np.arange(400) % 4]
    scores = np.where(truth, -0.2, -1.0)
    truth[::2], scores[::2] = False, -0.7 + np.random.default_rng(0).normal(0, 0.01, (200, 4))
    chosen = choose_thresholds(scores, truth, np.arange(400) // 4 % 5, rule="zero")
    assert chosen.fallback
    assert chosen.fallback_from > 0
    decided = chosen.decide(scores, np.ones(400, dtype=bool))
    assert not decided[::2].any()
    assert (decided[1::2] == truth[1::2]).all()


def test_float32_scores_choose_the_same_in_little_memory():
    """Millions of scores of a training on disk: beside them at most 20 bytes each, less what does not grow."""
    random = np.random.default_rng(0)
    truth = random.random((6000, 120)) < 0.02
    scores = (random.normal(size=truth.shape) - 1 + 2 * truth).astype(np.float32)
    folds = random.integers(0, 5, len(truth))
    tracemalloc.start()
    found = choose_thresholds(scores, truth, folds)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000 + 20 * scores.size
    wide = choose_thresholds(scores.astype(np.float64), truth, folds)
    assert found.values.tobytes() == wide.values.tobytes()
    assert (found.micro_f1, found.macro_f1) == (wide.micro_f1, wide.macro_f1)
