"""The logs of libraries: what matters to a user is raised as an error, and their own lines are not heard."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator


@contextlib.contextmanager
def silenced(*libraries: str) -> Iterator[None]:
    """Silence the loggers of libraries and all below them, and restore their levels."""
    known = logging.root.manager.loggerDict
    # Some have levels of their own, which do not ask the one above. A copy, since threads may make loggers meanwhile.
    own = [name for name, one in list(known.items()) if isinstance(one, logging.Logger) and one.level]
    names = {*libraries, *(name for name in own if name.split(".", 1)[0] in libraries)}
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
