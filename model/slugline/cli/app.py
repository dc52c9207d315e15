"""The `slugline` command: its groups, and what every command has in common."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from slugline import __version__
from slugline.errors import SluglineError

INTERRUPTED = 130

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


def main() -> None:
    """Run the command line: 0 done; 1 data, file or model at fault; 2 the command line is; 130 interrupted."""
    debug = "--debug" in sys.argv[1:] or bool(os.environ.get("SLUGLINE_DEBUG"))
    try:
        app()
    except SluglineError as error:
        if debug:
            raise
        sys.stderr.write(f"slugline: error: {error}\n")
        sys.exit(1)
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            sys.stderr.write("slugline: interrupted; files written before this run are as they were\n")
        raise
