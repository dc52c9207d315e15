"""Runs are real MLflow runs in a temporary folder."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import shutil
import sqlite3
import subprocess
import sys

import pytest

from slugline import tracking
from slugline.config import Config
from slugline.errors import OutputError, SluglineError
from slugline.tracking import origin, store


@pytest.fixture(scope="module")
def made_store(tmp_path_factory):
    """A folder with an empty store: making its tables takes seconds, copying it none."""
    folder = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        with store.opened(store.store_uri(), write=True):
            pass
    return folder / "experiments"


@pytest.fixture
def folder(made_store, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copytree(made_store, tmp_path / "experiments")
    return tmp_path


def test_everything_comes_back(folder):
    (folder / "evaluation.json").write_text("{}")
    with tracking.start_run("starter", params=Config().to_dict(), tags={"corpus.digest": "sha256:ab"}) as run:
        assert tracking.get_run(run.id).status == "RUNNING"
        tracking.log_run(run, metrics={"tags/micro_f1": 0.875, "tags/micro_f1.low": 0.8, "tags/lrap": None})
        tracking.log_run(run, params={"more": [1, "é"]}, tags={"model.digest": "sha256:cd"})
        tracking.log_files(run, [folder / "evaluation.json"])
        tracking.log_files(run, ["evaluation.json"], "copies")
    (summary,) = tracking.list_runs()
    detail = tracking.get_run(run.id)
    for found in (summary, detail):
        assert (found.id, found.name, found.status) == (run.id, "starter", "FINISHED")
        assert found.metrics == {"tags/micro_f1": 0.875, "tags/micro_f1.low": 0.8}
        assert found.params["tags.C"] == "0.5"
        assert found.params["corpus.fields"] == "{}"
        assert found.params["more"] == '[1, "é"]'
        assert {"corpus.digest", "model.digest", "version.numpy", "version.slugline"} <= found.tags.keys()
        assert abs((dt.datetime.now(dt.UTC) - found.started).total_seconds()) < 600
        assert found.seconds > 0
        json.dumps(found.to_dict(), allow_nan=False)
    assert detail.files == {"copies/evaluation.json": 2, "evaluation.json": 2}
    assert detail.files_uri.startswith((folder / "experiments" / "artifacts").as_uri())


VIEWS = ("features", "views")


def test_every_configuration_value_is_stored(folder):
    config = Config().to_dict()
    with tracking.start_run("starter", params=config) as run:
        pass
    stored = tracking.get_run(run.id).params
    views = config["features"]["views"]
    single = {f"{table}.{key}" for table, values in config.items() for key in values if (table, key) != VIEWS}
    assert stored.keys() == single | {f"features.views.{n}.{key}" for n, view in enumerate(views) for key in view}


@pytest.mark.parametrize(
    ("error", "status"),
    [(ValueError("no\ngood"), "FAILED"), (KeyboardInterrupt(), "KILLED"), (SystemExit(3), "KILLED")],
)
def test_a_run_that_stops_is_marked(folder, error, status):
    with pytest.raises(type(error)) as raised, tracking.start_run("starter"):
        raise error
    assert raised.value is error
    (run,) = tracking.list_runs()
    assert run.status == status
    assert run.tags.get("error") == ("ValueError: no\ngood" if status == "FAILED" else None)


WAITS = """
import sys
from slugline import tracking
with tracking.start_run(sys.argv[1], continued=sys.argv[2] or None) as run:
    print(run.id, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def start(folder):
    """`start(name, run_id)` starts a process that begins or continues a run and ends it when its input ends."""
    started = []

    def begin(name, continued=""):
        command = [sys.executable, "-c", WAITS, name, continued]
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process, process.stdout.readline().strip()

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def statuses():
    return {run.name: run.status for run in tracking.list_runs()}


def in_store(run_id):
    with store.opened(store.store_uri()) as client:
        return client.get_run(run_id).info.status


def test_a_run_whose_process_was_killed_is_told_from_one_that_is_written(folder, start):
    locks = folder / "experiments" / "running"
    (gone, lost), (kept, living) = start("lost"), start("living")
    assert statuses() == {"lost": "RUNNING", "living": "RUNNING"}
    gone.kill()
    gone.communicate()
    assert statuses() == {"lost": "KILLED", "living": "RUNNING"}
    found = tracking.get_run(lost)
    assert (found.status, found.seconds) == ("KILLED", None)
    assert "slugline.lock" not in found.tags
    # Whoever reads changes nothing; who writes next does.
    assert in_store(lost) == "RUNNING"
    with tracking.start_run("next"):
        assert len(list(locks.iterdir())) == 2
        assert (in_store(lost), in_store(living)) == ("KILLED", "RUNNING")
    kept.communicate()
    assert statuses() == {"lost": "KILLED", "living": "FINISHED", "next": "FINISHED"}
    assert not list(locks.iterdir())
    # It may go on, and be killed again.
    again, same = start("lost", lost)
    assert same == lost
    assert statuses()["lost"] == "RUNNING"
    again.kill()
    again.communicate()
    assert statuses()["lost"] == "KILLED"
    assert start("lost", lost)[1] == lost
    assert statuses()["lost"] == "RUNNING"


def test_a_run_without_a_lock_stays_running_and_files_of_others_stay_where_they_are(folder, start, monkeypatch):
    locks = folder / "experiments" / "running"
    locks.write_text("no folder")
    gone, _ = start("without")
    gone.kill()
    gone.communicate()
    assert statuses() == {"without": "RUNNING"}
    locks.unlink()
    locks.mkdir()
    for name in ("notes.txt", "it's"):
        (locks / name).write_text("mine")
    monkeypatch.setattr("slugline.tracking.alive.lock", lambda handle: None)
    with tracking.start_run("next"):
        assert statuses() == {"without": "RUNNING", "next": "RUNNING"}
    assert sorted(file.name for file in locks.iterdir()) == ["it's", "notes.txt"]


@pytest.mark.parametrize("tag", ["../mlflow.db", "", "/etc/passwd", "0" * 32, "0" * 31 + "'"])
def test_a_tag_that_names_no_lock_is_nothing(folder, tag):
    with tracking.start_run("odd", tags={"slugline.lock": tag}):
        assert statuses() == {"odd": "RUNNING"}


def test_the_cause_is_seen_even_if_the_store_has_gone(folder):
    def work():
        (folder / "experiments" / "mlflow.db").write_bytes(b"gone")
        raise ValueError("cause")

    with pytest.raises(ValueError, match="cause"), tracking.start_run("starter"):
        work()


def test_more_than_one_batch_and_names_that_mlflow_refuses(folder):
    with tracking.start_run("starter") as run:
        metrics = {f"m{number}": float(number) for number in range(1203)}
        params = {f"p{number}": number for number in range(230)}
        tracking.log_run(run, metrics=metrics | {"P@1 «x»": 0.5}, params=params, tags={"a&b": "c"})
    found = tracking.get_run(run.id)
    assert found.metrics == metrics | {"P_1 _x_": 0.5}
    assert found.params == {name: str(value) for name, value in params.items()}
    assert found.tags["a_b"] == "c"


def test_long_values_are_cut_and_say_so(folder):
    with tracking.start_run("starter", params={"long": "x" * 7000}, tags={"long": "y" * 9000}) as run:
        pass
    found = tracking.get_run(run.id)
    assert len(found.params["long"]) == 6000
    assert found.params["long"].endswith("x... (7000 characters)")
    assert found.tags["long"].endswith("y... (9000 characters)")


def test_newest_first_and_limit(folder):
    for number in range(4):
        with tracking.start_run(f"run {number}"):
            pass
    assert [run.name for run in tracking.list_runs()] == ["run 3", "run 2", "run 1", "run 0"]
    assert [run.name for run in tracking.list_runs(2)] == ["run 3", "run 2"]


def test_a_run_is_found_by_the_beginning_of_its_id_or_by_its_name(folder):
    ids = []
    for name in ("starter", "wcep", "starter"):
        with tracking.start_run(name) as run:
            ids.append(run.id)
    assert tracking.get_run(ids[0][:12]).id == ids[0]
    assert tracking.get_run("starter").id == ids[2]
    for unknown in ("zzzzzzzz", ids[0][:3], ""):
        with pytest.raises(SluglineError, match="no such run"):
            tracking.get_run(unknown)


def test_ids_that_begin_alike_are_not_guessed_between(folder):
    for _ in range(2):
        with tracking.start_run("starter"):
            pass
    connection = sqlite3.connect(folder / "experiments" / "mlflow.db")
    ids = [row[0] for row in connection.execute("SELECT run_uuid FROM runs")]
    for table in ("tags", "runs"):
        for number, old in enumerate(ids):
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute(f"UPDATE {table} SET run_uuid = ? WHERE run_uuid = ?", (f"abcdef{number}{old[7:]}", old))
    connection.commit()
    connection.close()
    with pytest.raises(SluglineError, match="several"):
        tracking.get_run("abcdef")
    assert tracking.get_run("abcdef0").id.startswith("abcdef0")


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


def test_names_that_are_no_text_are_stored(folder):
    with tracking.start_run("a", params={"corpus": {"name": "a\udcff.jsonl"}}) as run:
        pass
    assert tracking.get_run(run.id).params["corpus.name"] == "a\\udcff.jsonl"


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


def test_a_missing_file_is_named(folder):
    with pytest.raises(OutputError, match=r"nowhere\.json"), tracking.start_run("starter") as run:
        tracking.log_files(run, ["nowhere.json"])
    assert tracking.list_runs()[0].status == "FAILED"


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


def test_origin_of_a_checkout_and_of_an_installation(tmp_path, monkeypatch):
    tags = origin.origin_tags()
    assert tags["version.python"].startswith("3.")
    # Inside another repository, untracked: that repository's commit is not ours.
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    monkeypatch.setattr(origin, "__file__", str(tmp_path / "tracking" / "origin.py"))
    assert "mlflow.source.git.commit" not in origin.origin_tags()
    monkeypatch.setenv("PATH", "")
    assert "version.numpy" in origin.origin_tags()


def test_a_nested_run_is_its_parents_and_not_listed_beside_it(folder):
    with tracking.start_run("search") as parent, tracking.start_run("trial 0", parent=parent) as child:
        pass
    assert [run.id for run in tracking.list_runs()] == [parent.id]
    assert {run.id for run in tracking.list_runs(nested=True)} == {parent.id, child.id}
    assert tracking.get_run(child.id).tags[tracking.PARENT] == parent.id


def test_a_run_goes_on_where_the_store_has_it(folder):
    with pytest.raises(KeyboardInterrupt), tracking.start_run("search", params={"a": 1}) as run:
        raise KeyboardInterrupt
    with tracking.start_run("search", params={"a": 2}, continued=run.id) as again:
        assert tracking.get_run(run.id).status == "RUNNING"
    found = tracking.get_run(run.id)
    assert (again.id, found.status, found.params) == (run.id, "FINISHED", {"a": "1"})
    with tracking.start_run("search", continued="0" * 32) as other:
        pass
    assert other.id != run.id


def test_a_run_whose_process_was_killed_is_marked(folder):
    with tracking.start_run("search") as run:
        tracking.mark_killed(run.id)
        assert tracking.get_run(run.id).status == "KILLED"
    tracking.mark_killed(run.id)
    tracking.mark_killed("0" * 32)
    assert tracking.get_run(run.id).status == "FINISHED"
