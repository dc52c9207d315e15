"""How long work tells of itself: a callable that the caller may pass, and that the library calls."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with the stage's name, how much of it is done, and how much there is (None: not known)."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Tell that `done` of `total` is done of `stage`; a stage starts with 0 and ends with its total."""


def silent(stage: str, done: int, total: int | None) -> None:
    """The progress of a caller who does not want to know."""
