from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.decide import best_sets, decide_tags, event_logits, softmax


def expected_f1(chosen: tuple[bool, ...], chance: list[float]) -> float:
    """By all outcomes of independent tags."""
    total = 0.0
    for truth in product((False, True), repeat=len(chance)):
        likely = float(np.prod([p if yes else 1 - p for p, yes in zip(chance, truth, strict=True)]))
        size = sum(chosen) + sum(truth)
        hits = sum(a and b for a, b in zip(chosen, truth, strict=True))
        total += likely * (1.0 if size == 0 else 2 * hits / size)
    return total


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=5))
def test_the_best_set_is_the_best_of_all_sets(chance):
    found = tuple(best_sets(np.array([chance]))[0].tolist())
    best = max(expected_f1(chosen, chance) for chosen in product((False, True), repeat=len(chance)))
    assert expected_f1(found, chance) == pytest.approx(best)


def test_many_tags_beyond_those_looked_at_count_by_their_number():
    decided = best_sets(np.concatenate([[0.9, 0.8], np.full(200, 0.01)])[None])
    assert np.flatnonzero(decided[0]).tolist() == [0, 1]


def test_an_article_is_decided_alone():
    probability = np.random.default_rng(0).random((20, 7))
    together = best_sets(probability)
    for row in range(20):
        np.testing.assert_array_equal(best_sets(probability[row : row + 1])[0], together[row])


def test_the_rank_takes_the_most_probable_not_the_highest_scores():
    scores, chance = np.array([[3.0, 2.0, 1.0]]), np.array([[0.1, 0.5, 0.9]])
    known = np.ones(1, dtype=bool)
    decided = decide_tags(scores, np.full(3, -1e9), known, fallback=False, rule="rank", rank=2, probability=chance)
    assert decided.tolist() == [[False, True, True]]


def test_the_fallback_needs_its_least_probability():
    scores, known = np.array([[-1.0, -2.0], [-1.0, -2.0]]), np.ones(2, dtype=bool)
    chance = np.array([[0.3, 0.2], [0.1, 0.2]])
    decided = decide_tags(scores, np.zeros(2), known, fallback=True, fallback_from=0.2, probability=chance)
    assert decided.tolist() == [[True, False], [False, False]]


@pytest.mark.parametrize("rule", ["rank", "expected-f1"])
def test_rules_on_probabilities_ask_for_them(rule):
    with pytest.raises(ValueError, match="probabilities"):
        decide_tags(np.zeros((1, 1)), np.zeros(1), np.ones(1, dtype=bool), fallback=False, rule=rule)


def test_logits_rise_with_the_score_and_stay_finite():
    scores = np.array([[-1e6, -3.0, 0.0, 3.0, 1e6]])
    for power in (0.0, 0.5, 4.0):
        logits = event_logits(scores, np.ones(5), np.zeros(5), power)
        assert (np.diff(logits[0]) > 0).all() or power
        assert (np.diff(logits[0]) >= 0).all()
        assert np.isfinite(softmax(logits)).all()


def test_the_power_is_that_of_the_sigmoid():
    scores = np.array([[0.5, -0.5, 2.0]])
    raised = (1 / (1 + np.exp(-(2 * scores + 1)))) ** 3
    np.testing.assert_allclose(softmax(event_logits(scores, np.full(3, 2.0), np.ones(3), 3.0)), raised / raised.sum())
