"""The record of a search: an Optuna study in an SQLite file, which a search that was stopped goes on with."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from slugline.errors import MissingExtraError, OutputError, SluglineError
from slugline.experiment.space import Dimension, Value
from slugline.files import check_writable
from slugline.locks import holding

RANDOM_TRIALS = 8
"""After the configuration that is started from, so many are drawn at random before the sampler learns from them."""
BEFORE_PRUNING = 4
"""Trials that must be complete before one is stopped for being worse than them."""
FOLDS_BEFORE_PRUNING = 2

COMPLETE, PRUNED, STOPPED, FAILED = "complete", "pruned", "stopped", "failed"
"""States of a trial: measured; given up after its first folds; out of time; impossible. STOPPED ones do not count."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One configuration that was tried. `value` is the objective where `state` is COMPLETE, else None.

    `measures` are what training cross-validated, by head; `error` says why a FAILED trial could not be measured.
    """

    number: int
    state: str
    values: dict[str, Value]
    value: float | None = None
    measures: dict[str, dict[str, float]] = field(default_factory=dict)
    seconds: float = 0.0
    folds: int = 0
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields, floats rounded to 6 decimals (seconds to 2)."""
        return {
            "number": self.number,
            "state": self.state,
            "value": None if self.value is None else round(self.value, 6),
            "values": dict(self.values),
            "measures": {
                head: {key: round(one, 6) for key, one in found.items()} for head, found in self.measures.items()
            },
            "seconds": round(self.seconds, 2),
            "folds": self.folds,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class Attempt:
    """A trial that is to be measured: the configuration's `values`, chosen by the study."""

    number: int
    values: dict[str, Value]
    _asked: Any
    _medians: dict[int, float]

    def hopeless(self, folds: int, value: float) -> bool:
        """Record how good the trial is after so many folds; whether that is worse than half of the complete ones.

        The median stopping rule of Golovin et al. 2017, "Google Vizier".
        """
        self._asked.report(value, folds)
        return folds >= FOLDS_BEFORE_PRUNING and value < self._medians.get(folds, -math.inf)

    def tracked_as(self, run_id: str) -> None:
        """Remember the trial's tracked run, in case the process is killed."""
        self._asked.set_user_attr("run", run_id)


def require() -> ModuleType:
    """Optuna. Raises MissingExtraError with the command that installs it."""
    try:
        import optuna
    except ImportError as error:
        raise MissingExtraError("searching for a configuration", "search") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


class Study:
    """The trials of one search, in order; made by `open_study`. Only one process may add to it at a time."""

    def __init__(self, study: Any, space: Sequence[Dimension], start: Mapping[str, Value], seed: int) -> None:
        self._study, self._space, self._start, self._seed = study, space, dict(start), seed

    @property
    def name(self) -> str:
        """Its name in the file."""
        return str(self._study.study_name)

    @property
    def run_id(self) -> str | None:
        """The tracked run that the search belongs to."""
        found = self._study.user_attrs.get("run")
        return None if found is None else str(found)

    @run_id.setter
    def run_id(self, run_id: str) -> None:
        self._study.set_user_attr("run", run_id)

    def trials(self) -> list[Trial]:
        """Every trial that has ended, in order, numbered from 0; STOPPED ones, which do not count, are left out."""
        frozen = [one for one in self._study.get_trials(deepcopy=False) if "state" in one.user_attrs]
        counted = [one for one in frozen if one.user_attrs["state"] != STOPPED]
        return [self._trial(number, one) for number, one in enumerate(counted)]

    def try_next(self, measure: Callable[[Attempt], Trial]) -> Trial:
        """Choose the next configuration and have it measured.

        The choice follows from the seed, the number and the trials before alone, so that a search that was stopped
        goes on as if it had not been. Raises whatever `measure` raises; the trial then does not count.
        """
        optuna = require()
        number = len(self.trials())
        # A generator that ran through all trials would not be at the same place after a stop.
        self._study.sampler = optuna.samplers.TPESampler(
            seed=(self._seed * 100_003 + number) % 2**32, n_startup_trials=RANDOM_TRIALS + 1
        )
        waiting = optuna.trial.TrialState.WAITING
        if number == 0 and not self._study.get_trials(deepcopy=False, states=(waiting,)):
            self._study.enqueue_trial(self._start)
        asked = self._study.ask()
        values = {one.name: _suggest(asked, one, self._start[one.name]) for one in self._space}
        attempt = Attempt(number, values, asked, self._medians())
        begun = time.perf_counter()
        try:
            trial = measure(attempt)
        except BaseException:
            asked.set_user_attr("state", STOPPED)
            self._study.tell(asked, state=optuna.trial.TrialState.FAIL)
            raise
        seconds = time.perf_counter() - begun
        said = {"state": trial.state, "measures": trial.measures, "seconds": seconds, "error": trial.error}
        for key, content in said.items():
            asked.set_user_attr(key, content)
        states = {COMPLETE: optuna.trial.TrialState.COMPLETE, PRUNED: optuna.trial.TrialState.PRUNED}
        state = states.get(trial.state, optuna.trial.TrialState.FAIL)
        self._study.tell(asked, trial.value if trial.state == COMPLETE else None, state=state)
        frozen = self._study.get_trials(deepcopy=False)[asked.number]
        return self._trial(number, frozen)

    def importances(self) -> dict[str, float]:
        """The share of the objective's variation that each value explains, most first; {} with too few trials.

        PED-ANOVA (Watanabe, Bansal and Hutter 2023), over the complete trials.
        """
        optuna = require()
        complete = [one.value for one in self.trials() if one.state == COMPLETE]
        if len(complete) < RANDOM_TRIALS // 2 or len(set(complete)) < 2:
            return {}
        found = optuna.importance.get_param_importances(self._study)
        return {name: float(share) for name, share in found.items()}

    def _medians(self) -> dict[int, float]:
        """After so many folds, the median of the complete trials; {} while they are few."""
        complete = [one for one in self._study.get_trials(deepcopy=False) if one.user_attrs.get("state") == COMPLETE]
        if len(complete) < BEFORE_PRUNING:
            return {}
        steps: dict[int, list[float]] = {}
        for one in complete:
            for folds, value in one.intermediate_values.items():
                steps.setdefault(folds, []).append(value)
        return {folds: sorted(found)[(len(found) - 1) // 2] for folds, found in steps.items()}

    def _trial(self, number: int, frozen: Any) -> Trial:
        said = frozen.user_attrs
        values: dict[str, Value] = {}
        for one in self._space:
            if one.name in frozen.params:
                raw = frozen.params[one.name]
                values[one.name] = raw if one.choices else _rounded(raw, self._start[one.name])
        return Trial(
            number=number,
            state=said["state"],
            values=values,
            value=frozen.value if said["state"] == COMPLETE else None,
            measures=said.get("measures") or {},
            seconds=float(said.get("seconds") or 0.0),
            folds=len(frozen.intermediate_values),
            error=said.get("error"),
        )

    def end_stale(self) -> list[str]:
        """Mark trials whose process was killed as STOPPED; the ids of their tracked runs."""
        optuna = require()
        runs = []
        for one in self._study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,)):
            self._study.tell(one.number, state=optuna.trial.TrialState.FAIL)
            if "run" in one.user_attrs:
                runs.append(str(one.user_attrs["run"]))
        return runs


@contextlib.contextmanager
def open_study(
    file: Path, name: str, fingerprint: str, space: Sequence[Dimension], start: Mapping[str, Value], seed: int
) -> Iterator[Study]:
    """Open, or make, the study `name` in the SQLite `file`, and keep other processes out of it.

    Raises SluglineError where the study is of another search (`fingerprint` says which) or another process works on
    it; OutputError where the file cannot be used.
    """
    optuna = require()
    if not file.exists():
        check_writable(file)
    with _locked(file.with_name(f".{file.name}.{_safe(name)}.lock"), name):
        try:
            # An engine option and not a larger pool: one process, one connection at a time.
            storage = optuna.storages.RDBStorage(
                f"sqlite:///{file.absolute()}", engine_kwargs={"connect_args": {"timeout": 60}}
            )
            study = optuna.create_study(
                storage=storage, study_name=name, direction="maximize", load_if_exists=True, pruner=None
            )
        except Exception as error:
            # SQLAlchemy's, Alembic's and Optuna's own: what is wrong is the file.
            raise OutputError(f"cannot use the record of searches ({_first_line(error)})", file=file) from error
        known = study.user_attrs.get("fingerprint")
        if known is None:
            study.set_user_attr("fingerprint", fingerprint)
        elif known != fingerprint:
            raise SluglineError(
                f"study {name!r} is of another search: its corpus, configuration, objective or seed differs",
                file=file,
                expected="another --study name",
            )
        try:
            yield Study(study, space, start, seed)
        finally:
            storage.engine.dispose()


def free_name(file: Path, name: str) -> tuple[str, str]:
    """The latest study of those called `name`, `name-2`, ...; and the first of these names that is not taken yet."""
    optuna = require()
    taken: set[str] = set()
    if file.exists():
        with contextlib.suppress(Exception):
            taken = set(optuna.get_all_study_names(f"sqlite:///{file.absolute()}"))
    number = 1
    while (name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    latest = name if number <= 2 else f"{name}-{number - 1}"
    return latest, name if number == 1 else f"{name}-{number}"


@contextlib.contextmanager
def _locked(path: Path, name: str) -> Iterator[None]:
    """Hold a lock that ends with the process, however it ends."""
    while True:
        path.touch()
        with holding(path) as held:
            if held is None and not path.exists():
                # The one that held it has just removed it.
                continue
            if held is False:
                raise SluglineError(f"another process is searching in study {name!r}", expected="to wait for it")
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
            return


def _suggest(asked: Any, dimension: Dimension, start: Value) -> Value:
    if dimension.choices:
        chosen: Value = asked.suggest_categorical(dimension.name, dimension.choices)
        return chosen
    return _rounded(asked.suggest_float(dimension.name, dimension.low, dimension.high, log=True), start)


def _rounded(number: float, start: Value) -> Value:
    """Three significant digits, but the configuration that is started from as it is."""
    return start if number == start else float(f"{number:.3g}")


def _safe(name: str) -> str:
    return "".join(char if char.isalnum() or char in "-_." else "_" for char in name)[:100]


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
