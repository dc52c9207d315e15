"""Command lines as the shell and Slugline's own parser read them, without running them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from typing import Any

import typer

from slugline.cli.app import make_app

ENDS = re.compile(r"[|&;<>()\n]+")


def slugline_calls(text: str) -> list[list[str]]:
    """The arguments of each `slugline` called in lines of shell: without comments, pipes and redirections."""
    calls = []
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.shlex(line, posix=True, punctuation_chars="|&;<>()\n")
        words.whitespace_split = True
        simple: list[str] = []
        for word in [*words, ";"]:
            if not ENDS.fullmatch(word):
                simple.append(word)
                continue
            # What stands before the command's name are variables.
            while simple and re.match(r"[A-Z_]+=", simple[0]):
                simple.pop(0)
            if simple[:1] == ["slugline"]:
                calls.append(simple[1:])
            simple = []
    return calls


def parse(arguments: list[str]) -> None:
    """Let the command's own parser read the arguments; nothing runs. Raises typer's UsageError."""
    if arguments == ["--version"]:
        return
    words, command = list(arguments), root()
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    command.make_context("slugline", words)


@cache
def root() -> Any:
    return typer.main.get_command(make_app())


@cache
def commands() -> tuple[tuple[str, Any], ...]:
    """Every command by its words, such as "corpus check", groups left out."""

    def walk(words: tuple[str, ...], command: Any) -> Iterator[tuple[str, Any]]:
        if not hasattr(command, "commands"):
            yield " ".join(words), command
            return
        for name, inner in command.commands.items():
            yield from walk((*words, name), inner)

    return tuple(walk((), root()))


def options(command: Any) -> set[str]:
    return {"--help", "-h"} | {name for found in command.params for name in (*found.opts, *found.secondary_opts)}
