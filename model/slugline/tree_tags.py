"""A tag head whose scores come from a label tree: the same questions as of a linear head, answered for a few tags."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.decide import NOT_MENTIONED, decide_tags, sigmoid
from slugline.errors import ModelFileError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from slugline.features.tfidf import Rows
    from slugline.head import LinearHead
    from slugline.tree import LabelTree
    from slugline.tree_search import Candidates

BATCH = 128
"""Articles at once. Their candidates are columns of the verdicts: of twice the articles there are up to four times the
cells."""


class TreeTags:
    """The tags of `head` as `tree` scores them. Errors name the file `path`."""

    def __init__(
        self, head: LinearHead, tree: LabelTree, path: Path | None, hidden: NDArray[np.bool_] | None = None
    ) -> None:
        """`hidden` (L,) are the tags that are never said (None: none)."""
        self.head = head
        self._hidden = hidden
        self.tree = tree
        self._search = tree.searcher()
        self._path = path

    def search(self, rows: Rows) -> Candidates:
        """`LabelTree.search`. Raises ModelFileError where the weights are damaged."""
        try:
            return self._search.search(rows)
        except ModelFileError as error:
            raise ModelFileError(error.message, file=self._path) from error

    def scores(self, rows: Rows) -> NDArray[np.float64]:
        """(N, L), NOT_MENTIONED but for the candidates: for a few articles only."""
        found = self.search(rows)
        scores = np.full((len(rows), len(self.head.labels)), NOT_MENTIONED)
        article, place = np.nonzero(found.labels >= 0)
        scores[article, found.labels[article, place]] = found.scores[article, place]
        return scores

    def verdicts(
        self, rows: Rows, known: NDArray[np.bool_]
    ) -> tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """The M tags that are a candidate of one of N articles, and (N, M) scores, probabilities and decisions.

        A tag that is no candidate of an article has the score NOT_MENTIONED and the probability 0 there. An article
        without a term that the model knows (`known` is False) has no candidate.
        """
        head, found = self.head, self.search(rows)
        possible = (found.labels >= 0) & known[:, None]
        if self._hidden is not None:
            possible &= ~self._hidden[found.labels]
        article, place = np.nonzero(possible)
        numbers = found.labels[article, place]
        columns, at = np.unique(numbers, return_inverse=True)
        shape = (len(rows), len(columns))
        scores = np.full(shape, NOT_MENTIONED)
        scores[article, at] = found.scores[article, place]
        probability = np.zeros(shape)
        probability[article, at] = sigmoid(head.slope[numbers] * scores[article, at] + head.offset[numbers])
        labels = tuple(head.labels[number] for number in columns.tolist())
        if not len(columns):
            return labels, scores, probability, np.zeros(shape, dtype=bool)
        decided = decide_tags(
            scores,
            head.thresholds[columns],
            known & (found.labels[:, 0] >= 0),
            fallback=head.fallback,
            rule=head.rule,
            rank=head.rank,
            fallback_from=head.fallback_from,
            probability=probability,
        )
        return labels, scores, probability, decided & (scores > NOT_MENTIONED)

    def reasons(self, rows: Rows, row: int, tag: str, *, searched: bool = True) -> tuple[float, NDArray[np.float64]]:
        """The constant part of a tag's score of one article, and what each of its terms adds: together with the tag's
        recency the score. With `searched` False, of a tag that is no candidate of the article, as if it were one.
        """
        return self.tree.contributions(rows, row, self._numbers[tag], searched=searched)

    def recency(self, tag: str) -> float:
        """What a tag's score gains by how recent it is."""
        return 0.0 if self.tree.recency is None else float(self.tree.recency[self._numbers[tag]])

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {label: number for number, label in enumerate(self.head.labels)}


def tree_tags(
    head: LinearHead | None, section: Any, path: Path | None, hidden: NDArray[np.bool_] | None = None
) -> TreeTags | None:
    """The tree of a model whose section "tree" is `section` (None: it has none); `hidden` tags are never said."""
    if head is None or section is None:
        return None
    from slugline.tree import LabelTree

    return TreeTags(head, section, path, hidden) if isinstance(section, LabelTree) else None
