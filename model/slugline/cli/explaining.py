"""`slugline predict --explain` for a person: the reasons below each label, the text they stand in, what is like it."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from slugline.article import EventTypeScore, TagScore, group_reasons
from slugline.cli import console
from slugline.cli.card import MARGIN, card, percent
from slugline.cli.excerpt import excerpt, legend
from slugline.marks import SMALLEST_SHOWN

if TYPE_CHECKING:
    from slugline.article import Article
    from slugline.explanation import EventReasons, Explanation, TagReasons
    from slugline.marks import Mark
    from slugline.neighbours import Neighbour

_LABEL = 10  # columns of "for", "against" and "text"
_ROOMY = 72  # columns from which on there is room for a label before the text


def show(explanations: Iterable[Explanation], *, text: bool | None) -> None:
    """Write a card for each explanation to stdout, with the articles' text where `text`, or stdout is a terminal."""
    if text is None:
        text = sys.stdout.isatty()
    width = min(console.WIDTH, console.width())
    for number, explanation in enumerate(explanations):
        console.out(("\n" if number else "") + explained_card(explanation, width=width, text=text))


def explained_card(explanation: Explanation, *, width: int = console.WIDTH, text: bool) -> str:
    """One explanation, `width` columns wide, with the evidence in its `text` or without."""
    article, given, near = explanation.article, explanation.event, explanation.nearest_event
    below: list[str] = []
    others = []
    for one in explanation.asked_events:
        if given is not None and _name(one) in (_name(given), given.verdict.group):
            below += _event_why(one, width)
        else:
            others.append(
                (
                    _name(one),
                    one.verdict.probability,
                    [*_event_why(one, width), *_event(article, one, width, text=text)],
                )
            )
    if near is not None and _name(near) not in [name for name, *_ in others]:
        below += _nearest_event(near, width) + _event(article, near, width, text=text)
    if given is not None:
        below += _event(article, given, width, text=text)
    tags = [_tag_lines(article, tag, width, text=text) for tag in explanation.tags]
    asked = [tag.verdict.tag for tag in explanation.tags if tag.asked]
    lines = [card(explanation.prediction, width=width, event=below, others=others, tags=tags, asked=asked)]
    events = [one for one in (given, near, *explanation.asked_events) if one is not None]
    if text and any(marks for marks in (*(one.marks for one in explanation.tags), *(one.marks for one in events))):
        lines.append(f"{'':{MARGIN if width >= _ROOMY else 0}}{legend()}")
    for number, neighbour in enumerate(explanation.neighbours or ()):
        lines += _neighbour_lines(neighbour, width, first=number == 0)
    return "\n".join(lines)


def _name(event: EventReasons) -> str:
    return event.verdict.type or event.verdict.group or "?"


def _event(article: Article, event: EventReasons, width: int, *, text: bool) -> list[str]:
    """The reasons for an event type, and for its group."""
    lines = _reasons(event.verdict, width) + (_text(article, event.marks, width) if text else [])
    if event.verdict.group_evidence:
        lines.append(f"{'':{MARGIN}}group {console.printable(event.verdict.group or '')}")
        lines += _reasons(group_reasons(event.verdict), width)
    return lines


def _event_why(event: EventReasons, width: int) -> list[str]:
    """Why an event type that was asked for was given or not."""
    needed = f"; {percent(event.needed)} % decides" if event.needed else ""
    return _dimmed(console.printable(event.why) + needed, width)


def _nearest_event(event: EventReasons, width: int) -> list[str]:
    """The most probable type of an article that was given none, and how probable it would have to be."""
    name = console.printable(_name(event))
    said = f"{name} comes nearest: {percent(event.verdict.probability)} %"
    return _dimmed(said + (f" where {percent(event.needed)} % decides" if event.needed else ""), width)


def _tag_lines(article: Article, tag: TagReasons, width: int, *, text: bool) -> list[str]:
    lines = _why(tag, width) if tag.asked else []
    if tag.verdict.member is not None:
        member = console.printable(tag.verdict.member)
        lines += _dimmed(f"as {member}, the most probable of the tags that are now this one", width)
    return lines + _reasons(tag.verdict, width) + (_text(article, tag.marks, width) if text else [])


def _why(tag: TagReasons, width: int) -> list[str]:
    """Why a tag that was asked for was given or not, and how far it is from its threshold."""
    said = tag.why
    if tag.threshold is not None and tag.missing is not None:
        near = f"{tag.missing.score:.2f} missing" if tag.missing.score else "reached"
        said += (
            f": {tag.verdict.score:+.2f} where {tag.threshold.score:+.2f} decides, {near}"
            f" ({percent(tag.verdict.probability)} % where {percent(tag.threshold.probability)} % decides)"
        )
    return _dimmed(said, width)


def _reasons(score: TagScore | EventTypeScore, width: int) -> list[str]:
    """The strongest terms for and against, as many as fit a line each, and what makes up the rest of the score."""
    lines, shown = [], 0.0
    for label, sign in (("for", 1), ("against", -1)):
        line = f"{'':{MARGIN}}{label:<{_LABEL - 1}}"
        for item in score.evidence:
            piece = f" {console.printable(item.term)} {item.contribution:+.2f}"
            if sign * item.contribution < SMALLEST_SHOWN:
                continue
            if console.columns(line + piece) > width:
                break
            line += piece + ","
            shown += item.contribution
        if line.endswith(","):
            lines.append(console.dim(line[:-1]))
    rest = sum(item.contribution for item in score.evidence) - shown
    total = f"other terms {rest:+.2f}, intercept {score.intercept:+.2f}, score {score.score:+.2f}"
    return [*lines, *_dimmed(total, width)]


def _text(article: Article, marks: Sequence[Mark], width: int) -> list[str]:
    label = _LABEL if width >= _ROOMY else 0
    found = excerpt(article, marks, width - MARGIN - label)
    return [
        f"{'':{MARGIN}}{'text' if label and not number else '':<{label}}{line}" for number, line in enumerate(found)
    ]


def _neighbour_lines(neighbour: Neighbour, width: int, *, first: bool) -> list[str]:
    """A training article: its headline and likeness, and what is known of it."""
    title = console.short(console.printable(neighbour.title or neighbour.id), width - MARGIN - 6)
    known = [] if neighbour.date is None else [neighbour.date.isoformat()]
    known += [] if neighbour.event_type is None else [neighbour.event_type]
    known += [", ".join(neighbour.tags)] if neighbour.tags else []
    lines = [
        f"  {'nearest' if first else '':<10}  {console.padded(title, width - MARGIN - 6)}  {neighbour.similarity:.2f}"
    ]
    if known:
        lines.append(console.dim(f"{'':{MARGIN}}{console.short(console.printable('; '.join(known)), width - MARGIN)}"))
    return lines


def _dimmed(text: str, width: int) -> list[str]:
    return [console.dim(f"{'':{MARGIN}}{line}") for line in textwrap.wrap(text, width - MARGIN)]
