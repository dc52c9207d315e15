"""Predictions as lines of JSON, straight from the arrays: the bytes of `Prediction.to_dict`, without the objects."""

from __future__ import annotations

from itertools import chain
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from slugline.article import Article
    from slugline.events import Brief, Events, EventVerdicts

    Tags = tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.bool_]]


class LineWriter:
    """Writes the documented object of `slugline predict --format jsonl`, one a line, as json.dumps does."""

    def __init__(self, events: Events, digest: str, *, ascii_only: bool = False) -> None:
        self._events = events
        self._text = encode_basestring_ascii if ascii_only else encode_basestring
        self._end = f', "model": {self._text(digest)}}}\n'
        self._tags: dict[str, str] = {}
        self._kinds: dict[tuple[str | None, str | None], str] = {}

    def lines(
        self, articles: Sequence[Article], tags: Tags, chosen: Sequence[Sequence[int]], events: EventVerdicts
    ) -> str:
        """The lines of N articles: `tags` are their labels (L), probabilities and decisions (N, L), `chosen` the
        numbers of those to be written of each.
        """
        labels, probability, decided = tags
        text, end = self._text, self._end
        written: list[str] = []
        # Looked up for all articles at once.
        flat = list(chain.from_iterable(chosen))
        start = {number: self._started(labels[number]) for number in set(flat)}
        row = np.repeat(np.arange(len(chosen)), [len(numbers) for numbers in chosen])
        shown = (
            [
                f"{start[number]}{round(chance, 4)!r}{_DECIDED[sure]}"
                for number, chance, sure in zip(
                    flat, probability[row, flat].tolist(), decided[row, flat].tolist(), strict=True
                )
            ]
            if flat
            else []
        )
        first = 0
        for article, numbers, brief in zip(articles, chosen, self._events.brief(events), strict=True):
            event = "null" if brief is None else self._event(brief)
            last = first + len(numbers)
            own = ", ".join(shown[first:last])
            first = last
            head = f'{{"id": {text(article.id)}, "title": {text(article.title)}, "event_type": {event}, "tags": ['
            written.append(f"{head}{own}]{end}")
        return "".join(written)

    def _started(self, label: str) -> str:
        found = self._tags.get(label)
        if found is None:
            self._tags[label] = found = f'{{"tag": {self._text(label)}, "probability": '
        return found

    def _event(self, brief: Brief) -> str:
        key = brief.type, brief.group
        found = self._kinds.get(key)
        if found is None:
            kind, group = ("null" if name is None else self._text(name) for name in key)
            self._kinds[key] = found = f'{{"type": {kind}, "group": {group}, "probability": '
        chance = "null" if brief.group_probability is None else repr(round(brief.group_probability, 4))
        return f'{found}{round(brief.probability, 4)!r}, "group_probability": {chance}}}'


_DECIDED = {True: ', "decided": true}', False: ', "decided": false}'}
