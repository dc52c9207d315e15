"""Scores of training articles by classifiers that have not seen them, on row files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.learn.stream.naive import add_naive_bayes
from slugline.learn.stream.problem import Block, Problem
from slugline.learn.stream.reading import UNDATED
from slugline.learn.stream.rows import RowFiles
from slugline.learn.stream.solve import Chosen, Fitted, Settings, Solver
from slugline.learn.stream.spool import Spool
from slugline.learn.stream.textkeys import shares
from slugline.progress import Progress, silent

EPOCHS = 10
"""Passes over all rows, at most, for the classifiers that are kept."""

FOLD_EPOCHS = 4
"""Passes that follow without the rows of a fold, at most."""

_FOLDS, _SAMPLE, _DEALT = 2, 3, 4  # seeds
_DATED = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """m training rows scored by classifiers that have not seen them, nor an article of the same words.

    `folds` (m,) are those of the classifiers where all folds were held out in turn, else the rows were dealt out.
    """

    scores: NDArray[np.float32]  # (m, L)
    truth: NDArray[np.bool_]  # (m, L)
    folds: NDArray[np.int64]  # (m,)
    known: NDArray[np.bool_]  # (m,) whether the row has a term
    by_time: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Folding:
    """How rows are dealt out to `count` folds: at random by their words, as they were `dealt` by their tags, or in
    stretches of time between `cuts`.
    """

    count: int
    seed: int
    cuts: NDArray[np.int64] | None = None
    dealt: bool = False

    def of(self, block: Block) -> NDArray[np.int64]:
        """Every row's fold."""
        dealt = (shares(block.keys["fold"], self.seed + _FOLDS) * self.count).astype(np.int64)
        if self.dealt:
            return block.keys["deal"].astype(np.int64)
        if self.cuts is None:
            return dealt
        days = block.keys["day"]
        return np.where(days == UNDATED, dealt, np.searchsorted(self.cuts, days, side="right"))

    @classmethod
    def choose(cls, files: RowFiles, count: int, seed: int, *, by_time: bool, by_tag: bool = False) -> Folding:
        """Stretches of time, where that is asked for and nine in ten rows have a date; else by tag or at random."""
        if not by_time or not files.rows:
            return cls(count, seed, dealt=by_tag)
        days: dict[int, int] = {}
        for _, arrays in files.each("day"):
            for day, articles in zip(
                *(part.tolist() for part in np.unique(arrays["day"], return_counts=True)), strict=True
            ):
                days[day] = days.get(day, 0) + articles
        days.pop(UNDATED, None)
        dated = sum(days.values())
        if dated < _DATED * files.rows:
            return cls(count, seed)
        ordered = np.array(sorted(days), dtype=np.int64)
        before = np.cumsum([days[day] for day in ordered.tolist()])
        cuts = np.unique([ordered[np.searchsorted(before, dated * n // count, side="right")] for n in range(1, count)])
        return cls(len(cuts) + 1, seed, cuts) if len(cuts) >= 2 else cls(count, seed)


@dataclass(frozen=True, slots=True, eq=False)
class Fits:
    """The fits of one head: `group` labels at a time, `most` rows scored by classifiers that have not seen them."""

    problem: Problem
    settings: Settings
    spool: Spool
    name: str
    folding: Folding
    group: int
    most: int
    naive_bayes: bool = False

    def groups(self) -> list[slice]:
        """The labels in groups whose weights are in memory together."""
        labels = len(self.problem.labels)
        return [slice(low, min(low + self.group, labels)) for low in range(0, labels, self.group)]

    def run(self, rows: int, scored: Problem | None = None, progress: Progress = silent) -> Held:
        """Fit everything that is not yet fitted; what the classifiers say of unseen rows.

        `rows` is the number of rows that take part; `scored` has the rows to score (None: those that take part).
        """
        share = rows / self.folding.count
        runs = min(
            self.folding.count, max(1 if self.folding.cuts is None else 2, -(-min(rows, self.most) // int(share + 1)))
        )
        # The last stretch of time first, and then the first: these are what calibration weighs most.
        order = [n // 2 if n % 2 else self.folding.count - 1 - n // 2 for n in range(self.folding.count)][:runs]
        chance = min(1.0, self.most / (share * runs))
        found = [
            self._group(number, labels, order, chance, scored, progress) for number, labels in enumerate(self.groups())
        ]
        folds = found[0].folds
        dealt = found[0].dealt
        whole = runs == self.folding.count or self.folding.cuts is not None
        return Held(
            np.concatenate([part.scores for part in found], axis=1),
            np.concatenate([part.truth for part in found], axis=1),
            folds if whole else dealt,
            found[0].known,
            whole and self.folding.cuts is not None,
        )

    def fitted(self, labels: slice) -> Fitted:
        """The classifiers that are kept, of one group of labels."""
        solver = self._solver(labels)
        found = solver.fit("all", EPOCHS)
        if self.naive_bayes:
            add_naive_bayes(self.problem, labels, found)
        return found

    def _solver(self, labels: slice) -> Solver:
        return Solver(self.problem, labels, self.settings, self.spool, f"{self.name}-{_place(labels)}")

    def _group(
        self, group: int, labels: slice, order: list[int], chance: float, scored: Problem | None, progress: Progress
    ) -> _Scored:
        solver = self._solver(labels)
        parts = [f"scores-{self.name}-{_place(labels)}-{fold}" for fold in order]
        if not all(self.spool.has(part) for part in parts):
            solver.fit("all", EPOCHS, progress=progress, stage=f"fitting {self.name}")
        for number, (fold, part) in enumerate(zip(order, parts, strict=True)):
            progress(f"cross-validating {self.name}", group * len(order) + number, len(self.groups()) * len(order))
            if not self.spool.has(part):
                run = f"without-{fold}"

                def held(block: Block, fold: int = fold) -> NDArray[np.bool_]:
                    return np.asarray(self.folding.of(block) == fold)

                found = solver.fit(run, FOLD_EPOCHS, start="all", without=held)
                if self.naive_bayes:
                    add_naive_bayes(self.problem, labels, found, held)
                self._score(part, found, scored or self.problem, labels, held, chance, fold)
                solver.forget(run)
        solver.settle("all")
        total = len(self.groups()) * len(order)
        progress(f"cross-validating {self.name}", (group + 1) * len(order), total)
        return _Scored.join([_Scored(**self.spool.load(part)) for part in parts])

    def _score(
        self, part: str, found: Fitted, scored: Problem, labels: slice, held: Chosen, chance: float, fold: int
    ) -> None:
        """Keep the scores of a fold's rows, or of a sample of them."""
        done: list[_Scored] = []
        truth_labels = labels if scored is self.problem else slice(0, len(scored.labels))
        for number in range(len(scored.files)):
            block = scored.block([number], truth_labels)
            mine = held(block) & (shares(block.keys["id"], self.settings.seed + _SAMPLE) < chance)
            dealt = (shares(block.keys["fold"], self.settings.seed + _DEALT) * self.folding.count).astype(np.int64)
            done.append(
                _Scored(
                    found.scores(block, scored.width, mine),
                    block.truth[mine],
                    np.full(int(mine.sum()), fold, dtype=np.int64),
                    dealt[mine],
                    np.diff(block.indptr)[mine] > 0,
                )
            )
        self.spool.save(part, _Scored.join(done).arrays())


def _place(labels: slice) -> str:
    """What a group of labels is called on disk: groups for another number of threads are other files."""
    return f"{labels.start}-{labels.stop}"


@dataclass(frozen=True, slots=True, eq=False)
class _Scored:
    scores: NDArray[np.float32]
    truth: NDArray[np.bool_]
    folds: NDArray[np.int64]
    dealt: NDArray[np.int64]
    known: NDArray[np.bool_]

    @classmethod
    def join(cls, parts: list[_Scored]) -> _Scored:
        return cls(
            np.concatenate([part.scores for part in parts]),
            np.concatenate([part.truth for part in parts]),
            np.concatenate([part.folds for part in parts]),
            np.concatenate([part.dealt for part in parts]),
            np.concatenate([part.known for part in parts]),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {name: getattr(self, name) for name in ("scores", "truth", "folds", "dealt", "known")}
