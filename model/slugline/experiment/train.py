"""Training: a corpus in, one model file and one tracked run out."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slugline import tracking
from slugline.bundle import Bundle, read_bundle, write_bundle
from slugline.config import Config
from slugline.corpus.columns import unread_columns
from slugline.corpus.load import find_source
from slugline.corpus.split import NOTHING
from slugline.corpus.taxonomy import Taxonomy
from slugline.errors import ConfigError, CorpusError, SluglineError
from slugline.experiment.cross_validated import measures_of, metrics_of
from slugline.experiment.drift import training_facts
from slugline.experiment.findings import with_findings
from slugline.experiment.names import other_names
from slugline.experiment.novelty import with_unknown_words
from slugline.experiment.prepare import Prepared, prepare_to_train
from slugline.experiment.report import FILE as REPORT
from slugline.experiment.report import available, html_report, require
from slugline.files import check_writable, write_text
from slugline.learn.parallel import Jobs, beside
from slugline.learn.train import NothingToLearnError, TrainedModel, train, what_to_learn
from slugline.predict import Predictor
from slugline.progress import Progress, silent
from slugline.self_test import with_self_test
from slugline.tensors import header_sha256

if TYPE_CHECKING:
    from slugline.experiment.evaluation import Evaluation
    from slugline.experiment.streamed_corpus import StreamedCorpus


@dataclass(frozen=True)
class Outcome:
    """What a training made: the model file, its evaluation on the held-out part, and the run (None: untracked).

    `evaluation` is None where nothing was held out; `cross_validated` measures the training part either way.
    `report` is the HTML report, where one was asked for or goes with the run. `tracking_error` is why the run is
    incomplete, where its store failed after the model file had been written. `bundle` is what was written to `model`,
    where another training may have put its own since.
    """

    model: Path
    digest: str
    prepared: Prepared | StreamedCorpus
    evaluation: Evaluation | None
    cross_validated: dict[str, Any]
    seconds: dict[str, float]
    run_id: str | None
    tracking_error: SluglineError | None = None
    report: str | None = None
    bundle: Bundle | None = field(default=None, repr=False, compare=False)

    @property
    def measures(self) -> dict[str, dict[str, Any]]:
        """The cross-validated measures by head."""
        return measures_of(self.cross_validated)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object documented in docs/evaluation.md: the evaluation, or `measures` if there is none."""
        if self.evaluation is not None:
            return self.evaluation.to_dict()
        about = {"model": self.digest, "corpus": self.prepared.corpus.name, "part": NOTHING, "articles": 0}
        return about | {"train": len(self.prepared.train), "cross_validated": self.measures}


@dataclass
class _Clock:
    """Wall-clock seconds of each stage of a run."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block as `name`."""
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start


def train_model(
    config: Config,
    out: Path,
    *,
    jobs: Jobs = 1,
    track: bool = True,
    progress: Progress = silent,
    report: Path | None = None,
    command: str = "",
) -> Outcome:
    """Train on the corpus's training part, evaluate once on its held-out part, write `out` and track a run.

    With the split "none" every article trains, and cross-validated measures take the place of an evaluation. The model
    file depends on the corpus, the configuration and the library versions alone: the same bytes for any `jobs` and on
    every repetition. An HTML report is written to `report` (None: nowhere) and, where the extra `report` is installed,
    stored with the run; it names `command`, which a person would repeat. Raises SluglineError for whatever is at fault;
    `out` is then as it was before.
    """
    corpora = [file for one in config.corpus.sources or (config.corpus,) for file in (one.name, one.aliases, one.map)]
    others = config.split.file, config.event_type.taxonomy, config.names.vocabulary, config.learn.feedback
    check_writable(out, *corpora, *others)
    if report is not None:
        require()
        check_writable(report, out, *corpora, *others)
        if config.split.method == NOTHING:
            raise ConfigError("nothing is held out, so that there is nothing to report on", field="split.method")
    if track:
        tracking.check_store()
    # What makes no report does not pay for one.
    explain = report is not None or (track and available())
    with _alone(config, out):
        return _work(config, out, jobs, track, progress, report, command, explain)


def _work(
    config: Config,
    out: Path,
    jobs: Jobs,
    track: bool,
    progress: Progress,
    report: Path | None,
    command: str,
    explain: bool,
) -> Outcome:
    """What `train_model` does when everything is there that it needs."""
    clock = _Clock()
    prepared: Prepared | StreamedCorpus
    with clock.stage("prepare"):
        if config.learn.memory:
            if not isinstance(jobs, int):
                raise ConfigError("trains on one machine, not on a cluster", field="learn.memory")
            prepared, work = _on_disk(config, out, jobs, clock, progress)
        else:
            prepared, work = _in_memory(config, out, jobs, clock, progress, explain)

    def finish(run: tracking.Run | None) -> Outcome:
        made = work(run)
        if not explain or made.evaluation is None:
            return made
        progress("writing the report", 0, 1)
        written = f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC"
        html = html_report(_written(made), made.evaluation, command=command, run=made.run_id or "", written=written)
        if report is not None:
            write_text(report, html)
        progress("writing the report", 1, 1)
        return dataclasses.replace(made, report=html)

    if not track:
        return finish(None)
    about = prepared.describe()
    tags = {"corpus": about["name"], "corpus.digest": about["digest"], "split.digest": about["split_digest"]}
    outcome = None
    try:
        with tracking.start_run(prepared.corpus.name, params=prepared.config.to_dict(), tags=tags) as run:
            outcome = finish(run)
            progress("tracking the run", 0, 1)
            _record(outcome, run)
            progress("tracking the run", 1, 1)
    except SluglineError as error:
        if outcome is None:
            raise
        # The model and its evaluation are what the work was for: they are not lost with the store.
        return dataclasses.replace(outcome, tracking_error=error)
    return outcome


def _in_memory(
    config: Config, out: Path, jobs: Jobs, clock: _Clock, progress: Progress, explain: bool
) -> tuple[Prepared, Callable[[tracking.Run | None], Outcome]]:
    """The corpus of `config`, read and split, and what trains on it."""
    prepared = prepare_to_train(config, progress)
    taxonomy = _check(prepared)
    return prepared, lambda run: _train(prepared, taxonomy, out, jobs, clock, progress, explain, run)


def _on_disk(
    config: Config, out: Path, jobs: int, clock: _Clock, progress: Progress
) -> tuple[StreamedCorpus, Callable[[tracking.Run | None], Outcome]]:
    """The same for a corpus that need not fit into memory."""
    from slugline.experiment.streamed import StreamedTraining

    if config.learn.feedback is not None:
        raise ConfigError(
            "training from disk takes in no feedback", field="learn.feedback", expected='learn.memory = ""'
        )

    with _named(config):
        training = StreamedTraining(config, out, jobs=jobs, progress=progress)
        corpus = training.prepare()

    def work(run: tracking.Run | None) -> Outcome:
        with clock.stage("train"), _named(config):
            made = training.train()
        with clock.stage("write"):
            digest = write_bundle(out, made.bundle)
        training.finish()
        evaluation = made.evaluation and dataclasses.replace(made.evaluation, model=digest)
        run_id = None if run is None else run.id
        return Outcome(out, digest, corpus, evaluation, made.cross_validated, clock.seconds, run_id, bundle=made.bundle)

    return corpus, work


def _alone(config: Config, out: Path) -> contextlib.AbstractContextManager[None]:
    """Nobody else trains on disk for this file meanwhile."""
    if not config.learn.memory:
        return contextlib.nullcontext()
    from slugline.experiment.streamed import checkpoint
    from slugline.learn.stream.spool import alone_in

    return alone_in(checkpoint(out))


def _check(prepared: Prepared) -> Taxonomy | None:
    """The taxonomy, where event types are learned; whatever would fail after training raises SluglineError now."""
    config = prepared.config
    with _named(config):
        tags, event_types, _ = what_to_learn(prepared.train.labels, config)
        if prepared.split.method != NOTHING and not any(
            (tags and label.tags is not None) or (event_types and label.event_type is not None)
            for label in prepared.held_out.labels
        ):
            raise CorpusError("nothing to evaluate: no held-out article has a label of the kind that is trained")
    file = config.event_type.taxonomy
    return Taxonomy.load(None if file is None else Path(file)) if event_types else None


@contextlib.contextmanager
def _named(config: Config) -> Iterator[None]:
    """Learning knows articles, not the file that they came from: its errors get the corpus's name."""
    try:
        yield
    except CorpusError as error:
        error.file = error.file or config.corpus.name
        if isinstance(error, NothingToLearnError) and not config.corpus.sources:
            # Most likely the labels are there, under names that nobody could guess.
            unread = ", ".join(map(repr, unread_columns(find_source(config.corpus))))
            if unread:
                error.expected = (
                    f"{error.expected}: --field tags=COLUMN or --field event_type=COLUMN for one of {unread}"
                )
        raise


def _train(
    prepared: Prepared,
    taxonomy: Taxonomy | None,
    out: Path,
    jobs: Jobs,
    clock: _Clock,
    progress: Progress,
    explain: bool,
    run: tracking.Run | None,
) -> Outcome:
    part = prepared.train
    with clock.stage("train"), _named(prepared.config):
        names = other_names(prepared.config, part.labels)
        trained = train(
            part.articles,
            part.labels,
            part.groups,
            prepared.config,
            progress=progress,
            jobs=jobs,
            names=names,
            partial=part.partial,
        )
    bundle = _to_bundle(trained, prepared, taxonomy, jobs)
    evaluation = None
    if prepared.split.method != NOTHING:
        with clock.stage("evaluate"):
            progress("evaluating", 0, 1)
            evaluation = _evaluate(bundle, prepared, explain)
            progress("evaluating", 1, 1)
        bundle = dataclasses.replace(bundle, manifest=with_findings(bundle.manifest, evaluation))
    with clock.stage("write"):
        digest = write_bundle(out, bundle)
    if evaluation is not None:
        evaluation = dataclasses.replace(evaluation, model=digest)
    run_id = None if run is None else run.id
    return Outcome(out, digest, prepared, evaluation, trained.summary(), clock.seconds, run_id, bundle=bundle)


def _written(made: Outcome) -> Bundle:
    """The model as its file has it, or, where that is another training's by now, as it was in memory."""
    found = read_bundle(made.model)
    if found.digest == made.digest or made.bundle is None:
        return found
    return dataclasses.replace(made.bundle, digest=made.digest)


def _evaluate(bundle: Bundle, prepared: Prepared, explain: bool) -> Evaluation:
    # Only here is anything of evaluation needed, and it is a good part of what training would import.
    from slugline.experiment.evaluate import evaluate_model

    return evaluate_model(
        Predictor(bundle),
        prepared.held_out.articles,
        prepared.held_out.labels,
        prepared.config.evaluate,
        corpus=prepared.corpus.name,
        part="held-out",
        explain=explain,
    )


def _to_bundle(trained: TrainedModel, prepared: Prepared, taxonomy: Taxonomy | None, jobs: Jobs) -> Bundle:
    """The model file's content, held-out metrics still missing, self-test included."""
    groups: dict[str, str] = {}
    if trained.event_type is not None and taxonomy is not None:
        found = {label: taxonomy.group_of(label) for label in trained.event_type.labels}
        groups = {label: group for label, group in found.items() if group is not None}
    part, fitted = prepared.train, trained.vectorizer
    facts = beside(
        jobs,
        lambda: training_facts(part.articles, part.labels, fitted.vocabulary, fitted.config.views, fitted.words),
    )
    bundle = trained.bundle(corpus=prepared.describe(), config=prepared.config, groups=groups)
    about = bundle.manifest.corpus | facts()
    if prepared.split.method == NOTHING:
        about |= {"cross_validated": measures_of(trained.summary())}
    bundle = with_unknown_words(bundle, part.articles, fitted.words)
    return with_self_test(dataclasses.replace(bundle, manifest=dataclasses.replace(bundle.manifest, corpus=about)))


def _record(outcome: Outcome, run: tracking.Run) -> None:
    """Store a training's numbers and files with its run. Raises SluglineError."""
    from slugline.evaluate.outcomes import FILE as PREDICTIONS

    about = outcome.prepared.describe()
    counts = {f"corpus/{key}": float(about[key]) for key in ("articles", "skipped", "train", "held_out", "straddling")}
    used = about.get("feedback", {})
    counts |= {f"corpus/feedback_{key}": float(used[key]) for key in ("changed", "confirmed", "added") if used}
    seconds = {f"seconds/{stage}": value for stage, value in outcome.seconds.items()}
    evaluation = outcome.evaluation
    measured = metrics_of(outcome.measures) if evaluation is None else evaluation.metrics()
    tracking.log_run(
        run,
        metrics=measured | counts | seconds | {"model/bytes": float(outcome.model.stat().st_size)},
        tags={"model.digest": outcome.digest},
    )
    with tempfile.TemporaryDirectory() as folder:
        contents = {
            "corpus.json": about,
            "split.json": outcome.prepared.split.to_dict(),
            "cross-validated.json": outcome.cross_validated,
        }
        if evaluation is not None:
            contents["evaluation.json"] = evaluation.to_dict()
            evaluation.outcomes.write(Path(folder) / PREDICTIONS)
        for name, content in contents.items():
            write_text(Path(folder) / name, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        if outcome.report is not None:
            write_text(Path(folder) / REPORT, outcome.report)
        write_text(Path(folder) / "config.toml", outcome.prepared.config.to_toml())
        files = sorted(Path(folder).iterdir())
        tracking.log_files(run, [outcome.model, *files])
        if header_sha256(outcome.model) != outcome.digest.removeprefix("sha256:") and outcome.bundle is not None:
            # Another training to the same file has ended meanwhile: the run must not have its model.
            own = Path(folder) / outcome.model.name
            write_bundle(own, outcome.bundle)
            tracking.log_files(run, [own])
