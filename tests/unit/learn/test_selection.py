from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from slugline.learn.selection import calibration_error, log_loss, micro_macro


def test_f1_is_that_of_scikit_learn():
    random = np.random.default_rng(0)
    truth, decided = random.random((50, 6)) < 0.3, random.random((50, 6)) < 0.4
    truth[:, 5] = decided[:, 5] = False
    expected = [f1_score(truth, decided, average=kind, zero_division=0) for kind in ("micro", "macro")]
    assert micro_macro(decided, truth) == pytest.approx(expected)


def test_no_labels_score_nothing():
    assert micro_macro(np.zeros((3, 0), bool), np.zeros((3, 0), bool)) == (0.0, 0.0)


def test_calibration_error_of_known_cases():
    assert calibration_error(np.array([0.0, 1.0]), np.array([False, True])) == 0
    assert calibration_error(np.array([1.0, 1.0]), np.array([False, True])) == 0.5
    # Two bins that err in opposite directions do not cancel out.
    assert calibration_error(np.array([0.9, 0.1]), np.array([False, True])) == pytest.approx(0.9)
    assert calibration_error(np.zeros(0), np.zeros(0, bool)) == 0


def test_log_loss_is_finite_where_certainty_was_wrong():
    assert log_loss(np.array([0.5]), np.array([True])) == pytest.approx(np.log(2))
    assert np.isfinite(log_loss(np.array([0.0]), np.array([True])))
