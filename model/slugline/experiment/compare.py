"""Two tracked runs compared: their metrics, their settings, and what they said of the same articles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from slugline import tracking
from slugline.errors import SluglineError
from slugline.evaluate.compare import Comparison, compare
from slugline.evaluate.outcomes import FILE, Outcomes
from slugline.evaluate.paired import PairedComparison, compare_outcomes
from slugline.evaluate.results import unflatten
from slugline.tracking.artifacts import read_file

_SHARED_DIGESTS = frozenset({"corpus.digest", "split.digest"})


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Runs A and B. `paired` is None where a run has no predictions to compare, and `unpaired` then says why."""

    a: tracking.RunDetail
    b: tracking.RunDetail
    sides: Comparison
    paired: PairedComparison | None
    unpaired: str | None = None

    @property
    def same_articles(self) -> bool:
        """Whether both were measured on the same articles, as far as the digests of corpus and split tell."""
        return not _SHARED_DIGESTS & self.sides.values.keys()

    def to_dict(self) -> dict[str, Any]:
        """The JSON object documented in docs/tracking.md."""
        said = {"a": self.a.id, "b": self.b.id, "same_articles": self.same_articles} | self.sides.to_dict()
        paired = {"refused": [self.unpaired]} if self.paired is None else self.paired.to_dict()
        return said | {"paired": paired}


def compare_runs(a: str, b: str) -> RunComparison:
    """Compare two runs, each named by the beginning of its id or by its name.

    Raises SluglineError where a run is not found or a file of it cannot be read.
    """
    runs = tracking.get_run(a), tracking.get_run(b)
    metrics = [unflatten(run.metrics) for run in runs]
    values = [run.params | _comparable(run.tags) for run in runs]
    sides = compare(metrics[0], metrics[1], values[0], values[1])
    try:
        paired = compare_outcomes(_outcomes("A", runs[0]), _outcomes("B", runs[1]))
    except _NoPredictionsError as why:
        return RunComparison(*runs, sides, None, str(why))
    return RunComparison(*runs, sides, paired)


class _NoPredictionsError(Exception):
    """Why a run's predictions are not there."""


def _outcomes(name: str, run: tracking.RunDetail) -> Outcomes:
    if FILE not in run.files:
        why = "did not finish" if run.status != "FINISHED" else "was made by an older Slugline"
        raise _NoPredictionsError(f"no predictions of single articles are stored with {name}, which {why}")
    try:
        return read_file(run.id, FILE, Outcomes.read)
    except SluglineError as error:
        error.file = f"{FILE} of run {name}"
        raise


def _comparable(tags: dict[str, str]) -> dict[str, str]:
    """Tags that say how a run was made: MLflow's own, but for the commit, only say where it is shown."""
    renamed = {"mlflow.source.git.commit": "code.commit"}
    return {renamed.get(key, key): value for key, value in tags.items() if key in renamed or "mlflow." not in key}
