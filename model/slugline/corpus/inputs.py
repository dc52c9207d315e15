"""The files that a user named: as they are, or by a pattern that no shell has expanded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from slugline.corpus.encoding import open_stream
from slugline.corpus.readers.articles import STDIN
from slugline.corpus.readers.files import page_files, plain_suffix, text_files
from slugline.errors import CorpusError

_LINES = (".jsonl", ".ndjson")
_BLOCK = 1 << 20


def expanded(names: Iterable[str]) -> Iterator[str]:
    """The names, patterns (`*`, `?`, `[...]`, and `**` for any number of folders) by what they match, sorted.

    What exists under its very name is taken as that. A pattern with `**` gives files alone, others folders too, as a
    shell does; hidden files are matched by a pattern that begins with a dot. Raises CorpusError where nothing matches.
    """
    for name in names:
        if name == STDIN or not any(mark in name for mark in "*?[") or Path(name).exists():
            yield name
            continue
        import glob

        found = sorted(glob.glob(name, recursive=True))  # noqa: PTH207  # Path.glob takes no absolute pattern
        if "**" in name:
            found = [one for one in found if not Path(one).is_dir()]
        if not found:
            raise CorpusError("no file matches this pattern", file=name)
        yield from found


def count_articles(names: Iterable[str]) -> int | None:
    """How many articles there will be, where that is quickly told: files of one text each, folders, JSON Lines.

    None where it is not: standard input, tables, archives. Blank lines count. Never raises.
    """
    found = 0
    for name in names:
        path = Path(name)
        try:
            if path.is_dir():
                inside = len(text_files(path)) + len(page_files(path))
                if not inside:
                    return None
                found += inside
            elif path.suffix.lower() in _LINES and path.is_file():
                found += _line_ends(path)
            elif path.is_file() and plain_suffix(path) in (".txt", ".text", ".md", ".html", ".htm", ".xhtml"):
                found += 1
            else:
                return None
        except (CorpusError, OSError):
            return None
    return found


def _line_ends(path: Path) -> int:
    with open_stream(path) as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(_BLOCK), b""))
