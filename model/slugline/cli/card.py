"""One prediction for a person to read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from slugline.cli import console

if TYPE_CHECKING:
    from slugline.article import EventTypeScore, Prediction

MARGIN = 14
"""Columns before what is said of a label, below it."""

_NAME = 24
_CHANCE = len("  >99 %")
_APART = "not given"
_BELOW, _BELOW_SHORT = "  below its threshold", "  below"


def card(
    prediction: Prediction,
    *,
    width: int = console.WIDTH,
    event: Sequence[str] = (),
    others: Sequence[tuple[str, float, Sequence[str]]] = (),
    tags: Sequence[Sequence[str]] | None = None,
    asked: Collection[str] = (),
) -> str:
    """A card `width` columns wide.

    The lines `event` stand below the event type, then `others`: event types that were not given, each with its
    probability and the lines below it. Below each tag stand the lines that `tags` has for it. Tags that were
    not decided on are named apart where they are among the `asked`.
    """
    below = not all(tag.decided or tag.tag in asked for tag in prediction.tags)
    said = _BELOW if MARGIN + _NAME + _CHANCE + len(_BELOW) <= width else _BELOW_SHORT
    size = _size(prediction, [name for name, *_ in others], width - MARGIN - _CHANCE - (len(said) if below else 0))
    lines = [console.bold(console.short(console.printable(prediction.title or prediction.id), width))]
    if prediction.event_type is None:
        lines.append("  event type  " + console.dim("none decided"))
    else:
        lines += _event_lines(prediction.event_type, size)
    lines += event
    for name, probability, more in others:
        lines += [f"  {_APART:<10}  {_row(name, probability, size)}", *more]
    label = "tags"
    if all(tag.tag in asked and not tag.decided for tag in prediction.tags):
        lines.append("  tags        " + console.dim("none decided"))
        label = ""
    for number, tag in enumerate(prediction.tags):
        apart = tag.tag in asked and not tag.decided
        note = "" if tag.decided or apart else console.dim(said)
        lines.append(f"  {_APART if apart else label:<10}  {_row(tag.tag, tag.probability, size)}{note}")
        lines += () if tags is None else tags[number]
        label = ""
    return "\n".join(lines)


def percent(probability: float) -> str:
    """A probability in percent without the sign. No classifier is certain: what rounds to 100 is more than 99.

    >>> percent(0.184), percent(0.999)
    ('18', '>99')
    """
    return ">99" if probability > 0.995 else f"{100 * probability:.0f}"


def _size(prediction: Prediction, others: Sequence[str], most: int) -> int:
    """The columns for names, so that probabilities stand below each other: for the longest one, at most `most`."""
    names = [*others, *(tag.tag for tag in prediction.tags)]
    if prediction.event_type is not None:
        names += [prediction.event_type.type or "", prediction.event_type.group or ""]
    longest = max((console.columns(console.printable(name)) for name in names), default=0)
    return min(most, max(_NAME, longest))


def _event_lines(event: EventTypeScore, size: int) -> list[str]:
    """The type, and its group where that is another name, each with its probability."""
    if event.type is None:
        return [f"  event group {_row(event.group or '?', event.probability, size)}"]
    lines = [f"  event type  {_row(event.type, event.probability, size)}"]
    if event.group is not None and event.group_probability is not None:
        lines.append(f"  its group   {_row(event.group, event.group_probability, size)}")
    return lines


def _row(name: str, probability: float, size: int) -> str:
    shown = console.short(console.printable(name), size)
    return f"{console.padded(shown, size)}  {percent(probability):>3} %"
