"""The files of a folder that is a corpus: which of them are texts, pages and tables, and what they are called."""

from __future__ import annotations

from pathlib import Path

from slugline.corpus.compression import plain_name
from slugline.corpus.encoding import peek_text, read_head
from slugline.errors import CorpusError

TEXT_SUFFIXES = (".txt", ".text", ".md", "")
PAGE_SUFFIXES = (".html", ".htm", ".xhtml")
TABLE_SUFFIXES = (".csv", ".tsv", ".tab", ".psv")
ROW_SUFFIXES = (".jsonl", ".ndjson", ".json", ".parquet", *TABLE_SUFFIXES)

_ABOUT = ("readme", "license", "licence", "copying", "notice", "changelog", "makefile")
_PEEK = 16 * 1024


def files_below(root: Path, suffixes: tuple[str, ...], *, deep: bool = True) -> list[Path]:
    """The files with one of these suffixes (a `.gz` or the like after it is passed over), sorted; no hidden ones.

    Raises CorpusError if the folder cannot be listed.
    """
    found = []
    try:
        inside = list(root.rglob("*") if deep else root.iterdir())
    except OSError as error:
        raise CorpusError(f"cannot read the folder ({error.strerror})", file=root) from error
    for file in inside:
        inner = file.relative_to(root).parts
        if any(part.startswith(".") for part in inner) or plain_suffix(file) not in suffixes or not file.is_file():
            continue
        found.append(file)
    return sorted(found, key=lambda file: file.relative_to(root).parts)


def text_files(root: Path) -> list[Path]:
    """The texts below a folder, sorted: `.txt`, `.text`, `.md`, or without a suffix; but no README and its like."""
    return [file for file in files_below(root, TEXT_SUFFIXES) if file.name.split(".")[0].lower() not in _ABOUT]


def page_files(root: Path) -> list[Path]:
    """The HTML files below a folder, sorted."""
    return files_below(root, PAGE_SUFFIXES)


def article_id(file: Path, root: Path) -> str:
    """A file's name without its suffix, with the folders between it and `root`."""
    inside = file.relative_to(root) if file != root else Path(file.name)
    name = plain_name(inside.name)
    for suffix in (*TEXT_SUFFIXES[:-1], *PAGE_SUFFIXES):
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            name = name[: -len(suffix)]
    return readable((inside.parent / name).as_posix())


def folder_label(file: Path, root: Path) -> str | None:
    """The name of the folder that a file is in, None at the top."""
    inner = file.relative_to(root).parts
    return readable(inner[-2]) if len(inner) > 1 else None


def readable(name: str) -> str:
    """A file's name as text: bytes that are no UTF-8, which Python holds as lone surrogates, become U+FFFD."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def peek_file(file: Path) -> str | None:
    """How a file's text starts; None if it is not text or cannot be read. Never raises."""
    try:
        return peek_text(read_head(file, _PEEK))
    except (CorpusError, OSError):
        return None


def plain_suffix(file: Path) -> str:
    """The last suffix, in lower case, that of a compression after it left out."""
    return Path(plain_name(file.name)).suffix.lower()
