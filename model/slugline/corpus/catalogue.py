"""Named corpora: where each is got, how it is known to be the right one, and how it is read."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import os
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slugline.config import SplitConfig
from slugline.corpus import fetch
from slugline.corpus.readers.bbc import package_folder
from slugline.corpus.readers.registry import get_reader
from slugline.errors import CorpusError, MissingExtraError, OutputError
from slugline.files import atomic_path, sha256_file, sync_folder, temporary_folder
from slugline.progress import Progress, silent
from slugline.resources import data_path

HERE = "corpora"
"""The folder of the working directory into which `get` puts corpora."""

ENVIRONMENT = "SLUGLINE_CORPORA"
"""Names a folder of corpora that are shared or were got by other means: `$SLUGLINE_CORPORA/NAME/FILE`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One corpus of the catalogue, from `data/corpora/NAME.toml`.

    `address` is where it is published (empty: nowhere as this file, and `note` says why), `page` where it is
    described. `sha256` are the sums of the packings it is known in, and `digest` a sum of its contents however packed
    (empty: none). `file` is its file name in a corpora folder; `embedded` its path in the shipped data; `extra` the
    optional dependency that carries it. `families`, `fields`, `aliases` (None: none) and `split` (None: found out) are
    its defaults.
    """

    name: str
    title: str
    licence: str
    reader: str
    articles: int
    address: str = ""
    page: str = ""
    note: str = ""
    file: str = ""
    bytes: int = 0
    sha256: tuple[str, ...] = ()
    digest: str = ""
    embedded: str = ""
    extra: str | None = None
    families: tuple[str, ...] | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    aliases: Path | None = None
    split: SplitConfig | None = None


def catalogue() -> dict[str, Entry]:
    """The entries by name, sorted. Raises CorpusError for a broken entry, SluglineError for a lost installation."""
    files = sorted(data_path("corpora").glob("*.toml"))
    return {file.stem: _entry(file) for file in files}


def find_entry(name: str) -> Entry:
    """The entry of that name. Raises CorpusError listing the names there are, and the one that may be meant."""
    entries = catalogue()
    if name in entries:
        return entries[name]
    close = difflib.get_close_matches(name.lower(), entries, n=1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    raise CorpusError(
        f"no such file or folder, and no corpus of this name; {meant}the catalogue has {', '.join(entries)}",
        found=name,
    )


def locate(name: str) -> Path:
    """Where the corpus of that name is on this computer.

    Looked for in the shipped data, in the optional dependency that carries it, in `./corpora/NAME` and in
    `$SLUGLINE_CORPORA/NAME`. Raises CorpusError saying how to get it, MissingExtraError how to install it.
    """
    entry = find_entry(name)
    found = _found(entry)
    if found is None:
        raise CorpusError(f"the corpus {name!r} is not on this computer; get it with: slugline corpus get {name}")
    return found


def present(entry: Entry) -> bool:
    """Whether the corpus is on this computer."""
    with contextlib.suppress(CorpusError):
        return _found(entry, quiet=True) is not None
    return False


def get(name: str, *, source: Path | None = None, progress: Progress = silent) -> Path:
    """Put the corpus of that name into `./corpora/NAME`, checked, and return where it is.

    It is copied from `source` (its file, or a folder that holds the file, `NAME/FILE`, or its parts), else from
    `$SLUGLINE_CORPORA`, else downloaded from the catalogue's address. A corpus that is there and right is left alone.
    What was there before stays as it is until the new copy is complete and checked.

    Raises CorpusError if there is no such corpus or source, if the download fails, or if the contents are not the
    right ones; OutputError if the folder cannot be written; MissingExtraError for one that comes with an extra.
    """
    entry = find_entry(name)
    if entry.embedded:
        return data_path(*entry.embedded.split("/"))
    if entry.extra is not None:
        return package_folder()
    target = Path(HERE) / entry.name / entry.file
    if source is None:
        if target.exists() and _is_right(entry, target):
            return target
        shared = os.environ.get(ENVIRONMENT)
        source = None if not shared else _inside(entry, Path(shared) / entry.name)
    elif (held := _from(entry, source)) is None:
        raise CorpusError(f"the corpus {name!r} is not here", file=source, expected=f"{entry.file} or a folder with it")
    else:
        source = held
    if source is not None:
        return _copy(entry, source, target, progress)
    if not entry.address:
        raise CorpusError(f"{name} cannot be downloaded: {entry.note}", expected=f"--from FILE, or ${ENVIRONMENT}")
    with atomic_path(target) as temporary:
        fetch.download(entry.address, temporary, progress, stage=f"downloading {name}")
        _check(entry, temporary, entry.address)
    return target


def _entry(file: Path) -> Entry:
    try:
        table: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        known = {item.name for item in dataclasses.fields(Entry)}
        if unknown := sorted(set(table) - known):
            raise CorpusError("unknown key in a corpus's entry", file=file, found=unknown[0])
        for key in ("sha256", "families"):
            if key in table:
                table[key] = tuple(table[key])
        if "aliases" in table:
            table["aliases"] = data_path(*table["aliases"].split("/"))
        if "split" in table:
            table["split"] = SplitConfig(**table["split"])
        return Entry(name=file.stem, **table)
    except (OSError, ValueError, TypeError) as error:
        raise CorpusError(f"broken entry of the catalogue: {error}", file=file) from error


def _found(entry: Entry, *, quiet: bool = False) -> Path | None:
    if entry.embedded:
        return data_path(*entry.embedded.split("/"))
    if entry.extra is not None:
        try:
            return package_folder()
        except MissingExtraError:
            if quiet:
                return None
            raise
    return next((held for folder in _folders() if (held := _inside(entry, folder / entry.name)) is not None), None)


def _folders() -> Iterator[Path]:
    yield Path(HERE)
    if shared := os.environ.get(ENVIRONMENT):
        yield Path(shared)


def _inside(entry: Entry, folder: Path) -> Path | None:
    """The corpus in its own folder: its file, or the folder itself if the corpus's reader knows its files."""
    if (folder / entry.file).is_file():
        return folder / entry.file
    return folder if folder.is_dir() and get_reader(entry.reader).sniff(folder, b"") else None


def _from(entry: Entry, source: Path) -> Path | None:
    if source.is_file():
        return source
    return _inside(entry, source) or _inside(entry, source / entry.name)


def _copy(entry: Entry, source: Path, target: Path, progress: Progress) -> Path:
    stage = f"copying {entry.name}"
    if source.is_dir():
        _check(entry, source, source)
        folder = target.parent
        if not (folder.exists() and folder.samefile(source)):
            _copy_folder(entry, source, folder, lambda done, total: progress(stage, done, total))
        return folder
    if target.exists() and target.samefile(source):
        _check(entry, source, source)
        return target
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)
        _check(entry, temporary, source)
    progress(stage, 1, 1)
    return target


def _copy_folder(entry: Entry, source: Path, folder: Path, progress: Callable[[int, int], None]) -> None:
    """Copy a corpus of several files, checked, into `folder`, whole: nothing could tell a part of it from all of it.

    Files of other names that are in `folder` stay there.
    """
    files = sorted(file for file in source.iterdir() if file.is_file())
    with temporary_folder(folder) as temporary:
        new, old = temporary / "new", temporary / "old"
        try:
            new.mkdir()
            for number, file in enumerate(files, 1):
                with atomic_path(new / file.name) as target:
                    shutil.copyfile(file, target)
                progress(number, len(files))
            _check(entry, new, source)
            if folder.exists():
                names = {file.name for file in files}
                for file in folder.iterdir():
                    if file.is_dir():
                        raise OutputError("has a folder in it", file=folder, expected="files alone, to be replaced")
                    if file.name not in names:
                        shutil.copy2(file, new)
                folder.rename(old)
            new.rename(folder)
            sync_folder(folder.parent)
        except OSError as error:
            raise OutputError(f"cannot write ({error.strerror})", file=folder) from error


def _is_right(entry: Entry, path: Path) -> bool:
    with contextlib.suppress(CorpusError):
        _check(entry, path, path)
        return True
    return False


def _check(entry: Entry, path: Path, origin: str | Path) -> None:
    """Raise CorpusError unless the contents are the catalogue's, whatever they are packed in."""
    from slugline.corpus.readers.reuters import content_digest

    found = "" if path.is_dir() else sha256_file(path)
    if found in entry.sha256:
        return
    if entry.digest and get_reader(entry.reader).sniff(path, b""):
        found = content_digest(path)
        if found == entry.digest:
            return
    # In the message and not as `found`, which is shortened.
    raise CorpusError(
        f"not the contents that the catalogue knows as {entry.name!r}: found sha256 {found or 'of a folder'} "
        "(to use it all the same, give its path instead of the name)",
        file=origin,
        expected=" or ".join(sorted({*entry.sha256, entry.digest} - {""})),
    )
