"""Commands, options, links and examples of configuration in README and docs/: nothing is named that does not exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from docs.blocks import blocks, prose
from docs.shell import commands, options, parse, slugline_calls
from docs.test_documents import BLOCKS, DOCUMENTS, calls
from slugline.config import load_config
from slugline.corpus.tags import load_aliases
from slugline.corpus.taxonomy import Taxonomy
from support import ROOT

OTHERS = {"--version", "--debug", "--lifetime"}
"""Options before the command's name, and one of `dask worker`."""


def inline(document: Path) -> list[str]:
    """Calls inside sentences: `slugline train --config`."""
    return [" ".join(found.split()) for found in re.findall(r"`(slugline [^`]+)`", prose(document))]


def named(text: str) -> tuple[str, list[str]]:
    """The command that a call in a sentence names, in full or only its group, and the words after it."""
    words, known = text.split()[1:], {name for name, _ in commands()}
    for length in range(len(words), 0, -1):
        name = " ".join(words[:length])
        if name in known or any(other.startswith(f"{name} ") for other in known):
            return name, words[length:]
    return "", words


@pytest.mark.parametrize("call", [call for block in BLOCKS for call in calls(block)], ids=" ".join)
def test_every_command_in_a_block_parses(call):
    parse(call)


def test_commands_in_sentences_exist():
    known = dict(commands())
    found = [(document.name, text) for document in DOCUMENTS for text in inline(document)]
    assert len(found) > 10
    for where, text in found:
        name, words = named(text)
        asked = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert name or asked <= OTHERS | {"--help"}, (where, text)
        if name in known:
            assert asked <= options(known[name]) | OTHERS, (where, text)


def test_every_command_is_in_a_document():
    said = {name for document in DOCUMENTS for name, _ in map(named, inline(document))}
    for block in BLOCKS:
        said |= {named(" ".join(["slugline", *call]))[0] for call in calls(block)}
    assert {name for name, _ in commands()} - said == set()


def test_every_command_and_option_has_help():
    for name, command in commands():
        assert command.help, name
        for found in command.params:
            assert getattr(found, "help", None), (name, found.opts)


def test_options_named_in_the_documents_exist():
    known = OTHERS.union(*(options(command) for _, command in commands()))
    for document in DOCUMENTS:
        for found in re.findall(r"`(--[a-z-]+)", prose(document)):
            assert found in known, (document.name, found)


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ +(.*?)\s*$", prose(document), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_lead_somewhere():
    for document in DOCUMENTS:
        for target in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", prose(document)):
            path, _, anchor = target.partition("#")
            other = document.parent / path if path else document
            assert other.exists(), (document.name, target)
            if anchor and other.suffix == ".md":
                assert anchor in anchors(other), (document.name, target)


def test_every_document_is_in_the_index():
    index = ROOT / "docs" / "README.md"
    linked = re.findall(r"\]\(([\w-]+\.md)", prose(index))
    assert {document.name for document in DOCUMENTS if document.parent == index.parent} - {*linked, index.name} == set()


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.language == "toml"], ids=lambda block: block.where
)
def test_toml_is_what_it_is_meant_to_be(block, tmp_path):
    """A configuration, an alias file, a taxonomy or a map, each by its own loader."""
    values = tomllib.loads(block.text)
    path = tmp_path / "block.toml"
    path.write_text(block.text, encoding="utf-8")
    if values.keys() <= {"aliases"}:
        load_aliases(path)
    elif values.keys() & {"groups", "types"}:
        Taxonomy.load(path)
    elif values.keys() == {"map"}:
        assert all(isinstance(name, str) for name in values["map"].values())
    else:
        load_config(path)


def test_quoted_words_do_not_hide_a_call():
    text = "SLUGLINE_MODEL=m cat 'a b' | slugline predict --top 3 > out.csv  # a comment\nslugline train \\\n  x &\n"
    assert slugline_calls(text) == [["predict", "--top", "3"], ["train", "x"]]


def test_marks_are_read_and_checked(tmp_path):
    document = tmp_path / "page.md"
    document.write_text(
        "a\n<!-- not run: no cluster here -->\n<!-- exit: 1 -->\n\n```bash\nslugline\n```\n```text\n```\n"
    )
    first, second = blocks(document)
    assert (first.line, first.language, first.text) == (5, "bash", "slugline\n")
    assert first.marks == {"not run": "no cluster here", "exit": "1"}
    assert second.marks == {}
    for wrong in ("<!-- exit: 1 -->\nwords\n", "<!-- skip: x -->\n", "```bash\nslugline\n"):
        document.write_text(wrong)
        with pytest.raises(ValueError, match=r"page\.md:\d"):
            blocks(document)
