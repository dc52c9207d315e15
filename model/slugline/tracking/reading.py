"""Runs that are read: the list of them, and one with its files."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

from slugline.errors import SluglineError
from slugline.tracking.alive import LOCK, was_killed
from slugline.tracking.store import is_missing, opened, shown, store_uri

EXPERIMENT = "slugline"
"""The MLflow experiment that runs belong to."""

PARENT = "mlflow.parentRunId"
"""The tag of a nested run, which MLflow's own page shows below its parent."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of the list of runs. `status` is RUNNING, FINISHED, FAILED or KILLED; `started` is UTC.

    KILLED is also a run whose process is gone without having ended it, where that can be known (SQLite stores).
    """

    id: str
    name: str
    status: str
    started: dt.datetime
    seconds: float | None
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The fields, JSON-able; `started` in ISO format."""
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": self.seconds,
            "params": dict(sorted(self.params.items())),
            "metrics": dict(sorted(self.metrics.items())),
            "tags": dict(sorted(self.tags.items())),
        }


@dataclass(frozen=True, slots=True)
class RunDetail(RunSummary):
    """A run with its files: path inside the run and size in bytes, and where they are stored."""

    files: dict[str, int] = field(default_factory=dict)
    files_uri: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The fields, JSON-able; `started` in ISO format."""
        # super() without arguments does not work in a class that slots=True has made anew.
        return RunSummary.to_dict(self) | {"files": dict(sorted(self.files.items())), "files_uri": self.files_uri}


def list_runs(limit: int = 100, *, nested: bool = False) -> list[RunSummary]:
    """The latest runs, newest first; an empty list where there is no store yet. Raises SluglineError.

    Runs that are nested in another, such as the trials of a search, are left out unless `nested`.
    """
    uri = store_uri()
    if is_missing(uri):
        return []
    with opened(uri) as client:
        return [RunSummary(**_fields(run, uri)) for run in search_runs(client, limit, nested=nested)]


def get_run(run_id: str) -> RunDetail:
    """The run whose id starts with `run_id` (at least 4 characters), or whose name it is (the latest of that name).

    Raises SluglineError where there is none, or several ids start so.
    """
    uri = store_uri()
    if not is_missing(uri):
        with opened(uri) as client:
            runs = search_runs(client, None)
            found = [run for run in runs if len(run_id) >= 4 and run.info.run_id.startswith(run_id.lower())]
            if len(found) > 1:
                raise SluglineError(
                    "several runs' ids start so; give more of the id", found=run_id, expected=f"one of {len(found)}"
                )
            found = found or [run for run in runs if run.info.run_name == run_id]
            if found:
                run = found[0]
                files = _files(client, run.info.run_id)
                return RunDetail(**_fields(run, uri), files=files, files_uri=run.info.artifact_uri)
    raise SluglineError(
        f"no such run in {shown(uri)}",
        found=run_id,
        expected="the beginning of an id, or a name, of `slugline runs list`",
    )


def search_runs(client: Any, limit: int | None, *, nested: bool = True, where: str = "") -> list[Any]:
    """Active runs of all our experiments, newest first, at most `limit`; without `nested`, no run inside another.

    `where` is a condition in MLflow's language.
    """
    experiments = [
        experiment.experiment_id
        for experiment in client.search_experiments(filter_string=f"name LIKE '{EXPERIMENT}%'")
        if re.fullmatch(rf"{EXPERIMENT}(-\d+)?", experiment.name)
    ]
    runs: list[Any] = []
    token = None
    while experiments and (limit is None or len(runs) < limit):
        page = client.search_runs(
            experiments,
            where,
            max_results=1000 if limit is None or not nested else min(1000, limit - len(runs)),
            order_by=["attributes.start_time DESC"],
            page_token=token,
        )
        runs += [run for run in page if nested or PARENT not in run.data.tags]
        token = page.token
        if not token:
            break
    return runs[:limit]


def _fields(run: Any, uri: str) -> dict[str, Any]:
    info, tags = run.info, dict(run.data.tags)
    return {
        "id": info.run_id,
        "name": info.run_name or "",
        "status": "KILLED" if info.status == "RUNNING" and was_killed(uri, tags) else info.status,
        "started": dt.datetime.fromtimestamp(info.start_time / 1000, dt.UTC),
        "seconds": None if not info.end_time else (info.end_time - info.start_time) / 1000,
        "params": dict(run.data.params),
        "metrics": dict(run.data.metrics),
        "tags": {key: value for key, value in tags.items() if key != LOCK and not key.startswith("mlflow.run")},
    }


def _files(client: Any, run_id: str) -> dict[str, int]:
    found: dict[str, int] = {}
    folders: list[str | None] = [None]
    while folders:
        for entry in client.list_artifacts(run_id, folders.pop()):
            if entry.is_dir:
                folders.append(entry.path)
            else:
                found[entry.path] = entry.file_size or 0
    return dict(sorted(found.items()))
