"""The benchmark of peers: its rules, its measures, its protocol. No peer is installed here."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score, ndcg_score

BENCHMARKS = Path(__file__).resolve().parents[2] / "experiments" / "benchmarks"
ADAPTERS = BENCHMARKS / "peers" / "adapters"

ADAPTER = """
import sys
sys.path.insert(0, {adapters!r})
import common
import numpy as np

class Words:
    def grid(self, job):
        return {{"bonus": [0.0, 1.0]}}
    def train(self, job, rows, labels, choice, folder):
        if job.settings.get("broken"):
            raise RuntimeError("no such luck")
        common.write_json(folder / "choice.json", choice)
    def scores(self, job, folder, rows, labels):
        return np.array([[float(label.lower() in common.text_of(row).lower()) for label in labels] for row in rows])

common.main(Words())
"""


@pytest.fixture(autouse=True)
def _benchmarks_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ADAPTERS))
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def bench_with(tmp_path: Path, **settings: object):
    """A bench whose one environment is this Python, and a system whose adapter looks for tags in the text."""
    from peers.runner import Bench
    from peers.systems import System

    environment = tmp_path / "work" / "environments" / "here"
    (environment / "bin").mkdir(parents=True)
    python = environment / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (environment / "installed.txt").write_text("words==1\n")
    adapter = tmp_path / "with_words.py"
    adapter.write_text(ADAPTER.format(adapters=str(ADAPTERS)))
    return Bench(tmp_path / "work"), System("sklearn-svc", "here", str(adapter), dict(settings))


def test_a_system_is_searched_trained_and_measured_once_and_compared(tmp_path: Path):
    from peers import tables
    from peers.runner import run
    from peers.tasks import TASKS

    bench, system = bench_with(tmp_path)
    task = TASKS["starter-tags"]
    found = run(bench, task, system)
    assert found is not None
    assert found["search"]["points"] == 2
    assert found["fit"]["cpu"] > 0
    assert found["installed"] == ["words==1"]
    predictions = bench.result(task.name, system.name) / "predictions.jsonl"
    predictions.touch()
    before = predictions.stat().st_mtime_ns
    assert run(bench, task, system) == found
    assert predictions.stat().st_mtime_ns == before
    # Slugline's row: the truth itself, so that every difference is known.
    files = bench.task(task)
    truth = json.loads(files.truth.read_text())["articles"]
    ours = bench.result(task.name, "slugline")
    ours.mkdir()
    rows = [{"id": name, "scores": [[tag, 1.0] for tag in tags], "decided": tags} for name, tags in truth.items()]
    (ours / "predictions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (ours / "result.json").write_text(json.dumps(found | {"rule": "the truth"}))
    record = tables.compare(bench, task)
    assert record is not None
    assert record["systems"]["slugline"]["measures"]["micro_f1"]["value"] == 1
    theirs = record["systems"]["sklearn-svc"]["measures"]["micro_f1"]["value"]
    assert 0.02 < theirs < 1
    difference = record["systems"]["sklearn-svc"]["slugline_minus_this"]["micro_f1"]
    assert difference["difference"] == pytest.approx(1 - theirs, abs=1e-5)
    assert difference["p"] < 0.01
    assert "| slugline | the truth | **1.000** |" in tables.markdown(record)


def test_a_failure_is_a_row_that_says_why(tmp_path: Path):
    from peers import tables
    from peers.runner import run
    from peers.tasks import TASKS

    bench, system = bench_with(tmp_path, broken=True)
    found = run(bench, TASKS["starter-tags"], system)
    assert found is not None
    assert "no such luck" in found["failed"]
    record = tables.compare(bench, TASKS["starter-tags"])
    assert record is not None
    assert "- sklearn-svc: search: every point of the grid failed" in tables.markdown(record)


def test_peers_get_no_held_out_label_and_slugline_the_same_articles(tmp_path: Path):
    from peers.tasks import TASKS, write_slugline_config, write_task

    from slugline.config import load_config
    from slugline.experiment.prepare import prepare

    task = dataclasses.replace(TASKS["starter-tags"], min_articles=5)
    files = write_task(task, tmp_path)
    train, articles, ours = (
        [json.loads(line) for line in path.read_text().splitlines()]
        for path in (files.train, files.articles, files.slugline_train)
    )
    assert all(set(row) == {"id", "title", "body", "date"} for row in articles)
    assert not {row["id"] for row in train} & {row["id"] for row in articles}
    texts = {row["body"] for row in articles}
    assert not any(row["body"] in texts for row in ours)
    labels = [label for row in train for label in row["labels"]]
    assert min(map(labels.count, set(labels))) >= 5
    assert 0.1 < sum(row["valid"] for row in train) / len(train) < 0.3
    write_slugline_config(task, files)
    prepared = prepare(load_config(files.slugline_config))
    assert [article.id for article in prepared.train.articles] == [row["id"] for row in train]
    assert [sorted(one.tags or ()) for one in prepared.train.labels] == [row["labels"] for row in train]


def test_the_chosen_rule_is_as_good_as_any_limit():
    from rules import apply_rule, best_rule, rule_quality

    generator = np.random.default_rng(0)
    truth = generator.random((60, 7)) < 0.2
    scores = truth * 0.7 + generator.random((60, 7))
    scores[generator.random((60, 7)) < 0.1] = -np.inf
    rule = best_rule(scores, truth)
    found = rule_quality(scores, truth, 0, rule, kind="tags")
    limits = [float(value) - 1e-9 for value in scores[np.isfinite(scores)]]
    others = [
        rule_quality(scores, truth, 0, {"rule": "cut", "cut": limit, "fallback": fallback}, kind="tags")
        for limit in limits
        for fallback in (False, True)
    ]
    others += [rule_quality(scores, truth, 0, {"rule": "top", "k": k}, kind="tags") for k in (1, 2, 3)]
    assert found == pytest.approx(max(others))
    assert apply_rule(scores, {"rule": "best"}).sum(axis=1).max() == 1
    assert not apply_rule(scores, {"rule": "top", "k": 7})[~np.isfinite(scores)].any()


def test_measures_are_those_of_scikit_learn(tmp_path: Path):
    from peers.scoring import Truth, outcome

    generator = np.random.default_rng(1)
    labels = [f"tag {n}" for n in range(9)]
    truth = generator.random((50, 9)) < 0.25
    truth[:, 8] = False
    truth[0] = False
    scores = truth * 0.5 + generator.random((50, 9))
    decided = scores > 0.8
    path = tmp_path / "predictions.jsonl"
    with path.open("w") as stream:
        for n in range(50):
            order = np.argsort(-scores[n])
            row = {"id": str(n), "scores": [[labels[k], scores[n, k]] for k in order]}
            stream.write(json.dumps(row | {"decided": [labels[k] for k in np.flatnonzero(decided[n])]}) + "\n")
    articles = {str(n): frozenset(labels[k] for k in np.flatnonzero(truth[n])) for n in range(50)}
    found = outcome(Truth("tags", tuple(labels), articles, False), path).measures(np.ones((50, 1)))
    some = truth.any(axis=1)
    assert found["micro_f1"][0] == pytest.approx(f1_score(truth, decided, average="micro"))
    held = truth.any(axis=0)
    assert found["macro_f1"][0] == pytest.approx(f1_score(truth[:, held], decided[:, held], average="macro"))
    assert found["ndcg_at_5"][0] == pytest.approx(ndcg_score(truth[some], scores[some], k=5))
    top = np.take_along_axis(truth, np.argsort(-scores, axis=1)[:, :3], axis=1)
    assert found["p_at_3"][0] == pytest.approx(top[some].mean())


def test_a_process_is_measured_with_its_children_and_without_its_parent(tmp_path: Path):
    ballast = np.ones(40_000_000, dtype=np.uint8)
    grab = "import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', 'x = b\"1\" * 150_000_000'])"
    peaks = []
    for code in ("pass", grab):
        out = tmp_path / "out.json"
        command = [sys.executable, "-S", "-E", str(BENCHMARKS / "peers" / "measure.py"), str(out)]
        command += [str(tmp_path / "stdout"), str(tmp_path / "stderr"), sys.executable, "-S", "-c", code]
        subprocess.run(command, check=True)
        found = json.loads(out.read_text())
        assert found["exit"] == 0
        peaks.append(found["peak_mb"])
    assert peaks[0] < 40 <= ballast.nbytes / 1e6
    assert peaks[1] > 150
