"""Training: a corpus in, one model file and one tracked run out."""

from __future__ import annotations

import dataclasses
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slugline import tracking
from slugline.bundle import Bundle, write_bundle
from slugline.config import Config
from slugline.corpus.taxonomy import Taxonomy
from slugline.errors import CorpusError
from slugline.experiment.evaluate import Evaluation, evaluate_model
from slugline.experiment.prepare import Prepared, prepare
from slugline.files import check_writable, write_text
from slugline.learn.train import TrainedModel, train
from slugline.predict import Predictor, with_self_test
from slugline.progress import Progress, silent


@dataclass(frozen=True)
class Outcome:
    """What a training made: the model file, its evaluation on the held-out part, and the run (None: untracked)."""

    model: Path
    digest: str
    prepared: Prepared
    evaluation: Evaluation
    cross_validated: dict[str, Any]
    seconds: dict[str, float]
    run_id: str | None


@dataclass
class Clock:
    """Wall-clock seconds of each stage of a run."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block as `name`."""
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start


def train_model(
    config: Config, out: Path, *, jobs: int = 1, track: bool = True, progress: Progress = silent
) -> Outcome:
    """Train on the corpus's training part, evaluate once on its held-out part, write `out` and track a run.

    The model file depends on the corpus, the configuration and the library versions alone: the same bytes for any
    `jobs` and on every repetition. Raises SluglineError for whatever is at fault; `out` is then as it was before.
    """
    check_writable(out)
    clock = Clock()
    with clock.stage("prepare"):
        prepared = prepare(config, progress)
    if not track:
        return _train(prepared, out, jobs, clock, progress, None)
    about = prepared.describe()
    tags = {"corpus": about["name"], "corpus.digest": about["digest"], "split.digest": about["split_digest"]}
    with tracking.start_run(prepared.corpus.name, params=prepared.config.to_dict(), tags=tags) as run:
        return _train(prepared, out, jobs, clock, progress, run)


def _train(
    prepared: Prepared, out: Path, jobs: int, clock: Clock, progress: Progress, run: tracking.Run | None
) -> Outcome:
    part = prepared.train
    with clock.stage("train"):
        try:
            trained = train(part.articles, part.labels, part.groups, prepared.config, progress=progress, jobs=jobs)
        except CorpusError as error:
            # Learning knows articles, not the file that they came from.
            error.file = error.file or prepared.config.corpus.name
            raise
    bundle = to_bundle(trained, prepared)
    with clock.stage("evaluate"):
        held_out = prepared.held_out
        progress("evaluating", 0, 1)
        evaluation = evaluate_model(
            Predictor(bundle),
            held_out.articles,
            held_out.labels,
            prepared.config.evaluate,
            corpus=prepared.corpus.name,
            part="held-out",
        )
        progress("evaluating", 1, 1)
    manifest = dataclasses.replace(bundle.manifest, metrics=evaluation.summary())
    with clock.stage("write"):
        digest = write_bundle(out, dataclasses.replace(bundle, manifest=manifest))
    evaluation = dataclasses.replace(evaluation, model=digest)
    outcome = Outcome(
        out, digest, prepared, evaluation, trained.summary(), clock.seconds, None if run is None else run.id
    )
    if run is not None:
        progress("tracking the run", 0, 1)
        record(outcome, run)
        progress("tracking the run", 1, 1)
    return outcome


def to_bundle(trained: TrainedModel, prepared: Prepared) -> Bundle:
    """The model file's content, held-out metrics still missing, self-test included."""
    groups: dict[str, str] = {}
    if trained.event_type is not None:
        file = prepared.config.event_type.taxonomy
        taxonomy = Taxonomy.load(None if file is None else Path(file))
        found = {label: taxonomy.group_of(label) for label in trained.event_type.labels}
        groups = {label: group for label, group in found.items() if group is not None}
    return with_self_test(trained.bundle(corpus=prepared.describe(), config=prepared.config, groups=groups))


def record(outcome: Outcome, run: tracking.Run) -> None:
    """Store a training's numbers and files with its run. Raises SluglineError."""
    about = outcome.prepared.describe()
    counts = {f"corpus/{key}": float(about[key]) for key in ("articles", "skipped", "train", "held_out", "straddling")}
    seconds = {f"seconds/{stage}": value for stage, value in outcome.seconds.items()}
    tracking.log_run(
        run,
        metrics=outcome.evaluation.metrics() | counts | seconds | {"model/bytes": float(outcome.model.stat().st_size)},
        tags={"model.digest": outcome.digest},
    )
    with tempfile.TemporaryDirectory() as folder:
        files = {
            "corpus.json": about,
            "split.json": outcome.prepared.split.to_dict(),
            "evaluation.json": outcome.evaluation.to_dict(),
            "cross-validated.json": outcome.cross_validated,
        }
        for name, content in files.items():
            write_text(Path(folder) / name, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        write_text(Path(folder) / "config.toml", outcome.prepared.config.to_toml())
        tracking.log_files(run, [outcome.model, *sorted(Path(folder).iterdir())])
