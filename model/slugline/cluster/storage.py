"""Where partitioned files are: any path that fsspec knows, such as `in/*.jsonl`, `s3://bucket/in` or `memory://in`."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slugline.errors import CorpusError, MissingExtraError, OutputError

EXTRA = "cluster"

_VERSIONS = ("ETag", "etag", "md5Hash", "md5", "checksum", "mtime", "LastModified", "last_modified", "updated")
"""What storages say of a file's content or of its last change, the surest first."""
_OBJECT_STORES = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oci", "oss", "obs", "memory"}
"""Protocols where an object appears whole when its last byte has come, and where renaming would copy it."""
_LIBRARIES = {"botocore", "aiobotocore", "aiohttp", "azure", "gcsfs", "google", "requests", "urllib3", "paramiko"}
"""Packages behind fsspec whose own errors (no credentials, nothing answers) are no OSErrors."""
_TEMPORARY = "_temporary"


@dataclass(frozen=True, slots=True)
class InputFile:
    """One input file: its address with protocol, its size in bytes, and what tells whether it has changed."""

    url: str
    size: int
    version: str

    @property
    def name(self) -> str:
        """The address as errors show it: of a local file the path alone."""
        return shown(self.url)


def shown(url: str) -> str:
    """An address as a person writes it: of a local file the path without `file://`."""
    return url.removeprefix("file://")


def find_files(patterns: Iterable[str]) -> list[InputFile]:
    """The files that paths, globs and folders stand for, those of each pattern sorted, each file once.

    In folders and globs what starts with `_` or `.` is left out, as Spark and Hive do. Raises CorpusError where a
    pattern stands for nothing, MissingExtraError without fsspec or the package for a protocol.
    """
    found: dict[str, InputFile] = {}
    for pattern in patterns:
        fs, path = _open(pattern)
        fs.invalidate_cache()
        try:
            with storage_errors():
                infos = _found(fs, path)
        except FileNotFoundError as error:
            raise CorpusError("no such file or folder", file=pattern) from error
        except OSError as error:
            raise CorpusError(f"cannot read ({error.strerror or error})", file=pattern) from error
        files = [info for info in infos if info["type"] == "file"]
        if not files:
            raise CorpusError("no files here", file=pattern)
        for info in files:
            url = fs.unstrip_protocol(info["name"])
            version = next((str(info[key]) for key in _VERSIONS if info.get(key) is not None), "")
            found.setdefault(url, InputFile(url, int(info["size"]), version))
    return list(found.values())


def _found(fs: Any, path: str) -> list[dict[str, Any]]:
    """What a file system says of the files that a path, glob or folder stands for."""
    if any(mark in path for mark in "*?["):
        infos = [info for _, info in sorted(fs.glob(path, detail=True).items())]
        root = re.split(r"[*?\[]", path)[0].rpartition("/")[0] + "/"
    elif fs.isdir(path):
        infos = [info for _, info in sorted(fs.find(path, detail=True).items())]
        root = path.rstrip("/") + "/"
    else:
        return [fs.info(path)]
    return [info for info in infos if not _hidden(str(info["name"]).removeprefix(root))]


def _hidden(inside: str) -> bool:
    return any(part.startswith(("_", ".")) for part in inside.split("/"))


@contextlib.contextmanager
def storage_errors() -> Iterator[None]:
    """Raise what a storage's own library raises as OSError, so that it is tried again, or said in one line."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] in _LIBRARIES and not isinstance(error, OSError):
            raise OSError(f"{type(error).__name__}: {' '.join(str(error).split())}") from error
        raise


def is_local(url: str) -> bool:
    """Whether an address is of this machine's files; they must be on a shared disk if workers are elsewhere."""
    return "://" not in url or url.startswith(("file://", "local://"))


def read_range(url: str, start: int, stop: int) -> bytes:
    """The bytes [start, stop) of a file. Raises CorpusError where there are fewer, or none can be had."""
    fs, path = _open(url)
    with _reading(url):
        data: bytes = fs.cat_file(path, start=start, end=stop)
    if len(data) != stop - start:
        raise CorpusError("the file has changed while it was read", file=shown(url))
    return data


def open_file(url: str) -> Any:
    """A file as a binary stream that can seek; the caller closes it. Raises CorpusError."""
    fs, path = _open(url)
    with _reading(url):
        return fs.open(path, "rb")


@contextlib.contextmanager
def local_copy(url: str) -> Iterator[Path]:
    """The file on this machine under its own name: itself if it is local, else a copy that is removed afterwards."""
    if is_local(url):
        yield Path(shown(url))
        return
    fs, path = _open(url)
    with tempfile.TemporaryDirectory(prefix="slugline-") as folder:
        copy = Path(folder) / path.rsplit("/", 1)[-1]
        with _reading(url):
            fs.get_file(path, str(copy))
        yield copy


@contextlib.contextmanager
def _reading(url: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise CorpusError("no such file", file=shown(url)) from error


class Folder:
    """An output folder. Every file in it is whole or absent: a second writer of the same name replaces the first.

    Raises MissingExtraError without fsspec or the package for the protocol.
    """

    def __init__(self, url: str) -> None:
        self.fs, path = _open(url)
        self.path = path.rstrip("/")
        self.url = self.fs.unstrip_protocol(self.path)
        self.local = is_local(self.url)

    def sizes(self, inside: str = "") -> dict[str, int]:
        """The names of the files directly in the folder (or in its folder `inside`) and their sizes in bytes."""
        place = f"{self.path}/{inside}" if inside else self.path
        self.fs.invalidate_cache()
        try:
            infos = self.fs.ls(place, detail=True)
        except FileNotFoundError:
            return {}
        return {info["name"].rsplit("/", 1)[-1]: info["size"] for info in infos if info["type"] == "file"}

    def read_json(self, name: str) -> Any:
        """The content of a JSON file, None if there is no such file. Raises OutputError for one that is damaged."""
        return self.read_jsons([name])[0]

    def read_jsons(self, names: list[str]) -> list[Any]:
        """`read_json` of several files, at the same time where the storage can."""
        if not names:
            return []
        paths = [f"{self.path}/{name}" for name in names]
        found = self.fs.cat(paths, on_error="return")
        contents = [found.get(path, FileNotFoundError()) for path in paths]
        values: list[Any] = []
        for name, content in zip(names, contents, strict=True):
            if isinstance(content, (FileNotFoundError, IsADirectoryError)):
                values.append(None)
                continue
            if isinstance(content, Exception):
                raise content
            try:
                values.append(json.loads(content))
            except ValueError as error:
                raise OutputError("damaged: not JSON", file=f"{shown(self.url)}/{name}") from error
        return values

    def write_json(self, name: str, value: Any) -> None:
        """Write a JSON file. Raises OutputError."""
        with self.writing(name) as temporary:
            temporary.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """Yield a local path to write; when the block ends well it becomes the file `name`, all at once.

        In a local folder by renaming, in an object store by one upload, elsewhere by an upload and a renaming.
        Raises OutputError for a local folder, OSError as the storage does.
        """
        token = uuid.uuid4().hex[:12]
        try:
            if self.local:
                with self._renaming(name, token) as temporary:
                    yield temporary
                return
            with tempfile.TemporaryDirectory(prefix="slugline-") as folder:
                temporary = Path(folder) / "part"
                yield temporary
                self._upload(temporary, name, token)
        except OSError as error:
            if not self.local:
                # It may be a fault of the network, and another try may have success.
                raise
            raise OutputError(f"cannot write ({error.strerror or error})", file=f"{shown(self.url)}/{name}") from error

    @contextlib.contextmanager
    def _renaming(self, name: str, token: str) -> Iterator[Path]:
        target = Path(self.path) / name
        temporary = Path(self.path) / _TEMPORARY / f"{target.name}.{token}"
        for folder in (temporary.parent, target.parent):
            folder.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            with temporary.open("rb+") as stream:
                os.fsync(stream.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def _upload(self, temporary: Path, name: str, token: str) -> None:
        target = f"{self.path}/{name}"
        protocols = {self.fs.protocol} if isinstance(self.fs.protocol, str) else set(self.fs.protocol)
        if protocols & _OBJECT_STORES:
            self.fs.put_file(str(temporary), target)
            return
        staged = f"{self.path}/{_TEMPORARY}/{target.rsplit('/', 1)[-1]}.{token}"
        for place in (staged, target):
            self.fs.makedirs(place.rsplit("/", 1)[0], exist_ok=True)
        self.fs.put_file(str(temporary), staged)
        try:
            self.fs.mv(staged, target)
        except FileExistsError:
            # Not every file system renames over a file.
            self.fs.rm_file(target)
            self.fs.mv(staged, target)

    def remove(self, *inside: str) -> None:
        """Remove folders inside this one, if they are there, and what killed writers have left."""
        for name in (*inside, _TEMPORARY):
            with contextlib.suppress(FileNotFoundError):
                self.fs.rm(f"{self.path}/{name}", recursive=True)


def sha256_of(path: Path) -> str:
    """`sha256:` and the hexadecimal digest of a local file."""
    with path.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


def _open(url: str) -> tuple[Any, str]:
    """The file system of an address and the path in it. Raises MissingExtraError, CorpusError for no address."""
    try:
        import fsspec
    except ImportError as error:
        raise MissingExtraError("partitioned files", EXTRA) from error
    try:
        fs, path = fsspec.core.url_to_fs(url)
    except ImportError as error:
        # fsspec says which package is missing for this protocol.
        raise CorpusError(f"cannot be opened: {error}", file=url) from error
    except ValueError as error:
        raise CorpusError(f"not an address that fsspec knows ({error})", file=url) from error
    return fs, path
