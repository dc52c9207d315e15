"""Locks between processes. A lock ends with the process that holds it, however that ends, so none is ever left over."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

_PAUSE = 0.001  # seconds between two attempts: who waits longer loses every race against those who come and go


def lock(handle: int, seconds: float = 0.0) -> bool | None:
    """Lock an open file or folder for this process alone, waiting for at most `seconds`; closing it unlocks.

    False where another process keeps it, None where there are no locks: on Windows, and on some network file systems.
    """
    try:
        import fcntl
    except ImportError:
        return None
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(_PAUSE)
        except OSError:
            return None
        else:
            return True


@contextlib.contextmanager
def holding(path: Path, seconds: float = 0.0) -> Iterator[bool | None]:
    """Hold the lock of the file or folder that has the name `path`, by then: what a rename has replaced counts no more.

    Yields what `lock` returns; None too where nothing has that name, or it may not be read.
    """
    while True:
        try:
            handle = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
        except OSError:
            yield None
            return
        try:
            held = lock(handle, seconds)
            if held is not True or is_named(handle, path):
                yield held
                return
        finally:
            os.close(handle)


def is_named(handle: int, path: Path) -> bool:
    """Whether the open file or folder still has the name `path`."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat(follow_symlinks=False))
    except OSError:
        return False
