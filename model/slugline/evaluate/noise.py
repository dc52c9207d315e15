"""Labels that look wrong, from labels and out-of-fold probabilities: confident learning, never a model.

Northcutt, Jiang and Chuang (2021), "Confident learning: estimating uncertainty in dataset labels", by their own
library, cleanlab. An article is suspected of a label's being wrong where the probability of another label is as high as
it is on average for the articles that were given that one.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.errors import MissingExtraError

FILTER = "prune_by_class"
"""Of cleanlab's rules for what is a suspect, the one that leaves out fewest; the order says how much of one it is."""
CLEAR = 10.0
"""A label is also doubted where another is so many times as probable: of labels that are all but certain everywhere,
confident learning asks for more than certainty."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """The label in column `given` of article `row` looks wrong, and that in column `suggested` right; None: neither.

    `score` in [0, 1] says how sure the given label is: the lower, the more suspect.
    """

    row: int
    given: int | None
    suggested: int | None
    score: float


def doubt_types(truth: NDArray[np.int64], probability: NDArray[np.float64]) -> list[Doubt]:
    """Articles whose one label looks wrong, most suspect first.

    `truth` (n,) numbers the columns of `probability` (n, K), out-of-fold, rows summing to 1; each of the K labels is
    given to some article. `score` is the given label's probability, cleanlab's self-confidence: on the starter corpus
    it found 64 % of planted errors among as many first suspects, cleanlab's normalised margin 34 %.
    Raises MissingExtraError without cleanlab, ValueError where shapes disagree.
    """
    issues, quality = _issues(truth, probability)
    doubts = []
    for row in np.flatnonzero(issues).tolist():
        others = probability[row].copy()
        others[truth[row]] = -1.0
        doubts.append(Doubt(row, int(truth[row]), int(others.argmax()), float(quality[row])))
    return sorted(doubts, key=lambda doubt: (doubt.score, doubt.row))


def doubt_tags(truth: NDArray[np.bool_], probability: NDArray[np.float64]) -> list[Doubt]:
    """Tags that look wrong (`given`) or missing (`suggested`), most suspect first.

    `truth` and `probability` are (n, L), out-of-fold, each tag a yes-or-no question of its own. `score` is the
    probability of the given answer (cleanlab's self-confidence) divided by its mean over the articles with that
    answer, the threshold of confident learning, and at most 1: so a tag that is always hard to tell is no suspect for
    that. Tags that all or no articles have are passed over. Raises as `doubt_types`.
    """
    if truth.shape != probability.shape:
        raise ValueError(f"truth {truth.shape} and probability {probability.shape} must have one shape")
    doubts = []
    for column in range(truth.shape[1]):
        given, chance = truth[:, column], probability[:, column]
        if given.all() or not given.any():
            continue
        issues, quality = _issues(given.astype(np.int64), np.stack([1.0 - chance, chance], axis=1))
        usual = np.where(given, quality[given].mean(), quality[~given].mean())
        sure = np.minimum(quality / np.maximum(usual, 1e-12), 1.0)
        for row in np.flatnonzero(issues).tolist():
            has = bool(given[row])
            doubts.append(Doubt(row, column if has else None, None if has else column, float(sure[row])))
    # A column can be 0, so that None is told from it.
    return sorted(doubts, key=lambda one: (one.score, one.row, one.given is None, one.given or one.suggested or 0))


def require() -> tuple[Any, Any]:
    """Cleanlab's modules filter and rank. Raises MissingExtraError with the command that installs them."""
    try:
        with warnings.catch_warnings():
            # It tries the parts of itself that need more packages.
            warnings.simplefilter("ignore")
            from cleanlab import filter as filtering
            from cleanlab import rank
    except ImportError as error:
        raise MissingExtraError("finding labels that look wrong", "noise") from error
    return filtering, rank


def _issues(
    truth: NDArray[np.int64], probability: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which articles are suspects, and how good each one's label is."""
    filtering, rank = require()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # One process: the others would cost more than they save, and tell of themselves.
        issues = filtering.find_label_issues(truth, probability, filter_by=FILTER, n_jobs=1, verbose=False)
        quality = rank.get_label_quality_scores(truth, probability, method="self_confidence")
    sure = np.asarray(quality, dtype=np.float64)
    return np.asarray(issues, dtype=bool) | (CLEAR * sure < probability.max(axis=1)), sure
