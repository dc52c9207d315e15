"""`slugline train`: a corpus in, a model file and a tracked run out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slugline.cli import console, options

if TYPE_CHECKING:
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


def train(
    corpora: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CORPUS]...",
            help="Files, folders or names of `slugline corpus list`, one or several together; if none: starter.",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="A TOML file as in experiments/configs; options override it."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The model file to write.")] = options.MODEL,
    split: Annotated[
        SplitMethod | None,
        typer.Option("--split", help="How the held-out set is chosen; none: train on every article."),
    ] = None,
    split_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Take a recorded split: the split.json of a run.")
    ] = None,
    held_out: Annotated[
        float | None, typer.Option(min=0.01, max=0.9, help="Share held out by a temporal or random split.")
    ] = None,
    reader: options.Reader = None,
    field: options.Field = None,
    families: options.Families = None,
    aliases: options.Aliases = None,
    vocabulary: options.Vocabulary = None,
    encoding: options.Encoding = None,
    label_set: Annotated[
        LabelSet | None,
        typer.Option(help="both-sides: only tags with articles on both sides, the protocol of the Reuters papers."),
    ] = None,
    min_articles: Annotated[
        int | None, typer.Option(min=1, help="Train tags with at least this many articles.")
    ] = None,
    estimator: Annotated[Estimator | None, typer.Option(help="Linear model of both heads.")] = None,
    folds: Annotated[
        int | None,
        typer.Option(min=0, max=50, help="Folds of the cross-validation; 0: none, fast, nothing is calibrated."),
    ] = None,
    taxonomy: Annotated[str | None, typer.Option(help="TOML file of event types and their groups.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**31 - 1, help="Seed of every random choice.")] = None,
    skip_bad: options.SkipBad = False,
    map_: options.Map = None,
    strict: options.Strict = False,
    memory: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Train from disk within so much memory, such as 2G; goes on after a kill."),
    ] = None,
    jobs: options.Jobs = 1,
    cluster: options.Cluster = None,
    worker_timeout: options.WorkerTimeout = 120,
    track: Annotated[bool, typer.Option("--track/--no-track", help="Record the run in MLflow's store.")] = True,
    form: options.Form = options.Format.table,
) -> None:
    """Train on a corpus, evaluate on its held-out part, write the model file and track the run."""
    from slugline.config import Config, load_config, replace, with_corpora
    from slugline.experiment.train import train_model

    chosen = Config() if config is None else load_config(config)
    said = {
        "reader": reader,
        "fields": options.parse_fields(field),
        "families": options.parse_families(families),
        "aliases": aliases,
        "encoding": encoding,
        "skip_bad": skip_bad or None,
        "map": map_,
        "map_strict": strict or None,
    }
    chosen = with_corpora(chosen, corpora or [], said)
    chosen = replace(chosen, "split", method=split and split.value, file=split_file, held_out=held_out, seed=seed)
    linear = estimator and estimator.value
    chosen = replace(
        chosen, "tags", label_set=label_set and label_set.value, min_articles=min_articles, estimator=linear
    )
    chosen = replace(chosen, "names", vocabulary=vocabulary)
    chosen = replace(chosen, "event_type", estimator=linear, taxonomy=taxonomy)
    chosen = replace(chosen, "learn", seed=seed, folds=folds, memory=memory)
    with _workers(cluster, jobs, worker_timeout) as workers, console.progress_bar() as progress:
        outcome = train_model(chosen, out, jobs=workers, track=track, progress=progress)
    about = outcome.prepared.describe()
    console.err_skipped(outcome.prepared.corpus.skipped)
    console.err_unmapped(outcome.prepared.corpus.unmapped)
    if about["straddling"]:
        console.err(
            f"slugline: {about['straddling']} held-out articles have a near-duplicate in the training part "
            f"(the official split is kept as it is)"
        )
    for note in outcome.cross_validated["notes"]:
        console.err(f"slugline: a head was left out: {note}")
    if form is options.Format.json:
        console.out_json(outcome.to_dict())
    elif outcome.evaluation is None:
        from slugline.cli.cross_validated_tables import cross_validated_tables

        console.out(cross_validated_tables(about["name"], about["train"], outcome.measures))
    else:
        from slugline.cli.tables import evaluation_tables

        console.out(evaluation_tables(outcome.evaluation, split=about["split"], train=about["train"]))
    console.err(
        f"slugline: wrote {out} ({out.stat().st_size / 1e6:.1f} MB, {outcome.digest[:19]}…) in "
        f"{sum(outcome.seconds.values()):.0f} s" + (f"; run {outcome.run_id[:8]}" if outcome.run_id else "")
    )
    if outcome.tracking_error is not None:
        # Last, so that everything that was achieved has been shown.
        raise outcome.tracking_error


@contextlib.contextmanager
def _workers(cluster: str | None, jobs: int, patience: float) -> Iterator[Jobs]:
    if cluster is None:
        yield jobs
        return
    from slugline.cluster.connect import open_cluster
    from slugline.cluster.workers import ClusterWorkers

    with open_cluster(cluster, jobs, patience=patience) as remote:
        yield ClusterWorkers(remote)
