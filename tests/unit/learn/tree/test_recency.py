"""How recent tags are, and what that should count: against hand-made pasts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from slugline.learn.tree.recency import SCALE, past, recency_of
from slugline.tree_search import Candidates


def test_recency_falls_from_the_end_and_later_articles_do_not_count():
    Y = csr_matrix(np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float32))
    days = np.array([0.0, 100.0, 465.0, np.nan])
    assert recency_of(Y, days, 465.0) == pytest.approx([np.exp(-365 / SCALE), 1.0, np.nan], nan_ok=True)
    assert recency_of(Y, days, 100.0) == pytest.approx([1.0, 1.0, np.nan], nan_ok=True)


def test_the_past_knows_no_later_tag():
    """Five articles trained on, one each fifth; of the held-out ones those of the first fifth have no past."""
    inside, days = csr_matrix(np.eye(5, dtype=np.float32)), np.arange(5.0)
    held = csr_matrix(np.array([[1, 0, 0, 0, 0], [1, 0, 0, 0, 1]], dtype=np.float32))
    labels = np.array([[0, 4, -1], [0, 4, 1]])
    found = past(Candidates(labels, np.zeros((2, 3))), held, np.array([0.0, 2.2]), inside, days)
    assert found.found.labels.tolist() == [[0, -1, 1]]
    assert found.truth.toarray().tolist() == [[1, 0, 0, 0, 0]]
    assert found.recency[0, 2] > found.recency[0, 0] > 0
    assert found.recency[0, 1] == 0


@pytest.mark.parametrize(("newer", "weight"), [(True, 1.0), (False, 0.0)])
def test_the_weight_is_that_which_ranks_best(newer, weight):
    """Of two tags with equal words the newer is right, or the older; the other scores a little more."""
    days = np.arange(0.0, 4000.0, 10.0)
    inside = csr_matrix((np.ones(400), np.repeat(np.arange(40), 10), np.arange(401)), shape=(400, 40))
    when = np.arange(1005.0, 3900.0, 100.0)
    last = (when // 100).astype(int) - 1
    labels = np.stack([last, last - 4], axis=1)
    right = labels[:, 0] if newer else labels[:, 1]
    scores = np.where(labels == right[:, None], 0.0, 0.4 if newer else -0.4)
    truth = csr_matrix((np.ones(len(when)), right, np.arange(len(when) + 1)), shape=(len(when), 40))
    order = np.argsort(-scores, axis=1)
    found = Candidates(np.take_along_axis(labels, order, 1), np.take_along_axis(scores, order, 1))
    assert past(found, truth, when, inside, days).best_weight() == weight


def test_nobody_dated_is_a_past_without_articles():
    Y = csr_matrix(np.eye(3, dtype=np.float32))
    found = past(Candidates(np.zeros((3, 1), int), np.zeros((3, 1))), Y, np.full(3, np.nan), Y, np.full(3, np.nan))
    assert len(found.found.labels) == 0
    assert found.best_weight() == 0.0
