"""Where predicting is done: a few threads beside the one that talks to callers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class StoppedError(Exception):
    """Nobody waits for this piece of work any more."""


class Stop:
    """Tells a piece of work when nobody waits for it any more: a thread cannot be ended from outside."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Let the next `check` raise."""
        self._event.set()

    def check(self) -> None:
        """Raise StoppedError where the work is for nobody. To be called between slices of well under a second."""
        if self._event.is_set():
            raise StoppedError


class Work:
    """A pool of `threads` threads. What waits for a thread is bounded by the gate that requests come through."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="slugline")

    async def run(self, function: Callable[[Stop], T]) -> T:
        """What `function` returns, called in one of the threads.

        Where the request is cancelled, the function is never begun, or is told so by its `Stop`.
        """
        stop = Stop()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, function, stop)
        except asyncio.CancelledError:
            stop.set()
            raise

    def close(self) -> None:
        """Begin nothing more, and wait for what has begun."""
        self._pool.shutdown(cancel_futures=True)
