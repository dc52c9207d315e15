"""Growing a label tree: tags are clustered by what their articles say, then every node's classifiers are fitted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix, diags

from slugline.config import TreeConfig
from slugline.learn.parallel import Jobs, Task, in_order
from slugline.learn.solvers.sixteen import WIDTH
from slugline.learn.tree.nodes import fit_nodes, split_nodes
from slugline.progress import Progress, silent
from slugline.tree import LabelTree, Tree
from slugline.tree_level import TreeLevel

_ROUNDS = 6  # of 2-means
_TASKS = 32  # parts of a level, so that threads end at about the same time


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The training matrix as the kernels want it."""

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    data: NDArray[np.float32]
    terms: int

    @classmethod
    def of(cls, X: csr_matrix) -> _Rows:
        indices, data = X.indices.astype(np.int32, copy=False), X.data.astype(np.float32, copy=False)
        return cls(X.indptr.astype(np.int64), indices, data, X.shape[1])

    def arguments(self) -> tuple[Any, ...]:
        return self.indptr, self.indices, self.data, self.terms


def grow_trees(
    X: csr_matrix, Y: csr_matrix, C: float, config: TreeConfig, seed: int, jobs: Jobs, progress: Progress = silent
) -> LabelTree:
    """`config.trees` trees for the L labels of Y (n, L), sparse, 1 where an article has a label, from X (n, d).

    Labels are split into halves by spherical 2-means over the mean of their articles, down to `config.leaf` and fewer;
    of these binary levels so many are skipped that a node has up to `config.branch` children (Khandagale et al. 2020:
    shallow trees lose less). Each node is trained on the articles that have one of its labels, the root on all. Trees
    differ in where the 2-means start. The same bytes for any `jobs`, which are threads of this process, or whoever else
    does the work.
    """
    sums = csr_matrix(csc_matrix(Y).T @ X)
    length = np.sqrt(np.asarray(sums.multiply(sums).sum(axis=1)).ravel())
    means = _Rows.of(csr_matrix(diags(1 / np.where(length > 0, length, 1)) @ sums))
    del sums
    rows = _Rows.of(X)
    trees = []
    for number in range(config.trees):
        progress("growing trees", number, config.trees)
        # Far apart, because each level adds one to it.
        trees.append(_grow(rows, means, csc_matrix(Y), C, config, seed + 1000 * number, jobs))
    progress("growing trees", config.trees, config.trees)
    return LabelTree(tuple(trees), config.nearness, config.beam, config.candidates)


def _grow(rows: _Rows, means: _Rows, Y: csc_matrix, C: float, config: TreeConfig, seed: int, jobs: Jobs) -> Tree:
    """One tree; `means` are the labels' centroids, each of length 1."""
    articles, labels = Y.shape
    depth = max(0, int(np.ceil(np.log2(labels / config.leaf)))) if labels else 0
    # No part may be empty.
    depth = min(depth, int(np.floor(np.log2(labels)))) if labels else 0
    order, bounds = _cluster(means, labels, depth, seed, jobs)
    owners = Y[:, order]
    owners.sort_indices()
    reached = csc_matrix(np.ones((articles, 1)))
    above = np.array([0, labels])
    levels: list[TreeLevel] = []
    cuts = [bounds[at] for at in _levels(depth, config.branch)]
    for number, below in enumerate([*cuts, np.arange(labels + 1)]):
        leaf = number == len(cuts)
        children = owners if leaf else _gathered(owners, below)
        child_ptr = np.searchsorted(below, above)
        level = _fit(rows, reached, children, child_ptr, C, config, seed + number, jobs, leaf=leaf)
        levels.append(level)
        reached, above = children, below
    return Tree(tuple(levels), order.astype(np.int32))


def _levels(depth: int, branch: int) -> list[int]:
    """The binary levels that become levels of the tree, as evenly as can be.

    >>> _levels(7, 256), _levels(14, 256), _levels(0, 16)
    ([7], [7, 14], [])
    """
    if depth == 0:
        return []
    count = -(-depth // max(1, int(np.log2(branch))))
    return [round(depth * (number + 1) / count) for number in range(count)]


def _cluster(
    means: _Rows, labels: int, depth: int, seed: int, jobs: Jobs
) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
    """The labels in the tree's order, and for each binary level the bounds of its nodes in that order."""
    order = np.arange(labels)
    bounds = [np.array([0, labels])]
    if depth == 0:
        return order, bounds
    for level in range(depth):
        here = bounds[-1]
        nodes = len(here) - 1
        parts = np.unique(np.linspace(0, nodes, min(nodes, _TASKS) + 1).astype(np.int64))
        shared = *means.arguments(), here, order
        calls = [(*shared, low, high, seed + level, _ROUNDS) for low, high in pairwise(parts.tolist())]
        # They change `order` in place, which somebody elsewhere could not.
        _run(split_nodes, calls, jobs if isinstance(jobs, int) else 1, work=0.0)
        middle = here[:-1] + (np.diff(here) + 1) // 2
        bounds.append(np.append(np.stack([here[:-1], middle], axis=1).ravel(), labels))
    return order, bounds


def _gathered(owners: csc_matrix, bounds: NDArray[np.int64]) -> csc_matrix:
    """Which articles have a label of each node: (n, nodes), from (n, L) in the tree's order."""
    labels, nodes = owners.shape[1], len(bounds) - 1
    member = csr_matrix((np.ones(labels), np.repeat(np.arange(nodes), np.diff(bounds)), np.arange(labels + 1)))
    found = csc_matrix(owners @ member)
    found.sort_indices()
    return found


def _fit(
    rows: _Rows,
    reached: csc_matrix,
    children: csc_matrix,
    child_ptr: NDArray[np.int64],
    C: float,
    config: TreeConfig,
    seed: int,
    jobs: Jobs,
    *,
    leaf: bool,
) -> TreeLevel:
    """Fit one level: `reached` (n, P) says which articles train each node, `children` (n, C) which have each child."""
    tasks = np.array(
        [
            (node, low, min(low + WIDTH, int(child_ptr[node + 1])))
            for node in range(len(child_ptr) - 1)
            for low in range(int(child_ptr[node]), int(child_ptr[node + 1]), WIDTH)
        ],
        dtype=np.int64,
    ).reshape(-1, 3)
    work = np.cumsum((np.diff(reached.indptr)[tasks[:, 0]] + 1.0) * (tasks[:, 2] - tasks[:, 1]))
    cuts = np.searchsorted(work, np.linspace(0, work[-1], _TASKS + 1)[1:-1])
    parts = np.unique(np.concatenate([[0], cuts, [len(tasks)]]))
    articles = (reached.indptr.astype(np.int64), reached.indices.astype(np.int32))
    owners = (children.indptr.astype(np.int64), children.indices.astype(np.int32))
    shared = *rows.arguments(), *articles, child_ptr.astype(np.int64), *owners
    settings = seed, C, config.epochs, config.tolerance, config.prune, leaf
    calls = [(*shared, tasks[low:high], *settings) for low, high in pairwise(parts.tolist())]
    found = _run(fit_nodes, calls, jobs, work=len(rows.data) / len(rows.indptr) * float(work[-1]))
    lasts = np.cumsum([0, *(len(one[3]) for one in found)])
    before = np.repeat(lasts[:-1], [len(one[1]) for one in found])
    pieces = list(zip(*found, strict=True))
    del found
    # Joined one after the other, so that nothing but one of them is there twice.
    counts, terms, ends, child, weight, centroid, scale, intercept, wide = (
        np.concatenate(pieces.pop(0)) for _ in range(9)
    )
    ends += before
    node = np.repeat(tasks[:, 0], counts)
    each = np.diff(ends, prepend=0)
    if len(tasks) >= len(child_ptr):
        # The parts of a node that was fitted in several: their entries of one term come together.
        order = np.lexsort((terms, node))
        starts, each = ends[order] - each[order], each[order]
        small = np.int32 if lasts[-1] < 1 << 31 else np.int64
        entry_of = np.repeat((starts - (np.cumsum(each) - each)).astype(small), each)
        entry_of += np.arange(len(child), dtype=entry_of.dtype)
        child = child[entry_of]
        weight = weight[entry_of]
        centroid = centroid[entry_of]
        node, terms = node[order], terms[order]
        new = np.append(True, (np.diff(node) != 0) | (np.diff(terms) != 0)) if len(node) else np.zeros(0, bool)
        each = np.add.reduceat(each, np.flatnonzero(new)) if len(node) else each
        node, terms = node[new], terms[new]
    narrow = np.uint8 if int(np.diff(child_ptr).max()) <= 1 << 8 else np.uint16
    return TreeLevel(
        child_ptr.astype(np.int64),
        np.searchsorted(node, np.arange(len(child_ptr))).astype(np.int64),
        terms,
        np.append(0, np.cumsum(each)).astype(np.uint32),
        child.astype(narrow),
        weight,
        scale,
        intercept,
        centroid if leaf else None,
        wide if leaf else None,
    )


def _run(kernel: Callable[..., Any], calls: Sequence[tuple[Any, ...]], jobs: Jobs, *, work: float) -> list[Any]:
    """The kernel's results of all calls, in order."""
    return list(in_order([Task(kernel, call) for call in calls], jobs, work=work, threads=True))
