"""Metrics of ranked tags against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from slugline.config import EvaluateConfig
from slugline.evaluate.evaluation import evaluate_tags
from slugline.evaluate.ranking import inverse_propensities, rank, rank_candidates

# Two articles over six tags; the second has more true tags than the first, the third has none.
TRUTH = np.array([[0, 1, 0, 0, 1, 0], [1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0]], dtype=bool)
CHANCE = np.array([[0.1, 0.9, 0.8, 0.3, 0.7, 0.2], [0.9, 0.1, 0.8, 0.2, 0.7, 0.6], [0.5, 0.4, 0.3, 0.2, 0.1, 0.0]])
WEIGHTS = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])


def test_precision_recall_and_gain_by_hand():
    ranked = rank(TRUTH, CHANCE, WEIGHTS)
    # Ranked: tags 1 2 4 3 5 (right, wrong, right, wrong, wrong) and 0 2 4 5 3 (right, right, wrong, wrong, right).
    assert ranked.precision(1)[:2].tolist() == [1.0, 1.0]
    assert ranked.precision(3)[:2] == pytest.approx([2 / 3, 2 / 3])
    assert ranked.precision(5)[:2] == pytest.approx([2 / 5, 3 / 5])
    assert ranked.recall(3)[:2] == pytest.approx([1.0, 2 / 4])
    second, third, fourth, fifth = (1 / np.log2(rank_ + 1) for rank_ in (2, 3, 4, 5))
    assert ranked.ndcg(3)[0] == pytest.approx((1 + third) / (1 + second))
    assert ranked.ndcg(5)[1] == pytest.approx((1 + second + fifth) / (1 + second + third + fourth))
    for measure in (ranked.precision, ranked.recall, ranked.ndcg):
        assert np.isnan(measure(3)[2])


def test_propensity_scored_precision_by_hand():
    gain, most = rank(TRUTH, CHANCE, WEIGHTS).propensity_scored(3)
    assert gain.tolist() == [2.0 + 16.0, 1.0 + 4.0, 0.0]
    assert most.tolist() == [16.0 + 2.0, 8.0 + 4.0 + 2.0, 0.0]
    gain, most = rank(TRUTH, CHANCE, WEIGHTS).propensity_scored(1)
    assert gain.tolist() == [2.0, 1.0, 0.0]
    assert most.tolist() == [16.0, 8.0, 0.0]
    assert rank(TRUTH, CHANCE).propensity_scored(1) is None


def test_ties_share_gains():
    gain, _ = rank(TRUTH[:1], np.array([[0.0, 0.5, 0.5, 0.5, 0.5, 0.0]]), WEIGHTS).propensity_scored(1)
    assert gain.tolist() == [(2.0 + 16.0) / 4]


def test_candidates_give_the_same_without_a_column_for_every_tag():
    order = np.argsort(-CHANCE, axis=1)[:, :5]
    found = rank_candidates(order, np.take_along_axis(CHANCE, order, axis=1), csr_array(TRUTH), WEIGHTS)
    dense = rank(TRUTH, CHANCE, WEIGHTS)
    for k in (1, 3, 5):
        for name in ("precision", "recall", "ndcg"):
            np.testing.assert_allclose(getattr(found, name)(k), getattr(dense, name)(k))
        np.testing.assert_allclose(found.propensity_scored(k), dense.propensity_scored(k))


def test_a_missing_candidate_is_no_hit():
    found = rank_candidates(np.array([[5, -1]]), np.zeros((1, 2)), csr_array(TRUTH[:1]), WEIGHTS)
    assert found.precision(1).tolist() == [0.0]
    assert found.propensity_scored(3)[0].tolist() == [0.0]


def test_propensities_are_those_of_the_paper():
    # C = (ln 1000 - 1) * 2.5 ** 0.55 = 9.778; 1 + C * (n + 1.5) ** -0.55
    scale = (np.log(1000) - 1) * 2.5**0.55
    assert inverse_propensities(np.array([0, 1, 998]), 1000) == pytest.approx(
        [1 + scale * 1.5**-0.55, 1 + scale * 2.5**-0.55, 1 + scale * 999.5**-0.55]
    )
    assert (np.diff(inverse_propensities(np.arange(100), 1000)) < 0).all()


def test_an_evaluation_has_them_with_intervals():
    found = evaluate_tags(
        list("abcdef"),
        TRUTH,
        CHANCE,
        CHANCE > 0.5,
        inverse_propensity=WEIGHTS,
        config=EvaluateConfig(bootstrap=50),
        rule="test",
    ).metrics
    assert found["psp_at_3"].value == pytest.approx((18 + 5) / (18 + 14))
    assert found["recall_at_3"].value == pytest.approx(0.75)
    assert found["ndcg_at_1"].value == 1.0
    assert found["psp_at_3"].low <= found["psp_at_3"].value <= found["psp_at_3"].high
