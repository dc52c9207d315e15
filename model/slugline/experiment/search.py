"""Searching for a configuration: by cross-validation on the training part; the held-out part is never looked at."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slugline import __version__, tracking
from slugline.article import Labels
from slugline.config import Config
from slugline.errors import ConfigError, CorpusError, SluglineError
from slugline.experiment.names import other_names
from slugline.experiment.prepare import Part, Prepared, prepare_to_train
from slugline.experiment.space import Dimension, Value, config_values, space_for, with_values
from slugline.experiment.study import (
    COMPLETE,
    FAILED,
    PRUNED,
    Attempt,
    Study,
    Trial,
    free_name,
    open_study,
    require,
)
from slugline.files import check_writable, write_text
from slugline.learn.kept import Kept
from slugline.learn.plain import check_folds
from slugline.learn.train import TrainedModel, train, what_to_learn
from slugline.learn.watch import FoldJudge
from slugline.progress import Progress, silent
from slugline.tracking.store import beside_store

if TYPE_CHECKING:
    from slugline.experiment.feedback import FeedbackUse

OBJECTIVES = {"mean": (0.5, 0.5), "micro": (1.0, 0.0), "macro": (0.0, 1.0), "accuracy": (1.0, 0.0)}
"""What a head's micro-F1 (event type: accuracy) and its macro-F1 count. "accuracy" searches for event types alone."""
BEST = 5
"""How many of the best trials are shown."""


@dataclass(frozen=True)
class SearchPlan:
    """What is asked of a search: the objective, how long (seconds, None: no limit), how many trials in all.

    `study` names the study (None: made from what is searched); with `fresh`, trials of before are not gone on with.
    """

    objective: str = "mean"
    budget: float | None = None
    trials: int | None = None
    study: str | None = None
    fresh: bool = False
    seed: int = 0


@dataclass(frozen=True)
class SearchResult:
    """What a search found so far. `best` are complete trials, best first; trial 0 is the configuration started from.

    `ended` says why no more trials were begun; `added` of `trials` were tried in this call.
    """

    study: str
    corpus: str
    articles: int
    heads: tuple[str, ...]
    objective: str
    space: tuple[Dimension, ...]
    trials: tuple[Trial, ...]
    added: int
    ended: str
    importances: dict[str, float]
    config: Config
    run_id: str | None
    feedback: FeedbackUse | None = None

    @property
    def best(self) -> tuple[Trial, ...]:
        """The complete trials, best first; of equals the earlier."""
        return ranked(self.trials)

    def count(self, state: str) -> int:
        """How many trials ended so."""
        return sum(trial.state == state for trial in self.trials)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object documented in docs/search.md."""
        return {
            "study": self.study,
            "corpus": self.corpus,
            "articles": self.articles,
            "heads": list(self.heads),
            "objective": self.objective,
            "space": [dimension.to_dict() for dimension in self.space],
            "trials": {state: self.count(state) for state in (COMPLETE, PRUNED, FAILED)} | {"added": self.added},
            "ended": self.ended,
            "best": [trial.to_dict() for trial in self.best[:BEST]],
            "importances": {name: round(share, 6) for name, share in self.importances.items()},
            "config": self.config.to_dict(),
            "run": self.run_id,
        } | ({} if self.feedback is None else {"feedback": self.feedback.to_dict()})


def search(
    config: Config,
    plan: SearchPlan,
    out: Path,
    *,
    inputs: Sequence[str | Path | None] = (),
    jobs: int = 1,
    track: bool = True,
    progress: Progress = silent,
    told: Callable[[Trial, Trial | None], None] = lambda _trial, _best: None,
) -> SearchResult:
    """Try configurations around `config` and write the best to `out`, anew whenever a better one is found.

    Trials are measured by what training cross-validates on the training part of the corpus, which a log of feedback
    (`learn.feedback`) changes as it does for training; of the held-out part nothing is used (but with `tags.label_set`
    "both-sides", the names of its tags). `inputs` are files that `out` must not replace. Trials are kept in
    `searches.db` beside the store of runs: a search of the same corpus, configuration, objective and seed goes on
    where one was stopped, and has the same trials as one that was not. `told` hears of each trial, and of the best so
    far. Raises MissingExtraError without Optuna, SluglineError for whatever is at fault, and where no trial could be
    finished.
    """
    require()
    if plan.objective not in OBJECTIVES:
        raise ConfigError(
            "unknown objective", field="objective", found=plan.objective, expected=f"one of {', '.join(OBJECTIVES)}"
        )
    own = (config.corpus.name, config.corpus.aliases, config.split.file, config.event_type.taxonomy)
    inputs = (*inputs, *own, config.learn.feedback)
    check_writable(out, *inputs)
    deadline = None if plan.budget is None else time.monotonic() + plan.budget
    if track:
        tracking.check_store()
    check_folds(config, "a search")
    prepared = prepare_to_train(config, progress)
    part = _part(prepared, plan.objective)
    tags, types, _ = what_to_learn(part.labels, prepared.config)
    heads = tuple(head for head, names in (("tags", tags), ("event_type", types)) if names)
    space = space_for(prepared.config, heads)
    start = config_values(prepared.config, space)
    fingerprint = _fingerprint(prepared, space, plan)
    file = beside_store("searches.db")
    name = plan.study or f"{prepared.corpus.name}-{fingerprint[:8]}"
    latest, free = free_name(file, name)
    opened = open_study(file, free if plan.fresh else latest, fingerprint, space, start, plan.seed)
    with opened as study, _tracked(study, prepared, plan, track) as run:
        work = _Work(prepared.config, part, plan.objective, jobs, deadline, run)
        added, ended = _run_trials(study, work, plan, out, progress, told)
        trials = study.trials()
        if not ranked(trials):
            raise SluglineError(f"no trial was finished: {ended}", expected="a longer --budget")
        best = with_values(prepared.config, ranked(trials)[0].values)
        _write_best(out, best, ranked(trials)[0], plan.objective)
        result = SearchResult(
            study.name,
            prepared.corpus.name,
            len(part),
            heads,
            plan.objective,
            space,
            tuple(trials),
            added,
            ended,
            study.importances(),
            best,
            None if run is None else run.id,
            prepared.feedback,
        )
        if run is not None:
            _record(result, run, out)
    return result


def ranked(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """The complete trials, best first; of equals the earlier."""
    complete = [trial for trial in trials if trial.state == COMPLETE]
    return tuple(sorted(complete, key=lambda trial: (-(trial.value or 0.0), trial.number)))


def objective_of(measures: Mapping[str, Mapping[str, float]], objective: str) -> float:
    """The objective of cross-validated measures by head; the mean over the heads.

    >>> objective_of({"tags": {"micro_f1": 0.8, "macro_f1": 0.6}}, "mean")
    0.7
    """
    micro, macro = OBJECTIVES[objective]
    found = [
        # With one label for each article, accuracy is micro-F1.
        micro * (head["micro_f1"] if "micro_f1" in head else head["accuracy"]) + macro * head["macro_f1"]
        for head in measures.values()
    ]
    return round(sum(found) / len(found), 9)


class _OutOfTimeError(Exception):
    """The budget is used up in the middle of a trial."""


class _HopelessError(Exception):
    """The first folds of a trial are worse than those of half of the complete ones."""


@dataclass
class _Work:
    """What every trial is measured with."""

    config: Config
    part: Part
    objective: str
    jobs: int
    deadline: float | None
    run: tracking.Run | None

    def __post_init__(self) -> None:
        self.kept = Kept()
        self.names = other_names(self.config, self.part.labels)

    def seconds_left(self) -> float:
        return float("inf") if self.deadline is None else self.deadline - time.monotonic()

    def start_from(self, first: Trial) -> None:
        """Train the first trial's configuration again, unless this process has: all later ones start from it.

        From the trial before, or the nearest, would be less far, but a search that was stopped would no longer know it.
        Raises _OutOfTimeError.
        """
        if self.kept.starts.open:
            self._train(first.values, lambda _folds, _value: None)

    def measure(self, attempt: Attempt) -> Trial:
        """One trial, as a nested run where the search is tracked. Raises _OutOfTimeError."""
        number, values = attempt.number, attempt.values
        if self.run is None:
            return self._measure(attempt)
        with tracking.start_run(f"trial {number}", params=values, parent=self.run) as run:
            attempt.tracked_as(run.id)
            trial = self._measure(attempt)
            found = {f"{head}/{key}": one for head, measures in trial.measures.items() for key, one in measures.items()}
            tracking.log_run(
                run,
                metrics={"objective": trial.value} | {f"cross-validated/{key}": one for key, one in found.items()},
                tags={"search.state": trial.state} | ({} if trial.error is None else {"error": trial.error}),
            )
        return trial

    def _measure(self, attempt: Attempt) -> Trial:
        def report(folds: int, value: float) -> None:
            if attempt.hopeless(folds, value):
                raise _HopelessError

        try:
            trained = self._train(attempt.values, report)
        except _HopelessError:
            return Trial(attempt.number, PRUNED, attempt.values)
        except SluglineError as error:
            if attempt.number == 0:
                # What is started from cannot be trained at all: the user wants to know, not to have it searched around.
                raise
            return Trial(attempt.number, FAILED, attempt.values, error=str(error))
        measures = {head: _numbers(trained.summary()[head]) for head in trained.heads}
        return Trial(attempt.number, COMPLETE, attempt.values, objective_of(measures, self.objective), measures)

    def _train(self, values: Mapping[str, Value], report: Callable[[int, float], None]) -> TrainedModel:
        def tick() -> None:
            if self.seconds_left() <= 0:
                raise _OutOfTimeError

        micro, macro = OBJECTIVES[self.objective]
        judge = FoldJudge(report, tick, micro=micro, macro=macro)
        part, config = self.part, with_values(self.config, values)
        trained = train(
            part.articles,
            part.labels,
            part.groups,
            config,
            judge,
            self.jobs,
            kept=self.kept,
            names=self.names,
            partial=part.partial,
        )
        # What is kept is the first configuration's alone.
        self.kept.starts.close()
        return trained


def _run_trials(
    study: Study,
    work: _Work,
    plan: SearchPlan,
    out: Path,
    progress: Progress,
    told: Callable[[Trial, Trial | None], None],
) -> tuple[int, str]:
    """Try until the trials or the time are used up: how many were tried, and why they ended."""
    trials = study.trials()
    before = len(trials)
    best = next(iter(ranked(trials)), None)
    while True:
        progress("trials", len(trials), plan.trials)
        left = work.seconds_left()
        if plan.trials is not None and len(trials) >= plan.trials:
            return len(trials) - before, f"{plan.trials} trials were asked for"
        quickest = min((trial.seconds for trial in trials if trial.state == COMPLETE), default=0.0)
        if left <= quickest:
            return len(trials) - before, "the time left is less than the quickest trial took"
        try:
            if trials:
                work.start_from(trials[0])
            trial = study.try_next(work.measure)
        except _OutOfTimeError:
            return len(trials) - before, f"the time was used up in trial {len(trials)}, which was stopped"
        trials.append(trial)
        if trial.state == COMPLETE and (best is None or (trial.value or 0.0) > (best.value or 0.0)):
            best = trial
            _write_best(out, with_values(work.config, trial.values), trial, plan.objective)
        told(trial, best)


def _part(prepared: Prepared, objective: str) -> Part:
    """The training part; for "accuracy" without tags, of which there is none."""
    part = prepared.train
    if objective != "accuracy":
        return part
    if not any(label.event_type for label in part.labels):
        raise CorpusError("accuracy is of event types, and no article has one", file=prepared.corpus.name)
    return Part(part.articles, tuple(Labels(None, label.event_type) for label in part.labels), part.groups)


def _fingerprint(prepared: Prepared, space: Sequence[Dimension], plan: SearchPlan) -> str:
    """What two searches must have in common for their trials to compare."""
    config = prepared.config.to_dict()
    # Where the corpus lies, and how held-out articles would be evaluated, changes no trial.
    about = {name: table for name, table in config.items() if name not in ("corpus", "split", "evaluate")}
    said = [
        __version__,
        prepared.corpus.digest,
        prepared.split.digest,
        *([] if prepared.feedback is None else [prepared.feedback.digest]),
        [dimension.to_dict() for dimension in space],
        about,
        plan.objective,
        plan.seed,
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@contextlib.contextmanager
def _tracked(study: Study, prepared: Prepared, plan: SearchPlan, track: bool) -> Iterator[tracking.Run | None]:
    """The search's run, gone on with where the study has one; None where it is not tracked."""
    stale = study.end_stale()
    if not track:
        yield None
        return
    for run_id in stale:
        tracking.mark_killed(run_id)
    about = prepared.describe()
    tags = {"corpus": about["name"], "corpus.digest": about["digest"], "split.digest": about["split_digest"]}
    tags |= {"search.study": study.name, "search.objective": plan.objective}
    params = prepared.config.to_dict() | {"search": {"objective": plan.objective, "seed": plan.seed}}
    with tracking.start_run(f"search {study.name}", params=params, tags=tags, continued=study.run_id) as run:
        study.run_id = run.id
        yield run


def _record(result: SearchResult, run: tracking.Run, out: Path) -> None:
    counts = {f"search/{state}": float(result.count(state)) for state in (COMPLETE, PRUNED, FAILED)}
    tracking.log_run(run, metrics={"objective": result.best[0].value} | counts)
    with tempfile.TemporaryDirectory() as folder:
        trials = [trial.to_dict() for trial in result.trials]
        files = {"best.toml": out.read_text(encoding="utf-8"), "trials.json": json.dumps(trials, indent=1) + "\n"}
        for name, content in files.items():
            write_text(Path(folder) / name, content)
        tracking.log_files(run, sorted(Path(folder).iterdir()))


def _write_best(out: Path, config: Config, trial: Trial, objective: str) -> None:
    said = f"# Found by `slugline search`: trial {trial.number}, {objective} {trial.value:.4f}, cross-validated.\n\n"
    write_text(out, said + config.to_toml())


def _numbers(measures: Mapping[str, Any]) -> dict[str, float]:
    """The measures among what a head says of its cross-validation."""
    return {key: float(value) for key, value in measures.items() if type(value) in (int, float)}


__all__ = ["OBJECTIVES", "SearchPlan", "SearchResult", "Value", "objective_of", "ranked", "search"]
