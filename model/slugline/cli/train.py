"""`slugline train`: a corpus in, a model file and a tracked run out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from slugline.cli import options
from slugline.cli.training import Estimator, LabelSet, SplitMethod, train_corpora


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
    feedback: options.Feedback = None,
    keep_titles: Annotated[
        bool,
        typer.Option("--keep-titles", help="Keep ids, titles, dates and labels of the articles in the model file."),
    ] = False,
    taxonomy: Annotated[str | None, typer.Option(help="TOML file of event types and their groups.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**31 - 1, help="Seed of every random choice.")] = None,
    skip_bad: options.SkipBad = False,
    map_: options.Map = None,
    strict: options.Strict = False,
    memory: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Train from disk within so much memory, such as 2G; goes on after a kill."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            show_default="every core; 1 with --memory or --cluster",
            help="Threads or processes; the model is the same for any number.",
        ),
    ] = None,
    cluster: options.Cluster = None,
    worker_timeout: options.WorkerTimeout = 120,
    track: Annotated[bool, typer.Option("--track/--no-track", help="Record the run in MLflow's store.")] = True,
    form: options.Form = options.Format.table,
    report: options.Report = None,
) -> None:
    """Train on a corpus, evaluate on its held-out part, write the model file and track the run."""
    train_corpora(
        corpora,
        config,
        out,
        split,
        split_file,
        held_out,
        reader,
        options.parse_fields(field),
        options.parse_families(families),
        aliases,
        vocabulary,
        encoding,
        label_set,
        min_articles,
        estimator,
        folds,
        feedback,
        keep_titles,
        taxonomy,
        seed,
        skip_bad,
        map_,
        strict,
        memory,
        jobs,
        cluster,
        worker_timeout,
        track,
        form,
        report,
    )
