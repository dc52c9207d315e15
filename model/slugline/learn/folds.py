"""Which training articles are held out together in the cross-validation: folds at random, or stretches of time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slugline.article import Labels
from slugline.config import LearnConfig
from slugline.corpus.split import folds as random_folds

INNER = 0.1
"""What an article of a stretch between others weighs when probabilities are fitted; at either end it weighs 1."""

_DATED = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Folds:
    """The fold of each of n rows, and what each weighs where probabilities are fitted on out-of-fold scores.

    `by_time`: each fold is a stretch of time. The first and the last are scored by articles of one side only, as an
    article of next year will be, and so weigh most.
    """

    numbers: NDArray[np.int64]  # (n,)
    by_time: bool = False

    @property
    def weights(self) -> NDArray[np.float64]:
        """(n,), all 1 unless folds are by time."""
        if not self.by_time:
            return np.ones(len(self.numbers))
        ends = (self.numbers == self.numbers.min()) | (self.numbers == self.numbers.max())
        return np.where(ends, 1.0, INNER)


def choose_folds(
    labels: Sequence[Labels],
    groups: NDArray[np.int64],
    dates: Sequence[dt.date | None] | None,
    learn: LearnConfig,
    *,
    by_time: bool,
) -> Folds:
    """Folds of n training articles; near-duplicates, which `groups` (n,) numbers, share one.

    With `by_time` they are stretches of time, if nine in ten articles have a date and there are days enough; the
    undated are dealt out. Else, or if that cannot be done, they are random (`corpus.split.folds`). Raises CorpusError
    if there are not two groups.
    """
    if by_time and dates is not None:
        found = _stretches(dates, groups, learn.folds)
        if found is not None:
            return Folds(found, by_time=True)
    return Folds(random_folds(labels, groups, learn.folds, learn.seed))


def _stretches(dates: Sequence[dt.date | None], groups: NDArray[np.int64], count: int) -> NDArray[np.int64] | None:
    """Stretches of time with about the same number of articles, (n,); None where there cannot be three."""
    days = np.array([-1 if date is None else date.toordinal() for date in dates], dtype=np.int64)
    dated = days >= 0
    if not len(days) or dated.mean() < _DATED:
        return None
    ordered = np.sort(days[dated])
    cuts = np.unique([ordered[len(ordered) * number // count] for number in range(1, count)])
    fold = np.searchsorted(cuts, days, side="right")
    fold[~dated] = np.arange(np.count_nonzero(~dated)) % (len(cuts) + 1)
    # A group is where its first article is.
    _, group = np.unique(groups, return_inverse=True)
    first = np.full(group.max() + 1, len(cuts), dtype=np.int64)
    np.minimum.at(first, group, fold)
    numbers = np.unique(first[group], return_inverse=True)[1].astype(np.int64)
    return numbers if numbers.max() >= 2 else None
