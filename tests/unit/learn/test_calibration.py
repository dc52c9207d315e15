from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.decide import event_logits, sigmoid, softmax
from slugline.learn.calibration import (
    _condensed,
    _weighed,
    calibrate_event_type,
    calibrate_tags,
    choose_abstention,
    cross_calibrate_tags,
    event_type_probabilities,
    fit_platt,
    tag_probabilities,
)
from slugline.learn.selection import calibration_error


def sigmoid_world(slope: float, offset: float, rows: int = 20_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    scores = random.normal(-0.5, 1.0, rows)
    return scores, random.random(rows) < sigmoid(slope * scores + offset)


def test_platt_finds_the_sigmoid_that_made_the_data():
    scores, truth = sigmoid_world(3.0, -1.0)
    assert fit_platt(scores, truth) == pytest.approx((3.0, -1.0), abs=0.15)


@pytest.mark.parametrize(
    "truth", [[0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0]], ids=["none", "all", "perfect", "reversed"]
)
def test_platt_stays_finite_and_rising(truth):
    slope, offset = fit_platt(np.array([-2.0, -1.0, 1.0, 2.0]), np.array(truth, bool))
    assert np.isfinite([slope, offset]).all()
    assert slope > 0


@given(st.lists(st.tuples(st.floats(-50, 50), st.booleans()), min_size=1, max_size=40))
def test_platt_on_anything(pairs):
    scores, truth = np.array([score for score, _ in pairs]), np.array([positive for _, positive in pairs])
    slope, offset = fit_platt(scores, truth, prior=(2.0, -1.0), strength=(0.1, 0.1))
    chance = sigmoid(slope * scores + offset)
    assert slope > 0
    assert ((chance >= 0) & (chance <= 1)).all()


def test_many_scores_are_condensed_without_changing_the_fit():
    scores, truth = sigmoid_world(3.0, -2.0, rows=150_000)
    condensed = _condensed(scores[truth], np.sort(scores[~truth]))
    assert len(condensed[0]) < 110_000 < len(scores)
    assert condensed[2].sum() == pytest.approx(len(scores))
    assert fit_platt(*condensed) == pytest.approx(fit_platt(scores, truth), abs=0.01)


def test_a_rare_tag_stays_near_the_common_fit():
    """Its only article happens to have a middling score, from which alone one would learn that scores mean nothing."""
    scores, truth = sigmoid_world(3.0, -1.0, rows=3000)
    rare = np.zeros(3000, bool)
    rare[np.argsort(scores)[1500]] = True
    together = np.stack([scores, scores], axis=1), np.stack([truth, rare], axis=1)
    free = calibrate_tags(*together, strength=(0.0, 0.0))
    bound = calibrate_tags(*together, strength=(1.0, 1.0))
    assert free.slope[1] < 0.15 < 0.3 < bound.slope[1]
    assert bound.slope[0] == pytest.approx(free.slope[0], abs=0.05)


def test_tag_probabilities_are_calibrated_and_keep_the_order():
    scores, truth = sigmoid_world(4.0, 1.0)
    fitted = calibrate_tags(scores[:, None], truth[:, None])
    probability = tag_probabilities(scores[:, None], fitted)
    assert calibration_error(probability, truth[:, None]) < 0.01
    assert (np.diff(probability[np.argsort(scores), 0]) >= 0).all()


def drawn(chance: np.ndarray, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).random((len(chance), 1)) > np.cumsum(chance, axis=1)).sum(axis=1)


def test_event_type_calibration_finds_what_made_the_data():
    scores = np.random.default_rng(1).normal(-0.5, 1.0, size=(20_000, 3))
    offset = np.array([1.0, 0.0, -1.0])
    chance = softmax(event_logits(scores, np.full(3, 2.5), offset, 3.0))
    truth = drawn(chance)
    fitted = calibrate_event_type(scores, truth)
    np.testing.assert_allclose(fitted.slope, 2.5, atol=0.2)
    np.testing.assert_allclose(fitted.offset, offset, atol=0.2)
    assert fitted.power == pytest.approx(3.0, abs=0.3)
    np.testing.assert_allclose(event_type_probabilities(scores, fitted), chance, atol=0.05)


def test_a_plain_softmax_is_found_too():
    scores = np.random.default_rng(1).normal(size=(20_000, 3))
    chance = softmax(2.5 * scores + np.array([1.0, 0.0, -1.0]))
    truth = drawn(chance)
    probability = event_type_probabilities(scores, calibrate_event_type(scores, truth))
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    np.testing.assert_allclose(probability, chance, atol=0.03)
    assert calibration_error(probability.max(axis=1), probability.argmax(axis=1) == truth) < 0.02


def test_the_highest_score_has_the_highest_probability_once_offsets_are_in_the_intercepts():
    scores = np.random.default_rng(2).normal(size=(500, 4))
    fitted = calibrate_event_type(scores, np.arange(500) % 4)
    moved = scores + fitted.offset / fitted.slope
    assert (event_type_probabilities(scores, fitted).argmax(axis=1) == moved.argmax(axis=1)).all()


def test_articles_weigh_what_they_are_said_to():
    scores = np.random.default_rng(3).normal(size=(400, 2))
    truth = (scores[:, 1] > scores[:, 0]).astype(np.int64)
    truth[200:] = 1 - truth[200:]
    first = calibrate_event_type(scores, truth, np.where(np.arange(400) < 200, 1.0, 1e-6))
    right = event_type_probabilities(scores, first).argmax(axis=1) == truth
    assert right[:200].mean() > 0.95


def test_of_many_negatives_some_stand_for_all():
    scores, truth = sigmoid_world(4.0, -4.0, rows=30_000)
    whole = fit_platt(scores, truth)
    kept = _weighed(scores[truth], np.sort(scores[~truth]))
    assert len(kept[0]) < 3000 + truth.sum()
    assert kept[2].sum() == pytest.approx(30_000)
    assert fit_platt(*kept) == pytest.approx(whole, abs=0.1)


def test_abstention_keeps_its_promise_and_decides_as_much_as_it_can():
    sure = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    right = np.array([True, True, False, True, False])
    assert choose_abstention(sure, right, 0.75) == pytest.approx((0.6, 0.8, 0.75))
    assert choose_abstention(sure, right, 0.9) == pytest.approx((0.8, 0.4, 1.0))
    assert choose_abstention(sure, ~right, 0.9) == (1.0, 0.0, 0.0)


def test_abstention_does_not_part_equal_probabilities():
    sure = np.array([0.9, 0.5, 0.5])
    assert choose_abstention(sure, np.array([True, True, False]), 0.9)[0] == 0.9


def test_perfect_and_huge_scores_stay_finite():
    truth = np.arange(30) % 3
    scores = np.where(truth[:, None] == np.arange(3), 1e3, -1e3)
    fitted = calibrate_event_type(scores, truth)
    assert np.isfinite(event_type_probabilities(scores, fitted)).all()


def test_nothing_to_calibrate():
    assert calibrate_tags(np.zeros((0, 2)), np.zeros((0, 2), bool)).slope.tolist() == [1, 1]
    assert calibrate_event_type(np.zeros((0, 2)), np.zeros(0, int)).offset.tolist() == [0, 0]


@pytest.mark.parametrize("labels", [3, 40])
def test_folds_are_calibrated_as_if_each_were_alone(labels):
    """With 40 labels their negatives are condensed, with 3 they are not."""
    random = np.random.default_rng(1)
    truth = random.random((1500, labels)) < np.linspace(0.0, 0.5, labels)
    scores = np.round(random.normal(np.where(truth, 0.3, -0.8), 0.5), 2)
    folds = random.permutation(np.arange(1500) % 3) * 7
    whole, logits = cross_calibrate_tags(scores, truth, folds)
    alone = calibrate_tags(scores, truth)
    np.testing.assert_array_equal(whole.slope, alone.slope)
    np.testing.assert_array_equal(whole.offset, alone.offset)
    for fold in (0, 7, 14):
        inside = folds == fold
        others = calibrate_tags(scores[~inside], truth[~inside])
        np.testing.assert_array_equal(logits[inside], others.slope * scores[inside] + others.offset)
    np.testing.assert_array_equal(cross_calibrate_tags(scores, truth, folds, jobs=2)[1], logits)


def test_nothing_is_calibrated_where_there_is_no_tag():
    whole, logits = cross_calibrate_tags(np.zeros((4, 0)), np.zeros((4, 0), bool), np.arange(4) % 2)
    assert whole.slope.shape == (0,)
    assert logits.shape == (4, 0)
