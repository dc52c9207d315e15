"""An article's text cut into pieces that speak for a label, against it, or not at all, for a page to show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slugline.flow import flowed

if TYPE_CHECKING:
    from slugline.article import Article
    from slugline.marks import Mark

FAINTEST = 0.1
"""The part of the strongest contribution below which a word is not marked."""

_STRONG, _MEDIUM = 0.5, 0.25


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters of a text: `sign` is "for", "against" or "" (not marked), `level` 1 to 3, the strongest."""

    text: str
    sign: str = ""
    level: int = 0
    contribution: float = 0.0

    @property
    def said(self) -> str:
        """The contribution for a person, such as "+0.42"."""
        return f"{self.contribution:+.2f}".replace("-", "−")


def highlight(article: Article, marks: Sequence[Mark]) -> tuple[list[Piece], list[list[Piece]]]:
    """The pieces of the title, and of each paragraph of the body; joined, they are the text as it flows.

    `marks` are disjoint places in the cleaned `article`. How dark a mark is goes by the strongest of them; words side
    by side with the same sign and level are one piece, whose contribution is their sum.
    """
    strongest = max((abs(mark.contribution) for mark in marks), default=0.0)
    title = _pieces(article.title, 0, len(article.title), _of(marks, "title"), strongest)
    own = _of(marks, "body")
    body = flowed(article.body)
    paragraphs, start = [], 0
    for paragraph in body.split("\n\n"):
        end = start + len(paragraph)
        inside = [mark for mark in own if start <= mark.start < end]
        if paragraph.strip():
            paragraphs.append(_pieces(body, start, end, inside, strongest))
        start = end + 2
    return title, paragraphs


def _of(marks: Iterable[Mark], field: str) -> list[Mark]:
    return sorted((mark for mark in marks if mark.field == field), key=lambda mark: mark.start)


def _pieces(text: str, start: int, end: int, marks: Sequence[Mark], strongest: float) -> list[Piece]:
    found: list[Piece] = []
    place = start
    for mark in marks:
        level = _level(mark.contribution, strongest)
        stop = min(mark.end, end)
        if not level or mark.start < place or stop <= mark.start:
            continue
        sign = "for" if mark.contribution > 0 else "against"
        between, own = text[place : mark.start], text[mark.start : stop]
        before = found[-1] if found else None
        if before is not None and (before.sign, before.level) == (sign, level) and not between.strip(" "):
            found[-1] = Piece(before.text + between + own, sign, level, before.contribution + mark.contribution)
        else:
            if between:
                found.append(Piece(between))
            found.append(Piece(own, sign, level, mark.contribution))
        place = stop
    if place < end:
        found.append(Piece(text[place:end]))
    return found


def _level(contribution: float, strongest: float) -> int:
    share = abs(contribution) / strongest if strongest else 0.0
    return 0 if share < FAINTEST else 1 if share < _MEDIUM else 2 if share < _STRONG else 3
