from __future__ import annotations

import contextlib
import operator
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from slugline.cluster import tasks
from slugline.cluster.connect import open_cluster
from slugline.cluster.storage import find_files
from slugline.cluster.tasks import ClusterError, Here
from slugline.errors import ConfigError, CorpusError, MissingExtraError


def test_here_and_there_give_the_same(cluster):
    calls = [(number, 3) for number in range(20)]
    names = [str(call) for call in calls]
    found = dict(Here().run(operator.pow, calls, names))
    with open_cluster(cluster.scheduler_address) as remote:
        assert dict(remote.run(operator.pow, calls, names)) == found
        # A second run has tasks of its own.
        assert dict(remote.run(operator.pow, [(2, 2)], ["x"])) == {0: 4}


def test_an_error_of_the_data_is_raised_as_it_is(cluster, tmp_path):
    with (
        open_cluster(cluster.scheduler_address) as remote,
        pytest.raises(CorpusError, match=r"none\.jsonl: no such file"),
    ):
        list(remote.run(find_files, [([str(tmp_path / "none.jsonl")],)], ["x"]))


def test_a_file_that_is_not_there_is_not_asked_for_again(cluster, tmp_path):
    with open_cluster(cluster.scheduler_address) as remote, pytest.raises(ClusterError, match="after 1 tries"):
        list(remote.run(os.stat, [(str(tmp_path / "none"),)], ["x"]))


def test_a_task_that_kills_its_workers_is_given_up(cluster, monkeypatch):
    monkeypatch.setattr(tasks, "RETRIES", 1)
    with open_cluster(cluster.scheduler_address) as remote:
        with pytest.raises(ClusterError, match=r"^in\.jsonl: given up: every worker .* in 2 rounds"):
            list(remote.run(os._exit, [(1,)], ["in.jsonl"]))
        # The nanny has started others.
        assert list(remote.run(operator.add, [(1, 2)], ["x"])) == [(0, 3)]


@pytest.fixture
def scheduler(tmp_path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """`scheduler("worker", ...)` starts `dask worker` at a scheduler that runs, whose file is `scheduler.json`."""
    pytest.importorskip("distributed", reason="needs the extra cluster")
    file, started = tmp_path / "scheduler.json", []

    def start(command: str, *options: str) -> subprocess.Popen[bytes]:
        line = [sys.executable, "-m", "dask", command, "--scheduler-file", str(file), "--no-dashboard", *options]
        started.append(subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return started[-1]

    start("scheduler", "--host", "127.0.0.1", "--port", "0")
    wait_for(file.exists)
    start.first = started[0]
    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("waited in vain")


def test_without_workers_work_is_given_up(scheduler, tmp_path):
    with open_cluster(str(tmp_path / "scheduler.json"), patience=1.5) as remote:
        for work in (remote.wait_for_worker, lambda: list(remote.run(operator.add, [(1, 2)], ["x"]))):
            start = time.monotonic()
            with pytest.raises(ClusterError, match="no Dask worker for"):
                work()
            assert time.monotonic() - start >= 1.5


def test_a_worker_may_come_late_and_a_lost_scheduler_is_told(scheduler, tmp_path, caplog):
    import dask

    file = str(tmp_path / "scheduler.json")
    with dask.config.set({"distributed.comm.timeouts.connect": "2s"}), open_cluster(file, patience=60) as remote:
        tasks = remote.run(operator.add, [(1, 2), (3, 4)], ["x", "y"])
        worker = scheduler("worker", "--no-nanny", "--nthreads", "1")
        assert next(tasks)[1] in (3, 7)
        worker.kill()
        scheduler("worker", "--no-nanny", "--nthreads", "1")
        assert next(tasks)[1] in (3, 7)
        scheduler.first.kill()
        with pytest.raises(ClusterError, match="lost the Dask scheduler"):
            list(remote.run(operator.add, [(1, 2)], ["x"]))
    # Dask tells of it in three tracebacks.
    assert not [record for record in caplog.records if record.name.startswith("distributed")]


@pytest.mark.parametrize("fails", [1, 9])
def test_a_connection_that_cannot_be_closed_takes_no_result_and_no_error_with_it(cluster, monkeypatch, fails):
    monkeypatch.setattr("slugline.cluster.connect._CLOSE_AGAIN_SECONDS", 0.01)
    for function, call, result in ((operator.add, (1, 2), 3), (find_files, (["none.jsonl"],), CorpusError)):
        with contextlib.ExitStack() as stack:
            if result is CorpusError:
                stack.enter_context(pytest.raises(CorpusError, match="no such file"))
            remote = stack.enter_context(open_cluster(cluster.scheduler_address))
            client, close, tries = remote.client, remote.client.close, []

            def failing(tries=tries, close=close) -> None:
                tries.append(1)
                if len(tries) <= fails:
                    raise RuntimeError("Cannot change state of expiring Timeout")
                close()

            monkeypatch.setattr(client, "close", failing)
            assert list(remote.run(function, [call], ["x"])) == [(0, result)]
        assert len(tries) == 2
        assert (client.status == "closed") == (fails == 1)
        close()


def test_addresses(monkeypatch):
    with pytest.raises(ConfigError, match="not the address"), open_cluster("here"):
        pass
    monkeypatch.setattr("slugline.cluster.connect._CONNECT_SECONDS", 1)
    for address in ("tcp://127.0.0.1:1", "nope://x", "/nowhere/scheduler.json"):
        with pytest.raises(ClusterError, match=r"no Dask scheduler|no such file"), open_cluster(address):
            pass
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'slugline\[cluster\]'"), open_cluster("local"):
        pass


def test_a_local_cluster_leaves_no_process(tmp_path):
    with open_cluster("local", 1) as remote:
        ((_, worker),) = remote.run(os.getpid, [()], ["pid"])
        assert worker != os.getpid()
    for _ in range(100):
        if not Path(f"/proc/{worker}").exists():
            break
        time.sleep(0.1)
    with pytest.raises(ProcessLookupError):
        os.kill(worker, signal.SIGCONT)
