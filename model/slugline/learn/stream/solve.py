"""Fitting a head's classifiers on row files: dual coordinate descent, block by block, epoch by epoch.

Block minimisation of the dual (Yu, Hsieh, Chang and Lin 2010, "Large linear classification when data cannot fit in
memory"): memory holds the weights and one block; the dual variables are on disk. It converges to what LIBLINEAR finds
in memory. Blocks are made of other files in every epoch: with the same blocks again and again the intercepts converge
slowly (Reuters-90, blocks of 1,000 rows: after 8 epochs scores differ from LIBLINEAR's by 0.025 on average, with four
random files of 500 rows to a block by 0.003).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from slugline.errors import OutputError
from slugline.learn.stream.kernel import dual_pass
from slugline.learn.stream.problem import Block, Problem
from slugline.learn.stream.spool import Spool
from slugline.progress import Progress, silent

SLICE = 64
"""Labels of one call of the kernel, at most; threads share out slices."""

ENOUGH = 0.05
"""Fitting of a label stops when none of its gradients is larger: when others stop, and so `jobs`, does not matter."""

Chosen = Callable[[Block], NDArray[np.bool_]]
"""Of each row of a block, whether it is meant, bool (n,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Settings:
    """What the fits of one head share. `positive_weight` (L,) multiplies the loss on each label's positive rows."""

    C: float
    positive_weight: NDArray[np.float64]
    seed: int
    group: int  # files to a block
    jobs: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Weights of some labels in slices, each (d, l) float32, and their intercepts, each (l,) float32."""

    weights: list[NDArray[np.float32]]
    intercept: list[NDArray[np.float32]]

    def scores(self, block: Block, width: int, chosen: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Scores (m, L) of the rows `chosen` of a block."""
        X = block.matrix(width, chosen)
        return np.concatenate([X @ own + add for own, add in zip(self.weights, self.intercept, strict=True)], axis=1)


def slices(labels: int) -> list[slice]:
    """The numbers 0 to `labels` - 1 in runs of at most SLICE, of about the same length.

    >>> slices(90)
    [slice(0, 45, None), slice(45, 90, None)]
    """
    count = -(-labels // SLICE)
    ends = [labels * number // count for number in range(count + 1)]
    return [slice(low, high) for low, high in pairwise(ends)]


class Solver:
    """Fits the labels `labels` of a problem, again and again: on all rows, then without those of each fold.

    Everything is in `spool` under `name`; an epoch is the work that a kill can cost.
    """

    def __init__(self, problem: Problem, labels: slice, settings: Settings, spool: Spool, name: str) -> None:
        self.problem = problem
        self.labels = labels
        self.settings = settings
        self.spool = spool
        self.name = name
        self.count = labels.stop - labels.start
        own = 1.0 / (2.0 * settings.C * settings.positive_weight[labels])
        self.positive = own.astype(np.float32)
        self.negative = np.float32(1.0 / (2.0 * settings.C))

    def fit(
        self,
        run: str,
        epochs: int,
        *,
        start: str | None = None,
        without: Chosen | None = None,
        progress: Progress = silent,
        stage: str = "fitting",
    ) -> Fitted:
        """Fit for at most so many epochs, from the run `start` or from nothing, `without` some of the rows.

        What the run ends with is kept under its name.
        """
        found, done, going = self._state(run, start)
        while done < epochs:
            progress(stage, done, epochs)
            worst = self._epoch(run, start if done == 0 else run, done, found, without, going)
            done += 1
            going = going & (worst >= ENOUGH)
            if not going.any():
                self._save(run, found, epochs, done, going)
                break
            self._save(run, found, done, done, going)
        progress(stage, epochs, epochs)
        return found

    def settle(self, run: str) -> None:
        """Remove what another fit would start from, and keep the weights."""
        for parity in (0, 1):
            self._alpha_path(run, parity).unlink(missing_ok=True)

    def forget(self, run: str) -> None:
        """Remove everything that a run kept."""
        self.spool.remove(self._key(run))
        self.settle(run)

    def _key(self, run: str) -> str:
        return f"fit-{self.name}-{run}"

    def _alpha_path(self, run: str, parity: int) -> Path:
        return self.spool.path(f"{self._key(run)}-alpha-{parity}.bin")

    def _state(self, run: str, start: str | None) -> tuple[Fitted, int, NDArray[np.bool_]]:
        """The weights after the last whole epoch, how many there were, and which labels are still to be improved."""
        every = np.ones(self.count, dtype=np.bool_)
        for name in (run, start):
            if name is not None and self.spool.has(self._key(name)):
                kept = self.spool.load(self._key(name))
                parts = range(len(slices(self.count)))
                found = Fitted([kept[f"weights{n}"] for n in parts], [kept[f"intercept{n}"] for n in parts])
                return (found, int(kept["done"]), kept["going"]) if name == run else (found, 0, every)
        own = slices(self.count)
        none = Fitted(
            [np.zeros((self.problem.width, one.stop - one.start), dtype=np.float32) for one in own],
            [np.zeros(one.stop - one.start, dtype=np.float32) for one in own],
        )
        return none, 0, every

    def _save(self, run: str, found: Fitted, done: int, epoch: int, going: NDArray[np.bool_]) -> None:
        arrays = {f"weights{n}": part for n, part in enumerate(found.weights)}
        arrays |= {f"intercept{n}": part for n, part in enumerate(found.intercept)}
        self.spool.save(self._key(run), arrays | {"done": np.array(done), "epoch": np.array(epoch), "going": going})

    def _epoch(
        self,
        run: str,
        before: str | None,
        number: int,
        found: Fitted,
        without: Chosen | None,
        going: NDArray[np.bool_],
    ) -> NDArray[np.float32]:
        """One pass over all files; the dual variables go from one file to another, so that a kill spoils nothing.

        Returns the largest gradient of each label, (L,).
        """
        rng = np.random.default_rng([self.settings.seed, number])
        order = rng.permutation(len(self.problem.files))
        target = self._alpha_path(run, (number + 1) % 2)
        worst = np.zeros(self.count, dtype=np.float32)
        with contextlib.ExitStack() as stack:
            written = stack.enter_context(_writing(target))
            read = None if before is None else stack.enter_context(self._last_alpha(before).open("rb"))
            pool = stack.enter_context(ThreadPoolExecutor(max(1, self.settings.jobs)))
            for at in range(0, len(order), self.settings.group):
                block = self.problem.block(
                    order[at : at + self.settings.group].tolist(), self.labels, keys=without is not None
                )
                empty = np.zeros((len(block), self.count), dtype=np.float32)
                alpha = empty if read is None else self._read(read.fileno(), block)
                out = np.zeros(len(block), dtype=np.bool_) if without is None else without(block)
                self._improve(pool, block, alpha, out, rng.permutation(len(block)), found, going, worst)
                self._write(written.fileno(), block, alpha)
            os.fsync(written.fileno())
        return worst

    def _improve(
        self,
        pool: ThreadPoolExecutor,
        block: Block,
        alpha: NDArray[np.float32],
        out: NDArray[np.bool_],
        moves: NDArray[np.int64],
        found: Fitted,
        going: NDArray[np.bool_],
        worst: NDArray[np.float32],
    ) -> None:
        def work(number: int, own: slice) -> None:
            part = np.ascontiguousarray(alpha[:, own])
            dual_pass(
                block.indptr,
                block.indices,
                block.data,
                block.square,
                moves,
                out,
                np.ascontiguousarray(block.truth[:, own]),
                part,
                found.weights[number],
                found.intercept[number],
                self.positive[own],
                self.negative,
                going[own],
                worst[own],
            )
            alpha[:, own] = part

        list(pool.map(work, *zip(*enumerate(slices(self.count)), strict=True)))

    def _last_alpha(self, run: str) -> Path:
        epoch = int(self.spool.load(self._key(run), "epoch")["epoch"])
        return self._alpha_path(run, epoch % 2)

    def _read(self, file: int, block: Block) -> NDArray[np.float32]:
        """The dual variables of a block's rows, (n, L)."""
        alpha = np.empty((len(block), self.count), dtype=np.float32)
        for number, low, high in block.pieces:
            rows, at = self._extent(number)
            whole = np.frombuffer(_read_at(file, rows * self.count * 4, at), dtype=np.float32)
            alpha[low:high] = whole.reshape(rows, self.count)[block.place[low:high]]
        return alpha

    def _write(self, file: int, block: Block, alpha: NDArray[np.float32]) -> None:
        for number, low, high in block.pieces:
            rows, at = self._extent(number)
            whole = np.zeros((rows, self.count), dtype=np.float32)
            whole[block.place[low:high]] = alpha[low:high]
            _write_at(file, whole.reshape(-1).view(np.uint8).data, at)

    def _extent(self, number: int) -> tuple[int, int]:
        """How many rows a file has, and where their dual variables begin."""
        starts = self.problem.files.starts
        return int(starts[number + 1] - starts[number]), int(starts[number]) * self.count * 4


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[BinaryIO]:
    """A new file that is written by its places; OutputError where the disk is full."""
    try:
        with path.open("wb") as stream:
            yield stream
    except OSError as error:
        raise OutputError(f"cannot write ({error.strerror})", file=path) from error


def _write_at(file: int, content: memoryview, at: int) -> None:
    """Write all of it: the system may take a part and say so, as on a disk that has just become full."""
    while content:
        done = os.pwrite(file, content, at)
        content, at = content[done:], at + done


def _read_at(file: int, count: int, at: int) -> bytes:
    """All `count` bytes from `at` on; the system may give them in parts."""
    parts = []
    while count and (part := os.pread(file, count, at)):
        parts.append(part)
        count, at = count - len(part), at + len(part)
    return b"".join(parts)
