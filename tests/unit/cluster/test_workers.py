from __future__ import annotations

import operator
import os
import signal

import numpy as np
import pytest

from slugline.cluster import tasks
from slugline.cluster.connect import open_cluster
from slugline.cluster.tasks import ClusterError
from slugline.cluster.workers import ClusterWorkers
from slugline.learn.parallel import Task, Threads
from support import slugline


@pytest.fixture
def workers(cluster):
    with open_cluster(cluster.scheduler_address) as remote:
        yield ClusterWorkers(remote)


def test_results_come_in_order_and_are_those_of_threads(workers):
    shared, half = np.arange(1e5), np.arange(1e5) / 2
    tasks = [Task(np.add, (shared, half if number % 2 else number)) for number in range(9)]
    found = list(workers.run(tasks, work=1.0))
    for one, other in zip(found, Threads(1).run(tasks, work=1.0), strict=True):
        np.testing.assert_array_equal(one, other)
    assert list(workers.run([], work=0.0)) == []


def test_an_exception_is_raised_and_the_rest_is_dropped(workers):
    tasks = [Task(operator.truediv, (1, number - 3)) for number in range(8)]
    with pytest.raises(ZeroDivisionError):
        list(workers.run(tasks, work=1.0))
    early = workers.run(tasks[:3], work=1.0)
    assert next(early) == -1 / 3
    early.close()


def test_what_died_with_all_workers_is_sent_again(workers, cluster):
    shared = np.eye(300)
    tasks = [Task(np.linalg.matrix_power, (shared, 2**60 - 1 - number)) for number in range(40)]
    found = workers.run(tasks, work=1.0)
    results = [next(found)]
    for nanny in cluster.workers.values():
        os.kill(nanny.pid, signal.SIGKILL)
    results += found
    assert len(results) == 40
    assert all((result == shared).all() for result in results)


def test_a_worker_may_die_while_it_is_sent_something(workers, monkeypatch):
    scatter, failed = workers.remote.client.scatter, [KeyError("x"), ValueError("x"), OSError("x")]

    def fail_first(*args, **options):
        if failed:
            raise failed.pop()
        return scatter(*args, **options)

    monkeypatch.setattr(tasks, "_LOOK", 0.01)
    monkeypatch.setattr(workers.remote.client, "scatter", fail_first)
    shared = np.arange(10)
    calls = [Task(np.add, (shared, number)) for number in range(3)]
    assert [result[0] for result in workers.run(calls, work=1.0)] == [0, 1, 2]
    failed += [KeyError("x")] * 9
    with pytest.raises(ClusterError, match="cannot send data to workers"):
        list(workers.run(calls, work=1.0))


def test_a_result_that_was_cancelled_is_asked_for_again(workers, monkeypatch):
    from distributed import Future
    from distributed.client import FutureCancelledError

    result, lost = Future.result, []

    def lose_first(future, timeout=None):
        if not lost:
            lost.append(future.key)
            raise FutureCancelledError(future.key, "its worker died")
        return result(future, timeout=timeout)

    monkeypatch.setattr(Future, "result", lose_first)
    assert list(workers.run([Task(operator.add, (number, 1)) for number in range(4)], work=1.0)) == [1, 2, 3, 4]
    assert lost


@pytest.mark.slow
def test_a_training_on_a_cluster_gives_the_bytes_of_one_here(starter_run, tmp_path):
    pytest.importorskip("distributed", reason="needs the extra cluster")
    done = slugline("train", "--no-track", "--cluster", "local", "--jobs", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "model.safetensors").read_bytes() == starter_run.model.read_bytes()
    assert done.stdout == starter_run.stdout
