"""How far predicting has come: a bar on a terminal, plain lines in a log, nothing for what is done at once.

Without a thread, so that a process that predicts can still be copied, and without rich, which is slow to import.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from types import TracebackType

from slugline.cli import console

BAR_AFTER = 1.0
"""Seconds of work before a bar appears."""
BAR_EVERY = 0.2
"""Seconds between two pictures of the bar."""
LOG_FIRST, LOG_MOST = 10.0, 60.0
"""Seconds before the first line in a log, and between two of them at most: each pause is twice the one before."""


class Meter:
    """Counts articles; to be used as a context manager, which removes the bar and says in the end what was done.

    `total` is asked how many there are once the first picture is due: None where that cannot be known. There is no bar
    where results go to the same terminal: they are seen to come.
    """

    def __init__(
        self, total: Callable[[], int | None] = lambda: None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.done = 0
        self._total: Callable[[], int | None] = total
        self._of: int | None = None
        self._clock = clock
        self._start = clock()
        terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._bar = terminal and not sys.stdout.isatty()
        self._quiet = terminal and not self._bar
        self._pause = BAR_EVERY if self._bar else LOG_FIRST
        self._next = self._start + (BAR_AFTER if self._bar else LOG_FIRST)
        self._shown = False

    def __enter__(self) -> Meter:
        return self

    def count(self, more: int = 1) -> None:
        """Note that `more` articles are done."""
        self.done += more
        now = self._clock()
        if now >= self._next and not self._quiet:
            self._show(now)

    def _show(self, now: float) -> None:
        if not self._shown:
            self._shown = True
            self._of = self._total()
            now = self._clock()
        if self._bar:
            sys.stderr.write("\r\x1b[K" + self.picture(now - self._start, console.width(sys.stderr)))
            sys.stderr.flush()
        else:
            console.err(f"slugline: {self.said(now - self._start)}")
            self._pause = min(LOG_MOST, 2 * self._pause)
        self._next = now + self._pause

    def said(self, seconds: float) -> str:
        """What is done, of how much, and how fast."""
        of = "" if self._of is None or self._of < self.done else f" of {self._of:,}"
        return f"{self.done:,}{of} articles, {_rate(self.done, seconds)}/s"

    def picture(self, seconds: float, width: int) -> str:
        """The line of the bar, shorter than `width` columns."""
        said, of = self.said(seconds), self._of
        if of is None or of < self.done or self.done == 0:
            return f"{said}, {_clock(seconds)}"[: width - 1]
        left = _clock(seconds * (of - self.done) / self.done)
        tail = f" {100 * self.done // of:3d} %  {said}, {left} left"
        room = min(30, width - len(tail) - 3)
        if room < 5:
            return tail.strip()[: width - 1]
        full = room * self.done // of
        return f"[{'#' * full}{'.' * (room - full)}]{tail}"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar and self._shown:
            sys.stderr.write("\r\x1b[K")
        seconds = self._clock() - self._start
        if self._shown and kind is None:
            console.err(f"slugline: {self.done:,} articles in {_clock(seconds)}, {_rate(self.done, seconds)}/s")


def _rate(done: int, seconds: float) -> str:
    rate = done / max(seconds, 1e-9)
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"


def _clock(seconds: float) -> str:
    """A duration as minutes and seconds, with hours where there are some.

    >>> _clock(75), _clock(3 * 3600 + 61)
    ('1:15', '3:01:01')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
