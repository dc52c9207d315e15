"""Naive Bayes beside the SVM, as `estimators.svm_nb` adds it, from sums over row files."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from slugline.learn.estimators.svm_nb import SHARE, SMOOTHING
from slugline.learn.stream.problem import Problem
from slugline.learn.stream.solve import Chosen, Fitted, slices

_TERMS = 1 << 16


def add_naive_bayes(problem: Problem, labels: slice, fitted: Fitted, without: Chosen | None = None) -> None:
    """Add SHARE times the weights of naive Bayes to those of `fitted`, in place; `without` some of the rows."""
    own = [np.zeros_like(weights) for weights in fitted.weights]
    total = np.zeros(problem.width)
    for number in range(len(problem.files)):
        block = problem.block([number], labels)
        X = block.matrix(problem.width)
        kept = np.ones(len(block), dtype=bool) if without is None else ~without(block)
        total += X.T @ kept.astype(np.float64)
        for sums, part in zip(own, slices(labels.stop - labels.start), strict=True):
            sums += X.T @ (block.truth[:, part] & kept[:, None]).astype(np.float32)
    seen = (total > 0)[:, None]
    for weights, sums in zip(fitted.weights, own, strict=True):
        yes = sums.sum(axis=0, dtype=np.float64) + SMOOTHING * seen.sum()
        no = total.sum() - sums.sum(axis=0, dtype=np.float64) + SMOOTHING * seen.sum()
        for start in range(0, len(total), _TERMS):
            part = slice(start, start + _TERMS)
            sides: NDArray[np.float64] = sums[part].astype(np.float64)
            rest = np.maximum(total[part, None] - sides, 0.0)
            ratio = np.log((sides + SMOOTHING) / yes) - np.log((rest + SMOOTHING) / no)
            weights[part] += (SHARE * np.where(seen[part], ratio, 0.0)).astype(np.float32)
