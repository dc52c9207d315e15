"""Which runs are still written: their processes hold locks, which end with them, however they end."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

from slugline.locks import holding, lock
from slugline.tracking.store import sqlite_path

LOCK = "slugline.lock"
"""The tag that names a run's lock, a file in FOLDER."""

FOLDER = "running"
"""Where locks are, beside an SQLite store. Another store is on another machine, perhaps, and its runs have none."""

_NAME = re.compile("[0-9a-f]{32}")


@contextlib.contextmanager
def sign_of_life(uri: str) -> Iterator[dict[str, str]]:
    """Hold a new lock for a run; yields the tag that names it, no tag where there can be no lock."""
    folder = _folder(uri)
    if folder is None:
        yield {}
        return
    name = secrets.token_hex(16)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_CLOEXEC", 0), 0o666)
    except OSError:
        # A run is worth more than to be told from a killed one.
        yield {}
        return
    try:
        yield {LOCK: name} if lock(handle) else {}
    finally:
        os.close(handle)
        with contextlib.suppress(OSError):
            (folder / name).unlink()


def was_killed(uri: str, tags: Mapping[str, str]) -> bool:
    """Whether the process is gone that wrote the run of these tags, which has not ended; False where nobody knows."""
    folder, name = _folder(uri), tags.get(LOCK, "")
    if folder is None or not _NAME.fullmatch(name):
        return False
    with holding(folder / name) as held:
        return held is True


def left_over(uri: str) -> Iterator[str]:
    """The names of locks that killed processes have left; each is removed when the next is asked for."""
    folder = _folder(uri)
    if folder is None or not folder.is_dir():
        return
    for file in sorted(file for file in folder.iterdir() if _NAME.fullmatch(file.name)):
        with holding(file) as held:
            if held:
                yield file.name
                with contextlib.suppress(OSError):
                    file.unlink()


def _folder(uri: str) -> Path | None:
    path = sqlite_path(uri)
    return None if path is None else path.parent / FOLDER
