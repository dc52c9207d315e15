"""The best tags of articles in a label tree, found from the roots down. Numpy alone."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.decide import NOT_MENTIONED
from slugline.errors import ModelFileError
from slugline.head import fixed_point
from slugline.tree_table import KeyTable, RootTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from slugline.features.tfidf import Rows
    from slugline.tree_level import TreeLevel

STEEPNESS = 2.0
"""A margin m counts log sigmoid(STEEPNESS * m): a squared-hinge margin of 1 is a probability of 0.88."""

MANY = 512
"""After so many articles tables are made: for fewer it would take longer than it saves."""

_BLOCK = 1 << 15  # cells of scores at a time, so that what is made of them stays in the processor's cache
_NOWHERE = -1e9


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The best tags of N articles: `labels` (N, k), -1 where there are fewer, best first, and their `scores` (N, k)."""

    labels: NDArray[np.int64]
    scores: NDArray[np.float64]


class TreeSearch:
    """Searches the trees of a model: many articles at once faster than few, and with the very same numbers.

    This is possible as weights and values are whole numbers, whose sums do not depend on their order
    (`head.fixed_point`).
    """

    def __init__(
        self,
        trees: Sequence[tuple[tuple[TreeLevel, ...], NDArray[np.int32]]],
        *,
        nearness: float,
        beam: int,
        candidates: int,
        recency: NDArray[np.float32] | None = None,
    ) -> None:
        """Of each tree its levels and the tags at the places of the last one; see `LabelTree` for the rest."""
        self._recency = recency
        self._trees = tuple(trees)
        self._nearness = nearness
        self._beam = beam
        self._kept = max(1, min(candidates, len(self._trees[0][1])))
        self._summed: list[tuple[TreeLevel | KeyTable, ...]] = [levels for levels, _ in self._trees]
        self._roots: RootTable | None = None
        self._seen = 0
        widest = max(min(beam, len(level.key_ptr) - 1) * level.width for levels, _ in self._trees for level in levels)
        self._step = max(1, _BLOCK // widest)

    def search(self, rows: Rows) -> Candidates:
        """The best tags of each article. An article's do not depend on the others in `rows`.

        Raises ModelFileError where the weights are damaged.
        """
        if self._seen < MANY <= self._seen + len(rows):
            self._prepare()
        self._seen += len(rows)
        kept = self._kept
        labels = np.full((len(rows), kept), -1, dtype=np.int64)
        scores = np.full((len(rows), kept), NOT_MENTIONED)
        for start in range(0, len(rows), self._step):
            part = slice(start, min(start + self._step, len(rows)))
            found = _mean(self.each(cut(rows, part)))
            if self._recency is not None:
                found = added(found, self._recency[found.labels])
            width = min(kept, found.labels.shape[1])
            labels[part, :width], scores[part, :width] = found.labels[:, :width], found.scores[:, :width]
        return Candidates(labels, scores)

    def each(self, rows: Rows) -> list[Candidates]:
        """What each tree finds for some articles. Raises ModelFileError where the weights are damaged."""
        block = _Block(rows)
        roots = [None] * len(self._trees) if self._roots is None else self._roots.sums(rows, block.values)
        return [self._one(block, number, root) for number, root in enumerate(roots)]

    def _prepare(self) -> None:
        """Make the tables."""
        roots = [levels[0] for levels, _ in self._trees]
        self._roots = RootTable(roots) if RootTable.fits(roots) else None
        self._summed = [
            tuple(
                # What the table of roots knows is not asked again.
                KeyTable(level) if KeyTable.fits(level) and (number or self._roots is None) else level
                for number, level in enumerate(levels)
            )
            for levels, _ in self._trees
        ]

    def _one(self, block: _Block, tree: int, root: NDArray[np.float64] | None) -> Candidates:
        """What one tree finds; `root` are the sums at its root, where they are known."""
        levels, order = self._trees[tree]
        count = len(block.rows)
        every = np.arange(count)[:, None]
        nodes, path = np.zeros((count, 1), dtype=np.int64), np.zeros((count, 1))
        for number, (level, summed) in enumerate(zip(levels, self._summed[tree], strict=True)):
            leaf = number == len(levels) - 1
            sums, near = summed.sums(block.rows, block.values, nodes) if number or root is None else (root, None)
            padded, lone = level.padded, number == 0 and near is None
            score = block.unit * sums
            score *= padded.scale.take(nodes, axis=0)
            score += padded.intercept.take(nodes, axis=0)
            if not lone:
                # Where there is one node, the order of margins is that of scores.
                score = log_sigmoid(STEEPNESS * score)
                score += path[:, :, None]
            if near is not None and padded.centroid_scale is not None:
                near *= block.unit
                near *= padded.centroid_scale.take(nodes, axis=0)
                score += self._nearness * near / block.lengths
            if not np.isfinite(score).all():
                raise ModelFileError("damaged: a score is not a finite number", field="tree")
            flat, most = score.reshape(count, -1), self._kept if leaf else self._beam
            if flat.shape[1] > most:
                best = np.argpartition(-flat, most - 1, axis=1)[:, :most]
            else:
                best = np.broadcast_to(np.arange(flat.shape[1]), flat.shape)
            flat = flat[every, best]
            if lone:
                flat = log_sigmoid(STEEPNESS * flat)
            parent = best // level.width
            places = level.child_ptr[nodes[every, parent]] + (best - parent * level.width)
            # Of equal scores the first place, whatever else is in the batch.
            ranked = np.lexsort((places, -flat), axis=1)
            path, nodes = flat[every, ranked], places[every, ranked]
            # Nodes with fewer children than others leave places that are nothing's.
            there = path > _NOWHERE
            path, nodes = np.where(there, path, _NOWHERE), np.where(there, nodes, 0)
        sound = path > NOT_MENTIONED
        return Candidates(np.where(sound, order[nodes], -1), np.where(sound, path, NOT_MENTIONED))


class _Block:
    """Some articles, their values as whole numbers of a `unit` (N, 1, 1), and their `lengths` (N, 1, 1)."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        # In training, values are float32, and so would be their products.
        rows = dataclasses.replace(rows, values=rows.values.astype(np.float64, copy=False))
        self.values, shift = fixed_point(rows)
        self.unit = np.ldexp(1.0, -shift)[:, None, None]
        self.lengths = lengths(rows)[:, None, None]


def added(found: Candidates, more: NDArray[Any]) -> Candidates:
    """Candidates whose scores are higher by `more` (N, k), ranked anew."""
    there = found.labels >= 0
    scores = np.where(there, found.scores + more, NOT_MENTIONED)
    # Of equal scores the first tag in the head's order.
    best = np.lexsort((np.where(there, found.labels, np.iinfo(np.int64).max), -scores), axis=1)
    every = np.arange(len(scores))[:, None]
    return Candidates(found.labels[every, best], scores[every, best])


def cut(rows: Rows, part: slice) -> Rows:
    """The rows of a slice of articles."""
    from slugline.features.tfidf import Rows as Made

    pointers = rows.indptr[part.start : part.stop + 1]
    low, high = int(pointers[0]), int(pointers[-1])
    return Made(pointers - low, rows.indices[low:high], rows.values[low:high])


def lengths(rows: Rows) -> NDArray[np.float64]:
    """(N,) Euclidean lengths, 1 for an empty row."""
    owner = np.repeat(np.arange(len(rows)), np.diff(rows.indptr))
    square = np.bincount(owner, weights=rows.values * rows.values, minlength=len(rows))
    return np.where(square > 0, np.sqrt(square), 1.0)


def log_sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """log(1 / (1 + exp(-x))) without overflow."""
    return np.asarray(np.minimum(values, 0.0) - np.log1p(np.exp(-np.abs(values))))


def _mean(found: list[Candidates]) -> Candidates:
    """The candidates of several trees as those of one: log of the mean of exp(score), 0 where a tree has none."""
    if len(found) == 1:
        return found[0]
    labels = np.concatenate([one.labels for one in found], axis=1)
    scores = np.concatenate([one.scores for one in found], axis=1)
    every = np.arange(len(labels))[:, None]
    order = np.argsort(labels, axis=1, kind="stable")
    labels, scores = labels[every, order], scores[every, order]
    first = np.ones(labels.shape, dtype=bool)
    first[:, 1:] = labels[:, 1:] != labels[:, :-1]
    highest = scores.max(axis=1, keepdims=True)
    group = np.cumsum(first.ravel()) - 1
    total = np.bincount(group, weights=np.exp(scores - highest).ravel())
    mean = highest + np.log(np.maximum(total[group].reshape(scores.shape), 1e-300) / len(found))
    there = first & (labels >= 0) & (mean > NOT_MENTIONED)
    mean, labels = np.where(there, mean, NOT_MENTIONED), np.where(there, labels, -1)
    # Of equal scores the first tag in the head's order.
    best = np.lexsort((np.where(there, labels, np.iinfo(np.int64).max), -mean), axis=1)
    return Candidates(labels[every, best], mean[every, best])
