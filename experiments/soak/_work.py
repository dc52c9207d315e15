"""Work that long tests disturb: how it is begun in a process of its own, and what must hold of what it leaves.

Processes are forked from one that has imported the libraries, so that what disturbs them falls on work and not on
imports.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

PRELOAD = [
    "mlflow.tracking",
    "slugline.cli.app",
    "slugline.corpus.catalogue",
    "slugline.experiment.evaluate",
    "slugline.experiment.streamed",
    "slugline.experiment.label_edits",
    "slugline.experiment.train",
    "slugline.serve.run",
    "slugline.tracking",
]
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(PRELOAD)


class BreachError(Exception):
    """What must not happen."""


def need(holds: bool, said: str) -> None:
    """Raise BreachError unless it holds."""
    if not holds:
        raise BreachError(said)


def command(folder: str, arguments: list[str]) -> None:
    """Run a command line of Slugline, as the process's whole work."""
    _enter(folder)
    # A report with its charts takes longer than the training, and no part in what is tried here.
    sys.modules["altair"] = None  # type: ignore[assignment]
    from slugline.cli.main import run

    os._exit(run(arguments) or 0)


def _enter(folder: str) -> None:
    os.setsid()
    os.chdir(folder)
    # Runs are kept below this folder, wherever whoever tries this keeps theirs.
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    log = os.open("../log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in (1, 2):
        os.dup2(log, number)


@dataclass
class Work:
    """A kind of work in a folder: how it is begun, and what must hold when it was killed and when it has ended."""

    folder: Path
    random: random.Random
    target: Callable[..., None] = command
    found: list[str] = field(default_factory=list)
    during: ClassVar[float] = 0.0  # seconds after which it is told to end; 0: it ends by itself

    def prepare(self) -> None:
        """Put there what was there before."""

    def arguments(self) -> tuple[Any, ...]:
        """Of the next process."""
        raise NotImplementedError

    def beside(self) -> contextlib.AbstractContextManager[Any]:
        """What goes on in this process meanwhile."""
        return contextlib.nullcontext()

    def killed(self) -> None:
        """Raise BreachError where something is not as it must be at any moment."""

    def ended(self) -> None:
        """The same, of work that was done to its end."""

    def close(self) -> None:
        """End what helps."""


def finished(work: Work, target: Callable[..., None], arguments: list[str]) -> None:
    """Run a command to its end."""
    process = CONTEXT.Process(target=target, args=(str(work.folder), arguments))
    process.start()
    process.join()
    need(process.exitcode == 0, f"{' '.join(arguments)}: exit code {process.exitcode}: {said(work)}")


def said(work: Work) -> str:
    """The last that a command said."""
    with contextlib.suppress(OSError):
        return " ".join((work.folder.parent / "log.txt").read_text(errors="replace")[-500:].split())
    return ""


def whole(work: Work) -> float:
    """Do the work to its end; the seconds that it took."""
    process = CONTEXT.Process(target=work.target, args=work.arguments())
    start = time.perf_counter()
    with work.beside():
        process.start()
        if work.during:
            # A server: it ends when it is told to.
            time.sleep(work.during)
            os.kill(process.pid or 0, signal.SIGTERM)
        process.join()
    seconds = time.perf_counter() - start
    need(
        process.exitcode in ((0,) if not work.during else (0, -signal.SIGTERM)), f"the next command fails: {said(work)}"
    )
    work.ended()
    return seconds


def left_over(folder: Path) -> list[str]:
    """What is half, or was of use to something that has ended."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.name.endswith((".part", ".checkpoint", ".done", "-journal"))
    )
