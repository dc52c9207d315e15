"""Markdown that is read in a terminal of 80 columns as well: filled paragraphs and tables with aligned columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import wrap

WIDTH = 80
_MARKS = re.compile(r"([\\`*<\[|])")


def paragraph(text: str) -> str:
    """Text filled to 80 columns."""
    return "\n".join(wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False))


def bullets(items: Sequence[str]) -> str:
    """One list item for each text."""
    lines = []
    for item in items:
        lines += wrap(
            item, WIDTH, initial_indent="- ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )
    return "\n".join(lines)


def plain(text: str) -> str:
    """Any text, on one line, so that nothing in it is taken for Markdown."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return _MARKS.sub(r"\\\1", line)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """A table; the columns `right` are aligned there. The first column is cut if lines would be longer than 80."""
    cells = [list(header), *(list(row) for row in rows)]
    widths = [max(3, *(len(plain(row[column])) for row in cells)) for column in range(len(header))]
    room = WIDTH - sum(widths[1:]) - 3 * len(header) - 1
    widths[0] = min(widths[0], max(12, room))
    lines = [_line([_cut(row[0], widths[0]), *map(plain, row[1:])], widths, right) for row in cells]
    rule = [f"{'-' * (width - 1)}:" if place in right else "-" * width for place, width in enumerate(widths)]
    return "\n".join([lines[0], _line(rule, widths, ()), *lines[1:]])


def code(text: str, language: str = "") -> str:
    """A fenced block."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> str:
    shown = [
        cell.rjust(width) if place in right else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"| {' | '.join(shown)} |"


def _cut(text: str, width: int) -> str:
    line = " ".join(text.split())
    shown = plain(line)
    while len(shown) > width:
        line = line[:-1]
        shown = plain(line.rstrip()) + "…"
    return shown
