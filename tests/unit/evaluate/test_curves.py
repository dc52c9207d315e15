from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import average_precision_score

from slugline.evaluate.curves import LEAST, POINTS, curves


def _sample(articles: int = 300, labels: int = 5) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    probability = np.round(random.random((articles, labels)) ** 2, 3)
    probability = np.maximum(probability, LEAST)
    return random.random(probability.shape) < probability, probability


def test_average_precision_is_scikit_learns() -> None:
    truth, probability = _sample()
    micro, second = curves(list("abcde"), truth, probability, ["b"])
    assert micro.average_precision == pytest.approx(average_precision_score(truth.ravel(), probability.ravel()))
    assert second.average_precision == pytest.approx(average_precision_score(truth[:, 1], probability[:, 1]))
    assert (micro.label, second.label) == (None, "b")
    assert micro.support == truth.sum()


def test_points_are_few_and_true() -> None:
    truth, probability = _sample()
    micro = curves(list("abcde"), truth, probability, [])[0]
    assert len(micro.recall) <= POINTS
    assert (np.diff(micro.recall) >= 0).all()
    assert (np.diff(micro.threshold) < 0).all()
    for threshold, precision, recall in zip(micro.threshold, micro.precision, micro.recall, strict=True):
        given = probability >= threshold
        assert precision == pytest.approx(truth[given].mean())
        assert recall == pytest.approx(truth[given].sum() / truth.sum())


def test_sparse_ones_are_the_same() -> None:
    truth, probability = _sample()
    probability[probability < 0.2] = 0
    dense = curves(list("abcde"), truth, probability, ["c"])
    sparse = curves(list("abcde"), csr_array(truth), csr_array(probability), ["c"])
    assert [one.to_dict() for one in dense] == [one.to_dict() for one in sparse]


def test_labels_that_no_column_has_are_never_found() -> None:
    truth, probability = np.array([[True], [False]]), np.array([[0.9], [0.2]])
    micro = curves(["a"], truth, probability, [], missed=1)[0]
    assert micro.support == 2
    assert micro.recall.max() == 0.5


def test_nothing_true_and_nothing_likely() -> None:
    nothing = np.zeros((3, 2))
    found = curves(["a", "b"], nothing.astype(bool), nothing, ["a"])
    assert [len(one.recall) for one in found] == [0]
    assert found[0].average_precision == 0
