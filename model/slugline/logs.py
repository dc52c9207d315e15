"""The logs of libraries: what matters to a user is raised as an error, and their own lines are not heard."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator


@contextlib.contextmanager
def silenced(*libraries: str) -> Iterator[None]:
    """Silence the loggers of libraries and all below them, and restore their levels."""
    # Some have levels of their own, which do not ask the one above.
    names = [name for name in logging.root.manager.loggerDict if name.split(".", 1)[0] in libraries]
    loggers = [logging.getLogger(name) for name in sorted({*libraries, *names})]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
