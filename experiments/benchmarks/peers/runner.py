"""Run every (task, system): search, fit, predict, measured; what is finished is kept and skipped."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peers import slugline_cli
from peers.environments import EnvironmentFailedError, ensure, installed, last_line, variables
from peers.systems import System
from peers.tasks import Files, Task, write_slugline_config, write_task

HERE = Path(__file__).resolve().parent
ROUNDS = 3
"""Cold predictions measured; the file cache is warm from the prediction of all articles."""


class SystemFailedError(Exception):
    """A peer's process failed; the message is the last line of its stderr."""


@dataclass(frozen=True)
class Bench:
    """Where everything is kept: environments, tasks and results in one folder outside the repository."""

    folder: Path

    @property
    def environments(self) -> Path:
        """One folder for each environment."""
        return self.folder / "environments"

    def task(self, task: Task) -> Files:
        """The task's files, written if need be."""
        return write_task(task, self.folder / "tasks" / task.name)

    def result(self, task: str, system: str) -> Path:
        """The folder of one result."""
        return self.folder / "results" / task / system

    def read(self, task: str, system: str) -> dict[str, Any] | None:
        """A finished result, or None."""
        path = self.result(task, system) / "result.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def run(bench: Bench, task: Task, system: System, *, again: bool = False) -> dict[str, Any] | None:
    """Run one system on one task unless it is finished; a failure is a result too. None: it does not do such tasks."""
    if task.kind not in system.kinds:
        return None
    known = bench.read(task.name, system.name)
    if known is not None and not again:
        return known
    folder = bench.result(task.name, system.name)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    print(f"{task.name}: {system.name}", file=sys.stderr, flush=True)
    try:
        found = _Run(bench, task, system, folder).all()
    except (EnvironmentFailedError, SystemFailedError) as error:
        found = {"failed": str(error)}
        print(f"  failed: {error}", file=sys.stderr, flush=True)
    (folder / "result.json").write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return found


class _Run:
    """One system on one task."""

    def __init__(self, bench: Bench, task: Task, system: System, folder: Path) -> None:
        self.bench, self.task, self.system, self.folder = bench, task, system, folder
        self.files = bench.task(task)
        self.ours = system.environment == "slugline"
        self.python = Path(sys.executable) if self.ours else ensure(bench.environments, system.environment)
        self.model = folder / "model"
        self.chosen = bench.result(task.name, "searches") / f"{system.search_name}.json"

    def all(self) -> dict[str, Any]:
        """Everything that a row of a table says, but for the quality, which is computed from the predictions."""
        found: dict[str, Any] = {"search": None if self.ours else self._search()}
        if self.ours:
            self.model.mkdir()
            write_slugline_config(self.task, self.files)
        else:
            shutil.rmtree(self.model, ignore_errors=True)
        found["fit"] = self._measured("fit", slugline_cli.fit_command(self.files, self.model))
        whole = self._predict(self.files.articles, "predictions")
        alone = [self._predict(self.files.one, "one") for _ in range(ROUNDS)]
        found |= {
            "predict": whole,
            "cold_seconds": statistics.median(one["wall"] for one in alone),
            "cold_cpu_seconds": statistics.median(one["cpu"] for one in alone),
            "model_mb": sum(path.stat().st_size for path in self.model.rglob("*") if path.is_file()) / 1e6,
            "installed": installed(self.bench.environments, self.system.environment),
        }
        about = self.model / "adapter.json"
        if about.exists():
            said = json.loads(about.read_text(encoding="utf-8"))
            found |= {"rule": said["rule_shown"], "choice": said["choice"]}
        else:
            found["rule"] = "its own thresholds" if self.task.kind == "tags" else "best probability"
        return found

    def _search(self) -> dict[str, Any]:
        """The grid search, made once for all systems that share it."""
        record = self.chosen.with_suffix(".measured.json")
        if not record.exists():
            self.chosen.parent.mkdir(parents=True, exist_ok=True)
            record.write_text(json.dumps(self._measured("search", [])) + "\n", encoding="utf-8")
        tried = json.loads(self.chosen.read_text(encoding="utf-8"))
        return json.loads(record.read_text(encoding="utf-8")) | {
            "points": len(tried["tried"]),
            "measure": tried["measure"],
        }

    def _predict(self, articles: Path, name: str) -> dict[str, Any]:
        out = self.folder / f"{name}.jsonl"
        command = slugline_cli.predict_command(articles, self.model)
        found = self._measured("predict", command, articles=articles, out=out)
        if self.ours:
            slugline_cli.convert(self.folder / "predict.stdout", out, self.task.kind)
        return found

    def _measured(self, action: str, ours: list[str], articles: Path | None = None, out: Path | None = None) -> Any:
        """Run one action in a process of its own and return what it took. Raises SystemFailedError."""
        command = ours if self.ours else self._order(action, articles, out)
        stdout, stderr = (self.folder / f"{action}.{name}" for name in ("stdout", "stderr"))
        record = self.folder / f"{action}.json"
        measure = [sys.executable, "-S", "-E", str(HERE / "measure.py"), str(record), str(stdout), str(stderr)]
        environment = variables(self.bench.environments, self.system.environment)
        subprocess.run([*measure, *command], check=True, env=environment, cwd=self.folder)
        found = json.loads(record.read_text(encoding="utf-8"))
        if found["exit"]:
            why = last_line(stderr.read_text(encoding="utf-8", errors="replace"))
            raise SystemFailedError(f"{action}: {why} (exit {found['exit']})")
        return found

    def _order(self, action: str, articles: Path | None, out: Path | None) -> list[str]:
        order = {
            "kind": self.task.kind,
            "settings": self.system.settings,
            "train": str(self.files.train),
            "articles": str(articles or self.files.articles),
            "chosen": str(self.chosen),
            "model": str(self.model),
            "out": str(out or self.folder / "predictions.jsonl"),
        }
        path = self.folder / f"{action}-order.json"
        path.write_text(json.dumps(order, indent=1) + "\n", encoding="utf-8")
        return [str(self.python), str(HERE / "adapters" / self.system.adapter), action, str(path)]
