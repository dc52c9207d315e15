"""Predictions of many articles for a person to read: a line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from slugline.cli import console
from slugline.cli.card import percent

if TYPE_CHECKING:
    from slugline.article import EventTypeScore, Prediction

_GAP = "  "


def compact(predictions: Iterable[Prediction], heads: Iterable[str], width: int) -> Iterator[str]:
    """A header, then one line of at most `width` columns for each prediction: headline, event type, tags.

    `heads` are the model's ("tags", "event_type"): of what it has no head, there is no column.
    """
    sizes = _sizes(frozenset(heads), width)
    yield console.bold(_GAP.join(console.padded(console.short(*cell), cell[1]) for cell in sizes).rstrip())
    for prediction in predictions:
        cells = []
        for name, size in sizes:
            if name == "article":
                cells.append(console.short(console.printable(prediction.title or prediction.id), size))
            elif name == "event type":
                cells.append(_event(prediction.event_type, size))
            else:
                cells.append(_tags(prediction, size))
        yield _GAP.join(console.padded(cell, size) for cell, (_, size) in zip(cells, sizes, strict=True)).rstrip()


def _sizes(heads: frozenset[str], width: int) -> list[tuple[str, int]]:
    """The columns with their widths."""
    if not heads & {"tags", "event_type"}:
        return [("article", width)]
    if "tags" not in heads:
        event = min(34, width // 2)
        return [("article", width - event - len(_GAP)), ("event type", event)]
    event = min(28, 3 * width // 10) if "event_type" in heads else 0
    gaps = len(_GAP) * (2 if event else 1)
    title = (width - event - gaps) * 5 // 9
    own = [("article", title), *([("event type", event)] if event else [])]
    return [*own, ("tags", width - event - gaps - title)]


def _event(event: EventTypeScore | None, size: int) -> str:
    """The type, else the group, and its probability in percent at the right."""
    if event is None:
        return "-"
    shown = percent(event.probability)
    name = console.short(console.printable(event.type or event.group or "?"), size - 4)
    return f"{console.padded(name, size - 4)} {shown:>3}"


def _tags(prediction: Prediction, size: int) -> str:
    """The first tags as many as fit, each with its probability in percent, and a "?" after it where the tag was not
    decided on; "+3" says how many more there are.
    """
    shown = ""
    for number, tag in enumerate(prediction.tags):
        name = console.printable(tag.tag)
        chance = f" {percent(tag.probability)}" + ("" if tag.decided else "?")
        left = len(prediction.tags) - number - 1
        more = f" +{left}" if left else ""
        piece = (", " if shown else "") + name + chance
        if console.columns(shown + piece + more) <= size:
            shown += piece
        elif shown:
            return f"{shown} +{left + 1}"
        else:
            return console.short(name, size - len(chance + more)) + chance + more
    return shown or "-"
