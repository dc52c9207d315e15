from __future__ import annotations

import numpy as np
import pytest

from slugline.learn.estimators import ESTIMATORS, Problem
from slugline.learn.estimators.base import FoldWatcher
from slugline.learn.watch import FoldJudge, judge_tags, judge_types
from slugline.progress import silent
from unit.learn.test_crossval import problem


def test_tags_are_judged_at_the_cuts_that_are_best_for_them():
    truth = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0]], dtype=bool)
    scores = np.array([[3.0, 0, 0], [2, 0, 0], [1, -5, 0], [0, -6, 0]])
    micro, macro = judge_tags(truth, scores)
    # One cut for both tags finds the two positives of the first; a cut of its own finds the second's among the lowest.
    assert micro == pytest.approx(2 * 2 / (2 + 3))
    assert macro == pytest.approx((1 + 2 / 4) / 2)
    assert judge_tags(np.zeros((2, 2), dtype=bool), np.ones((2, 2))) == (0.0, 0.0)


def test_types_are_judged_by_the_highest_score():
    truth = np.eye(3, dtype=bool)[[0, 0, 1, 2]]
    scores = np.array([[2.0, 1, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]])
    assert judge_types(truth, scores) == (0.75, pytest.approx((2 / 3 + 2 / 3 + 1) / 3))


def test_folds_are_told_as_they_come_and_compare():
    X, Y, folds = problem()
    told, ticks = [], []
    judge = FoldJudge(lambda number, value: told.append((number, value)), lambda: ticks.append(1))
    assert isinstance(judge, FoldWatcher)
    assert not isinstance(silent, FoldWatcher)
    for what in ("tags", "event types"):
        _, scores = ESTIMATORS["svm"].cross_fit(Problem(X, Y), folds, progress=judge, what=what)
    assert [number for number, _ in told] == list(range(1, 9))
    assert len(ticks) > 8
    expected = [np.mean(judge_tags(Y[folds == fold], scores[folds == fold])) for fold in range(4)]
    assert told[3][1] == pytest.approx(np.mean(expected))
    of_types = [np.mean(judge_types(Y[folds == fold], scores[folds == fold])) for fold in range(4)]
    assert told[7][1] == pytest.approx((np.mean(expected) + np.mean(of_types)) / 2)


def test_who_watches_may_stop_the_work():
    X, Y, folds = problem()

    def stop(number, _value):
        if number == 2:
            raise StopIteration("enough")

    with pytest.raises((StopIteration, RuntimeError), match="enough"):
        ESTIMATORS["svm"].cross_fit(Problem(X, Y), folds, progress=FoldJudge(stop, lambda: None))
