"""The short way to `slugline train`, as `lane`: typer takes a tenth of the time of training Reuters-90."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from slugline.cli import training
from slugline.cli.lane import number, positive, read

VALUES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "--config": ("config", Path),
    "-c": ("config", Path),
    "--out": ("out", Path),
    "-o": ("out", Path),
    "--split": ("split", training.SplitMethod),
    "--label-set": ("label_set", training.LabelSet),
    "--min-articles": ("min_articles", positive),
    "--estimator": ("estimator", training.Estimator),
    "--folds": ("folds", number(0, 50)),
    "--seed": ("seed", number(0, 2**31 - 1)),
    "--feedback": ("feedback", str),
    "--taxonomy": ("taxonomy", str),
    "--vocabulary": ("vocabulary", str),
    "--report": ("report", Path),
    "--memory": ("memory", str),
    "--jobs": ("jobs", positive),
    "-j": ("jobs", positive),
    "--format": ("form", training.Format),
}
"""Options with a value: the argument of `training.train_corpora`, and what it is made by."""

FLAGS = {
    "--keep-titles": ("keep_titles", True),
    "--skip-bad": ("skip_bad", True),
    "--track": ("track", True),
    "--no-track": ("track", False),
}


def parse(arguments: list[str]) -> dict[str, Any] | None:
    """The arguments of `training.train_corpora` that a command line after "train" gives; None where it is not plain.

    >>> parse(["starter", "--folds", "0", "--no-track"])
    {'corpora': ['starter'], 'folds': 0, 'track': False}
    """
    return read(arguments, "corpora", VALUES, FLAGS)
