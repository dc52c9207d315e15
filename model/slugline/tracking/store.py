"""Where runs are stored, and MLflow's client for it, its errors turned into one line each."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slugline.errors import OutputError, SluglineError
from slugline.files import PATIENCE, check_writable, remove_left_over, sync_folder, temporary_folder
from slugline.logs import silenced

FOLDER = "experiments"
"""Where the default store is, below the current folder: `mlflow.db`, and files in `artifacts/`."""


def store_uri() -> str:
    """The store's address: MLFLOW_TRACKING_URI, else the default store's."""
    given = os.environ.get("MLFLOW_TRACKING_URI")
    return given or f"sqlite:///{Path(FOLDER).absolute() / 'mlflow.db'}"


def beside_store(name: str) -> Path:
    """A file beside an SQLite store; where the store is elsewhere, in FOLDER below the current folder."""
    path = sqlite_path(store_uri())
    return (Path(FOLDER) if path is None else path.parent) / name


def shown(uri: str) -> str:
    """An address without the password that may be in it."""
    return re.sub(r"//[^/@]*@", "//...@", uri)


def sqlite_path(uri: str) -> Path | None:
    """The file of an SQLite store, None for other stores and for one in memory."""
    path = uri.removeprefix("sqlite:///").partition("?")[0]
    return Path(path) if uri.startswith("sqlite:///") and path not in ("", ":memory:") else None


def is_missing(uri: str) -> bool:
    """Whether this is an SQLite store that has not been made yet."""
    path = sqlite_path(uri)
    return path is not None and not path.exists()


@contextlib.contextmanager
def opened(uri: str, *, write: bool = False) -> Iterator[Any]:
    """Yield an MLflow client of a store; its errors become SluglineError, its log is not heard."""
    _check_sqlite(uri, write=write)
    # MLflow reports use to its makers unless told not to; whoever wants that sets the variable to false.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    # Its default of 7 retries waits over four minutes for a server that is not there.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
    from mlflow.exceptions import MlflowException
    from mlflow.tracking import MlflowClient
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with silenced("mlflow", "alembic"):
            if is_missing(uri):
                _make_sqlite(uri)
            try:
                client = MlflowClient(tracking_uri=uri)
            except ValueError as error:
                raise SluglineError(f"not an address of a tracking store ({error})", file=shown(uri)) from error
            yield client
    except (MlflowException, SQLAlchemyError) as error:
        raise _readable(uri, str(error)) from error
    except ImportError as error:
        raise SluglineError(f"such a tracking store needs a further package ({error})", file=shown(uri)) from error
    except OSError as error:
        raise OutputError(f"cannot use the tracking store ({error.strerror or error})", file=error.filename) from error


def _make_sqlite(uri: str) -> None:
    """Make an empty SQLite store beside its place and then put it there, whole.

    MLflow cannot use a store whose making was interrupted, and never repairs it.
    """
    from mlflow.tracking import MlflowClient

    path = sqlite_path(uri)
    if path is None:
        return
    with temporary_folder(path) as folder:
        made = folder / path.name
        MlflowClient(tracking_uri=f"sqlite:///{made.absolute()}").search_experiments(max_results=1)
        # Another process may have been faster, and its store may hold a run by now.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(made)
            sync_folder(path.parent)


def _check_sqlite(uri: str, *, write: bool) -> None:
    """Open an SQLite store's file as MLflow will: MLflow itself retries for minutes before it gives up."""
    import sqlite3

    path = sqlite_path(uri)
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the tracking store ({error.strerror})", file=path) from error
    try:
        if not path.exists():
            # Connecting would make an empty file, which MLflow would then fill where it lies.
            check_writable(path)
            return
        if write:
            # One that was killed when it had just made the store left the folder in which it did.
            remove_left_over(path)
        with contextlib.closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as connection:
            if write:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
            else:
                connection.execute("PRAGMA schema_version").fetchone()
    except (sqlite3.Error, OutputError) as error:
        why = error.message if isinstance(error, OutputError) else error
        raise OutputError(f"cannot use the tracking store ({why})", file=path) from error


def _readable(uri: str, message: str) -> SluglineError:
    """One line that says what to do, from an MLflow error."""
    where = sqlite_path(uri) or shown(uri)
    schema = re.search(r"found version (\w+), but expected (\w+)", message) or re.search(
        r"locate revision identified by '(\w+)'", message
    )
    if schema:
        import mlflow

        versions = Path(mlflow.__file__).parent / "store" / "db_migrations" / "versions"
        if any(versions.glob(f"{schema[1]}_*")):
            advice = f"made by an older MLflow; take a copy of it, then run: mlflow db upgrade {uri}"
        else:
            advice = "made by a newer MLflow than is installed; run: pip install --upgrade mlflow-skinny"
        return SluglineError(f"the tracking store was {advice}", file=where)
    if "Max retries exceeded" in message or "Failed to establish" in message:
        return SluglineError("the tracking server does not answer; see MLFLOW_TRACKING_URI", file=where)
    first = message.strip().splitlines()[0] if message.strip() else "unknown error"
    return SluglineError(f"MLflow: {first[:300]}", file=where)
