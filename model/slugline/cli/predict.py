"""`slugline predict`: tags and event types of articles."""

from __future__ import annotations

from typing import Annotated

import typer

from slugline.cli import options
from slugline.cli.predicting import Format, predict_articles


def predict(
    files: Annotated[
        list[str] | None,
        typer.Argument(help="Article files or folders (text, HTML, JSON, JSONL, CSV); - or nothing: standard input."),
    ] = None,
    model: options.Model = None,
    form: Annotated[Format, typer.Option("--format", help="How predictions are shown.")] = Format.table,
    top: Annotated[
        int | None, typer.Option(min=1, help="Show the K most probable tags instead of the decided ones.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the words behind each decision.")] = False,
    vocabulary: options.Vocabulary = None,
    adapt_priors: options.AdaptPriors = False,
    skip_bad: options.SkipBad = False,
    jobs: options.PredictJobs = 1,
) -> None:
    """Predict the tags and the event type of articles."""
    predict_articles(files, model, form, top, explain, vocabulary, adapt_priors, skip_bad, jobs)
