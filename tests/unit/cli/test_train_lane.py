"""The short way to train means what typer means, as that to predict does."""

from __future__ import annotations

import inspect
from pathlib import Path
from unittest import mock

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from slugline.cli.app import make_app
from slugline.cli.train_lane import FLAGS, VALUES, parse
from slugline.cli.training import Estimator, Format, LabelSet, SplitMethod, train_corpora

PLAIN = [
    [],
    ["starter", "--folds", "0", "--no-track"],
    ["a.csv", "b.csv", "-c", "c.toml", "--out=m", "--split", "none", "-j", "3", "--format", "json", "--track"],
    ["--estimator", "svm+nb", "--label-set=both-sides", "--seed", "2147483647", "--min-articles", "1", "--skip-bad"],
    ["--memory", "2G", "--taxonomy", "t.toml", "--vocabulary", "names.txt"],
    ["--feedback", "log.jsonl"],
]
"""Command lines that must not need typer."""

LEFT = [
    ["--help"],
    ["--folds", "51"],
    ["--seed", "2147483648"],
    ["--jobs", "0"],
    ["--split", "all"],
    ["--held-out", "0.2"],
]
LEFT += [
    ["--track", "--no-track"],
    ["--field", "body=text"],
    ["--no-track=1"],
    ["--out", "-"],
    ["-j=2"],
    ["--", "a"],
    [""],
]

WORDS = [*VALUES, *FLAGS, "starter", "-", "--", "", "3", "0", "-1", "none", "svm", "svm+nb", "both-sides", "json", "2G"]
WORDS += ["--folds=5", "--folds=51", "--track=1", "--no-trac", "-cx", "m=1", " 7", "1_0", "2147483647", "9999999999"]


def by_typer(arguments: list[str]) -> dict[str, object] | None:
    """What the command that typer reads calls `train_corpora` with; None where it does not."""
    command = typer.main.get_command(make_app("train")).commands["train"]
    try:
        with mock.patch("slugline.cli.train.train_corpora") as called:
            command.invoke(command.make_context("train", list(arguments)))
    except (typer.Exit, SystemExit):
        return None
    except Exception:
        return None
    if not called.called:
        return None
    bound = inspect.signature(train_corpora).bind(*called.call_args.args, **called.call_args.kwargs)
    bound.apply_defaults()
    return dict(bound.arguments)


def agree(arguments: list[str]) -> None:
    plain = parse(arguments)
    if plain is not None:
        defaults = {name: one.default for name, one in inspect.signature(train_corpora).parameters.items()}
        found = by_typer(arguments)
        assert found is not None, arguments
        assert (found | {"corpora": list(found["corpora"] or ()) or None}) == defaults | plain, arguments


@pytest.mark.parametrize("arguments", PLAIN)
def test_plain_lines_are_read_as_typer_reads_them(arguments):
    assert parse(arguments) is not None
    agree(arguments)


@pytest.mark.parametrize("arguments", LEFT)
def test_everything_else_is_left_to_typer(arguments):
    assert parse(arguments) is None


@given(st.lists(st.sampled_from(WORDS), max_size=7))
def test_any_line_is_read_alike(arguments):
    agree(arguments)


def test_what_it_knows_is_what_the_command_has():
    command = typer.main.get_command(make_app("train")).commands["train"]
    known = {name: (param.name, True) for param in command.params for name in param.opts if name.startswith("-")}
    known |= {name: (param.name, False) for param in command.params for name in param.secondary_opts}
    assert {name: (key, True) for name, (key, _) in VALUES.items()}.items() <= known.items()
    assert FLAGS.items() <= known.items()


def test_values_have_the_types_that_training_wants():
    found = parse(
        ["-c", "c.toml", "--split", "none", "--label-set", "trained", "--estimator", "sgd", "--format", "table"]
    )
    assert found is not None
    assert found == {
        "config": Path("c.toml"),
        "split": SplitMethod.none,
        "label_set": LabelSet.trained,
        "estimator": Estimator.sgd,
        "form": Format.table,
    }
    assert {type(value) for value in found.values()} == {type(Path()), SplitMethod, LabelSet, Estimator, Format}
