"""Many labels' linear SVMs on the same rows, and on each fold's other rows: blocks of sixteen labels, each a task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from slugline.learn.parallel import Jobs, Task, in_order
from slugline.learn.solvers.sixteen import WIDTH, aligned, leave_out, score_rows, solve_block

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

CONSTANT = np.float32(1.0)
"""The score of a label that every training row has; minus this, of one that no row has: the margin of an SVM."""


@dataclass(frozen=True)
class TrainingRows:
    """The rows of X (n, d) as the solvers read them: CSR arrays with float32 values, which every task shares."""

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    data: NDArray[np.float32]
    square: NDArray[np.float32]  # (n,) squared lengths plus 1, the bias's
    terms: int

    @classmethod
    def of(cls, X: csr_matrix) -> TrainingRows:
        """The rows of `X`, which is not changed; its indices are not copied if they are int32 and can be written."""
        indptr = X.indptr.astype(np.int64)
        indices = np.require(X.indices, np.int32, ["C", "W"])
        data = X.data.astype(np.float32)
        number = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
        square = np.bincount(number, weights=X.data * X.data, minlength=len(indptr) - 1) + 1.0
        return cls(indptr, indices, data, square.astype(np.float32), X.shape[1])

    def __len__(self) -> int:
        return len(self.square)

    @property
    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
        """The CSR arrays."""
        return self.indptr, self.indices, self.data


@dataclass(frozen=True)
class BlockProblem:
    """Up to 16 labels of the same rows: which rows have them, bool (n, k), and what a positive row weighs, (k,)."""

    positive: NDArray[np.bool_]
    weight: NDArray[np.float64]
    C: float
    tol: float
    max_iter: int
    seed: int

    def cost(self) -> NDArray[np.float32]:
        """What a negative and a positive row of each column costs, (2, WIDTH)."""
        found = np.full((2, WIDTH), self.C, dtype=np.float32)
        found[1, : len(self.weight)] *= self.weight
        return found

    def padded(self) -> NDArray[np.bool_]:
        """`positive` with WIDTH columns."""
        found = np.zeros((len(self.positive), WIDTH), dtype=np.bool_)
        found[:, : self.positive.shape[1]] = self.positive
        return found


@dataclass(frozen=True)
class BlockSolution:
    """Dual variables (n, WIDTH), where they are wanted, and weights (d + 1, WIDTH), which end with the biases."""

    alpha: NDArray[np.float32] | None
    W: NDArray[np.float32]


@dataclass(frozen=True)
class BlockStart:
    """A solution for the same labels of the same rows, whose features, C and weights may be others.

    `alpha` (n, WIDTH) are its dual variables, `cost` (2, WIDTH) what `BlockProblem.cost` says of it.
    """

    alpha: NDArray[np.float32]
    cost: NDArray[np.float32]

    def scaled(self, problem: BlockProblem, positive: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Dual variables (n, WIDTH) for `problem`, as much larger as its costs are; `positive` are its padded rows.

        An alpha is twice its row's cost times what its margin lacks: where that stays, this is the solution.
        """
        ratio = problem.cost() / self.cost
        found: NDArray[np.float32] = self.alpha * np.where(positive, ratio[1], ratio[0])
        return found


def fit_block(
    rows: TrainingRows, problem: BlockProblem, keep_alpha: bool, start: BlockStart | None = None
) -> BlockSolution:
    """Fit one block's labels on all rows, from a cold start or another."""
    positive, everything = problem.padded(), np.arange(len(rows))
    W = aligned(rows.terms + 1)
    if start is None:
        alpha = np.zeros((len(rows), WIDTH), dtype=np.float32)
    else:
        alpha = start.scaled(problem, positive)
        # Less than nothing left out is added.
        leave_out(rows.arrays, np.flatnonzero(alpha.any(axis=1)), positive, -alpha, W)
    _solve(rows, problem, everything, positive, alpha, W)
    return BlockSolution(alpha if keep_alpha else None, W)


def score_fold(
    rows: TrainingRows, problem: BlockProblem, solution: BlockSolution, held_out: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Scores (m, k) of the m rows `held_out` by classifiers fitted on the others, from a warm start.

    The start is the solution for all rows without what the held-out ones added to it.
    """
    assert solution.alpha is not None
    positive = problem.padded()
    alpha, W = solution.alpha.copy(), aligned(rows.terms + 1)
    W[:] = solution.W
    leave_out(rows.arrays, held_out, positive, alpha, W)
    left = np.ones(len(rows), dtype=bool)
    left[held_out] = False
    _solve(rows, problem, np.flatnonzero(left), positive, alpha, W)
    return score_rows(rows.arrays, held_out, W)[:, : problem.positive.shape[1]]


def _solve(
    rows: TrainingRows,
    problem: BlockProblem,
    chosen: NDArray[np.int64],
    positive: NDArray[np.bool_],
    alpha: NDArray[np.float32],
    W: NDArray[np.float32],
) -> None:
    """Solve the block's labels on the `chosen` rows; one that all or none of them have gets CONSTANT or minus it."""
    having = np.count_nonzero(positive[chosen], axis=0)
    solve = (having > 0) & (having < len(chosen))
    solve[problem.positive.shape[1] :] = False
    for column in np.flatnonzero(~solve):
        W[:, column] = 0.0
        W[-1, column] = CONSTANT if having[column] else -CONSTANT
    solve_block(
        rows.arrays,
        rows.square,
        chosen,
        positive,
        problem.cost(),
        solve,
        alpha,
        W,
        problem.tol,
        problem.max_iter,
        problem.seed,
    )


def blocks_of(Y: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """The columns of Y (n, L) in blocks of WIDTH, those with as many rows together: they take as many passes."""
    order = np.argsort(-np.count_nonzero(Y, axis=0), kind="stable")
    return [order[start : start + WIDTH] for start in range(0, len(order), WIDTH)]


def solutions(
    rows: TrainingRows,
    problems: Sequence[BlockProblem],
    jobs: Jobs,
    *,
    keep_alpha: bool = False,
    starts: Sequence[BlockStart] | None = None,
) -> Iterator[BlockSolution]:
    """Each problem's solution, in their order; threads of this process, unless `jobs` says who else.

    `starts` has something to start from for each problem.
    """
    froms = [None] * len(problems) if starts is None else starts
    tasks = [Task(fit_block, (rows, one, keep_alpha, start)) for one, start in zip(problems, froms, strict=True)]
    labels = sum(problem.positive.shape[1] for problem in problems)
    return in_order(tasks, jobs, work=float(len(rows.data) * labels), threads=True)


def fold_scores(
    rows: TrainingRows,
    problems: Sequence[BlockProblem],
    solved: Sequence[BlockSolution],
    held_out: Sequence[NDArray[Any]],
    jobs: Jobs,
) -> Iterator[NDArray[np.float32]]:
    """Scores of each fold's rows for each problem's labels, all problems of the first fold first."""
    pairs = list(zip(problems, solved, strict=True))
    tasks = [Task(score_fold, (rows, *pair, fold)) for fold in held_out for pair in pairs]
    labels = sum(problem.positive.shape[1] for problem in problems)
    return in_order(tasks, jobs, work=float(len(rows.data) * labels * len(held_out)), threads=True)
