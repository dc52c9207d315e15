"""Corrected precision: exact where all was judged, unbiased and covered where a part was."""

from __future__ import annotations

import json

import numpy as np
import pytest

from slugline.evaluate.judge import corrected, spread
from slugline.evaluate.mistakes import Mistake


def population(rng, count=400):
    """False positives of which the more probable ones are more often right, and whether they are."""
    probability = rng.random(count)
    right = rng.random(count) < probability * 0.8
    found = [Mistake(str(number), "", "t", float(p)) for number, p in enumerate(probability)]
    return sorted(found, key=lambda one: -one.probability), {str(n): bool(r) for n, r in enumerate(right)}


def judge(found, chosen, right, **counts):
    said = {(one.id, one.label): "yes" if right[one.id] else "no" for one in chosen}
    return corrected(found, said, **({"hits": 600, "decided": 1000, "actual": 800} | counts))


def test_where_all_was_judged_the_figures_are_exact():
    found, right = population(np.random.default_rng(1))
    judgement = judge(found, found, right)
    more = sum(right.values())
    assert judgement.missing == pytest.approx(more)
    assert not judgement.lower_bound
    for measure, before, after in (
        (judgement.precision, 0.6, (600 + more) / 1000),
        (judgement.micro_f1, 1200 / 1800, (1200 + 2 * more) / (1800 + more)),
    ):
        assert measure.value == pytest.approx(before)
        assert (measure.corrected, measure.low, measure.high) == (pytest.approx(after),) * 3
    json.dumps(judgement.to_dict(), allow_nan=False)


def test_a_sample_of_every_band_is_unbiased_and_its_interval_covers():
    rng = np.random.default_rng(2)
    errors, covered = [], 0
    for number in range(200):
        found, right = population(rng)
        judgement = judge(found, spread(found, 80, seed=number), right)
        truth = (600 + sum(right.values())) / 1000
        errors.append(judgement.precision.corrected - truth)
        covered += judgement.precision.low <= truth <= judgement.precision.high
    assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(len(errors))
    assert 0.90 <= covered / 200 <= 0.995


def test_the_most_probable_alone_give_a_lower_bound():
    found, right = population(np.random.default_rng(3))
    judgement = judge(found, [one for one in found if one.probability >= 0.9], right)
    assert judgement.lower_bound
    assert judgement.missing == sum(right[one.id] for one in found if one.probability >= 0.9)
    assert judgement.precision.low == judgement.precision.high


def test_unsure_ones_are_not_counted_and_others_are_passed_over():
    found = [Mistake(str(number), "", "t", 0.95) for number in range(4)]
    said = {("0", "t"): "yes", ("1", "t"): "no", ("2", "t"): "unsure", ("3", "other"): "yes"}
    judgement = corrected(found, said, hits=4, decided=8, actual=5)
    assert judgement.missing == 2
    assert judgement.passed_over == 1
    top = judgement.strata[-1]
    assert (top.false_positives, top.yes, top.no, top.unsure) == (4, 1, 1, 1)
    # One is known to be right and one to be wrong, whatever the others are.
    assert 5 / 8 <= judgement.precision.low < 6 / 8 < judgement.precision.high <= 7 / 8


def test_nothing_decided_and_no_false_positive():
    judgement = corrected([], {}, hits=0, decided=0, actual=0)
    assert (judgement.precision.value, judgement.micro_f1.corrected, judgement.missing) == (None, None, 0)
    assert not judgement.lower_bound


def test_spread_takes_every_band_alike_and_all_where_there_are_few():
    found = [Mistake(str(n), "", "t", p) for n, p in enumerate([0.95] * 2 + [0.8] * 50 + [0.1] * 50)]
    chosen = spread(found, 22)
    assert [sum(one.probability == p for one in chosen) for p in (0.95, 0.8, 0.1)] == [2, 10, 10]
    assert chosen == spread(found, 22)
    assert chosen == sorted(chosen, key=found.index)
    assert spread(found, 1000) == found
    assert spread([], 5) == []
