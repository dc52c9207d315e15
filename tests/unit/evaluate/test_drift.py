"""The drift of labels between training and held-out articles."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from slugline.evaluate.drift import label_drift


def test_distances_are_those_of_the_definitions():
    train, held = {"war": 60, "sport": 40}, {"war": 10, "sport": 20, "vote": 10}
    found = label_drift(train, held, (100, 40))
    shares = np.array([[0.6, 0.4, 0.0], [0.25, 0.5, 0.25]])
    assert found.labels == 3
    assert found.total_variation == pytest.approx(0.35)
    assert found.jensen_shannon == pytest.approx(jensenshannon(*shares, base=2) ** 2)
    assert [(move.label, move.train, move.held_out) for move in found.movers] == [
        ("war", 0.6, 0.25),
        ("vote", 0.0, 0.25),
        ("sport", 0.4, 0.5),
    ]
    json.dumps(found.to_dict(), allow_nan=False)


def test_shares_of_tags_are_shares_of_articles():
    """Tags are several to an article: distances are over occurrences, what is shown over articles."""
    found = label_drift({"a": 10, "b": 10}, {"a": 5, "b": 0}, (10, 10))
    assert found.total_variation == pytest.approx(0.5)
    assert {move.label: (move.train, move.held_out) for move in found.movers} == {"a": (1.0, 0.5), "b": (1.0, 0.0)}


def test_two_samples_of_the_same_news_are_as_far_apart_as_chance_says():
    rng = np.random.default_rng(1)
    shares = rng.dirichlet(np.ones(40))
    found = []
    for _ in range(100):
        parts = [dict(enumerate(rng.multinomial(size, shares).tolist())) for size in (1000, 200)]
        train, held = ({str(label): count for label, count in part.items()} for part in parts)
        found.append(label_drift(train, held, (1000, 200)))
    assert np.mean([one.total_variation for one in found]) == pytest.approx(
        np.mean([one.by_chance for one in found]), rel=0.05
    )
    assert np.mean([one.p <= 0.1 for one in found]) <= 0.1 + 4 * 0.03
    assert np.mean([one.p <= 0.5 for one in found]) == pytest.approx(0.5, abs=0.2)


def test_real_drift_is_told_from_chance():
    found = label_drift({"war": 500, "sport": 500}, {"war": 140, "sport": 60}, (1000, 200))
    assert found.p < 0.01
    assert found.total_variation > 3 * found.by_chance


@pytest.mark.parametrize(("train", "held"), [({}, {"a": 1}), ({"a": 1}, {}), ({"a": 0}, {"a": 3})])
def test_a_part_without_labels_has_no_drift(train, held):
    assert label_drift(train, held, (5, 5)) is None
