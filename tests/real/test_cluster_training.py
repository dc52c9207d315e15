"""Training on a Dask cluster gives the bytes of a training here, on real corpora, whatever happens to its workers."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from slugline.cluster.connect import open_cluster
from slugline.cluster.workers import ClusterWorkers
from slugline.config import Config, load_config, replace
from slugline.experiment.train import train_model
from slugline.learn.parallel import Task
from support import ROOT

pytest.importorskip("distributed", reason="needs the extra cluster")


class Killing(ClusterWorkers):
    """Kills one of its workers after a third of the results of each long list of tasks."""

    killed = 0

    def run(self, tasks: Sequence[Task], *, work: float) -> Iterator[Any]:
        for number, result in enumerate(super().run(tasks, work=work), 1):
            if number == len(tasks) // 3 and len(tasks) > 5:
                pids = self.remote.client.run(os.getpid, on_error="ignore")
                os.kill(next(iter(pids.values())), signal.SIGKILL)
                self.killed += 1
            yield result


def reuters() -> Config:
    return load_config(ROOT / "experiments" / "configs" / "reuters90.toml")


def wcep_linked() -> Config:
    config = load_config(ROOT / "experiments" / "configs" / "wcep-linked.toml")
    # All of its 1,528 tags would be the same work for longer.
    return replace(config, "tags", min_articles=20)


@pytest.mark.slow
@pytest.mark.parametrize("configure", [reuters, wcep_linked])
def test_workers_killed_while_they_train_cost_time_alone(configure, real_corpus, monkeypatch, tmp_path):
    config = replace(configure(), "learn", folds=2)
    monkeypatch.setenv("SLUGLINE_CORPORA", str(real_corpus(config.corpus.name).resolve().parent))
    train_model(config, tmp_path / "here.safetensors", jobs=2, track=False)
    with open_cluster("local", 2) as remote:
        workers = Killing(remote)
        train_model(config, tmp_path / "there.safetensors", jobs=workers, track=False)
    assert workers.killed >= 2
    assert (tmp_path / "there.safetensors").read_bytes() == (tmp_path / "here.safetensors").read_bytes()
