"""Bootstrap intervals: seeded, independent of the memory's blocks, unbiased by labels that vanish."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.config import EvaluateConfig
from slugline.evaluate.evaluation import evaluate_tags
from slugline.evaluate.intervals import resamples, with_intervals


@given(st.integers(1, 30), st.integers(0, 40), st.integers(1, 200))
def test_resamples_are_multinomial_counts_whatever_the_block(articles, count, cells):
    blocks = list(resamples(articles, count, seed=3, cells=cells))
    assert all(block.size <= max(cells, articles) for block in blocks)
    weights = np.hstack(blocks) if blocks else np.zeros((articles, 0))
    assert weights.shape == (articles, count)
    assert (weights.sum(axis=0) == articles).all()
    if count:
        np.testing.assert_array_equal(weights, np.hstack(list(resamples(articles, count, seed=3))))


def test_a_mean_gets_the_interval_that_theory_gives():
    values = np.random.default_rng(0).normal(5, 2, 400)
    config = EvaluateConfig(bootstrap=4000)
    metric = with_intervals(lambda weights: {"mean": values @ weights / 400}, 400, config)["mean"]
    error = values.std() / np.sqrt(400)
    assert metric.value == pytest.approx(values.mean())
    assert metric.low == pytest.approx(values.mean() - 1.96 * error, abs=0.1 * error)
    assert metric.high == pytest.approx(values.mean() + 1.96 * error, abs=0.1 * error)


def test_confidence_seed_and_no_bootstrap():
    values = np.random.default_rng(0).random(50)

    def interval(**changes):
        config = dataclasses.replace(EvaluateConfig(bootstrap=500), **changes)
        return with_intervals(lambda weights: {"mean": values @ weights / 50}, 50, config)["mean"]

    assert interval() == interval()
    assert interval() != interval(seed=1)
    wide, narrow = interval(confidence=0.99), interval(confidence=0.8)
    assert wide.low < narrow.low < narrow.high < wide.high
    assert interval(bootstrap=0).low is None


def test_undefined_resamples_are_left_out():
    def statistic(weights):
        return {"first": np.where(weights[0] > 0, 0.5, np.nan), "never": np.full(weights.shape[1], np.nan)}

    found = with_intervals(statistic, 3, EvaluateConfig(bootstrap=100))
    assert (found["first"].value, found["first"].low, found["first"].high) == (0.5, 0.5, 0.5)
    assert found["never"].value is None


def long_tailed(articles=400):
    """5 frequent tags that are learnt well and 60 with one or two articles, a third of them found."""
    rng = np.random.default_rng(7)
    truth = np.zeros((articles, 65), dtype=bool)
    truth[:, :5] = rng.random((articles, 5)) < 0.3
    for tag in range(5, 65):
        truth[rng.choice(articles, rng.integers(1, 3), replace=False), tag] = True
    decided = truth.copy()
    decided[:, :5] ^= rng.random((articles, 5)) < 0.05
    decided[:, 5:][:, rng.random(60) < 0.67] = False
    return truth, decided


def test_trap_macro_f1_is_not_pulled_down_by_vanished_labels():
    truth, decided = long_tailed()
    config = EvaluateConfig(bootstrap=400)
    found = evaluate_tags(
        [str(number) for number in range(65)], truth, decided * 0.9, decided, config=config, rule="zero"
    ).metrics
    for name in ("macro_f1", "macro_precision", "macro_recall"):
        assert found[name].low < found[name].value < found[name].high, name
        assert (found[name].low + found[name].high) / 2 == pytest.approx(found[name].value, abs=0.02), name
    metric = found["macro_f1"]

    zero_scored, left_out = [], []
    for weights in np.hstack(list(resamples(400, 400, seed=0))).T:
        hits, actual = weights @ (truth & decided), weights @ truth
        f1 = 2 * hits / np.maximum(actual + weights @ decided, 1)
        zero_scored.append(f1.mean())
        left_out.append(f1[actual > 0].mean())
    # What the two easy ways would have given: the whole interval below the value, or above it.
    assert np.quantile(zero_scored, 0.975) < metric.value
    assert np.mean(left_out) > metric.value + 0.02


def test_calibration_error_of_a_calibrated_model_lies_within_its_interval():
    rng = np.random.default_rng(11)
    probability = rng.uniform(0.05, 0.95, (300, 5))
    truth = rng.random((300, 5)) < probability
    metric = evaluate_tags(
        list("abcde"), truth, probability, probability > 0.5, config=EvaluateConfig(bootstrap=400), rule="zero"
    ).metrics["ece"]
    assert 0 <= metric.low < metric.value < metric.high


@pytest.mark.slow
def test_intervals_cover():
    """About 95 in 100 intervals hold the true micro-F1: between 86 and 100 of 80 repetitions' share."""
    rng = np.random.default_rng(5)
    share = np.array([0.3, 0.2, 0.1, 0.05])

    def draw(articles):
        truth = rng.random((articles, 4)) < share
        return truth, np.where(truth, rng.random((articles, 4)) < 0.8, rng.random((articles, 4)) < 0.05)

    truth, decided = draw(400_000)
    true_f1 = 2 * (truth & decided).sum() / (truth.sum() + decided.sum())
    held = 0
    for _ in range(80):
        truth, decided = draw(250)
        metric = evaluate_tags(
            list("abcd"), truth, decided * 0.9, decided, config=EvaluateConfig(bootstrap=300), rule="zero"
        ).metrics["micro_f1"]
        held += metric.low <= true_f1 <= metric.high
    assert held >= 69
