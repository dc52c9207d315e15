"""Predictions as CSV: one row for each article, the columns that docs/predictions.md describes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from slugline.spreadsheets import harmless

if TYPE_CHECKING:
    from slugline.article import Prediction

COLUMNS = (
    "id",
    "title",
    "event_type",
    "event_group",
    "event_probability",
    "tags",
    "tag_probabilities",
    "model",
    "event_group_probability",
    "tag_decided",
)
"""New columns come last, so that who reads by number goes on reading the same."""

_PARTS = frozenset("|;[]{}\\")


def cells(prediction: Prediction) -> list[str]:
    """The row of a prediction, in the order of COLUMNS.

    Texts that a spreadsheet would run as a formula are made harmless (`slugline.spreadsheets`).
    """
    event = prediction.event_type
    return [
        harmless(prediction.id),
        harmless(prediction.title),
        "" if event is None else harmless(event.type or ""),
        "" if event is None else harmless(event.group or ""),
        "" if event is None else f"{event.probability:.4f}",
        harmless(_joined([tag.tag for tag in prediction.tags])),
        "; ".join(f"{tag.probability:.4f}" for tag in prediction.tags),
        prediction.model,
        "" if event is None or event.group_probability is None else f"{event.group_probability:.4f}",
        "; ".join("true" if tag.decided else "false" for tag in prediction.tags),
    ]


def _joined(tags: Sequence[str]) -> str:
    """Tags with semicolons between them, or as JSON where a tag has a mark in it that separates tags.

    >>> _joined(["Syria", "Washington, D.C."]), _joined(["A;B", "C"]), _joined(["Washington, D.C."])
    ('Syria; Washington, D.C.', '["A;B", "C"]', '["Washington, D.C."]')
    """
    apart = not any(set(tag) & _PARTS for tag in tags) and not (tags and tags[0][0] == "(")
    if not apart or (len(tags) == 1 and "," in tags[0]):
        import json

        return json.dumps(list(tags), ensure_ascii=False)
    return "; ".join(tags)
