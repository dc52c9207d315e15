"""Paired tests keep their promises on simulated systems: p is uniform where there is no difference, intervals cover."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn import metrics as sk

from slugline.evaluate import significance
from slugline.evaluate.significance import MEASURES, benjamini_hochberg, paired_labels, paired_mean, paired_test

SIMULATIONS = 200


def simulated(rng, articles=120, labels=6, errors=(0.1, 0.1)):
    """Truth and two systems that flip each decision with their own probability, hard articles being hard for both."""
    truth = rng.random((articles, labels)) < 0.3
    hard = rng.random((articles, 1)) * 2
    a, b = (truth ^ (rng.random(truth.shape) < error * hard) for error in errors)
    return truth, a, b


@pytest.mark.parametrize("measure", MEASURES)
def test_p_is_uniform_where_the_systems_are_alike(measure):
    rng = np.random.default_rng(20)
    found = np.array([paired_test(*simulated(rng), measure, resamples=199, seed=n).p for n in range(SIMULATIONS)])
    # Four standard errors.
    for level in (0.05, 0.2, 0.5, 0.8):
        share, error = (found <= level).mean(), 4 * np.sqrt(level * (1 - level) / SIMULATIONS)
        assert share <= level + error
        # Accuracy takes few values, so that ties make its p larger than uniform.
        assert share >= level - error - (0.06 if measure == "accuracy" else 0)


def test_p_of_labels_is_uniform_too_and_few_are_found_after_adjusting():
    rng = np.random.default_rng(21)
    runs = [paired_labels(list("abcdef"), *simulated(rng, 200), resamples=199, seed=n) for n in range(100)]
    p = np.array([change.p for run in runs for change in run])
    assert len(p) > 500
    assert (p <= 0.05).mean() <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / len(p))
    # Where no label differs, any label found is a false one: at most 5 % of the runs may have one.
    assert sum(any(change.q <= 0.05 for change in run) for run in runs) <= 5 + 4 * np.sqrt(100 * 0.05 * 0.95)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_real_difference_is_found(measure):
    rng = np.random.default_rng(22)
    found = [paired_test(*simulated(rng, 400, errors=(0.15, 0.08)), measure, resamples=499) for _ in range(10)]
    assert all(test.difference > 0 and test.low > 0 and test.p <= 0.01 for test in found)


def test_intervals_of_accuracy_cover_the_true_difference():
    rng = np.random.default_rng(23)
    covered = 0
    for number in range(SIMULATIONS):
        # Right together more often than by chance; the true difference is 0.05.
        luck = rng.random(200)
        a, b = (luck < 0.70).astype(float), (0.7 * luck + 0.3 * rng.random(200) < 0.75).astype(float)
        expected = _share_right() - 0.70
        found = paired_mean(a, b, resamples=400, seed=number)
        covered += found.low <= expected <= found.high
    assert 0.90 <= covered / SIMULATIONS <= 0.985


def _share_right() -> float:
    """P(0.7 U + 0.3 V < 0.75) of uniform U and V."""
    v = (np.arange(100_000) + 0.5) / 100_000
    return float(np.clip((0.75 - 0.3 * v) / 0.7, 0, 1).mean())


@pytest.mark.parametrize("measure", ["micro_f1", "macro_f1"])
def test_intervals_of_f1_cover_the_true_difference(measure):
    rng = np.random.default_rng(24)
    errors = (0.12, 0.08)
    many = paired_test(*simulated(rng, 200_000, 4, errors), measure, resamples=1).difference
    covered = 0
    for number in range(SIMULATIONS):
        found = paired_test(*simulated(rng, 250, 4, errors), measure, resamples=400, seed=number)
        covered += found.low <= many <= found.high
    assert 0.90 <= covered / SIMULATIONS <= 0.985


@pytest.mark.parametrize("measure", MEASURES)
def test_p_nears_that_of_all_swaps(measure):
    """Of seven articles all 128 swaps can be tried."""
    rng = np.random.default_rng(25)
    truth, a, b = simulated(rng, 7, 3, errors=(0.4, 0.1))
    held = truth.any(axis=0)

    def value(decided):
        if measure == "accuracy":
            return float((decided == truth).all(axis=1).mean())
        average = measure.removesuffix("_f1")
        columns = slice(None) if average == "micro" else held
        return sk.f1_score(truth[:, columns], decided[:, columns], average=average, zero_division=0)

    seen = abs(value(b) - value(a))
    reached = 0
    for swap in itertools.product([False, True], repeat=len(truth)):
        rows = np.array(swap)[:, None]
        reached += abs(value(np.where(rows, a, b)) - value(np.where(rows, b, a))) >= seen - 1e-12
    found = paired_test(truth, a, b, measure, resamples=20_000)
    assert (found.a, found.b) == (pytest.approx(value(a)), pytest.approx(value(b)))
    assert found.p == pytest.approx(reached / 128, abs=0.015)


def test_the_same_system_twice():
    truth, a, _ = simulated(np.random.default_rng(26))
    for measure in MEASURES:
        found = paired_test(truth, a, a, measure, resamples=50)
        assert (found.difference, found.low, found.high, found.p, found.differing) == (0, 0, 0, 1, 0)
    assert paired_labels(list("abcdef"), truth, a, a) == ()


def test_numbers_depend_on_the_seed_and_not_on_the_blocks(monkeypatch):
    case = simulated(np.random.default_rng(27))
    before = [paired_test(*case, measure, resamples=300) for measure in MEASURES]
    labels = paired_labels(list("abcdef"), *case, resamples=300)
    other = paired_test(*case, resamples=300, seed=1)
    monkeypatch.setattr(significance, "_CELLS", 1000)
    assert [paired_test(*case, measure, resamples=300) for measure in MEASURES] == before
    assert paired_labels(list("abcdef"), *case, resamples=300) == labels
    assert (other.low, other.p) != (before[0].low, before[0].p)


def test_articles_without_a_value_are_left_out():
    a, b = np.array([1.0, np.nan, 0.0, 1.0]), np.array([1.0, 1.0, 1.0, np.nan])
    found = paired_mean(a, b, "precision_at_3", resamples=100)
    assert (found.articles, found.a, found.b, found.differing) == (2, 0.5, 1.0, 1)
    with pytest.raises(ValueError, match="no article"):
        paired_mean(a[1:2], b[1:2])


def test_labels_come_with_the_largest_gain_first():
    truth = np.ones((20, 3), dtype=bool)
    a, b = truth.copy(), truth.copy()
    a[:15, 0] = False
    b[:5, 2] = False
    found = paired_labels(["gained", "same", "lost"], truth, a, b)
    assert [(change.label, change.support, change.difference > 0) for change in found] == [
        ("gained", 20, True),
        ("lost", 20, False),
    ]
    assert found[0].q < 0.001
    # Five articles cannot tell.
    assert (found[1].differing, found[1].q) == (5, 1.0)
    assert found[1].p == pytest.approx(2 / 2**5, abs=0.01)
    assert found[0].to_dict()["label"] == "gained"


def test_benjamini_hochberg_as_scipy():
    from scipy.stats import false_discovery_control

    p = np.random.default_rng(28).random(50) ** 2
    assert benjamini_hochberg(p) == pytest.approx(false_discovery_control(p))


@pytest.mark.parametrize("wrong", ["shape", "dtype", "empty", "measure"])
def test_what_cannot_be_compared_is_refused(wrong):
    truth, a, b = simulated(np.random.default_rng(29))
    case = {
        "shape": (truth, a[1:], b, "micro_f1"),
        "dtype": (truth, a, b.astype(float), "micro_f1"),
        "empty": (truth[:0], a[:0], b[:0], "micro_f1"),
        "measure": (truth, a, b, "f1"),
    }[wrong]
    with pytest.raises(ValueError, match=r"expected bool|no article|one of micro_f1"):
        paired_test(*case)
