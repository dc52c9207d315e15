"""The commands of README and docs/ are commands: all parse, and those that need no published corpus run."""

from __future__ import annotations

import csv
import gzip
import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
import typer

from slugline.cli.app import make_app
from support import ROOT, SAMPLE, slugline

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PUBLISHED = re.compile(r"\b(corpus get|reuters21578|wcep|muc34|bbc)\b|(tcp|tls|s3)://|scheduler\.json")
"""What needs a corpus that is not in the repository, and is run by tests/real, or a cluster and a store elsewhere."""
RUN = re.compile(r"\b(RUN|RUN_A|RUN_B|32df9441|32df|0bb3)\b")
"""What documents write for the id of a run."""


def commands(document: Path) -> list[str]:
    """The lines of fenced blocks that call `slugline`, without comments; of a pipe, the whole line."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    lines = [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if re.match(r"(cat \S+ \| )?slugline ", line)]


def inline(document: Path) -> list[str]:
    """Commands inside sentences, if complete: `slugline train --config`, but not `slugline predict [FILES...]`."""
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return [" ".join(found.split()) for found in re.findall(r"`(slugline [^`]+)`", text)]


def parse(line: str) -> None:
    """Let the command's own parser read the line; nothing runs. Raises typer's UsageError."""
    arguments = shlex.split(line.partition("slugline ")[2])
    command = typer.main.get_command(make_app())
    while hasattr(command, "commands"):
        command = command.commands[arguments.pop(0)]
    command.make_context("slugline", arguments)


@pytest.mark.parametrize("line", [line for document in DOCUMENTS for line in commands(document)])
def test_every_command_in_a_block_parses(line):
    parse(line)


def test_commands_in_sentences_name_commands_that_exist():
    found = [line for document in DOCUMENTS for line in inline(document)]
    assert len(found) > 10
    for line in found:
        words = line.split()[1:]
        command = typer.main.get_command(make_app())
        while words and not words[0].startswith("-") and hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        options = {"--help"} | {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_options_named_in_the_documents_exist():
    known = {"--from", "--version", "--debug", "--help"}
    groups = [typer.main.get_command(make_app())]
    while groups:
        for command in groups.pop().commands.values():
            if hasattr(command, "commands"):
                groups.append(command)
            known |= {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    for document in DOCUMENTS:
        for line in re.findall(r"`(--[a-z-]+)", document.read_text(encoding="utf-8")):
            assert line in known, (document.name, line)


def test_links_between_documents_lead_somewhere():
    for document in DOCUMENTS:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), (document.name, target)


@pytest.fixture(scope="module")
def desk(starter_run, tmp_path_factory) -> Path:
    """A folder with the files that the documents speak of."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(starter_run.folder, folder, dirs_exist_ok=True)
    shutil.copy(SAMPLE, folder / "article.txt")
    (folder / "articles").mkdir()
    shutil.copy(SAMPLE, folder / "articles" / "one.txt")
    lines = (ROOT / "data" / "starter" / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    # Few types and each of them often enough, so that a training takes a second.
    chosen = ("trial", "sport", "election", "economy")
    rows = [row for row in map(json.loads, lines) if row["event_type"] in chosen]
    for name, part in (("articles.csv", rows[::2]), ("later.csv", rows[1::2])):
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(
                ("id", "date", "title", "body", "tags", "event_type", "text", "keywords", "story", "subjects")
            )
            for row in part:
                labels = "; ".join(row["tags"])
                start = [row[key] for key in ("id", "date", "title", "body")]
                table.writerow([*start, labels, row["event_type"], row["body"], labels, row["body"], labels])
    with gzip.open(folder / "archive.jsonl.gz", "wt", encoding="utf-8") as archive:
        archive.writelines(json.dumps(row) + "\n" for row in rows)
    with (folder / "export.csv").open("w", encoding="cp1252", errors="replace", newline="") as stream:
        table = csv.writer(stream, delimiter=";")
        table.writerow(("Nr", "Datum", "Überschrift", "Text", "Schlagwörter", "Ressort"))
        for number, row in enumerate(rows[::2]):
            day = "{2}.{1}.{0}".format(*row["date"].split("-"))
            table.writerow((number, day, row["title"], row["body"], ", ".join(row["tags"]), row["event_type"]))
    shutil.copy(ROOT / "data" / "taxonomy" / "event_types.toml", folder / "my_types.toml")
    (folder / "places.txt").write_text("# ours\nAleppo\nPacific Ocean\n", encoding="utf-8")
    (folder / "more-places.csv").write_text("tag,alias\nBergen,Bjørgvin\n", encoding="utf-8")
    return folder


def test_the_documented_commands_run(desk):
    """In the order of the documents, in one folder, as a reader would type them; each different one once."""
    done: set[str] = set()
    for document in (ROOT / "docs" / "quick-start.md", *DOCUMENTS):
        for line in commands(document):
            command = RUN.sub("starter", line.partition("slugline ")[2])
            if command in done or PUBLISHED.search(command):
                continue
            done.add(command)
            arguments = shlex.split(command)
            if arguments[0] == "train":
                # Tracking is most of the time of so small a training; `starter_run` has tracked one.
                arguments.append("--no-track")
            piped = line.startswith("cat ")
            ran = slugline(*arguments, cwd=desk, stdin=(desk / "article.txt").read_bytes() if piped else b"")
            assert ran.returncode == 0, (document.name, line, ran.stderr)
            # `train` and `convert` may say all there is to say on stderr.
            assert ran.stdout or arguments[:2] == ["corpus", "convert"], (document.name, line)
            assert "Traceback" not in ran.stderr
    assert len(done) >= 15
