"""The search of a label tree: the same numbers for one article and for many, by tables and without."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.sparse import csr_matrix, random_array

from slugline import tree_search, tree_table
from slugline.config import TreeConfig
from slugline.features.tfidf import Rows
from slugline.learn.tree.grow import grow_trees
from slugline.learn.tree.head import as_rows
from slugline.tree import LabelTree, Tree
from slugline.tree_search import TreeSearch, cut

TERMS, LABELS = 300, 500


@pytest.fixture(scope="module")
def X() -> csr_matrix:  # noqa: N802
    """800 articles, some of them empty, over terms of which the last 100 have no weight in any tree."""
    found = random_array((800, TERMS), density=0.04, rng=np.random.default_rng(5), format="lil", dtype=np.float32)
    found[::50] = 0
    return csr_matrix(found)


def grown(X: csr_matrix, **settings: int) -> LabelTree:
    draw = np.random.default_rng(6)
    Y = csr_matrix((np.ones(1600), (np.repeat(np.arange(800), 2), draw.integers(0, LABELS, 1600))), (800, LABELS))
    Y.data[:] = 1
    known = X.copy()
    known.data[known.indices >= 200] = 0
    known.eliminate_zeros()
    return grow_trees(known, Y, 1.0, dataclasses.replace(TreeConfig(), trees=2, **settings), 1, 1)


@pytest.fixture(
    scope="module",
    params=[{"leaf": 4, "branch": 512}, {"leaf": 4, "branch": 4}, {"leaf": 600}],
    ids=["over 64 nodes", "four levels", "a root alone"],
)
def tree(request, X) -> LabelTree:
    return grown(X, **request.param)


def alone(tree: LabelTree, rows: Rows) -> list[tuple[list[int], list[float]]]:
    """Every article searched by itself, by a search that has seen too few to make tables."""
    found = [tree.searcher().search(cut(rows, slice(at, at + 1))) for at in range(len(rows))]
    return [(one.labels[0].tolist(), one.scores[0].tolist()) for one in found]


def together(tree: LabelTree, rows: Rows) -> list[tuple[list[int], list[float]]]:
    found = tree.searcher().search(rows)
    return list(zip(found.labels.tolist(), found.scores.tolist(), strict=True))


def test_many_articles_have_the_very_numbers_of_single_ones(tree, X):
    rows = as_rows(X)
    assert len(rows) >= tree_search.MANY
    assert together(tree, rows) == alone(tree, rows)


@pytest.mark.parametrize("limit", ["_CELLS", "_WORDS"])
def test_trees_too_large_for_a_table_have_them_too(tree, X, limit, monkeypatch):
    rows = as_rows(X)
    expected = together(tree, rows)
    monkeypatch.setattr(tree_table, limit, 0)
    assert together(tree, rows) == expected


def test_tables_are_made_after_many_articles_in_small_batches(tree, X, monkeypatch):
    rows, made = as_rows(X), []
    monkeypatch.setattr(TreeSearch, "_prepare", lambda _: made.append(1))
    search = tree.searcher()
    for start in range(0, 800, 100):
        search.search(cut(rows, slice(start, start + 100)))
    assert made == [1]
    made.clear()
    tree.searcher().search(cut(rows, slice(0, tree_search.MANY - 1)))
    assert made == []


def test_a_weight_that_a_file_says_twice_counts_twice(X):
    tree = grown(X, leaf=4, branch=512)
    levels = [dataclasses.replace(level, child=level.child.copy()) for level in tree.trees[0].levels]
    for level in levels:
        # The first key with two entries now names one child in both.
        key = int(np.flatnonzero(np.diff(level.entry_ptr) > 1)[0])
        level.child[level.entry_ptr[key] + 1] = level.child[level.entry_ptr[key]]
    tree = dataclasses.replace(tree, trees=(Tree(tuple(levels), tree.trees[0].order),))
    rows = as_rows(X)
    assert together(tree, rows) == alone(tree, rows)


def test_no_article_at_all(tree, X):
    assert tree.searcher().search(cut(as_rows(X), slice(0, 0))).labels.shape[0] == 0
