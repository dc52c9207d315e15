"""Writing files so that an interrupted run leaves the previous result intact."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from slugline.errors import OutputError


@contextlib.contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it is synced and renamed to `path`, else removed.

    A symbolic link stays one: what it points to is written. Raises OutputError if the folder cannot be made or written,
    or if something else than a file has this name.
    """
    target = _target(path)
    temporary = _temporary(target)
    try:
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        # mkstemp makes files private; a result is as readable as any file the user makes.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(target)
    except OSError as error:
        raise OutputError(f"cannot write ({error.strerror})", file=target) from error
    finally:
        temporary.unlink(missing_ok=True)


def check_writable(path: str | Path, *inputs: str | Path | None) -> None:
    """Raise OutputError now, before hours of work, if `path` could not be written in the end.

    Nor may it be one of the files that the work reads, its `inputs` (None and what does not exist are passed over).
    """
    target = _target(path)
    for used in inputs:
        if used is not None and target.exists() and Path(used).exists() and target.samefile(used):
            raise OutputError("would overwrite what is read", file=path, expected="another name")
    _temporary(target).unlink()


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


def _temporary(target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    except OSError as error:
        raise OutputError(f"cannot write here ({error.strerror})", file=target) from error
    os.close(handle)
    return Path(name)


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
