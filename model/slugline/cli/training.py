"""Training a corpus, as `slugline train` does once its command line has been read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slugline.cli import console
from slugline.cli.model import MODEL

if TYPE_CHECKING:
    from slugline.experiment.evaluation import Evaluation
    from slugline.learn.parallel import Jobs


class SplitMethod(StrEnum):
    """How the held-out set is chosen."""

    auto = "auto"
    official = "official"
    temporal = "temporal"
    random = "random"
    none = "none"


class Estimator(StrEnum):
    """The linear models; `slugline.learn.estimators` has the same names, and is not imported for a help text."""

    svm = "svm"
    logistic = "logistic"
    sgd = "sgd"
    svm_nb = "svm+nb"


class LabelSet(StrEnum):
    """Which tags are trained and evaluated."""

    trained = "trained"
    both_sides = "both-sides"


class Format(StrEnum):
    """How a result is shown: for a person, or as one JSON object for a machine."""

    table = "table"
    json = "json"


def train_corpora(
    corpora: list[str] | None = None,
    config: Path | None = None,
    out: Path = MODEL,
    split: SplitMethod | None = None,
    split_file: str | None = None,
    held_out: float | None = None,
    reader: str | None = None,
    fields: dict[str, str] | None = None,
    families: tuple[str, ...] | None = None,
    aliases: str | None = None,
    vocabulary: str | None = None,
    encoding: str | None = None,
    label_set: LabelSet | None = None,
    min_articles: int | None = None,
    estimator: Estimator | None = None,
    folds: int | None = None,
    feedback: str | None = None,
    keep_titles: bool = False,
    taxonomy: str | None = None,
    seed: int | None = None,
    skip_bad: bool = False,
    map_: str | None = None,
    strict: bool = False,
    memory: str | None = None,
    jobs: int | None = None,
    cluster: str | None = None,
    worker_timeout: float = 120,
    track: bool = True,
    form: Format = Format.table,
    report: Path | None = None,
) -> None:
    """Train, evaluate, write the model file and track the run; arguments are the options of `slugline train`."""
    from slugline.config import Config, load_config, replace_all, with_corpora
    from slugline.experiment.train import train_model
    from slugline.learn.parallel import cores

    chosen = Config() if config is None else load_config(config)
    said = {
        "reader": reader,
        "fields": fields,
        "families": families,
        "aliases": aliases,
        "encoding": encoding,
        "skip_bad": skip_bad or None,
        "map": map_,
        "map_strict": strict or None,
    }
    chosen = with_corpora(chosen, corpora or [], said)
    linear = estimator and estimator.value
    changes: dict[str, dict[str, Any]] = {
        "split": {"method": split and split.value, "file": split_file, "held_out": held_out, "seed": seed},
        "tags": {"label_set": label_set and label_set.value, "min_articles": min_articles, "estimator": linear},
        "names": {"vocabulary": vocabulary},
        "event_type": {"estimator": linear, "taxonomy": taxonomy},
        "learn": {
            "seed": seed,
            "folds": folds,
            "memory": memory,
            "feedback": feedback,
            "keep_titles": keep_titles or None,
        },
    }
    chosen = replace_all(chosen, changes)
    several = jobs or (1 if chosen.learn.memory or cluster else cores())
    with _workers(cluster, several, worker_timeout) as workers, console.progress_bar() as progress:
        outcome = train_model(
            chosen, out, jobs=workers, track=track, progress=progress, report=report, command=console.command()
        )
    about = outcome.prepared.describe()
    console.err_skipped(outcome.prepared.corpus.skipped)
    console.err_unmapped(outcome.prepared.corpus.unmapped)
    if (used := about.get("feedback")) is not None:
        from slugline.experiment.feedback import FeedbackUse

        console.err(f"slugline: feedback: {FeedbackUse(**used).summary()}")
    if about["straddling"]:
        console.err(
            f"slugline: {about['straddling']} held-out articles have a near-duplicate in the training part "
            f"(the official split is kept as it is)"
        )
    for note in outcome.cross_validated["notes"]:
        console.err(f"slugline: {note}")
    if form is Format.json:
        console.out_json(outcome.to_dict())
    elif outcome.evaluation is None:
        from slugline.cli.cross_validated_tables import cross_validated_tables

        console.out(cross_validated_tables(about["name"], about["train"], outcome.measures))
    else:
        from slugline.cli.tables import evaluation_tables

        console.out(evaluation_tables(outcome.evaluation, split=about["split"], train=about["train"]))
        # The tables are long: what one looks for first is said again where the eye is.
        console.err(f"slugline: held out: {_headline(outcome.evaluation)}")
    console.err(
        f"slugline: wrote {out} ({out.stat().st_size / 1e6:.1f} MB, {outcome.digest[:19]}…) in "
        f"{sum(outcome.seconds.values()):.0f} s" + (f"; run {outcome.run_id[:8]}" if outcome.run_id else "")
    )
    if report is not None:
        console.err(f"slugline: wrote the report {report}")
    if outcome.tracking_error is not None:
        # Last, so that everything that was achieved has been shown.
        raise outcome.tracking_error


def _headline(evaluation: Evaluation) -> str:
    """The figures of a head that are quoted first, with their intervals."""
    heads = (("tags", evaluation.tags, "micro_f1", "micro-F1"), ("tags", evaluation.tags, "macro_f1_model", "macro-F1"))
    said = []
    for name, head, key, label in (*heads, ("event type", evaluation.event_type, "accuracy", "accuracy")):
        metric = None if head is None else head.metrics.get(key)
        if metric is None or metric.value is None:
            continue
        interval = "" if metric.low is None or metric.high is None else f" ({metric.low:.3f} to {metric.high:.3f})"
        said.append(f"{name} {label} {metric.value:.3f}{interval}")
    return ", ".join(said) or "nothing measured"


@contextlib.contextmanager
def _workers(cluster: str | None, jobs: int, patience: float) -> Iterator[Jobs]:
    if cluster is None:
        yield jobs
        return
    from slugline.cluster.connect import open_cluster
    from slugline.cluster.workers import ClusterWorkers

    with open_cluster(cluster, jobs, patience=patience) as remote:
        yield ClusterWorkers(remote)
