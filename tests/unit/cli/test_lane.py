"""The short way means what typer means, and whatever it is not sure of goes to typer."""

from __future__ import annotations

import inspect
from pathlib import Path
from unittest import mock

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from slugline.cli.app import make_app
from slugline.cli.lane import FLAGS, VALUES, parse
from slugline.cli.predict import predict
from slugline.cli.predicting import Format, predict_articles

PLAIN = [
    [],
    ["-"],
    ["a.txt", "b.txt"],
    ["a.txt", "--model", "m.safetensors", "--top", "3", "--explain"],
    ["--format=json", "a.txt", "-m", "m"],
    ["a.txt", "--adapt-priors", "--skip-bad", "--vocabulary", "names.txt"],
]
"""Command lines that must not need typer."""

LEFT = [["--help"], ["-h"], ["--top", "0"], ["--top", "many"], ["--top"], ["--format", "xml"], ["--nothing"], ["-x"]]
LEFT += [["--explain=yes"], ["--top", "1", "--top", "2"], ["--", "a"], ["-mm"], ["-m=m"], ["--model", "-"], [""]]
LEFT += [["--top", "\u0663"], ["--model="]]

WORDS = [*VALUES, *FLAGS, "a.txt", "-", "--", "", "3", "0", "-1", "json", "jsonl", "xml", "-mm.safetensors", "-e"]
WORDS += [
    "--format=csv",
    "--top=2",
    "--top=",
    "--explain=1",
    "--expl",
    "-h",
    "m=1",
    "\u00e9",
    " 7",
    "1_0",
    "+1",
    "9" * 30,
]


def by_typer(arguments: list[str]) -> dict[str, object] | None:
    """What the command that typer reads calls `predict_articles` with; None where it does not."""
    command = typer.main.get_command(make_app("predict")).commands["predict"]
    try:
        with mock.patch("slugline.cli.predict.predict_articles") as called:
            command.invoke(command.make_context("predict", list(arguments)))
    except (typer.Exit, SystemExit):
        return None
    except Exception:
        # typer's own Click has its errors where no one may import them from.
        return None
    if not called.called:
        return None
    bound = inspect.signature(predict_articles).bind(*called.call_args.args, **called.call_args.kwargs)
    bound.apply_defaults()
    return {key: list(value) if isinstance(value, tuple) else value for key, value in bound.arguments.items()}


def agree(arguments: list[str]) -> None:
    plain = parse(arguments)
    if plain is not None:
        defaults = {name: one.default for name, one in inspect.signature(predict_articles).parameters.items()}
        found = by_typer(arguments)
        assert found is not None, arguments
        assert (found | {"files": found["files"] or None}) == defaults | plain, arguments


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


@given(st.lists(st.text(max_size=6), max_size=3))
def test_any_text_is_read_alike(arguments):
    agree(arguments)


@pytest.mark.parametrize("value", ["m.safetensors", ""])
def test_the_variable_names_the_model(value, monkeypatch):
    monkeypatch.setenv("SLUGLINE_MODEL", value)
    assert parse(["a.txt"]) == {"files": ["a.txt"]} | ({"model": Path(value)} if value else {})
    assert parse(["-m", "other"]) == {"model": Path("other")}
    agree(["a.txt"])
    agree(["-m", "other"])


def test_what_it_knows_is_what_the_command_has():
    """An option that the command gains is typer's until it is told here; one that it loses must go here too."""
    command = typer.main.get_command(make_app("predict")).commands["predict"]
    known = {name: param.name for param in command.params for name in param.opts if name.startswith("-")}
    assert {name: key for name, (key, _) in VALUES.items()}.items() <= known.items()
    assert {name: key for name, (key, made) in FLAGS.items() if made}.items() <= known.items()
    ours, theirs = (inspect.signature(one).parameters for one in (predict_articles, predict))
    # What typer leaves open, because --out writes another format, `agree([])` compares.
    assert {name: one.default for name, one in ours.items() if name != "form"}.items() <= {
        name: one.default for name, one in theirs.items()
    }.items()


def test_values_have_the_types_that_the_command_wants():
    found = parse(["--format", "csv", "--top", "7", "--model", "m"])
    assert found == {"form": Format.csv, "top": 7, "model": Path("m")}
    assert type(found["form"]) is Format
