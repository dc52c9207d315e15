"""Runs are real MLflow runs in a temporary folder."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import subprocess

import pytest

from slugline import tracking
from slugline.config import Config
from slugline.errors import OutputError, SluglineError
from slugline.tracking import origin


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


def test_names_that_are_no_text_are_stored(folder):
    with tracking.start_run("a", params={"corpus": {"name": "a\udcff.jsonl"}}) as run:
        pass
    assert tracking.get_run(run.id).params["corpus.name"] == "a\\udcff.jsonl"


def test_a_missing_file_is_named(folder):
    with pytest.raises(OutputError, match=r"nowhere\.json"), tracking.start_run("starter") as run:
        tracking.log_files(run, ["nowhere.json"])
    assert tracking.list_runs()[0].status == "FAILED"


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
