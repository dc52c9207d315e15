"""The text of an article with the evidence for a label highlighted, cut around it where it is long."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from slugline.cli import console
from slugline.marks import SMALLEST_SHOWN

if TYPE_CHECKING:
    from slugline.article import Article
    from slugline.marks import Mark

LINES = 6
"""At most so many lines of text are shown for a label."""

_SHARE = 0.2  # of the strongest word's contribution: what adds less is not highlighted
_PIECE = re.compile(r"\S+")
_PARAGRAPH = re.compile(r"\n\s*\n")
_BRACKETS = 3  # columns of "[+" and "]"
_GAP = 4  # columns of "… " and " …"


class Line(NamedTuple):
    """One line of text, of the pieces from one place to another, and the weight of the evidence in it."""

    pieces: tuple[tuple[int, int], ...]
    weight: float


def excerpt(article: Article, marks: Sequence[Mark], width: int, *, lines: int = LINES) -> list[str]:
    """Up to `lines` lines of a cleaned article, `width` columns wide, those with the strongest of the `marks` on them.

    Words that speak for the label are bold, those against it underlined, and in colour; where stdout wants no colour
    they are in brackets: [+for], [-against]. What is left out is "…". Nothing where there is no evidence in the text.
    """
    strongest = max((abs(mark.contribution) for mark in marks), default=0.0)
    strong = [mark for mark in marks if abs(mark.contribution) >= max(SMALLEST_SHOWN, _SHARE * strongest)]
    if not strong:
        return []
    shown: list[tuple[str, list[int], Line]] = []
    for field, text in (("title", article.title), ("body", article.body)):
        signs, weights = [0] * len(text), [0.0] * len(text)
        for mark in strong:
            if mark.field == field:
                signs[mark.start : mark.end] = [1 if mark.contribution > 0 else -1] * (mark.end - mark.start)
                weights[mark.start] += abs(mark.contribution)
        shown += [(text, signs, line) for line in _wrapped(text, signs, weights, max(20, width - _GAP))]
    chosen = set(range(len(shown)))
    if len(shown) > lines:
        ranked = sorted(chosen, key=lambda number: (-shown[number][2].weight, number))
        chosen = {number for number in ranked[:lines] if shown[number][2].weight}
    made: list[str] = []
    for number in sorted(chosen):
        line = _rendered(*shown[number])
        before = "… " if not made and number else ""
        after = " …" if number + 1 < len(shown) and number + 1 not in chosen else ""
        made.append(before + line + after)
    return made


def legend() -> str:
    """What the highlighting means."""
    return f"{marked('this', 1)} speaks for it, {marked('this', -1)} against it"


def marked(text: str, sign: int) -> str:
    """`text` as what speaks for something (`sign` 1), against it (-1), or neither (0)."""
    if not sign:
        return text
    if console.use_colour():
        return console.styled(text, "1;32" if sign > 0 else "4;31")
    return f"[{'+' if sign > 0 else '-'}{text}]"


def _wrapped(text: str, signs: list[int], weights: list[float], width: int) -> list[Line]:
    """The lines of a text, each paragraph beginning a new one; a piece without blanks that is too long is cut."""
    lines: list[Line] = []
    brackets = 0 if console.use_colour() else _BRACKETS

    def size(start: int, end: int) -> int:
        runs = sum(1 for sign, _ in groupby(signs[start:end]) if sign)
        return console.columns(console.printable(text[start:end])) + brackets * runs

    def close(own: list[tuple[int, int]]) -> None:
        if own:
            lines.append(Line(tuple(own), sum(sum(weights[start:end]) for start, end in own)))

    ends = [match.start() for match in _PARAGRAPH.finditer(text)] + [len(text)]
    begin = 0
    for end in ends:
        own: list[tuple[int, int]] = []
        left = width
        for piece in _PIECE.finditer(text, begin, end):
            for start, stop in _cut(piece.start(), piece.end(), width, size):
                needed = size(start, stop) + bool(own)
                if own and needed > left:
                    close(own)
                    own, left = [], width
                    needed -= 1
                own.append((start, stop))
                left -= needed
        close(own)
        begin = end
    return lines


def _cut(start: int, end: int, width: int, size: Callable[[int, int], int]) -> Iterator[tuple[int, int]]:
    """A piece in parts of at most `width` columns."""
    while size(start, end) > width:
        stop = start + 1
        while size(start, stop + 1) <= width:
            stop += 1
        yield start, stop
        start = stop
    yield start, end


def _rendered(text: str, signs: list[int], line: Line) -> str:
    """A line with its evidence highlighted: neighbours that say the same, in one."""
    signed: list[tuple[str, int]] = []
    for number, (start, end) in enumerate(line.pieces):
        if number and line.pieces[number - 1][1] < start:
            same = signs[start] if signs[start] == signed[-1][1] else 0
            signed.append((" ", same))
        signed += zip(console.printable(text[start:end]), signs[start:end], strict=True)
    runs = groupby(signed, key=lambda one: one[1])
    return "".join(marked("".join(char for char, _ in run), sign) for sign, run in runs)
