"""What is measured of sparse tags is what is measured of the same tags as arrays."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from slugline.config import EvaluateConfig
from slugline.evaluate.bands import bands_of
from slugline.evaluate.evaluation import evaluate_tags
from slugline.evaluate.outcomes import tag_outcomes
from slugline.evaluate.ranking import rank

# (articles, tags, candidates): more articles than are ranked at once, tags that are nobody's, and fewer than 5 tags.
SHAPES = [(150, 400, 20), (70, 9, 3), (3, 2000, 2), (5, 3, 2), (2, 1, 1)]


@pytest.fixture(params=SHAPES, ids=str)
def arrays(request):
    """(truth, probability, decided): a few candidates with ties, true tags that are none, articles without any."""
    articles, tags, most = request.param
    draw = np.random.default_rng(articles)
    probability = np.zeros((articles, tags))
    truth = np.zeros((articles, tags), dtype=bool)
    for row in range(articles):
        own = draw.choice(tags, size=draw.integers(0, most + 1), replace=False)
        probability[row, own] = draw.choice([0.01, 0.1, 0.3, 0.7, 1.0], len(own))
        truth[row, draw.choice(tags, size=draw.integers(0, min(tags, 6)), replace=False)] = True
        truth[row, own[:1]] = True
    return truth, probability, probability > 0.2


def test_rankings(arrays):
    truth, probability, _ = arrays
    weights = np.random.default_rng(1).uniform(1, 9, truth.shape[1])
    dense, sparse = rank(truth, probability, weights), rank(csr_array(truth), csr_array(probability), weights)
    for name in ("probability", "relevance", "actual", "gain", "most"):
        assert np.array_equal(getattr(dense, name), getattr(sparse, name)), name
    np.testing.assert_allclose(sparse.lrap, dense.lrap, rtol=1e-14)


def test_evaluations(arrays):
    tags = [f"t{number}" for number in range(arrays[0].shape[1])]
    settings = {"config": EvaluateConfig(bootstrap=20), "rule": "zero"}
    dense = evaluate_tags(tags, *arrays, **settings).to_dict()
    sparse = evaluate_tags(tags, *map(csr_array, arrays), **settings).to_dict()
    assert sparse.keys() == dense.keys()
    for name, value in dense.items():
        assert sparse[name] == (pytest.approx(value) if isinstance(value, float) else value), name


def test_outcomes_and_bands(arrays):
    truth, probability, decided = arrays
    tags = [f"t{number}" for number in range(truth.shape[1])]
    unknown = [["other"]] * len(truth)
    trained = {tag: number for number, tag in enumerate(tags)}
    flags, given = csr_array(truth), csr_array(decided)
    assert tag_outcomes(tags, flags, unknown, csr_array(probability), given) == tag_outcomes(
        tags, truth, unknown, probability, decided
    )
    config = EvaluateConfig(bootstrap=20)
    assert bands_of(tags, flags, given, unknown, trained, config) == bands_of(
        tags, truth, decided, unknown, trained, config
    )


def test_a_probability_above_1_is_refused():
    flags = csr_array(np.array([[True, False]]))
    with pytest.raises(ValueError, match="outside"):
        evaluate_tags(["a", "b"], flags, csr_array(np.array([[1.5, 0.0]])), flags, config=EvaluateConfig(), rule="zero")
