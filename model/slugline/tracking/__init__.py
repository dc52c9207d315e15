"""Tracked runs: MLflow behind six functions. No other module knows MLflow."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slugline.errors import OutputError, SluglineError
from slugline.tracking.alive import LOCK, left_over, sign_of_life, was_killed
from slugline.tracking.origin import origin_tags
from slugline.tracking.store import is_missing, opened, shown, sqlite_path, store_uri

EXPERIMENT = "slugline"
"""The MLflow experiment that runs belong to."""

PARENT = "mlflow.parentRunId"
"""The tag of a nested run, which MLflow's own page shows below its parent."""

# MLflow's limits, of one value and of one request.
_LONGEST_PARAM = 6000
_LONGEST_TAG = 8000
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is being written; given by `start_run`."""

    id: str
    name: str
    uri: str


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


@contextlib.contextmanager
def start_run(
    name: str,
    *,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    parent: Run | None = None,
    continued: str | None = None,
) -> Iterator[Run]:
    """Open a run; it ends FINISHED, or FAILED if the block raises, or KILLED if it is interrupted.

    `params` may be nested (a `Config.to_dict()`); names are joined with dots. The code's version (git commit) and the
    versions of the libraries are added to `tags`. The store is `experiments/mlflow.db` in the current folder with files
    under `experiments/artifacts`, unless MLFLOW_TRACKING_URI says otherwise. With `parent` the run is nested in that
    one, and in its experiment. `continued` is the id of a run that goes on, where the store has it; it keeps its
    parameters. Raises SluglineError where the store cannot be used.
    """
    uri = store_uri()
    with sign_of_life(uri) as locked:
        with opened(uri, write=True) as client:
            _end_left_over(client, uri)
            known = None if continued is None else _known(client, continued)
            if known is None:
                where = _experiment(client, uri) if parent is None else client.get_run(parent.id).info.experiment_id
                nested = {PARENT: parent.id} if parent else {}
                known = client.create_run(where, run_name=name, tags=nested | locked)
            else:
                # Before it is running again: the lock that it had is free.
                client.set_tag(known.info.run_id, LOCK, locked.get(LOCK, ""))
                client.update_run(known.info.run_id, status="RUNNING")
                params = None
            run = Run(known.info.run_id, name, uri)
        try:
            log_run(run, params=params, tags=origin_tags() | dict(tags or {}))
            yield run
        except BaseException as error:
            stopped = isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit))
            # What stopped the run is what its caller must see, even if the store has gone as well.
            with contextlib.suppress(SluglineError):
                if not stopped:
                    log_run(run, tags={"error": f"{type(error).__name__}: {error}"})
                _end(run, "KILLED" if stopped else "FAILED")
            raise
        _end(run, "FINISHED")


def mark_killed(run_id: str) -> None:
    """End a run whose process was killed before it could; nothing where the store does not have it or it has ended."""
    uri = store_uri()
    with opened(uri, write=True) as client:
        known = _known(client, run_id)
        if known is not None:
            _kill(client, known)


def check_store() -> None:
    """Raise SluglineError now, before hours of work, if a run could not be written to the store."""
    uri = store_uri()
    with opened(uri, write=True) as client:
        _experiment(client, uri)


def log_run(
    run: Run,
    *,
    params: Mapping[str, Any] | None = None,
    metrics: Mapping[str, float | None] | None = None,
    tags: Mapping[str, str] | None = None,
) -> None:
    """Add parameters (nested or flat), metrics (`tags/micro_f1`, `seconds/train`; None is left out) and tags to a run.

    Characters that MLflow does not allow in names become "_"; values longer than it allows are cut, and say so.
    Raises SluglineError where the store refuses them.
    """
    with opened(run.uri, write=True) as client:
        from mlflow.entities import Metric, Param, RunTag

        now = int(dt.datetime.now(dt.UTC).timestamp() * 1000)
        entities: dict[str, list[Any]] = {
            "params": [Param(_key(k), _cut(_text(v), _LONGEST_PARAM)) for k, v in _flat(params or {})],
            "metrics": [Metric(_key(k), float(v), now, 0) for k, v in (metrics or {}).items() if v is not None],
            "tags": [RunTag(_key(k), _cut(_text(v), _LONGEST_TAG)) for k, v in (tags or {}).items()],
        }
        for kind, values in entities.items():
            for start in range(0, len(values), _BATCH):
                client.log_batch(run.id, **{kind: values[start : start + _BATCH]})


def log_files(run: Run, files: Iterable[str | Path], folder: str = "") -> None:
    """Copy files into the run's files, under `folder`. Raises SluglineError where one cannot be read or stored."""
    for file in files:
        if not Path(file).is_file():
            raise OutputError("cannot be stored with the run: no such file", file=file)
        with opened(run.uri, write=True) as client:
            client.log_artifact(run.id, str(file), folder or None)


def list_runs(limit: int = 100, *, nested: bool = False) -> list[RunSummary]:
    """The latest runs, newest first; an empty list where there is no store yet. Raises SluglineError.

    Runs that are nested in another, such as the trials of a search, are left out unless `nested`.
    """
    uri = store_uri()
    if is_missing(uri):
        return []
    with opened(uri) as client:
        return [RunSummary(**_fields(run, uri)) for run in _search(client, limit, nested=nested)]


def get_run(run_id: str) -> RunDetail:
    """The run whose id starts with `run_id` (at least 4 characters), or whose name it is (the latest of that name).

    Raises SluglineError where there is none, or several ids start so.
    """
    uri = store_uri()
    if not is_missing(uri):
        with opened(uri) as client:
            runs = _search(client, None)
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


def _experiment(client: Any, uri: str) -> str:
    """The id of the experiment to write to, made where there is none.

    An experiment's place for files is fixed for good. Where the project folder has been moved or copied, runs go to
    `slugline-2` and so on, rather than to a folder elsewhere.
    """
    from mlflow.exceptions import MlflowException

    path = sqlite_path(uri)
    location = None if path is None else (path.absolute().parent / "artifacts").as_uri()
    for number in range(1, 1000):
        name = EXPERIMENT if number == 1 else f"{EXPERIMENT}-{number}"
        experiment = client.get_experiment_by_name(name)
        if experiment is None:
            try:
                return str(client.create_experiment(name, artifact_location=location))
            except MlflowException as error:
                # Another process may have been faster.
                experiment = client.get_experiment_by_name(name)
                if error.error_code != "RESOURCE_ALREADY_EXISTS" or experiment is None:
                    raise
        if experiment.lifecycle_stage == "active" and location in (None, experiment.artifact_location):
            return str(experiment.experiment_id)
    raise SluglineError("the tracking store is full of experiments of other folders", file=path)


def _known(client: Any, run_id: str) -> Any | None:
    """The run of this id, None where the store has none or it was deleted."""
    from mlflow.exceptions import MlflowException

    try:
        found = client.get_run(run_id)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise
    return found if found.info.lifecycle_stage == "active" else None


def _end_left_over(client: Any, uri: str) -> None:
    """End the runs whose processes were killed before they could."""
    for name in left_over(uri):
        for run in _search(client, None, where=f"tags.`{LOCK}` = '{name}'"):
            _kill(client, run)


def _kill(client: Any, run: Any) -> None:
    """Mark a run as killed, unless it has ended. When it was killed is not known, so it has no end."""
    if run.info.status == "RUNNING":
        client.update_run(run.info.run_id, status="KILLED")


def _search(client: Any, limit: int | None, *, nested: bool = True, where: str = "") -> list[Any]:
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


def _end(run: Run, status: str) -> None:
    with opened(run.uri, write=True) as client:
        client.set_terminated(run.id, status)


def _flat(params: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Tables of a configuration as `table.key`, lists of tables as `table.key.0.key`; what else is nested stays one
    value.
    """
    for name, value in params.items():
        for key, inner in value.items() if isinstance(value, Mapping) else ():
            if isinstance(inner, list) and inner and all(isinstance(item, Mapping) for item in inner):
                for number, item in enumerate(inner):
                    yield from ((f"{name}.{key}.{number}.{own}", content) for own, content in item.items())
            else:
                yield f"{name}.{key}", inner
        if not isinstance(value, Mapping):
            yield name, value


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    # A file name may hold bytes that are no UTF-8; no store takes them.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _key(name: str) -> str:
    return re.sub(r"[^\w\-. :/]", "_", name)[:250]


def _cut(text: str, longest: int) -> str:
    note = f"... ({len(text)} characters)"
    return text if len(text) <= longest else text[: longest - len(note)] + note
