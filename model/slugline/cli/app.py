"""The `slugline` command: its groups, and what every command has in common."""

from __future__ import annotations

from typing import Annotated

import typer

from slugline import __version__
from slugline.cli import corpus, runs
from slugline.cli.evaluate import evaluate
from slugline.cli.predict import predict
from slugline.cli.search import search
from slugline.cli.splits import splits
from slugline.cli.train import train

app = typer.Typer(
    name="slugline",
    help="Tags and event types for news articles, from TF-IDF and linear models on an ordinary computer.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"slugline {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the full traceback of an error.")] = False,
) -> None:
    """Options before the command's name."""


app.command()(train)
app.command()(predict)
app.command()(evaluate)
app.command()(search)
app.command()(splits)
app.add_typer(corpus.app, name="corpus")
app.add_typer(runs.app, name="runs")
