"""The commands that there are, and where each is: what the help text of the whole needs, without importing any."""

from __future__ import annotations

from typing import NamedTuple


class Command(NamedTuple):
    """A command, or a group of them: the attribute `name` of `module`, and what the list of commands says of it.

    The help of a command is the first paragraph of its docstring, which a test holds `help` to; a group takes it from
    here.
    """

    module: str
    name: str
    help: str


COMMANDS = {
    "train": Command(
        "slugline.cli.train",
        "train",
        "Train on a corpus, evaluate on its held-out part, write the model file and track the run.",
    ),
    "predict": Command("slugline.cli.predict", "predict", "Predict the tags and the event type of articles."),
    "evaluate": Command(
        "slugline.cli.evaluate",
        "evaluate",
        "Evaluate a model on its held-out set, or on all articles of another corpus.",
    ),
    "serve": Command(
        "slugline.cli.serve",
        "serve",
        "Serve a model: a REST API and a web page, for this computer alone unless told otherwise.",
    ),
    "review": Command(
        "slugline.cli.review",
        "review",
        "Review the articles that the model is least sure of; every answer is saved at once to a log of feedback.",
    ),
    "drift": Command(
        "slugline.cli.drift",
        "drift",
        "Compare incoming articles, or a log of feedback, with what a model was trained on: is it time to train again?",
    ),
    "search": Command(
        "slugline.cli.search",
        "search",
        "Search for a better configuration, by cross-validation on the training part of a corpus.",
    ),
    "splits": Command(
        "slugline.cli.splits",
        "splits",
        "Train and evaluate one configuration under several splits, and show what the split makes of its figures.",
    ),
    "corpus": Command(
        "slugline.cli.corpus", "app", "Corpora: list, get, check, stats, convert, and suspects of wrong labels."
    ),
    "card": Command(
        "slugline.cli.model_card",
        "card",
        "Show a model's card: what it was trained on, how good it is, where it is weak, how to make it again.",
    ),
    "tags": Command(
        "slugline.cli.tags",
        "app",
        "The tags of a model: list them, and rename, merge, retire or alias them after training.",
    ),
    "event-types": Command(
        "slugline.cli.event_types",
        "app",
        "The event types of a model: list them, and rename, merge, retire or alias them after training.",
    ),
    "runs": Command(
        "slugline.cli.runs",
        "app",
        "Tracked runs: what was trained, how, and how well. They are MLflow runs; `mlflow ui` shows the same ones.",
    ),
}
"""By name, in the order of the help text. A command of a new module needs an entry here and nothing else."""

GROUPS = frozenset({"corpus", "event-types", "runs", "tags"})
"""Those that are groups of commands."""


def wanted(arguments: list[str]) -> str | None:
    """The command that `arguments` call, known or not; None where they call none. Options before it take no values."""
    return next((argument for argument in arguments if not argument.startswith("-")), None)
