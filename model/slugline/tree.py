"""A label tree: linear classifiers along a path of nodes, for more tags than can all be asked. Numpy alone.

Parabel (Prabhu et al. 2018) and Bonsai (Khandagale et al. 2020) with a centroid for each tag beside its classifier,
which is what is known of a tag that one or two articles have. `slugline.learn.tree` grows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from slugline.decide import NOT_MENTIONED
from slugline.tree_level import LEAF_ARRAYS, LEVEL_ARRAYS, TreeLevel, checked_level
from slugline.tree_search import STEEPNESS, TreeSearch, cut, lengths, log_sigmoid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.features.tfidf import Rows
    from slugline.head import LinearHead
    from slugline.tree_search import Candidates

MOST_LEVELS = 12
MOST_TREES = 100
MOST_RECENCY = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """One tree: its levels, and the tag at each place of the last one."""

    levels: tuple[TreeLevel, ...]
    order: NDArray[np.int32]  # (L,)
    place_of: NDArray[np.int64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        places = np.empty(len(self.order), dtype=np.int64)
        places[self.order] = np.arange(len(self.order))
        object.__setattr__(self, "place_of", places)

    def contributions(self, rows: Rows, row: int, label: int, nearness: float) -> tuple[float, NDArray[np.float64]]:
        """The constant part of one tag's score of one article, and what each of the article's terms adds to it."""
        child = int(self.place_of[label])
        total, constant = np.zeros(int(rows.indptr[row + 1] - rows.indptr[row])), 0.0
        for level in reversed(self.levels):
            margin, near = level.contributions(rows, row, child)
            bias, moved = float(level.intercept[child]), float(margin.sum())
            at, without = (float(log_sigmoid(np.array(STEEPNESS * value))) for value in (bias + moved, bias))
            constant += without
            slope = (at - without) / moved if abs(moved) > 1e-9 else STEEPNESS / (1.0 + np.exp(STEEPNESS * bias))
            total += slope * margin
            if level.centroid is not None:
                total += nearness * near / float(lengths(cut(rows, slice(row, row + 1)))[0])
            child = int(np.searchsorted(level.child_ptr, child, side="right")) - 1
        return constant, total


@dataclass(frozen=True, slots=True, eq=False)
class LabelTree:
    """A section of the model file: the tag head's scores come from here, and its labels and decisions from the head.

    In one tree a tag's score is the sum over its path from the root of log sigmoid(STEEPNESS * margin), plus `nearness`
    times the cosine between article and centroid. An article's best `beam` nodes of a level are looked at further, and
    its best `candidates` tags are kept. Of several trees, which differ in how tags are grouped, the score is the
    logarithm of the mean of exp(score), a tag that is no candidate of a tree counting 0 there. To that a candidate's
    `recency` is added, where there is one. A tag that is nobody's candidate has the score NOT_MENTIONED.
    """

    trees: tuple[Tree, ...]
    nearness: float
    beam: int
    candidates: int
    recency: NDArray[np.float32] | None = None  # (L,)

    @property
    def labels(self) -> tuple[str, ...]:
        """None beside those of the head."""
        return ()

    def searcher(self) -> TreeSearch:
        """What searches these trees, faster after many articles."""
        return TreeSearch(
            [(tree.levels, tree.order) for tree in self.trees],
            nearness=self.nearness,
            beam=self.beam,
            candidates=self.candidates,
            recency=self.recency,
        )

    def search(self, rows: Rows) -> Candidates:
        """The best tags of each article. An article's do not depend on the others in `rows`.

        Raises ModelFileError where the weights are damaged.
        """
        return self.searcher().search(rows)

    def contributions(
        self, rows: Rows, row: int, label: int, *, searched: bool = True
    ) -> tuple[float, NDArray[np.float64]]:
        """The constant part of one tag's score of one article, and what each of the article's terms adds to it.

        With `searched` False the tag's own path counts in every tree, whether or not the search followed it.

        Together they are the score but for its recency. Each margin is an exact sum over terms; log sigmoid of it is
        shared out among them in the proportion of their parts of the margin (the rescale rule of Shrikumar et al. 2017,
        DeepLIFT), so that of two terms at one level the one with the larger product of weight and value always adds
        more. The nearness is a sum over terms as it is. With several trees the terms' parts in each weigh as much as
        its exp(score) in the sum of all, and what the logarithm of the mean is more than that is in the constant part.
        """
        one = cut(rows, slice(row, row + 1))
        scores = np.full(len(self.trees), -np.inf)
        if searched:
            for number, found in enumerate(self.searcher().each(one)):
                at = np.flatnonzero(found.labels[0] == label)
                if len(at):
                    scores[number] = found.scores[0, at[0]]
        else:
            for number, tree in enumerate(self.trees):
                constant, parts = tree.contributions(one, 0, label, self.nearness)
                scores[number] = constant + float(parts.sum())
        if not np.isfinite(scores).any():
            return NOT_MENTIONED, np.zeros(len(one.indices))
        weight = np.exp(scores - scores.max())
        mean = float(scores.max() + np.log(weight.sum() / len(weight)))
        weight /= weight.sum()
        total = np.zeros(len(one.indices))
        for share, tree in zip(weight.tolist(), self.trees, strict=True):
            if share > 0:
                total += share * tree.contributions(one, 0, label, self.nearness)[1]
        return mean - float(total.sum()), total

    def describe(self) -> dict[str, Any]:
        """What the manifest says of it: plain JSON."""
        levels = [len(tree.levels) for tree in self.trees]
        return {"levels": levels, "nearness": self.nearness, "beam": self.beam, "candidates": self.candidates}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Its arrays: of each tree `0.order`, and of each of its levels `0.0.child_ptr` and so on; `recency` if any."""
        found: dict[str, NDArray[Any]] = {} if self.recency is None else {"recency": self.recency}
        for one, tree in enumerate(self.trees):
            found[f"{one}.order"] = tree.order
            for number, level in enumerate(tree.levels):
                names = LEVEL_ARRAYS + (LEAF_ARRAYS if level.centroid is not None else ())
                found |= {f"{one}.{number}.{name}": getattr(level, name) for name in names}
        return found

    @classmethod
    def read(cls, about: dict[str, Any], arrays: dict[str, NDArray[Any]], heads: Mapping[str, LinearHead]) -> Self:
        """The trees of a file, everything checked but the weights' sizes. Raises ValueError or KeyError."""
        counts, nearness = about["levels"], about["nearness"]
        if not isinstance(counts, list) or not 1 <= len(counts) <= MOST_TREES:
            raise ValueError(f"levels is not a list of 1 to {MOST_TREES} numbers")
        if not all(type(count) is int and 1 <= count <= MOST_LEVELS for count in counts):
            raise ValueError(f"levels is not 1 to {MOST_LEVELS}")
        if type(nearness) not in (int, float) or not 0 <= nearness <= 1e6:
            raise ValueError("nearness is not a number from 0 to 1000000")
        for name in ("beam", "candidates"):
            if type(about[name]) is not int or not 1 <= about[name] <= 10**6:
                raise ValueError(f"{name} is not a number from 1 to 1000000")
        if "tags" not in heads:
            raise ValueError("a tree without a tag head")
        names: set[str] = set()
        for one, count in enumerate(counts):
            names |= {f"{one}.{number}.{name}" for number in range(count) for name in LEVEL_ARRAYS}
            names |= {f"{one}.{count - 1}.{name}" for name in LEAF_ARRAYS} | {f"{one}.order"}
        if set(arrays) - {"recency"} != names:
            raise ValueError("the arrays are not those of a tree")
        head, recency = heads["tags"], arrays.get("recency")
        if recency is not None and (recency.dtype != np.float32 or recency.shape != (len(head.labels),)):
            raise ValueError("recency is not one float32 for each tag")
        if recency is not None and not (np.abs(recency) <= MOST_RECENCY).all():
            raise ValueError(f"recency holds a value that is not a number up to {MOST_RECENCY}")
        trees = [_tree(arrays, one, count, head) for one, count in enumerate(counts)]
        return cls(tuple(trees), float(nearness), about["beam"], about["candidates"], recency)


def _tree(arrays: dict[str, NDArray[Any]], one: int, count: int, head: LinearHead) -> Tree:
    """One tree of a file whose arrays' names are right."""
    tags, terms = len(head.labels), len(head.indptr) - 1
    order = arrays[f"{one}.order"]
    if order.dtype != np.int32 or order.shape != (tags,) or not _is_permutation(order):
        raise ValueError("order does not hold every tag once")
    levels: list[TreeLevel] = []
    nodes = 1
    for number in range(count):
        names = LEVEL_ARRAYS + (LEAF_ARRAYS if number == count - 1 else ())
        levels.append(checked_level({name: arrays[f"{one}.{number}.{name}"] for name in names}, nodes, terms))
        nodes = len(levels[-1].scale)
    if nodes != tags:
        raise ValueError(f"the last level has {nodes} places for {tags} tags")
    return Tree(tuple(levels), order)


def _is_permutation(order: NDArray[Any]) -> bool:
    if not len(order) or order.min() < 0 or order.max() >= len(order):
        return False
    return bool((np.bincount(order, minlength=len(order)) == 1).all())
