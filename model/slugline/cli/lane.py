"""The short way to `slugline predict`: its plain options, read without typer (`train_lane` has those of training).

Importing typer, and what it imports to read a value, takes three times as long as predicting an article does. Whatever
is not plain here (help, errors, options that are repeated or abbreviated, new ones) goes to typer, so that
there is one meaning of every command line; tests hold both to it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slugline.cli.predicting import Format


def number(least: int, most: int) -> Callable[[str], int]:
    """What reads a whole number from `least` to `most`; it raises ValueError for anything else."""

    def made(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) <= 10 and least <= int(text) <= most):
            raise ValueError(text)
        return int(text)

    return made


positive = number(1, 10**9 - 1)

VALUES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "--model": ("model", Path),
    "-m": ("model", Path),
    "--format": ("form", Format),
    "--top": ("top", positive),
    "--vocabulary": ("vocabulary", str),
    "--why-not": ("why_not", lambda text: [text]),
    "--jobs": ("jobs", positive),
    "-j": ("jobs", positive),
}
"""Options with a value: the argument of `predicting.predict_articles`, and what it is made by."""

FLAGS = {
    "--explain": ("explain", True),
    "--adapt-priors": ("adapt_priors", True),
    "--skip-bad": ("skip_bad", True),
    "--text": ("text", True),
    "--no-text": ("text", False),
}
"""Options without one: the argument and what it becomes."""

MODEL_VARIABLE = "SLUGLINE_MODEL"


def parse(arguments: list[str]) -> dict[str, Any] | None:
    """The arguments of `predicting.predict_articles` that a command line after "predict" gives; None where it is not
    plain.

    >>> parse(["a.txt", "--top", "3"])
    {'files': ['a.txt'], 'top': 3}
    >>> parse(["--help"]), parse(["--top", "many"])
    (None, None)
    """
    found = read(arguments, "files", VALUES, FLAGS)
    if found is not None and "why_not" in found and found.get("form") is Format.csv:
        return None
    if found is not None and "model" not in found and os.environ.get(MODEL_VARIABLE):
        found["model"] = Path(os.environ[MODEL_VARIABLE])
    return found


def read(
    arguments: list[str],
    positional: str,
    values: dict[str, tuple[str, Callable[[str], Any]]],
    flags: dict[str, tuple[str, bool]],
) -> dict[str, Any] | None:
    """The arguments that a plain command line gives, None where it is not plain: what is not an option goes, as a list,
    to `positional`.
    """
    if os.name != "posix":
        # Elsewhere typer expands wildcards.
        return None
    found: dict[str, Any] = {}
    files: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "-" or not argument.startswith("-"):
            files.append(argument)
            continue
        name, sign, value = argument.partition("=")
        if argument in flags:
            key, made = flags[argument]
        elif name in values and not (sign and len(name) == 2):
            key, make = values[name]
            text = value if sign else next(waiting, "")
            if not text or text.startswith("-"):
                return None
            try:
                made = make(text)
            except ValueError:
                return None
        else:
            return None
        if key in found:
            return None
        found[key] = made
    if "" in files:
        return None
    return ({positional: files} if files else {}) | found
