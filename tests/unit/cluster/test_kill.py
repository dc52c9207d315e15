"""Workers are killed in the middle of a batch prediction, again and again: no article is lost, none is there twice."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import threading
from collections import Counter

import pytest

from slugline.cluster.batch import predict_files

pytest.importorskip("distributed", reason="needs the extra cluster")

KILLS = 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_workers_cost_time_and_nothing_else(cluster, partitions, small_file, tmp_path, seed):
    paths = partitions(3, 800, words=120)
    here, there = tmp_path / "here", tmp_path / "there"
    options = {"chunk_bytes": 25_000, "top": 5, "explain": True}
    alone = predict_files(list(map(str, paths)), str(here), small_file, **options)
    chance, over, killed = random.Random(seed), threading.Event(), []
    steps = threading.Semaphore(0)

    def kill() -> None:
        """After every few chunks, at a moment within the next, one worker, or both."""
        while len(killed) < KILLS:
            for _ in range(chance.randint(1, 4)):
                steps.acquire()
            over.wait(chance.random() * 0.2)
            if over.is_set():
                return
            # A worker that was killed just now may not be there again yet.
            workers = list(cluster.workers.values())
            for nanny in chance.sample(workers, min(len(workers), chance.choice([1, 1, 2]))):
                with contextlib.suppress(ProcessLookupError):
                    if nanny.pid:
                        os.kill(nanny.pid, signal.SIGKILL)
                        killed.append(nanny.pid)

    def step(stage: str, done: int, total: int | None) -> None:
        if stage == "predicting chunks" and done:
            steps.release()

    killer = threading.Thread(daemon=True, target=kill)
    killer.start()
    try:
        summary = predict_files(
            list(map(str, paths)), str(there), small_file, cluster=cluster.scheduler_address, progress=step, **options
        )
    finally:
        over.set()
        steps.release(100)
        killer.join()
    assert len(killed) >= KILLS, "the job was over too soon"
    assert summary.articles == alone.articles == 2400
    lines = [line for path in sorted(there.glob("part-*")) for line in path.read_text().splitlines()]
    ids = Counter(json.loads(line)["id"] for line in lines)
    assert len(ids) == 2400
    assert set(ids.values()) == {1}
    whole = [{path.name: path.read_bytes() for path in out.iterdir()} for out in (here, there)]
    assert whole[0] == whole[1]
