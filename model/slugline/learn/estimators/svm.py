"""Linear support vector machine: squared hinge loss, by dual coordinate descent over sixteen labels at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from slugline.learn.estimators.base import Estimator, FoldScores, LinearWeights
from slugline.learn.estimators.problem import Problem
from slugline.learn.estimators.starts import Starts
from slugline.learn.parallel import Jobs
from slugline.progress import Progress

if TYPE_CHECKING:
    from slugline.learn.solvers.labels import BlockProblem

TOLERANCE = 0.1
"""The spread of projected gradients at which a label is done, LIBLINEAR's own for this solver.

Ten times less costs twice the time and changes nothing (Reuters-90, cross-validated at 0: 0.8929 / 0.4789 with 0.001,
0.8928 / 0.4787 with 0.1).
"""

MAX_PASSES = 1000

_KEPT = 64_000_000
"""Dual variables (float32) that are kept for warm starts at a time: 256 MB. With more labels these go in turns."""


class Svm(Estimator):
    """A linear SVM as LinearSVC's (Fan et al. 2008, "LIBLINEAR"): squared hinge loss, L2 penalty, regularised bias.

    C between 0.1 and 2 suits TF-IDF rows; 1 is a good start for tags. See `solvers.blocks` for how it is solved.
    The cross-validation starts each fold from the solution for all rows without the fold's own part in it. What that
    leaves of a row's label in its own score is below the tolerance's noise: on Reuters-90 the mean of positives' scores
    is 0.0004 lower than at the optimum, and their spread about it is that of cold starts.
    """

    name: ClassVar[str] = "svm"

    def fit(self, problem: Problem, jobs: Jobs = 1) -> LinearWeights:
        """See Estimator.fit."""
        from slugline.learn.solvers.labels import TrainingRows, blocks_of, solutions

        rows, blocks = TrainingRows.of(problem.X), blocks_of(problem.Y)
        weights = LinearWeights.zeros(problem.labels, problem.terms)
        for block, solved in zip(blocks, solutions(rows, _block_problems(problem, blocks), jobs), strict=True):
            _keep(weights, block, solved.W)
        return weights

    def _cross_fit(
        self,
        problem: Problem,
        held_out: list[NDArray[np.int64]],
        jobs: Jobs,
        progress: Progress,
        what: str,
        starts: Starts | None,
    ) -> tuple[LinearWeights, NDArray[np.float64]]:
        from slugline.learn.solvers.labels import BlockStart, TrainingRows, blocks_of, fold_scores, solutions
        from slugline.learn.solvers.sixteen import WIDTH

        Y, rows, blocks = problem.Y, TrainingRows.of(problem.X), blocks_of(problem.Y)
        weights = LinearWeights.zeros(problem.labels, problem.terms)
        problems = _block_problems(problem, blocks)
        scores = np.zeros(Y.shape)
        at_a_time = max(1, _KEPT // (WIDTH * max(problem.rows, problem.terms)))
        earlier = None if starts is None else starts.find(Y)
        for start in range(0, len(blocks), at_a_time):
            part, mine = problems[start : start + at_a_time], blocks[start : start + at_a_time]
            froms = None if earlier is None else earlier[start : start + at_a_time]
            solved = []
            progress(f"fitting {what}", start, len(blocks))
            for block, one in zip(mine, solutions(rows, part, jobs, keep_alpha=True, starts=froms), strict=True):
                _keep(weights, block, one.W)
                solved.append(one)
                progress(f"fitting {what}", start + len(solved), len(blocks))
            if starts is not None and len(mine) == len(blocks):
                pairs = zip(part, solved, strict=True)
                starts.keep(Y, [BlockStart(one.alpha, block.cost()) for block, one in pairs if one.alpha is not None])
            chosen = np.concatenate(mine)
            # Blocks of these labels alone, by their place among them.
            places = np.split(np.arange(len(chosen)), np.cumsum([len(block) for block in mine])[:-1])
            # Who watches wants a fold's scores for all labels, which come together in one turn only.
            told = progress if len(blocks) <= at_a_time else lambda *said: progress(*said)
            found = FoldScores(Y[:, chosen], held_out, places, told, f"cross-validating {what}")
            for one_fold in fold_scores(rows, part, solved, held_out, jobs):
                found.add(one_fold)
            scores[:, chosen] = found.scores
        return weights, scores


def _block_problems(problem: Problem, blocks: list[NDArray[np.intp]]) -> list[BlockProblem]:
    from slugline.learn.solvers.labels import BlockProblem

    Y, weight = problem.Y, problem.weight
    return [
        BlockProblem(Y[:, block], weight[block], problem.C, TOLERANCE, MAX_PASSES, problem.seed) for block in blocks
    ]


def _keep(weights: LinearWeights, block: NDArray[np.intp], W: NDArray[np.float32]) -> None:
    weights.coef[block] = W[:-1, : len(block)].T
    weights.intercept[block] = W[-1, : len(block)]
