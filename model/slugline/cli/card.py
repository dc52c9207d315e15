"""One prediction for a person to read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from slugline.cli import compact, console

if TYPE_CHECKING:
    from slugline.article import EventTypeScore, Prediction

MARGIN = 14
"""Columns before what is said of a label, below it."""


def card(
    prediction: Prediction,
    *,
    width: int = console.WIDTH,
    event: Sequence[str] = (),
    tags: Sequence[Sequence[str]] | None = None,
    asked: Collection[str] = (),
) -> str:
    """A card `width` columns wide.

    The lines `event` stand below the event type, and below each tag the lines that `tags` has for it. Tags that were
    not decided on are named apart where they are among the `asked`.
    """
    lines = [console.bold(console.short(console.printable(prediction.title or prediction.id), width))]
    if prediction.event_type is None:
        lines.append("  event type  " + console.dim("none decided"))
    else:
        lines += _event_lines(prediction.event_type, width)
    lines += event
    label = "tags"
    if all(tag.tag in asked and not tag.decided for tag in prediction.tags):
        lines.append("  tags        " + console.dim("none decided"))
        label = ""
    for number, tag in enumerate(prediction.tags):
        apart = tag.tag in asked and not tag.decided
        note = "" if tag.decided or apart else "  below its threshold"
        row = _row(tag.tag, tag.probability, width - len(note)) + (console.dim(note) if note else "")
        lines.append(f"  {'not given' if apart else label:<10}  {row}")
        lines += () if tags is None else tags[number]
        label = ""
    return "\n".join(lines)


def _event_lines(event: EventTypeScore, width: int) -> list[str]:
    """The type, and its group where that is another name, each with its probability."""
    if event.type is None:
        return [f"  event group {_row(event.group or '?', event.probability, width)}"]
    lines = [f"  event type  {_row(event.type, event.probability, width)}"]
    if event.group is not None and event.group_probability is not None:
        lines.append(f"  its group   {_row(event.group, event.group_probability, width)}")
    return lines


def _row(name: str, probability: float, width: int) -> str:
    """A label and its probability; with the margin at most `width` columns wide."""
    room = width - MARGIN - 7
    shown = console.padded(console.short(console.printable(name), room), min(24, room))
    return f"{shown}  {compact.percent(probability):>3} %"
