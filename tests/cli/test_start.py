"""Starting is fast because little is imported; what is imported is tested, not timed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from slugline.cli.app import first_paragraph, make_app
from slugline.cli.commands import COMMANDS, GROUPS
from slugline.learn.solvers import machine
from support import ROOT, SAMPLE, slugline

HEAVY = {
    "sklearn",
    "pandas",
    "scipy",
    "mlflow",
    "joblib",
    "safetensors",
    "ftfy",
    "sqlalchemy",
    "pyarrow",
    "dask",
    "distributed",
    "fsspec",
}


PROBE = """
import sys
from slugline.cli.main import run
try:
    run({arguments!r})
except SystemExit as stop:
    assert not stop.code, stop.code
print("\\nMODULES", *sorted(sys.modules))
"""


def modules_of(*arguments: object, whole: bool = False) -> set[str]:
    """Names of the modules that a command loads: of packages, or `whole`."""
    code = PROBE.format(arguments=[str(argument) for argument in arguments])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = set(done.stdout.rsplit("MODULES", 1)[1].split())
    return found if whole else {name.partition(".")[0] for name in found}


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["predict", "--help"], ["corpus", "--help"]])
def test_help_imports_nothing_heavy(arguments):
    assert not modules_of(*arguments) & (HEAVY | {"numpy", "rich", "pydantic"})


def test_help_of_the_whole_imports_no_command():
    loaded = modules_of("--help", whole=True)
    assert "slugline.cli.app" in loaded
    assert not loaded & {command.module for command in COMMANDS.values()}


def test_a_command_imports_no_other():
    loaded = modules_of("corpus", "list", whole=True)
    others = {command.module for name, command in COMMANDS.items() if name != "corpus"}
    assert "slugline.cli.corpus" in loaded
    assert not loaded & others


def test_predict_imports_numpy_alone(starter_run):
    loaded = modules_of("predict", SAMPLE, "--model", starter_run.model)
    assert not loaded & (HEAVY | {"numba", "rich", "typer", "pydantic"})
    assert "numpy" in loaded


def test_one_text_needs_no_other_reader_and_no_training(starter_run, tmp_path):
    text = tmp_path / "article.txt"
    text.write_text("Rebels seize the airport\n\nThe army has left the town, a general said.\n")
    loaded = modules_of("predict", text, "--model", starter_run.model, whole=True)
    assert "slugline.corpus.readers.articles" in loaded
    unneeded = {"slugline.config", "slugline.files", "slugline.corpus.tags", "slugline.resources"}
    unneeded |= {
        "slugline.explain",
        "slugline.explanation",
        "slugline.evidence",
        "slugline.marks",
        "slugline.features.spans",
    }
    unneeded |= {"slugline.cli.explaining", "slugline.cli.excerpt", "slugline.neighbours"}
    assert loaded & {*unneeded, "slugline.corpus.corpus"} == set()
    assert loaded & {"tomllib", "gzip", "csv", "tempfile", "shutil", "traceback", "unittest", "email", "ssl"} == set()
    assert not {
        name for name in loaded if name.startswith(("slugline.learn", "slugline.evaluate", "slugline.tracking"))
    }


TRAINED_WITH = {"scipy", "safetensors"}


@pytest.mark.parametrize("held_out", [[], ["--split", "none"], ["--split", "none", "--folds", 0]])
def test_training_untracked_imports_only_what_it_trains_with(held_out, tmp_path):
    (tmp_path / "c.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows()))
    machine.address("solve_block")  # compiled, should this machine have trained nothing yet
    train = ["train", tmp_path / "c.jsonl", "--min-articles", 2, "--no-track", "--out", tmp_path / "m", *held_out]
    loaded = modules_of(*train, whole=True)
    packages = {name.partition(".")[0] for name in loaded}
    assert not packages & (HEAVY - TRAINED_WITH | {"rich", "optuna", "dask", "numba", "typer", "pydantic", "ssl"})
    # Tags alone need no general optimiser, and nothing is evaluated where nothing is held out.
    assert not loaded & {"scipy.optimize", "scipy.stats"}
    assert ("slugline.evaluate.evaluation" in loaded) == (not held_out)


def rows(count=24):
    """Articles of two tags in turn; the last quarter is held out."""
    words = {"Sports": "team goal season player match", "Courts": "judge trial lawyer verdict appeal"}
    for number in range(count):
        tag = "Sports" if number % 2 else "Courts"
        own = words[tag].split()
        body = " ".join(own[(number + step) % 5] for step in range(20)) + f" case{number}"
        part = "test" if number >= count * 3 // 4 else "train"
        yield {"id": f"a{number}", "title": f"{tag} {number}", "body": body, "tags": [tag], "part": part}


def test_matrices_are_multiplied_by_one_thread_so_that_models_do_not_depend_on_the_machine():
    code = (
        "import os\nfrom slugline.cli.main import run\n"
        "try:\n    run(['corpus', 'list'])\nexcept SystemExit:\n    pass\n"
        "print(os.environ['OPENBLAS_NUM_THREADS'])"
    )
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.splitlines()[-1] == "1"


def commands(*group: str) -> list[str]:
    """The names of a group's commands, as typer knows them."""
    command = typer.main.get_command(make_app())
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


def test_the_table_of_commands_says_what_their_docstrings_say():
    app = make_app()
    registered = {info.name: first_paragraph(info.callback) for info in app.registered_commands}
    assert registered == {name: command.help for name, command in COMMANDS.items() if name not in GROUPS}
    assert {info.name for info in app.registered_groups} == GROUPS


@pytest.mark.parametrize("group", [[], ["corpus"], ["runs"]])
def test_the_list_of_commands_is_whole(group):
    shown = " ".join(slugline(*group, "--help", cwd=ROOT).stdout.split())
    listed = shown.partition("Commands: ")[2]
    command = typer.main.get_command(make_app())
    for name in group:
        command = command.commands[name]
    assert listed == " ".join(f"{name} {one.short_help}" for name, one in command.commands.items())
    assert "..." not in listed


def test_options_before_the_command(tmp_path):
    assert slugline("--version", cwd=tmp_path).stdout.startswith("slugline 0")
    for arguments in (["--help", "predict"], ["-h"], []):
        done = slugline(*arguments, cwd=tmp_path)
        assert "Commands:" in done.stdout + done.stderr
    done = slugline("--debug", "predict", "nowhere.txt", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "suggested"),
    [
        (["predct", "a.txt"], "Did you mean 'predict'?"),
        (["corpus", "lst"], "Did you mean 'list'?"),
        (["predict", "--frmat", "json"], "--format"),
        (["--verson"], "--version"),
    ],
)
def test_a_misspelt_word_is_guessed(arguments, suggested, tmp_path):
    done = slugline(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert suggested in done.stderr
    assert "for help" in done.stderr
    assert done.stdout == ""


def test_a_shell_completes_commands_and_those_of_groups(tmp_path):
    variables = {"_SLUGLINE_COMPLETE": "complete_bash", "COMP_CWORD": "1", "COMP_WORDS": "slugline co"}
    start = "import sys; sys.argv[0] = 'slugline'; from slugline.cli.main import main; main()"

    def completed(**more: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", start],
            capture_output=True,
            text=True,
            env=os.environ | variables | more,
            check=False,
        )
        return done.stdout.split()

    assert completed() == ["corpus"]
    assert completed(COMP_WORDS="slugline runs co", COMP_CWORD="2") == ["compare"]


@pytest.mark.parametrize("form", ["table", "csv"])
def test_output_that_cannot_be_written_fails(form, starter_run, tmp_path):
    """Also where it fits into a buffer and is written last."""
    command = [sys.executable, "-m", "slugline", "predict", str(SAMPLE), "--model", str(starter_run.model)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*command, "--format", form], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "slugline: error: input or output: No space left on device\n"


def test_a_reader_that_has_gone_is_no_error(starter_run):
    command = [sys.executable, "-m", "slugline", "predict", str(SAMPLE), "--model", str(starter_run.model)]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_the_estimators_of_the_help_text_are_those_that_there_are():
    from slugline.cli.train import Estimator
    from slugline.learn.estimators import ESTIMATORS

    assert {estimator.value for estimator in Estimator} == set(ESTIMATORS)
