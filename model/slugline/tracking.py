"""Tracked runs: MLflow behind five functions. No other module knows MLflow."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

EXPERIMENT = "slugline"
"""The MLflow experiment that runs belong to."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is being written; given by `start_run`."""

    id: str
    name: str
    uri: str


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of the list of runs. `status` is RUNNING, FINISHED, FAILED or KILLED; `started` is UTC."""

    id: str
    name: str
    status: str
    started: dt.datetime
    seconds: float | None
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunDetail(RunSummary):
    """A run with its files: path inside the run and size in bytes, and where they are stored."""

    files: dict[str, int] = field(default_factory=dict)
    files_uri: str = ""


@contextlib.contextmanager
def start_run(
    name: str, *, params: Mapping[str, Any] | None = None, tags: Mapping[str, str] | None = None
) -> Iterator[Run]:
    """Open a run; it ends FINISHED, or FAILED if the block raises, or KILLED if it is interrupted.

    `params` may be nested (a `Config.to_dict()`); names are joined with dots. The code's version (git commit) and the
    versions of the libraries are added to `tags`. The store is `experiments/mlflow.db` in the current folder with files
    under `experiments/artifacts`, unless MLFLOW_TRACKING_URI says otherwise. Raises SluglineError where it cannot be
    used.
    """
    raise NotImplementedError
    yield


def log_run(
    run: Run,
    *,
    params: Mapping[str, Any] | None = None,
    metrics: Mapping[str, float | None] | None = None,
    tags: Mapping[str, str] | None = None,
) -> None:
    """Add parameters (nested or flat), metrics (`tags/micro_f1`, `seconds/train`; None is left out) and tags to a run.

    Raises SluglineError where the store refuses them.
    """
    raise NotImplementedError


def log_files(run: Run, files: Iterable[str | Path], folder: str = "") -> None:
    """Copy files into the run's files, under `folder`. Raises SluglineError where one cannot be read or stored."""
    raise NotImplementedError


def list_runs(limit: int = 100) -> list[RunSummary]:
    """The latest runs, newest first; an empty list where there is no store yet. Raises SluglineError."""
    raise NotImplementedError


def get_run(run_id: str) -> RunDetail:
    """The run whose id starts with `run_id` (at least 4 characters), or whose name it is (the latest of that name).

    Raises SluglineError where there is none, or several ids start so.
    """
    raise NotImplementedError
