from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.decide import sigmoid, softmax
from slugline.learn.calibration import (
    _condensed,
    calibrate_event_type,
    calibrate_tags,
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
    condensed = _condensed(scores[truth], scores[~truth])
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


def test_event_type_calibration_finds_what_made_the_data():
    random = np.random.default_rng(0)
    scores = random.normal(size=(20_000, 3))
    offset = np.array([1.0, 0.0, -1.0])
    chance = softmax(2.5 * scores + offset)
    truth = (random.random((20_000, 1)) > np.cumsum(chance, axis=1)).sum(axis=1)
    fitted = calibrate_event_type(scores, truth)
    np.testing.assert_allclose(fitted.slope, 2.5, atol=0.1)
    np.testing.assert_allclose(fitted.offset - fitted.offset[1], offset, atol=0.1)
    probability = event_type_probabilities(scores, fitted)
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    assert calibration_error(probability.max(axis=1), probability.argmax(axis=1) == truth) < 0.02


def test_perfect_and_huge_scores_stay_finite():
    truth = np.arange(30) % 3
    scores = np.where(truth[:, None] == np.arange(3), 1e3, -1e3)
    fitted = calibrate_event_type(scores, truth)
    assert np.isfinite(event_type_probabilities(scores, fitted)).all()


def test_nothing_to_calibrate():
    assert calibrate_tags(np.zeros((0, 2)), np.zeros((0, 2), bool)).slope.tolist() == [1, 1]
    assert calibrate_event_type(np.zeros((0, 2)), np.zeros(0, int)).offset.tolist() == [0, 0]
