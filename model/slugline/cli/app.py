"""The `slugline` command: its groups, and what every command has in common."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from slugline import __version__
from slugline.cli.commands import COMMANDS, GROUPS, Command


def make_app(wanted: str | None = None, *, first: bool = False) -> typer.Typer:
    """The command line. With `wanted`, a command's name or any other word, only that command's module is imported.

    The others are there by name and help text, which is all that the help of the whole, and a suggestion for a
    misspelt command, need of them. If the command is known to be the `first` argument, the options that may stand
    before it are left out where typer would import pydantic only to find that they were not given.
    """
    first = first and wanted in COMMANDS
    # Plain help: rich's boxes take longer than everything else that `--help` does.
    app = typer.Typer(
        name="slugline",
        help="Tags and event types for news articles, from TF-IDF and linear models on an ordinary computer.",
        no_args_is_help=True,
        add_completion=not first,
        add_help_option=not first,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_common)
    for name, command in COMMANDS.items():
        found = _find(command) if wanted in (None, name) else None
        if name in GROUPS:
            app.add_typer(found or typer.Typer(), name=name, help=command.help, short_help=command.help)
        else:
            app.command(name, short_help=command.help)(found or _elsewhere)
    return app


def _find(command: Command) -> Any:
    found = getattr(importlib.import_module(command.module), command.name)
    if isinstance(found, typer.Typer):
        for info in found.registered_commands:
            # Without it, the list of a group's commands cuts what they say after some words.
            info.short_help = info.short_help or first_paragraph(info.callback)
    return found


def first_paragraph(function: Callable[..., Any] | None) -> str:
    """What the list of commands says of a command: its docstring up to a blank line, on one line."""
    return " ".join((inspect.getdoc(function) or "").partition("\n\n")[0].split())


def _elsewhere() -> None:
    raise AssertionError("a command was called that was not imported")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"slugline {__version__}")
        raise typer.Exit


def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the full traceback of an error.")] = False,
) -> None:
    """Options before the command's name."""
