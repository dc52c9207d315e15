"""The folder in which a training on disk keeps what it has done, so that it goes on where it was killed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import zlib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from slugline.errors import ConfigError, OutputError
from slugline.locks import holding

Arrays = Mapping[str, NDArray[Any]]

_ABOUT = "about.json"
_FORMAT = 3
_HEAD = 8  # bytes that hold the length of a file's table of contents
_ALIGNED = 64


class Spool:
    """Arrays and states by name, each written whole or not at all.

    What a name holds is final: work that finds its name there is done. A file that is half-written when the process is
    killed has a name of its own, which nobody reads. Nothing in the folder can run.

    A file of arrays is a table of contents (JSON: of each array its type, shape, place, and a CRC-32 of its bytes) and
    the arrays, which are read straight to where they are used. NumPy's own format took a fourth of the time of a
    training, for it has many small files to read, and copies what it writes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def open(cls, folder: Path, about: Mapping[str, Any]) -> Self:
        """The spool of the work that `about` (plain JSON) describes: as it was left, or new.

        Raises ConfigError where the folder holds other work, OutputError where it cannot be written.
        """
        shutil.rmtree(_done(folder), ignore_errors=True)
        about = json.loads(json.dumps({"format": _FORMAT, **about}))
        spool = cls(folder)
        found = spool.state(_ABOUT)
        if found is None:
            if folder.exists() and any(folder.iterdir()) and not spool.path(_ABOUT + ".part").exists():
                raise OutputError("is not a checkpoint folder", file=folder, expected="another --out")
            spool.save_state(_ABOUT, about)
        elif found != about:
            changed = [key for key in about if found.get(key) != about[key]]
            raise ConfigError(
                f"holds the work of another training, which differs in {', '.join(changed) or 'its version'}",
                file=folder,
                expected="the same corpus and configuration, another --out, or the folder deleted",
            )
        return spool

    def path(self, name: str) -> Path:
        """Where `name` is, or would be."""
        return self.folder / name

    def has(self, name: str) -> bool:
        """Whether the arrays `name` are there."""
        return self._file(name).exists()

    def _file(self, name: str) -> Path:
        return self.path(f"{name}.arrays")

    def save(self, name: str, arrays: Arrays) -> None:
        """Keep `arrays` as `name`. Raises OutputError."""
        path = self._file(name)
        temporary = self.path(f"{name}.part")
        parts = {key: np.ascontiguousarray(array) for key, array in arrays.items()}
        table: dict[str, list[Any]] = {}
        end = 0
        for key, array in parts.items():
            table[key] = [array.dtype.str, list(np.shape(arrays[key])), end, zlib.crc32(_bytes(array))]
            end += -(-array.nbytes // _ALIGNED) * _ALIGNED
        head = json.dumps(table).encode()
        head += b" " * (-(_HEAD + len(head)) % _ALIGNED)
        try:
            with temporary.open("wb") as stream:
                stream.write(len(head).to_bytes(_HEAD, "little") + head)
                for array in parts.values():
                    stream.write(_bytes(array))
                    stream.write(bytes(-array.nbytes % _ALIGNED))
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
        except OSError as error:
            raise OutputError(f"cannot write ({error.strerror})", file=path) from error

    def load(self, name: str, *keys: str) -> dict[str, NDArray[Any]]:
        """The arrays `name`, or only those of `keys`, read into memory. Raises OutputError where they are damaged."""
        path = self._file(name)
        try:
            with path.open("rb") as stream:
                length = int.from_bytes(stream.read(_HEAD), "little")
                if length > path.stat().st_size:
                    raise ValueError("no table of contents")
                table = json.loads(stream.read(length))
                found: dict[str, NDArray[Any]] = {}
                for key in keys or table:
                    kind, shape, place, check = table[key]
                    found[key] = np.empty(shape, dtype=kind)
                    stream.seek(_HEAD + length + place)
                    if (
                        stream.readinto(_bytes(found[key])) < found[key].nbytes
                        or zlib.crc32(_bytes(found[key])) != check
                    ):
                        raise ValueError("other bytes than were written")
                return found
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise OutputError(
                "the checkpoint is damaged", file=path, expected=f"{self.folder} deleted, to start anew"
            ) from error

    def remove(self, name: str) -> None:
        """Forget the arrays `name`, if they are there."""
        self._file(name).unlink(missing_ok=True)

    def save_state(self, name: str, state: Any) -> None:
        """Keep `state`, plain JSON, as `name`. Raises OutputError."""
        path, temporary = self.path(name), self.path(f"{name}.part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with temporary.open("w", encoding="utf-8") as stream:
                json.dump(state, stream)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
        except OSError as error:
            raise OutputError(f"cannot write ({error.strerror})", file=path) from error

    def state(self, name: str) -> Any:
        """The state `name`, or None. Raises OutputError where it is damaged."""
        path = self.path(name)
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise OutputError("the checkpoint is damaged", file=path, expected="the folder deleted") from error

    def clear(self) -> None:
        """Remove the folder, when all is done; a kill leaves it whole, or under a name that `open` removes."""
        done = _done(self.folder)
        with contextlib.suppress(OSError):
            self.folder.replace(done)
        shutil.rmtree(done, ignore_errors=True)


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other processes out of a spool's folder for the time of the block. Raises OutputError where one is in it."""
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write here ({error.strerror})", file=folder) from error
        with holding(folder) as held:
            if held is False:
                raise OutputError(
                    "another process trains in this folder", file=folder, expected="to wait for it, or another --out"
                )
            if held is None and not folder.exists():
                # The one that was in it has just removed it.
                continue
            try:
                yield
            finally:
                with contextlib.suppress(OSError):
                    # Only where nothing has come of it.
                    folder.rmdir()
            return


def _bytes(array: NDArray[Any]) -> memoryview:
    return array.reshape(-1).view(np.uint8).data


def _done(folder: Path) -> Path:
    """What a folder is called while it is removed."""
    return folder.with_name(f"{folder.name}.done")


def pack(texts: list[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Texts as one block of UTF-8 bytes and the offsets of each, one more than there are texts.

    >>> unpack(*pack(["a", "", "é"]))
    ['a', '', 'é']
    """
    coded = [text.encode("utf-8", "surrogatepass") for text in texts]
    offsets = np.zeros(len(coded) + 1, dtype=np.int64)
    np.cumsum([len(one) for one in coded], out=offsets[1:])
    return np.frombuffer(b"".join(coded), dtype=np.uint8), offsets


def unpack(blob: NDArray[np.uint8], offsets: NDArray[np.int64]) -> list[str]:
    """What `pack` packed."""
    whole, ends = blob.tobytes(), offsets.tolist()
    return [whole[start:end].decode("utf-8", "surrogatepass") for start, end in pairwise(ends)]
