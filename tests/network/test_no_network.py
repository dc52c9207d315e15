"""Nothing is contacted but what was asked for: not by Slugline, not by a library, not by compiled code.

Each command runs in a network namespace without a route, where the kernel counts who tries to leave, and under a watch
of every connection and name look-up of its Python processes. `experiments/soak/no_network.py` runs all tests so.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from network.watched import HERE, namespaces_are_permitted, slugline_watched, watched
from slugline.corpus.catalogue import find_entry
from support import ROOT

OUTSIDE = "192.0.2.1"
"""An address that is set aside for documents, and nobody's."""


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def desk(tmp_path_factory, home) -> Path:
    """A folder with a small corpus, and the model and the tracked run that a watched training left."""
    folder = tmp_path_factory.mktemp("desk")
    words = {"Sports": "team goal season player match", "Courts": "judge trial lawyer verdict appeal"}
    rows = []
    for number in range(40):
        kind = "Sports" if number % 2 else "Courts"
        body = " ".join(words[kind].split()[(number + step) % 5] for step in range(12)) + f" n{number}"
        row = {"id": f"a{number}", "title": f"{kind} {number}", "body": body, "event_type": kind, "tags": [kind]}
        rows.append(json.dumps(row | {"part": "train" if number < 30 else "test"}))
    (folder / "c.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    done = slugline_watched("train", "c.jsonl", "--keep-titles", "--report", "r.html", cwd=folder, home=home)
    assert_alone(done)
    assert (folder / "r.html").exists()
    assert (folder / "experiments" / "mlflow.db").exists()
    return folder


def assert_alone(done):
    assert done.returncode == 0, done.stderr
    assert done.attempts == ()
    assert not done.no_route


def test_training_with_tracking_and_a_report(desk, home):
    """Done by the fixture; MLflow, Optuna and the others leave nothing that would know this computer again either."""
    assert desk.exists()
    assert [str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "command",
    [
        "predict c.jsonl --format jsonl --explain",
        "runs list",
        "drift c.jsonl",
    ],
)
def test_a_command(desk, home, command):
    assert_alone(slugline_watched(*command.split(), cwd=desk, home=home))


def test_a_web_page(desk, home):
    """Neither its pictures nor its styles are fetched, and its text is found without a list from elsewhere."""
    pytest.importorskip("trafilatura", reason="needs the extra html")
    text = "<p>The judge heard the appeal of the lawyer on Monday, and the trial goes on until a verdict.</p>"
    head = f"<link rel='stylesheet' href='http://{OUTSIDE}/a.css'><script src='http://{OUTSIDE}/a.js'></script>"
    body = f"<img src='http://{OUTSIDE}/a.png'><article>{text * 3}</article>"
    page = f"<html><head><title>Trial</title>{head}</head><body>{body}</body></html>"
    (desk / "page.html").write_text(page, encoding="utf-8")
    assert_alone(slugline_watched("predict", "page.html", cwd=desk, home=home))


def test_a_search(desk, home):
    pytest.importorskip("optuna", reason="needs the extra search")
    assert_alone(slugline_watched("search", "c.jsonl", "--trials", 2, cwd=desk, home=home))


def test_a_cluster_on_this_computer(desk, home):
    pytest.importorskip("distributed", reason="needs the extra cluster")
    options = ("--out", "out", "--cluster", "local", "--jobs", 2)
    assert_alone(slugline_watched("predict", "c.jsonl", *options, cwd=desk, home=home))


def test_the_server(desk, home):
    pytest.importorskip("fastapi", reason="needs the extra serve")
    assert_alone(watched([sys.executable, HERE / "visit.py"], desk, home))


def test_a_corpus_is_fetched_from_its_publisher_alone(tmp_path, home):
    """And the attempt is seen, refused, and one line."""
    done = slugline_watched("corpus", "get", "reuters21578", cwd=tmp_path, home=home, SLUGLINE_CORPORA=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.hosts == {urlsplit(find_entry("reuters21578").address).hostname}


def test_a_tracking_server_that_was_configured_is_the_only_one(desk, home):
    settings = {"MLFLOW_TRACKING_URI": f"http://{OUTSIDE}:5000", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
    done = slugline_watched("runs", "list", cwd=desk, home=home, **settings)
    assert done.returncode == 1
    assert done.hosts == {OUTSIDE}


@pytest.mark.parametrize(("disabled", "sent"), [("true", False), ("false", True)])
def test_mlflow_sends_what_is_used_unless_it_is_told_not_to(tmp_path, disabled, sent):
    """Told so, as Slugline tells it, nothing; else the watch sees it, and so would the tests above."""
    script = (
        "import time; from mlflow.tracking import MlflowClient; client = MlflowClient('sqlite:///x.db')\n"
        "client.create_run(client.create_experiment('x')); time.sleep(1)"
    )
    (tmp_path / "home").mkdir()
    command = [sys.executable, "-c", script]
    done = watched(command, tmp_path, tmp_path / "home", MLFLOW_DISABLE_TELEMETRY=disabled)
    assert done.returncode == 0, done.stderr
    assert any("telemetry" in str(host) for host in done.hosts) == sent
    assert any("telemetry" in path.name for path in (tmp_path / "home").rglob("*")) == sent


@pytest.mark.parametrize(
    "line",
    [
        f"socket.create_connection(({OUTSIDE!r}, 80), 1)",
        f"socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'', ({OUTSIDE!r}, 53))",
        "socket.getaddrinfo('news.invalid', 80)",
        "socket.create_server(('0.0.0.0', 0))",
        "socket.create_server(('', 0))",
    ],
)
def test_the_watch_sees(tmp_path, home, line):
    done = watched([sys.executable, "-c", f"import socket; {line}"], tmp_path, home)
    assert done.returncode == 1
    assert len(done.attempts) == 1
    assert "refused by the watch" in done.stderr


@pytest.mark.skipif(not namespaces_are_permitted(), reason="no network namespace may be made here")
def test_the_kernel_counts_whom_the_watch_does_not_see(tmp_path, home):
    """Isolated, Python imports no watch; compiled code has none either."""
    line = f"import socket; socket.create_connection(({OUTSIDE!r}, 80), 1)"
    done = watched([sys.executable, "-I", "-c", line], tmp_path, home)
    assert done.returncode == 1
    assert done.attempts == ()
    assert done.no_route > 0


def test_the_loopback_is_there(tmp_path, home):
    line = "import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname())"
    assert_alone(watched([sys.executable, "-c", line], tmp_path, home))


def test_what_the_package_names_is_not_loaded_by_the_page_or_the_report():
    """Scripts, styles, fonts and pictures come with the page."""
    for path in (ROOT / "model" / "slugline").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for mark in ('src="http', "src='http", 'rel="stylesheet" href="http', "@import", "url(http", 'src="//'):
            assert mark not in text, path
