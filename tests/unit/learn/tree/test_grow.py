"""A label tree: what it learns, that it is the same for any number of threads, and what its kernels solve."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csc_matrix, csr_matrix, random

from slugline.config import TreeConfig
from slugline.features.tfidf import Rows
from slugline.learn.tree.grow import _levels, grow_trees
from slugline.learn.tree.nodes import fit_nodes, split_nodes
from slugline.tree import LabelTree
from slugline.tree_search import STEEPNESS, Candidates


def problem(labels: int = 60, each: int = 6, seed: int = 0) -> tuple[csr_matrix, csr_matrix]:
    """Articles with words of their label and noise: X (n, d) of length 1, Y (n, labels)."""
    rng = np.random.default_rng(seed)
    owner = np.repeat(np.arange(labels), each)
    places = np.repeat(np.arange(len(owner)), 3), (owner[:, None] * 3 + [0, 1, 2]).ravel()
    own = csr_matrix((np.ones(len(owner) * 3), places))
    noise = random(len(owner), 40, density=0.1, random_state=rng, format="csr")
    X = csr_matrix(np.hstack([own.toarray(), noise.toarray()]))
    length = np.sqrt(np.asarray(X.multiply(X).sum(axis=1)))
    X = csr_matrix(X.multiply(1 / length))
    return X, csr_matrix((np.ones(len(owner), np.float32), (np.arange(len(owner)), owner)))


def rows_of(X: csr_matrix) -> Rows:
    return Rows(X.indptr.astype(np.int64), X.indices.astype(np.int64), X.data)


@pytest.mark.parametrize("config", [TreeConfig(leaf=4), TreeConfig(leaf=4, branch=4, beam=3), TreeConfig(leaf=500)])
def test_every_label_is_found_again(config):
    X, Y = problem()
    tree = grow_trees(X, Y, 1.0, config, 0, 1)
    found = tree.search(rows_of(X))
    assert np.mean(found.labels[:, 0] == Y.indices) > 0.98
    assert sorted(tree.trees[0].order.tolist()) == list(range(60))


def test_the_same_bytes_for_any_number_of_threads_and_again():
    X, Y = problem(200)
    made = [grow_trees(X, Y, 0.5, TreeConfig(leaf=3, branch=16), 7, jobs) for jobs in (1, 2, 4)]
    arrays = [{name: array.tobytes() for name, array in tree.arrays().items()} for tree in made]
    assert arrays[0] == arrays[1] == arrays[2]
    other = grow_trees(X, Y, 0.5, TreeConfig(leaf=3, branch=16), 8, 1)
    assert other.trees[0].order.tolist() != made[0].trees[0].order.tolist()


def test_one_label_and_labels_without_articles():
    X, Y = problem(3)
    tree = grow_trees(X, csr_matrix(Y[:, :1]), 1.0, TreeConfig(), 0, 1)
    assert set(tree.search(rows_of(X)).labels.ravel().tolist()) == {0}
    wider = csr_matrix((Y.data, Y.indices, Y.indptr), shape=(Y.shape[0], 9))
    found = grow_trees(X, wider, 1.0, TreeConfig(leaf=2), 0, 1).search(rows_of(X))
    assert np.mean(found.labels[:, 0] == Y.indices) > 0.98


def test_levels_are_even():
    assert _levels(7, 256) == [7]
    assert _levels(9, 256) == [4, 9]
    assert _levels(14, 256) == [7, 14]
    assert _levels(0, 256) == []


def solved(X: csr_matrix, Y: csr_matrix, C: float, *, prune: float = 0.0, centroids: bool = False):
    """The kernel on one node with all rows, as dense weights (L, d) and intercepts."""
    n, labels = Y.shape
    owners = csc_matrix(Y)
    counts, terms, ends, child, weight, near, scale, intercept, wide = fit_nodes(
        X.indptr.astype(np.int64),
        X.indices.astype(np.int32),
        X.data.astype(np.float32),
        X.shape[1],
        np.array([0, n]),
        np.arange(n, dtype=np.int32),
        np.array([0, labels]),
        owners.indptr.astype(np.int64),
        owners.indices.astype(np.int32),
        np.array([[0, 0, labels]]),
        0,
        C,
        500,
        1e-6,
        prune,
        centroids,
    )
    assert counts.tolist() == [len(terms)]
    term = np.repeat(terms, np.diff(ends, prepend=0))
    W, Z = np.zeros((labels, X.shape[1])), np.zeros((labels, X.shape[1]))
    W[child, term] = weight * scale[child]
    Z[child, term] = near * wide[child]
    return W, intercept, Z


def test_classifiers_are_those_of_liblinear():
    from sklearn.svm import LinearSVC

    X, Y = problem(6, 10)
    W, intercept, _ = solved(X, Y, 0.5)
    for label in range(6):
        exact = LinearSVC(C=0.5, tol=1e-8, max_iter=100000).fit(X, Y.toarray()[:, label] > 0)
        assert intercept[label] == pytest.approx(exact.intercept_[0], abs=2e-3)
        # Eight bits of each weight are kept.
        assert np.abs(W[label] - exact.coef_[0]).max() < np.abs(exact.coef_[0]).max() / 127


def test_small_weights_are_dropped_and_centroids_have_length_one():
    X, Y = problem(6, 10)
    W, _, Z = solved(X, Y, 0.5, centroids=True)
    exact = np.asarray(Y.T @ X.toarray())
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    assert np.abs(Z - exact).max() < exact.max() / 127
    pruned, _, _ = solved(X, Y, 0.5, prune=0.1)
    assert (np.abs(W[(pruned == 0) & (W != 0)]) < 0.101).all()
    assert np.count_nonzero(pruned) < np.count_nonzero(W)


def test_two_means_part_two_topics():
    X = csr_matrix(np.array([[1.0, 0], [0, 1], [0.9, 0.1], [0.1, 0.9], [0.95, 0.05]]))
    X = csr_matrix(X.multiply(1 / np.sqrt(np.asarray(X.multiply(X).sum(axis=1)))))
    order = np.arange(5)
    arguments = X.indptr.astype(np.int64), X.indices.astype(np.int32), X.data.astype(np.float32)
    split_nodes(*arguments, 2, np.array([0, 5]), order, 0, 1, 0, 20)
    halves = {frozenset(order[:3].tolist()), frozenset(order[3:].tolist())}
    assert {frozenset({0, 2, 4}), frozenset({1, 3})} == halves or frozenset({1, 3}) < set(order[:3].tolist())


def test_scores_are_what_the_arrays_say():
    X, Y = problem(40)
    config = TreeConfig(leaf=5, branch=4, beam=1000, candidates=40, prune=0.0, trees=1)
    tree = grow_trees(X, Y, 1.0, config, 0, 1)
    exact = brute_force(tree, X)
    found = tree.search(rows_of(X))
    for row in range(0, X.shape[0], 17):
        kept = found.labels[row] >= 0
        assert kept.all()
        assert found.scores[row] == pytest.approx(exact[row, found.labels[row]], abs=1e-6)
        assert (np.diff(found.scores[row]) <= 0).all()


def test_several_trees_are_the_mean_of_their_exponentials():
    X, Y = problem(40)
    config = TreeConfig(leaf=5, branch=4, beam=1000, candidates=40, trees=3)
    trees = grow_trees(X, Y, 1.0, config, 0, 1)
    each = [LabelTree((tree,), trees.nearness, trees.beam, trees.candidates) for tree in trees.trees]
    assert len({tree.order.tobytes() for tree in trees.trees}) == 3
    total = sum(np.exp(by_label(one.search(rows_of(X)), 40)) for one in each)
    assert by_label(trees.search(rows_of(X)), 40) == pytest.approx(np.log(total / 3), abs=1e-9)
    few = LabelTree(trees.trees, trees.nearness, 2, 3).search(rows_of(X))
    assert few.labels.shape == (240, 3)
    assert (np.diff(few.scores, axis=1) <= 0).all()


def by_label(found: Candidates, labels: int) -> np.ndarray:
    scores = np.full((len(found.labels), labels), -np.inf)
    scores[np.arange(len(scores))[:, None], found.labels] = found.scores
    return scores


def brute_force(tree, X: csr_matrix) -> np.ndarray:
    """Every label's score of every article, from dense weights, level by level."""
    path = np.zeros((X.shape[0], 1))
    for level in tree.trees[0].levels:
        node = np.repeat(np.arange(len(level.key_ptr) - 1), np.diff(level.key_ptr))
        each = np.diff(level.entry_ptr.astype(np.int64))
        child = level.child_ptr[np.repeat(node, each)] + level.child
        W = np.zeros((len(level.scale), X.shape[1]))
        W[child, np.repeat(level.terms, each)] = level.weight * level.scale[child]
        margin = X @ W.T + level.intercept
        parent = np.repeat(np.arange(len(level.child_ptr) - 1), np.diff(level.child_ptr))
        path = path[:, parent] - np.log1p(np.exp(-STEEPNESS * margin))
        if level.centroid is not None:
            Z = np.zeros(W.shape)
            Z[child, np.repeat(level.terms, each)] = level.centroid * level.centroid_scale[child]
            path += tree.nearness * (X @ Z.T) / np.sqrt(np.asarray(X.multiply(X).sum(axis=1)))
    scores = np.empty_like(path)
    scores[:, tree.trees[0].order] = path
    return scores
