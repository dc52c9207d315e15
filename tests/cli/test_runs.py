"""`slugline runs` as a user runs it."""

from __future__ import annotations

import json

import pytest

from slugline import tracking
from slugline.config import Config, replace
from slugline.evaluate.outcomes import FILE, EventOutcome, Outcome, Outcomes, TagOutcome
from support import assert_one_line_error, slugline

METRICS = {
    "tags/micro_f1": 0.8812,
    "tags/micro_f1.low": 0.87,
    "tags/micro_f1.high": 0.89,
    "tags/macro_f1": 0.58,
    "event_type/accuracy": 0.77,
    "event_type/macro_f1": 0.74,
    "seconds/train": 12.5,
    "model/bytes": 4123456.0,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with three runs; the last one failed."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        (folder / "config.toml").write_text("x")
        for c, split, name in ((1.0, "a", "reuters21578"), (2.0, "b", "a corpus whose name is far too long")):
            tags = {"split.digest": f"sha256:{split}", "corpus.digest": "sha256:c"}
            with tracking.start_run(name, params=replace(Config(), "tags", C=c).to_dict(), tags=tags) as run:
                tracking.log_run(run, metrics=METRICS | {"tags/macro_f1": 0.58 * c, "model/bytes": 4123456.0 * c})
                tracking.log_files(run, ["config.toml"])
        with pytest.raises(ValueError, match="broken"), tracking.start_run("starter"):
            raise ValueError("broken \x1b[31m corpus")
    return folder


def runs(folder, *arguments):
    done = slugline("runs", *arguments, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_list(folder):
    shown = runs(folder, "list").splitlines()
    assert max(map(len, shown)) <= 80
    assert shown[0].split() == ["run", "name", "started", "took", "tags", "event", "type"]
    assert "failed" in shown[1]
    assert "a corpus whose na…" in shown[2]
    assert "0.881/1.160" in shown[2]
    assert "reuters21578" in shown[3]
    assert shown[3].endswith("0.881/0.580  0.770/0.740")
    assert len(runs(folder, "list", "--limit", "1").splitlines()) == 3


def test_list_json(folder):
    found = json.loads(runs(folder, "list", "--format", "json"))
    assert [run["status"] for run in found] == ["FAILED", "FINISHED", "FINISHED"]
    assert found[2]["metrics"] == METRICS
    assert found[2]["params"]["tags.C"] == "1.0"


def test_show(folder):
    shown = runs(folder, "show", "reuters21578")
    assert "tags/micro_f1" in shown
    assert "0.870-0.890" in shown
    assert "tags.threshold" in shown
    assert "config.toml" in shown
    assert "4,123,456" in shown
    failed = runs(folder, "show", "starter")
    assert "ValueError: broken" in failed
    assert "\x1b" not in failed


def test_show_json(folder):
    identity = json.loads(runs(folder, "list", "--format", "json"))[2]["id"]
    found = json.loads(runs(folder, "show", identity[:8], "--format", "json"))
    assert found["id"] == identity
    assert found["files"] == {"config.toml": 1}


def test_compare(folder):
    identities = [run["id"] for run in json.loads(runs(folder, "list", "--format", "json"))]
    shown = runs(folder, "compare", "reuters21578", identities[1][:8])
    assert max(map(len, shown.splitlines())) <= 80
    (macro,) = [line for line in shown.splitlines() if line.startswith("tags/macro_f1")]
    assert macro.split() == ["tags/macro_f1", "0.580", "1.160", "+0.580"]
    (micro,) = [line for line in shown.splitlines() if line.startswith("tags/micro_f1")]
    assert micro.split() == ["tags/micro_f1", "0.881", "0.870-0.890", "0.881", "0.870-0.890", "0.000"]
    assert "different articles" in shown
    assert [line.split() for line in shown.splitlines() if line.startswith("tags.C")] == [["tags.C", "1.0", "2.0"]]
    assert "mlflow" not in shown.replace("version.mlflow", "")


def test_compare_with_itself_differs_in_nothing(folder):
    found = json.loads(runs(folder, "compare", "reuters21578", "reuters21578", "--format", "json"))
    assert found["values"] == {}
    assert found["a"] == found["b"]
    assert all(row["difference"] == 0 for row in found["metrics"])
    assert "different articles" not in runs(folder, "compare", "reuters21578", "reuters21578")


@pytest.fixture(scope="module")
def paired(tmp_path_factory):
    """A folder with two runs on the same 40 articles: B knows every tag and type, A half of them."""
    folder = tmp_path_factory.mktemp("paired")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        for name, rate in (("A", 2), ("B", 1)):
            rows = tuple(
                Outcome(
                    f"a{number}",
                    "digest",
                    TagOutcome(("oil",), ("oil",) if number % rate == 0 else (), {"oil": 0.5}, 1 / 3),
                    EventOutcome("war", "war" if number % rate == 0 else "vote", {"war": 0.5, "vote": 0.5}),
                )
                for number in range(40)
            )
            Outcomes(rows, ("oil",), ("vote", "war")).write(folder / FILE)
            with tracking.start_run(name, tags={"corpus.digest": "sha256:c", "split.digest": "sha256:s"}) as run:
                tracking.log_files(run, [FILE])
    return folder


def test_compare_tests_the_differences(paired):
    shown = runs(paired, "compare", "A", "B")
    assert max(map(len, shown.splitlines())) <= 80
    (micro,) = [line for line in shown.splitlines() if line.startswith("micro-F1  ")]
    assert micro.split()[1:4] == ["0.667", "1.000", "+0.333"]
    assert micro.split()[-2:] == ["<0.0001", "20"]
    (gained,) = [line for line in shown.splitlines() if line.startswith("oil")]
    assert gained.split() == ["oil", "0.67", "1.00", "+0.33", "<0.0001", "<0.0001", "40"]
    assert "accuracy" in shown
    assert "different articles" not in shown


def test_compare_tests_in_json(paired):
    found = json.loads(runs(paired, "compare", "B", "A", "--format", "json"))
    assert found["same_articles"] is True
    assert found["paired"]["tags"]["lost"] == ["oil"]
    assert found["paired"]["tags"]["gained"] == []
    assert {test["measure"] for test in found["paired"]["event_type"]["tests"]} == {"accuracy", "macro_f1"}
    assert found["paired"]["resamples"] == 10_000


def test_runs_without_predictions_are_not_tested_and_why(folder):
    shown = " ".join(runs(folder, "compare", "reuters21578", "reuters21578").split())
    assert "No test of the differences: no predictions of single articles are stored with A, which was made" in shown


def test_unknown_run(folder):
    assert_one_line_error(slugline("runs", "show", "ffffffff", cwd=folder), "no such run", "runs list")
    assert_one_line_error(slugline("runs", "compare", "starter", "ffffffff", cwd=folder), "no such run")


def test_no_runs_yet(tmp_path):
    done = slugline("runs", "list", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert "no runs" in done.stderr
    assert slugline("runs", "list", "--format", "json", cwd=tmp_path).stdout == "[]\n"
    assert list(tmp_path.iterdir()) == []
