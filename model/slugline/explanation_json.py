"""An explanation as JSON: a long text has a hundred thousand marks, which are written without an object for each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slugline.explanation import EventReasons, Explanation
    from slugline.marks import Mark

# In no text: a quotation mark inside one would have a backslash before it.
_EMPTY = re.compile(r'"(?:group_)?marks": \[(?=\])')


def explanation_json(explanation: Explanation, *, terms: int = 10, ascii_only: bool = False) -> str:
    """`json.dumps(explanation.to_dict(terms=terms), ensure_ascii=ascii_only, allow_nan=False)`, made in a quarter of
    the time.
    """
    event, near, asked = explanation.event, explanation.nearest_event, explanation.asked_events
    bare = replace(
        explanation,
        tags=tuple(replace(tag, marks=()) for tag in explanation.tags),
        event=event and _bare(event),
        nearest_event=near and _bare(near),
        asked_events=tuple(map(_bare, asked)),
    )
    text = json.dumps(bare.to_dict(terms=terms), ensure_ascii=ascii_only, allow_nan=False)
    # In the order in which `to_dict` has them.
    events = [[] if one is None else list(_of_event(one)) for one in (event, near, *asked)]
    every = [*events[0], *(tag.marks for tag in explanation.tags), *chain.from_iterable(events[1:])]
    parts, start = [], 0
    for found, marks in zip(_EMPTY.finditer(text), every, strict=True):
        parts += [text[start : found.end()], ", ".join(_written(marks))]
        start = found.end()
    return "".join([*parts, text[start:]])


def _bare(event: EventReasons) -> EventReasons:
    return replace(event, marks=(), group_marks=())


def _of_event(event: EventReasons) -> Iterator[Sequence[Mark]]:
    yield event.marks
    if event.verdict.group_evidence:
        yield event.group_marks


def _written(marks: Iterable[Mark]) -> Iterator[str]:
    for field, start, end, contribution in marks:
        yield f'{{"field": "{field}", "start": {start}, "end": {end}, "contribution": {round(contribution, 6)!r}}}'
