"""Starting is fast because little is imported; what is imported is tested, not timed."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer

from slugline.cli.app import app
from support import ROOT, SAMPLE, slugline

HEAVY = {"sklearn", "pandas", "scipy", "mlflow", "joblib", "safetensors", "datasketch", "ftfy", "sqlalchemy", "pyarrow"}


PROBE = """
import sys
from slugline.cli.main import main
sys.argv = ["slugline", *{arguments!r}]
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
print("\\nMODULES", *sorted({{name.partition(".")[0] for name in sys.modules}}))
"""


def modules_of(*arguments: object) -> set[str]:
    code = PROBE.format(arguments=[str(argument) for argument in arguments])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.rsplit("MODULES", 1)[1].split())


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["predict", "--help"], ["corpus", "--help"]])
def test_help_imports_nothing_heavy(arguments):
    assert not modules_of(*arguments) & (HEAVY | {"numpy"})


def test_predict_imports_numpy_alone(starter_run):
    loaded = modules_of("predict", SAMPLE, "--model", starter_run.model)
    assert not loaded & HEAVY
    assert "rich" not in loaded
    assert "numpy" in loaded


def commands(*group: str) -> list[str]:
    """The names of a group's commands, as typer knows them."""
    command = typer.main.get_command(app)
    for name in group:
        command = command.commands[name]
    return sorted(command.commands)


@pytest.mark.parametrize("group", [[], ["corpus"], ["runs"]])
def test_every_command_has_help_and_is_documented(group):
    files = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    documents = "".join(path.read_text(encoding="utf-8") for path in files)
    found = commands(*group)
    assert found
    for name in found:
        done = slugline(*group, name, "--help", cwd=ROOT)
        assert done.returncode == 0
        assert len(done.stdout) > 200
        assert "slugline " + " ".join([*group, name]) in documents, f"{name} is not documented"


def test_the_estimators_of_the_help_text_are_those_that_there_are():
    from slugline.cli.train import Estimator
    from slugline.learn.estimators import ESTIMATORS

    assert {estimator.value for estimator in Estimator} == set(ESTIMATORS)
