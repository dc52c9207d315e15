"""An article as `slugline review` shows it: text with the evidence marked, tags and event type, keys; 80 columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from slugline.cli import console
from slugline.cli.card import percent
from slugline.marks import by_word

if TYPE_CHECKING:
    from slugline.article import Article
    from slugline.explanation import Explanation
    from slugline.feedback import EventAnswer
    from slugline.marks import Mark

TAG_KEYS = "123456789bcdefghijklnpuvwxyz"
"""What marks the first tag, the second, and so on; the other letters do something else."""

HELP = "1-9 mark a tag  a right, and these are all  o right, may not be all  r all wrong\n"
HELP += "+ add a tag  t event type  m more text  s skip  q quit"

_LINES = 14
"""Lines of text that are shown at first."""

_STRONG = 0.1
"""Words that give less than this share of the strongest word's contribution are not marked."""

_WORD = re.compile(r"\S+|\n\s*\n")


def screen(
    explanation: Explanation,
    tags: Mapping[str, bool],
    event: EventAnswer | None,
    doubtful: Sequence[str],
    focus: str,
    place: str,
    *,
    whole: bool = False,
) -> str:
    """One article: `tags` as they are marked, the reasons for the tag `focus`, and what the keys do."""
    article, width = explanation.article, console.WIDTH
    reasons = {one.verdict.tag: one for one in explanation.tags}
    marks = reasons[focus].marks if focus in reasons else () if explanation.event is None else explanation.event.marks
    head = f"── {place} ── {console.short(article.id, 40)} "
    lines = ["", console.dim(head + "─" * max(0, width - len(head)))]
    lines += marked(article.title, [one for one in marks if one.field == "title"], width, strong=True)
    body = marked(article.body, [one for one in marks if one.field == "body"], width)
    cut = len(body) - _LINES
    lines += ["", *(body if whole or cut <= 1 else body[:_LINES])]
    if cut > 1 and not whole:
        lines.append(console.dim(f"… {cut} more lines: m"))
    lines.append("")
    for number, (tag, yes) in enumerate(tags.items()):
        known = reasons.get(tag)
        chance = "added" if known is None else f"{percent(known.verdict.probability)} %"
        note = "  in doubt" if tag in doubtful else ""
        mark = "x" if yes else " "
        name = console.short(console.printable(tag), 40)
        key = TAG_KEYS[number] if number < len(TAG_KEYS) else " "
        row = f"  {key} [{mark}] {name:<40} {chance:>6}{note}"
        lines.append(console.bold(row) if tag == focus else row)
    if not tags:
        lines.append("    no tag was decided")
    lines.append(_event_line(explanation, event, doubtful))
    if focus in reasons:
        lines.append(console.dim(_why(focus, reasons[focus].marks, article, width)))
    return "\n".join([*lines, "", HELP])


def marked(text: str, marks: Sequence[Mark], width: int, *, strong: bool = False) -> list[str]:
    """`text` in lines of `width` columns, words that speak for a label in bold green, those against it in red.

    Colour is where the terminal has it; `strong` is bold throughout.
    """
    least = _STRONG * max((abs(one.contribution) for one in marks), default=0.0)
    chosen = sorted((one.start, one.end, one.contribution) for one in marks if abs(one.contribution) >= least)
    lines: list[str] = []
    line, used, place = "", 0, 0
    for found in _WORD.finditer(text):
        word = found[0]
        if not word.strip():
            lines += [line, ""]
            line, used = "", 0
            continue
        while place < len(chosen) and chosen[place][1] <= found.start():
            place += 1
        sign = sum(mark[2] for mark in chosen[place : place + 8] if mark[0] < found.end() and found.start() < mark[1])
        shown = console.printable(word)
        # A word longer than a line is cut.
        for piece in (shown[start : start + width] for start in range(0, len(shown), width)):
            if used and used + 1 + len(piece) > width:
                lines.append(line)
                line, used = "", 0
            styled = console.spoken(piece, sign) if sign else console.bold(piece) if strong else piece
            line, used = (f"{line} {styled}", used + 1 + len(piece)) if used else (styled, len(piece))
    return [*lines, line] if line or not lines else lines


def _event_line(explanation: Explanation, event: EventAnswer | None, doubtful: Sequence[str]) -> str:
    said = explanation.prediction.event_type
    name = None if said is None else said.type or said.group
    if event is not None:
        return f"    event type: {console.printable(event.type or 'no type fits')} (yours)"
    if said is None or name is None:
        return "    event type: none decided"
    note = "  in doubt" if name in doubtful else ""
    return f"    event type: {console.short(console.printable(name), 32):<32} {percent(said.probability):>4} %{note}"


def _why(tag: str, marks: Sequence[Mark], article: Article, width: int) -> str:
    """The words that speak most for and against a tag, on a line: for who sees no colour."""
    line = f"    {console.short(console.printable(tag), 24)}:"
    for word, value in sorted(by_word(article, marks).items(), key=lambda item: (-abs(item[1]), item[0])):
        piece = f" {console.printable(word)} {value:+.2f},"
        if len(line) + len(piece) > width + 1:
            break
        line += piece
    return line[:-1] if line.endswith(",") else f"{line} no word of the text"
