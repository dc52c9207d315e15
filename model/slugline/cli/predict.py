"""`slugline predict`: tags and event types of articles."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from slugline.cli import options, partitions
from slugline.cli.model import find_model
from slugline.cli.predicting import Format, predict_articles


class AnyFormat(StrEnum):
    """How predictions are shown, and `parquet`, which can only be written."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


def predict(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="Article files, folders or patterns (text, HTML, JSON, JSONL, CSV); - or nothing: standard input."
        ),
    ] = None,
    model: options.Model = None,
    form: Annotated[
        AnyFormat | None,
        typer.Option("--format", show_default="table, with --out jsonl", help="How predictions are shown or written."),
    ] = None,
    top: Annotated[
        int | None, typer.Option(min=1, help="Show the K most probable tags instead of the decided ones.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the words behind each decision.")] = False,
    vocabulary: options.Vocabulary = None,
    adapt_priors: options.AdaptPriors = False,
    skip_bad: options.SkipBad = False,
    why_not: options.WhyNot = None,
    text: options.Text = None,
    follow: Annotated[
        bool,
        typer.Option("--follow", help="Read a growing file of JSON Lines, predict each article as it comes."),
    ] = False,
    out: partitions.Out = None,
    cluster: options.Cluster = None,
    jobs: options.PredictJobs = 1,
    chunk_size: partitions.ChunkSize = 16,
    worker_timeout: options.WorkerTimeout = 120,
) -> None:
    """Predict the tags and the event type of articles."""
    if why_not and (form is AnyFormat.csv or out is not None):
        raise typer.BadParameter("needs a table, json or jsonl on standard output", param_hint="--why-not")
    if follow:
        from slugline.cli.following import follow_articles, refuse

        others = {"--out": out, "--cluster": cluster, "--jobs": jobs > 1, "--adapt-priors": adapt_priors}
        refuse(files or [], form, others)
        shown = Format.table if form is None else Format(form.value)
        follow_articles((files or [])[0], model, shown, top, explain, vocabulary, skip_bad, why_not, text)
        return
    if out is None:
        if cluster is not None or form is AnyFormat.parquet:
            raise typer.BadParameter("needs --out FOLDER", param_hint="--format" if cluster is None else "--cluster")
        shown = Format.table if form is None else Format(form.value)
        predict_articles(files, model, shown, top, explain, vocabulary, adapt_priors, skip_bad, jobs, why_not, text)
        return
    if adapt_priors:
        raise typer.BadParameter("needs all articles at once, so not with --out", param_hint="--adapt-priors")
    partitions.predict_partitions(
        files or [],
        out,
        find_model(model),
        form,
        vocabulary=vocabulary,
        top=top,
        explain=explain,
        skip_bad=skip_bad,
        cluster=cluster,
        jobs=jobs,
        chunk_size=chunk_size,
        patience=worker_timeout,
    )
