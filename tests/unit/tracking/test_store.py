"""Where runs are stored: stores elsewhere, made, moved, locked, damaged, of another MLflow, or not there."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import subprocess
import sys

import pytest

from slugline import tracking
from slugline.errors import OutputError, SluglineError
from slugline.tracking import store


def test_no_store_yet(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert tracking.list_runs() == []
    with pytest.raises(SluglineError, match="no such run"):
        tracking.get_run("abcdef")
    assert list(tmp_path.iterdir()) == []


def test_the_variable_points_elsewhere(folder, monkeypatch):
    elsewhere = folder / "über all" / "runs.db"
    elsewhere.parent.mkdir()
    shutil.copy(folder / "experiments" / "mlflow.db", elsewhere)
    shutil.rmtree(folder / "experiments")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{elsewhere}")
    (folder / "file").write_text("x")
    with tracking.start_run("starter") as run:
        tracking.log_files(run, ["file"])
    assert tracking.get_run(run.id).files == {"file": 1}
    assert list((elsewhere.parent / "artifacts").rglob("file"))
    assert not (folder / "experiments").exists()


def test_a_moved_project_keeps_its_runs_and_its_files_go_along(folder, tmp_path_factory, monkeypatch):
    with tracking.start_run("before"):
        pass
    moved = tmp_path_factory.mktemp("moved")
    shutil.copytree(folder / "experiments", moved / "experiments")
    shutil.rmtree(folder / "experiments")
    monkeypatch.chdir(moved)
    (moved / "file").write_text("x")
    for _ in range(2):
        with tracking.start_run("after") as run:
            tracking.log_files(run, ["file"])
    assert [run.name for run in tracking.list_runs()] == ["after", "after", "before"]
    assert not (folder / "experiments").exists()
    assert len(list((moved / "experiments" / "artifacts").rglob("file"))) == 2


def fails(message, kind=SluglineError):
    with pytest.raises(kind, match=message) as raised, tracking.start_run("starter"):
        pytest.fail("a run was started")
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_a_folder_that_cannot_be_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    (tmp_path / "experiments").write_text("a file")
    assert "experiments" in fails("cannot make the tracking store", OutputError)


def test_a_store_that_cannot_be_opened(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:////proc/runs.db")
    fails("cannot use the tracking store", OutputError)
    (tmp_path / "junk.db").write_bytes(b"no database at all" * 100)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/junk.db")
    fails("not a database", OutputError)
    with pytest.raises(OutputError, match="not a database"):
        tracking.list_runs()


@pytest.mark.parametrize(
    ("uri", "why"), [("http://[bad", "not an address"), ("mssql://me:secret@host/x", "needs a further package")]
)
def test_an_address_that_leads_nowhere(monkeypatch, uri, why):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    for use in (tracking.check_store, tracking.list_runs):
        with pytest.raises(SluglineError, match=why) as caught:
            use()
        assert "secret" not in str(caught.value)


def test_a_store_whose_making_was_interrupted_is_made_again(tmp_path, monkeypatch):
    """MLflow makes its tables one after the other, and can neither use nor finish what was stopped in between."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def interrupted(engine):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("mlflow.store.db.utils._upgrade_db", interrupted)
        with pytest.raises(KeyboardInterrupt):
            tracking.check_store()
    assert list((tmp_path / "experiments").iterdir()) == []
    assert tracking.list_runs() == []
    with tracking.start_run("second"):
        pass
    assert [run.status for run in tracking.list_runs()] == ["FINISHED"]
    assert sorted(path.name for path in (tmp_path / "experiments").iterdir()) == ["mlflow.db", "running"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(folder):
    database = folder / "experiments" / "mlflow.db"
    database.chmod(0o400)
    fails("readonly", OutputError)


def test_a_store_that_another_process_keeps_locked_is_told_and_loses_nothing(folder, monkeypatch):
    monkeypatch.setattr(store, "PATIENCE", 0.1)
    other = sqlite3.connect(folder / "experiments" / "mlflow.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    fails("database is locked", OutputError)
    other.execute("ROLLBACK")
    other.close()
    with tracking.start_run("after"):
        pass
    assert [run.status for run in tracking.list_runs()] == ["FINISHED"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no locks to tell what is left over")
def test_what_the_making_of_a_store_left_is_removed(folder):
    left = folder / "experiments" / ".mlflow.db.abcdefgh.part"
    left.mkdir()
    (left / "mlflow.db").write_bytes(b"half")
    tracking.check_store()
    assert [path.name for path in (folder / "experiments").iterdir()] == ["mlflow.db"]


def test_a_server_that_does_not_answer(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    fails("does not answer")


@pytest.mark.parametrize(("version", "said"), [("ffffffffffff", "newer MLflow"), ("89d4b8295536", "mlflow db upgrade")])
def test_a_database_of_another_mlflow(folder, version, said):
    connection = sqlite3.connect(folder / "experiments" / "mlflow.db")
    connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    connection.commit()
    connection.close()
    fails(said)


def test_a_database_that_cannot_be_mended(folder):
    connection = sqlite3.connect(folder / "experiments" / "mlflow.db")
    connection.execute("UPDATE alembic_version SET version_num = '89d4b8295536'")
    connection.execute("DROP TABLE metrics")
    connection.commit()
    connection.close()
    # SQLAlchemy's error, which MLflow lets through.
    fails("already exists")


def test_loggers_are_as_they_were(folder):
    import mlflow  # noqa: F401  (it sets its loggers up when it is imported)

    logger = logging.getLogger("mlflow")
    before = logger.level
    with tracking.start_run("starter"):
        assert logger.level == before
    assert logger.level == before


def test_silent_and_without_telemetry_in_a_new_process(tmp_path):
    """In a folder of its own, the first run makes the tables, and nothing is written to stdout or stderr."""
    code = (
        "from slugline import tracking\n"
        "with tracking.start_run('starter') as run:\n"
        "    tracking.log_run(run, metrics={'tags/micro_f1': 0.5})\n"
        "from mlflow.telemetry.client import get_telemetry_client\n"
        "assert get_telemetry_client() is None\n"
    )
    hidden = ("MLFLOW", "CI", "GITHUB_ACTIONS", "PYTEST_CURRENT_TEST", "DO_NOT_TRACK")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(hidden)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "experiments" / "mlflow.db").is_file()


def test_importing_tracking_does_not_import_mlflow():
    code = "import sys, slugline.tracking; sys.exit('mlflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
