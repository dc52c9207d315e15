"""What a report is made of: plain JSON, as the documented objects have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

JSON = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a report shows; what is None or empty is left out of it, or said to be missing.

    `evaluation` is the object of `slugline evaluate --format json`. `model` is the model file's manifest: its "config",
    "corpus", "edits", "libraries" and "slugline". `thresholds` are, by head and label, the probabilities from which on
    a label is given (None: never). `explained` are errors with their texts and evidence (`report.errors`), `splits` and
    `suspects` the objects of `slugline splits` and `slugline corpus suspects`. `command` made the report or the run,
    `run` is the run's id, `written` the time as it is to be shown.
    """

    evaluation: JSON
    model: JSON = field(default_factory=dict)
    thresholds: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    explained: Sequence[JSON] = ()
    splits: JSON | None = None
    suspects: JSON | None = None
    command: str = ""
    run: str = ""
    written: str = ""
