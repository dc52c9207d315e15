"""Runs that are written: begun, filled and ended."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slugline.errors import OutputError, SluglineError
from slugline.tracking.alive import LOCK, left_over, sign_of_life
from slugline.tracking.origin import origin_tags
from slugline.tracking.reading import EXPERIMENT, PARENT, search_runs
from slugline.tracking.store import opened, sqlite_path, store_uri

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
        for run in search_runs(client, None, where=f"tags.`{LOCK}` = '{name}'"):
            _kill(client, run)


def _kill(client: Any, run: Any) -> None:
    """Mark a run as killed, unless it has ended. When it was killed is not known, so it has no end."""
    if run.info.status == "RUNNING":
        client.update_run(run.info.run_id, status="KILLED")


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
