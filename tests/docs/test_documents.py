"""What README and docs/ say to type is typed. The rules are in README.md beside this file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from docs.blocks import blocks, console
from docs.desk import Reader, lay_out
from docs.shell import parse, slugline_calls
from support import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
RUNS = ("bash", "console", "python")
BLOCKS = [block for document in DOCUMENTS for block in blocks(document)]


def calls(block):
    """The calls of `slugline` in a block of shell."""
    if block.language not in ("bash", "console"):
        return []
    lines = [command.line for command in console(block.text)] if block.language == "console" else [block.text]
    return [call for text in lines for call in slugline_calls(text)]


@pytest.fixture(scope="session")
def laid_out(starter_run, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    lay_out(folder, starter_run.folder)
    return folder


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_document(document, laid_out, tmp_path):
    """All its blocks, from top to bottom, at a fresh desk."""
    needed = [block for block in blocks(document) if "not run" not in block.marks]
    if any("server" in block.marks for block in needed):
        pytest.importorskip("fastapi", reason="the extra serve is not installed")
    if shutil.which("curl") is None and any("curl " in block.text for block in needed):
        pytest.skip("curl is not installed")
    folder = tmp_path / "desk"
    shutil.copytree(laid_out, folder)
    reader = Reader(folder, tmp_path / "tools")
    try:
        for block in needed:
            reader.do(block)
    finally:
        reader.leave()


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if "not run" in block.marks], ids=lambda block: block.where
)
def test_not_run(block):
    """What cannot run has a reason, and its commands still parse. Skipped, so that the list of skips has all."""
    reason = block.marks["not run"]
    assert len(reason.split()) >= 3, f"{block.where}: say why it is not run"
    for call in calls(block):
        parse(call)
    pytest.skip(f"{block.where} is not run: {reason}")


def test_every_block_names_its_language():
    assert [block.where for block in BLOCKS if not block.language] == []


def test_most_commands_run():
    run = [call for block in BLOCKS if "not run" not in block.marks for call in calls(block)]
    rest = [call for block in BLOCKS if "not run" in block.marks for call in calls(block)]
    assert len(run) > 30
    assert len(rest) < len(run)
