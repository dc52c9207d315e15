"""`slugline review`: a person's minute where the model needs it most."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from slugline.cli import console, options


class ReviewFormat(StrEnum):
    """Whether the picked articles are asked about here, or listed for another program."""

    terminal = "terminal"
    jsonl = "jsonl"


def review(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="CORPUS|FILE...", help="Files, folders or names of `slugline corpus list` to pick from."
        ),
    ],
    model: options.Model = None,
    feedback: Annotated[
        Path, typer.Option("--feedback", metavar="LOG", help="Where answers go; what it has is not asked again.")
    ] = Path("feedback.jsonl"),
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Pick so many articles.")] = 20,
    who: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who answers.", show_default="the name of the login")
    ] = None,
    keep_text: Annotated[
        bool, typer.Option("--keep-text", help="Log the articles' text too, so that it can be trained on without them.")
    ] = False,
    skip_bad: options.SkipBad = False,
    form: Annotated[
        ReviewFormat, typer.Option("--format", help="terminal: ask here; jsonl: only list what would be asked.")
    ] = ReviewFormat.terminal,
) -> None:
    """Review the articles that the model is least sure of; every answer is saved at once to a log of feedback."""
    import sys

    from slugline.cli.reviewing import check_terminal, login, picked, review_picks
    from slugline.predict import Predictor

    if form is ReviewFormat.terminal:
        check_terminal(sources, feedback)
    elif "-" in sources and sys.stdin.isatty():
        console.err("slugline: reading an article from the terminal; end it with Ctrl-D")
    predictor = Predictor.load(options.find_model(model), copy=True)
    found = picked(predictor, sources, feedback, count, skip_bad=skip_bad)
    if form is ReviewFormat.jsonl:
        for one in found:
            console.out_json(one.to_dict(), indent=None)
        return
    review_picks(predictor, found, feedback, login() if who is None else who, keep_text=keep_text)
