from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from slugline.article import Labels
from slugline.config import Config, LearnConfig, replace
from slugline.learn.event_type_head import abstention, train_event_type
from slugline.learn.heads import TrainedHead

NAMES = ("crime", "sport", "vote")


def world(rows: int = 240) -> tuple[csr_matrix, list[Labels], list[dt.date]]:
    """Three types, told apart by three terms with noise; dated in order."""
    random = np.random.default_rng(0)
    truth = random.integers(0, 3, rows)
    X = np.abs(random.normal(0, 0.6, (rows, 6)))
    X[np.arange(rows), truth] += 0.8
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    labels = [Labels(None, NAMES[number]) for number in truth]
    return csr_matrix(X), labels, [dt.date(2020, 1, 1) + dt.timedelta(days=number) for number in range(rows)]


def head(split: str = "random", *, folds_by: str = "auto", dated: bool = True, **settings: float) -> TrainedHead:
    X, labels, dates = world()
    config = replace(replace(Config(), "split", method=split), "learn", folds_by=folds_by)
    config = replace(config, "event_type", **settings)
    return train_event_type(X, labels, np.arange(len(labels)), NAMES, config, dates=dates if dated else None)


@pytest.mark.parametrize(
    ("split", "folds_by", "dated", "expected"),
    [
        ("temporal", "auto", True, "time"),
        ("random", "auto", True, "random"),
        ("random", "time", True, "time"),
        ("temporal", "random", True, "random"),
        ("temporal", "auto", False, "random"),
    ],
)
def test_folds_are_by_time_where_the_split_is(split, folds_by, dated, expected):
    assert head(split, folds_by=folds_by, dated=dated).cross_validated["folds_by"] == expected


def test_the_model_file_gets_the_power_and_the_shares():
    made = head()
    assert made.linear_head(LearnConfig()).power == made.calibration.power > 0
    assert sorted(made.priors) == list(NAMES)
    assert sum(made.priors.values()) == pytest.approx(1)


def test_the_limit_is_chosen_for_the_precision_that_is_asked_for():
    made = head(min_precision=0.95)
    free = head()
    assert free.abstain_below == 0
    assert free.cross_validated["accuracy"] < 0.95
    assert 0 < made.abstain_below < 1
    assert made.cross_validated["precision_decided"] >= 0.95
    assert 0 < made.cross_validated["decided"] < 1


def test_a_limit_of_the_users_goes_first():
    made = head(min_precision=0.95, abstain_below=0.4)
    assert made.abstain_below == 0.4
    assert "precision_decided" not in made.cross_validated


def test_the_precision_weighs_articles_as_told():
    probability = np.array([[0.9, 0.1], [0.6, 0.4]])
    config = replace(Config(), "event_type", min_precision=0.7)
    truth = np.array([0, 1])
    assert abstention(probability, truth, config)[0] == 0.9
    assert abstention(probability, truth, config, np.array([9.0, 1.0]))[0] == 0.6
