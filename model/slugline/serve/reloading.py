"""A server that sees that its model file was replaced, and takes the new model."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from slugline.errors import ModelFileError
from slugline.serve.model import Served, mark
from slugline.serve.watch import ERRORS

_EVERY = 2.0
"""Seconds between two looks at the file."""


def reload(served: Served) -> None:
    """Read the model file again and say what came of it in the log; one that is not sound changes nothing."""
    try:
        changed = served.reload()
    except ModelFileError as error:
        ERRORS.error("the model stays as it was: %s", error)
    else:
        ERRORS.warning("the model file was read again; it is %s model", "another" if changed else "the same")


@contextmanager
def following(served: Served, every: float = _EVERY) -> Iterator[None]:
    """Within this block the model file is read again whenever another is in its place, or in it something else.

    It is looked at every `every` seconds, and read when it is as it was a look before: who writes it in place is let
    finish. What is not sound is told of once, and looked at again when it changes. A file that is gone is waited for.
    """
    ended = threading.Event()
    thread = threading.Thread(target=_follow, args=(served, every, ended), name="model file", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _follow(served: Served, every: float, ended: threading.Event) -> None:
    before = served.mark
    while not ended.wait(every):
        now = mark(served.path)
        if now is not None and now == before and now != served.mark:
            reload(served)
        before = now
