from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from slugline.article import Labels
from slugline.config import LearnConfig
from slugline.learn.folds import INNER, choose_folds


def days(count: int) -> list[dt.date]:
    """In no order."""
    order = np.random.default_rng(0).permutation(count)
    return [dt.date(2020, 1, 1) + dt.timedelta(days=int(number)) for number in order]


def chosen(dates, groups=None, *, by_time=True, folds=5):
    count = len(dates)
    groups = np.arange(count) if groups is None else groups
    labels = [Labels(None, "ab"[number % 2]) for number in range(count)]
    return choose_folds(labels, groups, dates, LearnConfig(folds=folds), by_time=by_time)


def test_folds_by_time_are_stretches_of_it():
    dates = days(100)
    found = chosen(dates)
    assert found.by_time
    assert np.bincount(found.numbers).tolist() == [20] * 5
    for number in range(4):
        inside = [date for date, fold in zip(dates, found.numbers, strict=True) if fold == number]
        later = [date for date, fold in zip(dates, found.numbers, strict=True) if fold == number + 1]
        assert max(inside) < min(later)


def test_articles_of_one_day_and_near_duplicates_share_a_fold():
    dates = [date for date in days(30) for _ in range(3)]
    groups = np.arange(90)
    groups[80] = groups[3]
    found = chosen(dates, groups)
    assert all(len(set(found.numbers[start : start + 3])) == 1 for start in range(0, 78, 3))
    assert found.numbers[80] == found.numbers[3] or dates[80] == dates[3]


def test_either_end_weighs_most():
    found = chosen(days(50))
    ends = np.isin(found.numbers, [0, 4])
    assert (found.weights[ends] == 1).all()
    assert (found.weights[~ends] == INNER).all()
    assert (chosen(days(50), by_time=False).weights == 1).all()


@pytest.mark.parametrize(
    "dates", [[None] * 50, days(25) + [None] * 25, [dt.date(2020, 1, 1)] * 50], ids=["none", "half", "one day"]
)
def test_without_dates_enough_folds_are_random(dates):
    found = chosen(dates)
    assert not found.by_time
    assert len(np.unique(found.numbers)) == 5


def test_the_few_undated_are_dealt_out():
    found = chosen([*days(95), *[None] * 5])
    assert found.by_time
    assert sorted(found.numbers[95:].tolist()) == [0, 1, 2, 3, 4]
