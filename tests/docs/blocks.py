"""The fenced blocks of a document, and the marks above them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\S*)\s*$")
MARK = re.compile(r"^\s*<!--\s*(?P<name>[a-z][a-z ]*?)(?::\s*(?P<value>.*?))?\s*-->\s*$")
MARKS = frozenset({"not run", "exit", "file", "server", "keys of"})


@dataclass(frozen=True)
class Block:
    """One fenced block: the line of its fence, its language, its text and the marks above it by name."""

    document: Path
    line: int
    language: str
    text: str
    marks: Mapping[str, str]

    @property
    def where(self) -> str:
        return f"{self.document.name}:{self.line}"


@dataclass(frozen=True)
class Command:
    """A command of a console block and what it is shown to print."""

    line: str
    output: str


def blocks(document: Path) -> list[Block]:
    """The blocks in order. ValueError for a mark that is not known, or one that stands above no block."""
    found: list[Block] = []
    marks: dict[str, str] = {}
    inside: tuple[int, str] | None = None
    text: list[str] = []
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), 1):
        fence = FENCE.match(line)
        if inside is not None:
            if fence and not fence["language"]:
                start, language = inside
                found.append(Block(document, start, language, dedent("\n".join(text)) + "\n", marks))
                inside, text, marks = None, [], {}
            else:
                text.append(line)
        elif fence:
            inside = number, fence["language"]
        elif mark := MARK.match(line):
            if mark["name"] not in MARKS:
                raise ValueError(f"{document.name}:{number}: no mark {mark['name']!r}; see tests/docs/README.md")
            marks[mark["name"]] = mark["value"] or ""
        elif line.strip() and marks:
            raise ValueError(f"{document.name}:{number}: a mark stands in the lines above its block")
    if inside is not None:
        raise ValueError(f"{document.name}:{inside[0]}: the block does not end")
    return found


def console(text: str) -> list[Command]:
    """The commands of a console block, with what stands below each. ValueError for output before a command."""
    commands: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            commands.append((line[2:], []))
        elif not commands:
            raise ValueError(f"a console block begins with a command after '$ ', not with {line!r}")
        elif line.startswith("> ") and not commands[-1][1]:
            commands[-1] = (f"{commands[-1][0]}\n{line[2:]}", [])
        else:
            commands[-1][1].append(line)
    return [Command(line, "\n".join(output)) for line, output in commands]


def prose(document: Path) -> str:
    """The document without its blocks."""
    lines, inside = [], False
    for line in document.read_text(encoding="utf-8").splitlines():
        if FENCE.match(line):
            inside = not inside
        elif not inside:
            lines.append(line)
    return "\n".join(lines)
