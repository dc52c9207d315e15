"""Where predicting is done: a few threads beside the one that talks to callers, and a short queue before them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


class BusyError(Exception):
    """Too much waits already, or this waited too long. Says which."""


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
    """A pool of `threads` threads. At most `waiting` pieces of work wait for one of them, none longer than `seconds`:
    a caller who is told to come back can do something else, and one who is left waiting cannot.
    """

    def __init__(self, threads: int, *, waiting: int, seconds: float, name: str = "work") -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=f"slugline-{name}")
        self._free = asyncio.Semaphore(threads)
        self._most, self._seconds = waiting, seconds
        self.waiting = 0

    async def run(self, function: Callable[[Stop], T]) -> T:
        """What `function` returns, called in one of the threads.

        Where the request is cancelled, the function is never begun, or is told so by its `Stop`. Raises BusyError
        where too many wait, or this one waited too long.
        """
        if self._free.locked():
            await self._wait()
        else:
            await self._free.acquire()
        stop = Stop()
        try:
            job = self._pool.submit(function, stop)
        except BaseException:
            self._free.release()
            raise
        try:
            found = await asyncio.wrap_future(job)
        except asyncio.CancelledError:
            # Its thread is free when it has looked at `stop`, not before.
            stop.set()
            self._release_after(job)
            raise
        except BaseException:
            self._free.release()
            raise
        self._free.release()
        return found

    def close(self) -> None:
        """Begin nothing more, and wait for what has begun."""
        self._pool.shutdown(cancel_futures=True)

    async def _wait(self) -> None:
        if self.waiting >= self._most:
            raise BusyError(f"{self.waiting} requests wait already")
        self.waiting += 1
        try:
            async with asyncio.timeout(self._seconds):
                await self._free.acquire()
        except TimeoutError as error:
            raise BusyError(f"this request waited {self._seconds:g} s for its turn") from error
        finally:
            self.waiting -= 1

    def _release_after(self, job: Future[T]) -> None:
        loop = asyncio.get_running_loop()

        def release(_: Future[T]) -> None:
            # A server that has ended has no loop any more, and nobody who waits.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._free.release)

        job.add_done_callback(release)
