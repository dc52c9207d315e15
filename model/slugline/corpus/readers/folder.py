"""A folder of texts labelled by the folders they are in, or by a table beside them; or a corpus cut into files."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slugline.article import Labels
from slugline.corpus.corpus import Record
from slugline.corpus.encoding import read_text
from slugline.corpus.page_text import parse_scraped
from slugline.corpus.readers import table
from slugline.corpus.readers.base import ReadOptions, file_records, refuse_choices
from slugline.corpus.readers.fields import FieldMap, field_key
from slugline.corpus.readers.files import (
    ROW_SUFFIXES,
    TABLE_SUFFIXES,
    files_below,
    folder_label,
    page_files,
    text_files,
)
from slugline.corpus.readers.scraped import read_page
from slugline.corpus.readers.values import read_part
from slugline.errors import CorpusError

_FILE_KEYS = tuple(field_key(name) for name in ("file", "filename", "file_name", "path", "name", "document", "id"))


class FolderReader:
    """Reads three kinds of folders, the first that fits.

    - Texts with a table (CSV or TSV) beside them, one of whose columns names the files: the rows are the articles, the
      files their texts, and a text that no row names is no part of the corpus.
    - Texts in folders: a folder's name is the event type of the texts in it, unless a Tags line in a text gives tags as
      well; two levels of folders of which the upper is `train` or `test` also give the official split. Texts at the
      top, beside such folders, are no part of the corpus.
    - Files of rows (JSONL, CSV, Parquet): one corpus cut into parts.
    """

    name = "folder"
    extra: str | None = None
    families: tuple[str, ...] = ()

    def sniff(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """Whether the folder is of one of the three kinds."""
        if not path.is_dir():
            return False
        texts = text_files(path)
        if not texts:
            return not page_files(path) and bool(files_below(path, ROW_SUFFIXES, deep=False))
        return _sidecar(path) is not None or any(folder_label(file, path) is not None for file in texts)

    def read(self, path: Path, options: ReadOptions) -> Iterator[Record]:
        """One record per text or row. Raises CorpusError if there is nothing to read."""
        texts = text_files(path) if path.is_dir() else []
        if not path.is_dir():
            raise CorpusError("is a file", file=path, expected="a folder")
        sidecar = _sidecar(path) if texts else None
        if sidecar is not None:
            yield from _listed_texts(path, sidecar, options)
        elif texts:
            yield from _labelled_texts(path, texts, options)
        else:
            yield from _parts(path, options)


def _labelled_texts(root: Path, texts: list[Path], options: ReadOptions) -> Iterator[Record]:
    refuse_choices(options, root)
    in_folders = [file for file in texts if folder_label(file, root) is not None]

    def read(file: Path) -> Record:
        record = read_page(file, root, options)
        labels = Labels(record.labels.tags, folder_label(file, root))
        return dataclasses.replace(record, labels=labels, part=_part(file, root))

    yield from file_records(root, in_folders or texts, read, options)


def _part(file: Path, root: Path) -> str | None:
    inner = file.relative_to(root).parts
    if len(inner) < 3:
        return None
    try:
        return read_part(inner[0])
    except CorpusError:
        return None


def _sidecar(root: Path) -> tuple[Path, str] | None:
    """The table at the top of a folder that names files of it, and the column with the names."""
    for file in files_below(root, TABLE_SUFFIXES, deep=False):
        found: list[CorpusError] = []
        try:
            _, row = next(table.rows(file, ReadOptions(on_bad=found.append)))
        except (StopIteration, CorpusError):
            continue
        by_key = {field_key(column): column for column in row}
        for key in _FILE_KEYS:
            if key in by_key and _text_file(root, str(row[by_key[key]] or "")) is not None:
                return file, by_key[key]
    return None


def _listed_texts(root: Path, sidecar: tuple[Path, str], options: ReadOptions) -> Iterator[Record]:
    file, column = sidecar
    fields = FieldMap(file, options)
    for line, row in table.rows(file, options):
        try:
            text = _text_file(root, row[column] or "")
            if text is None:
                raise CorpusError("no such text file", file=file, line=line, field=column, found=row[column] or "")
            record = fields.record(_merged(row, text, options), line, default_id=row[column])
        except CorpusError as error:
            options.on_bad(error)
        else:
            yield record
    fields.check_met()


def _merged(row: dict[str, Any], text: Path, options: ReadOptions) -> dict[str, Any]:
    title, body, tags = parse_scraped(read_text(text, options.encoding))
    own = {field_key(name): value for name, value in row.items()}
    own_title = own.get("title") or own.get("headline")
    if own_title and title and title != str(own_title).strip():
        # The first line is then no headline, or another one, and stays part of the text.
        body = f"{title}\n\n{body}"
    made: dict[str, Any] = {"body": body} if own_title else {"title": title, "body": body}
    if tags is not None:
        made["tags"] = list(tags)
    return {**made, **{name: value for name, value in row.items() if value is not None}}


def _text_file(root: Path, name: str) -> Path | None:
    """The file of that name, with or without its suffix, inside `root`; never one outside."""
    if not name.strip():
        return None
    for candidate in (name, f"{name}.txt", f"{name}.text"):
        path = root / candidate
        if path.is_file() and path.resolve().is_relative_to(root.resolve()):
            return path
    return None


def _parts(root: Path, options: ReadOptions) -> Iterator[Record]:
    # The registry imports the readers, so it cannot be imported before them.
    from slugline.corpus.readers.registry import find_reader

    files = files_below(root, ROW_SUFFIXES, deep=False)
    if not files:
        raise CorpusError("no file in this folder can be used", file=root, expected="text, HTML or corpus files")
    first: dict[str, str] = {}
    for file in files:
        for record in find_reader(file).read(file, options):
            held = first.setdefault(record.article.id, file.name)
            if held == file.name:
                yield record
            else:
                error = f"id {record.article.id!r} is repeated, first in {held}"
                options.on_bad(CorpusError(error, file=file, field="id"))


READER = FolderReader()
