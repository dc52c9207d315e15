"""Writing files so that an interrupted run leaves the previous result intact."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from slugline.errors import OutputError
from slugline.locks import holding, is_named, lock

PATIENCE = 30.0
"""Seconds for which a file that another process is changing is waited for."""


@contextlib.contextmanager
def atomic_path(path: str | Path, *, held: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it is synced and renamed to `path`, else removed.

    When the block is left, the new file is on disk under its name: a power cut afterwards leaves it, one before leaves
    the previous file. It takes the place of no file while another process changes that (`locks.holding`), unless this
    one does and says that it is `held`. The block writes into the temporary file, which is there and locked:
    another put in its place would be taken for left over. A symbolic link stays one: what it points to is written. What
    killed processes left beside `path` is removed. Raises OutputError if the folder cannot be made or written, or if
    something else than a file has this name.
    """
    target = _target(path)
    with _temporary(target) as temporary:
        try:
            yield temporary
            with temporary.open("rb+") as stream:
                os.fsync(stream.fileno())
            # mkstemp makes files private; a result is as readable as any file the user makes.
            mask = os.umask(0)
            os.umask(mask)
            temporary.chmod(0o666 & ~mask)
            # After hours of work, one that never lets go is no reason to lose the result.
            with contextlib.nullcontext() if held else holding(target, PATIENCE):
                temporary.replace(target)
            sync_folder(target.parent)
        except OSError as error:
            raise OutputError(f"cannot write ({error.strerror})", file=target) from error


@contextlib.contextmanager
def temporary_folder(path: str | Path) -> Iterator[Path]:
    """A new folder beside `path`, in which what is to be called so is made; removed at the end, or by who comes next.

    Raises OutputError.
    """
    with _temporary(Path(path).absolute(), folder=True) as temporary:
        yield temporary


def check_writable(path: str | Path, *inputs: str | Path | None) -> None:
    """Raise OutputError now, before hours of work, if `path` could not be written in the end.

    Nor may it be one of the files that the work reads, its `inputs` (None and what does not exist are passed over).
    """
    target = _target(path)
    for used in inputs:
        if used is not None and target.exists() and Path(used).exists() and target.samefile(used):
            raise OutputError("would overwrite what is read", file=path, expected="another name")
    with _temporary(target):
        pass


def _target(path: str | Path) -> Path:
    """The file to write, links followed; OutputError for what no file can take the place of."""
    try:
        target = Path(path).resolve()
        if target.is_dir():
            raise OutputError("is a folder", file=path, expected="the name of a file")
        # Renaming over a device or a pipe would replace it, even /dev/null.
        if target.exists() and not target.is_file():
            raise OutputError("is a device or a pipe", file=path, expected="the name of a file")
    except (OSError, RuntimeError) as error:
        # RuntimeError: links that lead in a circle.
        raise OutputError(f"cannot write here ({getattr(error, 'strerror', None) or error})", file=path) from error
    return target


@contextlib.contextmanager
def _temporary(target: Path, *, folder: bool = False) -> Iterator[Path]:
    """A new file or folder beside `target` for the time of the block. It is locked: what is not has been left over."""
    try:
        _make_folder(target.parent)
        remove_left_over(target)
        path, handle = _locked(target, folder=folder)
    except OSError as error:
        raise OutputError(f"cannot write here ({error.strerror})", file=target) from error
    try:
        yield path
    finally:
        _remove(path)
        if handle is not None:
            os.close(handle)


def _locked(target: Path, *, folder: bool) -> tuple[Path, int | None]:
    """A new temporary path and what is open as long as it is used (None: there are no locks)."""
    said = ".part", f".{target.name}.", target.parent
    while True:
        if folder:
            name = tempfile.mkdtemp(*said)
            try:
                handle = None if sys.platform == "win32" else os.open(name, os.O_RDONLY)
            except FileNotFoundError:
                # Taken for left over, as below.
                continue
        else:
            handle, name = tempfile.mkstemp(*said)
        path = Path(name)
        if handle is None:
            return path, None
        if lock(handle, PATIENCE) is not True:
            os.close(handle)
            return path, None
        # Before it was locked, another process could take it for left over.
        if is_named(handle, path):
            return path, handle
        os.close(handle)


def remove_left_over(target: Path) -> None:
    """Remove what killed processes have left of their work on `target`: what no process has locked."""
    pattern = re.compile(re.escape(f".{target.name}.") + r"[a-z0-9_]{8}\.part")
    with os.scandir(target.parent) as entries:
        found = [Path(entry.path) for entry in entries if pattern.fullmatch(entry.name) and not entry.is_symlink()]
    for path in found:
        with holding(path) as held:
            if held:
                _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, on disk with their names."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in missing:
        sync_folder(one.parent)


def sync_folder(folder: Path) -> None:
    """Bring to disk which names a folder has, where the system can: a rename is not there after a power cut else."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_text(path: str | Path, text: str) -> None:
    r"""Write UTF-8 `text` to `path` atomically. Raises OutputError.

    Lone surrogates, which stand for bytes of a file name that are no UTF-8, are written as in JSON: `\udcff`.
    """
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")


def sha256_file(path: str | Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
