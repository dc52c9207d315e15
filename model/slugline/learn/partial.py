"""Articles of which only some tags are known: they train those tags, and are nothing to all others.

A person who accepts one tag of an article and rejects another says nothing of the third. One-vs-rest classifiers are
independent of each other, so each is fitted on the articles that are annotated altogether and on those others of which
its own tag is known. Names, thresholds and calibration are learned from articles annotated altogether.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from slugline.learn.estimators import Estimator, LinearWeights, Problem
from slugline.learn.parallel import Jobs
from slugline.progress import Progress, silent

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix


@dataclass(frozen=True, slots=True)
class PartialTags:
    """Of the training article number `article`, the tags that it is known to have, and those it is known to lack."""

    article: int
    present: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class PartialRows:
    """The m rows `X` (m, d) of such articles, and for each of L tags, the rows that know it and those that have it."""

    X: csr_matrix
    known: NDArray[np.bool_]  # (m, L)
    present: NDArray[np.bool_]  # (m, L)
    articles: NDArray[np.int64]  # (m,)

    @classmethod
    def of(cls, X: csr_matrix, names: Sequence[str], partial: Sequence[PartialTags]) -> PartialRows | None:
        """Those of `partial` that know one of the tags `names`, by the rows of X (N, d); None where none does."""
        column = {name: number for number, name in enumerate(names)}
        some = [one for one in partial if not column.keys().isdisjoint(one.present | one.absent)]
        if not some:
            return None
        known, present = (np.zeros((len(some), len(names)), dtype=bool) for _ in range(2))
        for row, one in enumerate(some):
            known[row, [column[tag] for tag in one.present | one.absent if tag in column]] = True
            present[row, [column[tag] for tag in one.present if tag in column]] = True
        articles = np.array([one.article for one in some], dtype=np.int64)
        return cls(X[articles], known, present, articles)

    def problems(self, problem: Problem) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], Problem]]:
        """The tags that some rows know, in sets that the same rows know: the tags' columns, the rows, and the problem
        of these tags with the rows at its end.
        """
        from scipy.sparse import vstack

        if problem.positive_weight is not None:
            raise ValueError("articles of which only some tags are known cannot be weighed")
        together: dict[bytes, list[int]] = {}
        for label in np.flatnonzero(self.known.any(axis=0)).tolist():
            together.setdefault(self.known[:, label].tobytes(), []).append(label)
        for same in together.values():
            labels = np.array(same, dtype=np.intp)
            rows = np.flatnonzero(self.known[:, labels[0]])
            X = vstack([problem.X, self.X[rows]], format="csr")
            Y = np.vstack([problem.Y[:, labels], self.present[np.ix_(rows, labels)]])
            yield labels, rows, replace(problem, X=X, Y=Y)

    def fit(self, estimator: Estimator, problem: Problem, weights: LinearWeights, jobs: Jobs = 1) -> None:
        """Replace in `weights`, those of `problem`, the classifiers of tags that these rows know."""
        for labels, _, extended in self.problems(problem):
            fitted = estimator.fit(extended, jobs)
            weights.coef[labels], weights.intercept[labels] = fitted.coef, fitted.intercept

    def cross_fit(
        self,
        estimator: Estimator,
        problem: Problem,
        folds: NDArray[np.int64],
        own_folds: NDArray[np.int64],
        weights: LinearWeights,
        scores: NDArray[np.float64],
        jobs: Jobs = 1,
        progress: Progress = silent,
    ) -> None:
        """Replace in `weights` and in `scores` (n, L), those of `problem` cross-fitted by `folds` (n,), what these rows
        know; `own_folds` (m,) are theirs.
        """
        stage, done, total = "learning from feedback", 0, int(self.known.any(axis=0).sum())
        progress(stage, 0, total)
        for labels, rows, extended in self.problems(problem):
            every = np.concatenate([folds, own_folds[rows]])
            fitted, found = estimator.cross_fit(extended, every, jobs)
            weights.coef[labels], weights.intercept[labels] = fitted.coef, fitted.intercept
            scores[:, labels] = found[: problem.rows]
            done += len(labels)
            progress(stage, done, total)


def folds_beside(
    folds: NDArray[np.int64], groups: NDArray[np.int64], own_groups: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Folds (m,) of further rows: that of their near-duplicates, which `groups` (n,) and `own_groups` (m,) number,
    where there is one; the others are dealt out, group by group.

    >>> folds_beside(np.array([0, 1, 2]), np.array([5, 6, 7]), np.array([6, 9, 9, 8])).tolist()
    [1, 0, 0, 1]
    """
    numbers = np.unique(folds)
    fold_of: dict[int, int] = dict(zip(groups.tolist(), folds.tolist(), strict=True))
    dealt = 0
    found = []
    for group in own_groups.tolist():
        if group not in fold_of:
            fold_of[group] = int(numbers[dealt % len(numbers)])
            dealt += 1
        found.append(fold_of[group])
    return np.array(found, dtype=np.int64)
