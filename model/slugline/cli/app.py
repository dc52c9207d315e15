"""The `slugline` command: its groups, and what every command has in common."""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

from slugline import __version__
from slugline.cli import corpus, runs
from slugline.cli.evaluate import evaluate
from slugline.cli.predict import predict
from slugline.cli.train import train
from slugline.errors import SluglineError

INTERRUPTED = 130
"""The exit code after Ctrl-C: 128 and the number of the signal, as shells have it."""

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
app.add_typer(corpus.app, name="corpus")
app.add_typer(runs.app, name="runs")


def main() -> None:
    """Run the command line: 0 done; 1 data, file or model at fault; 2 the command line is; 130 interrupted."""
    # --debug is understood before and after the command's name.
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    if len(arguments) < len(sys.argv) - 1 or os.environ.get("SLUGLINE_DEBUG"):
        app(args=arguments)
        return
    try:
        app(args=arguments)
    except SluglineError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename or 'input or output'}: {error.strerror or error}")
    except MemoryError:
        _fail("out of memory; see the guide on scaling, or give fewer articles or terms")
    except Exception as error:
        _fail(f"internal error, please report it: {type(error).__name__}: {error} (--debug shows the traceback)")
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            sys.stderr.write("slugline: interrupted; files from before this run are as they were\n")
        raise


def _fail(message: str) -> NoReturn:
    sys.stderr.write(f"slugline: error: {' '.join(message.split())}\n")
    sys.exit(1)
