"""Annif's corpora of documents: TSV, CSV and JSON Lines files, and folders of texts with their subjects beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from slugline.corpus.corpus import Record
from slugline.corpus.encoding import lines, read_text
from slugline.corpus.page_text import parse_scraped
from slugline.corpus.readers import jsonl, table
from slugline.corpus.readers.base import ReadOptions, file_records
from slugline.corpus.readers.fields import FieldMap
from slugline.corpus.readers.files import files_below
from slugline.corpus.readers.labelled_lines import Row, first_lines, line_records
from slugline.corpus.subjects import bare_uri, is_uri, read_subjects
from slugline.errors import CorpusError
from slugline.json_text import loads

_KEYS = frozenset({"document_id", "text", "metadata", "subjects"})
_URIS = "subject_uris"


class AnnifReader:
    """Reads the document corpus formats of Annif 1.4 (its wiki: "Document corpus formats").

    A subject becomes a tag: the label of its URI in the vocabulary that `--field subjects=FILE` names (in the language
    of `--field subject_language=fi`), else the label that stands beside the URI, else the URI: none that the vocabulary
    lacks is lost. A document without subjects is not annotated. Metadata are fields: `title`, `abstract`.
    """

    name = "annif"
    extra: str | None = None
    families: tuple[str, ...] = ()

    def sniff(self, path: Path, head: bytes) -> bool:
        """Whether the file or folder is of one of the formats, by what marks subjects in it."""
        if path.is_dir():
            return bool(_documents(path))
        return _kind(first_lines(head)) is not None

    def read(self, path: Path, options: ReadOptions) -> Iterator[Record]:
        """One record per line, row or file. Raises CorpusError for a file of none of the formats."""
        label = _labeller(options)
        if path.is_dir():
            files = _documents(path)
            if not files:
                raise CorpusError(
                    "no text with subjects beside it", file=path, expected="NAME.txt with NAME.tsv or .key"
                )
            fields = FieldMap(path, options)
            yield from file_records(path, files, lambda file: _file_record(file, fields, label, options), options)
            return
        first = _first_line(path, options)
        if _is_header(first):
            fields = FieldMap(path, options)
            rows = table.rows(path, options, fields.check_columns)
            yield from fields.records((line, _table_row(row, label)) for line, row in rows)
        elif first.lstrip().startswith("{"):
            yield from line_records(path, lambda line: _document_row(jsonl.parse(line), label), options)
        else:
            yield from line_records(path, lambda line: _tsv_row(line, label), options)


def _kind(found: list[str]) -> str | None:
    """What marks the first lines as of one of the formats: "tsv", "csv", "jsonl" or None."""
    if not found:
        return None
    if found[0].lstrip().startswith("{"):
        rows = [row for line in found[:5] if (row := _object(line)) is not None]
        marked = any(isinstance(one, dict) for row in rows for one in row.get("subjects") or [])
        return "jsonl" if marked and all(_is_document(row) for row in rows) else None
    if _is_header(found[0]):
        return "csv"
    pairs = [line.partition("\t") for line in found]
    subjects = [uris.split() for _, _, uris in pairs]
    whole = all(
        text.strip() and tab and all(map(is_uri, uris)) for (text, tab, _), uris in zip(pairs, subjects, strict=True)
    )
    return "tsv" if whole and any(subjects) else None


def _is_header(line: str) -> bool:
    return {"text", _URIS} <= set(next(iter(table.sample_rows([line], ",")), []))


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _is_document(row: dict[str, Any]) -> bool:
    subjects = row.get("subjects", [])
    return (
        set(row) <= _KEYS
        and bool({"text", "metadata"} & set(row))
        and isinstance(subjects, list)
        and all(isinstance(one, dict) and {"uri", "label"} & set(one) for one in subjects)
    )


def _first_line(path: Path, options: ReadOptions) -> str:
    found = next((line.rstrip("\n") for line in lines(path, options.encoding) if line.strip()), None)
    if found is None:
        raise CorpusError("there is no line in it", file=path)
    return found


def _documents(folder: Path) -> list[Path]:
    """The documents of a folder, as Annif takes them: texts, if one has subjects beside it, and JSON documents, if the
    first JSON file is one.
    """
    try:
        texts, others = (files_below(folder, (end,), deep=False) for end in (".txt", ".json"))
    except CorpusError:
        return []
    found = texts if any(_beside(file) for file in texts) else []
    return [*found, *others] if others and _is_json_document(others[0]) else found


def _beside(file: Path) -> Path | None:
    """The file with a text's subjects: `.tsv` before `.key`."""
    return next((one for end in (".tsv", ".key") if (one := file.with_suffix(end)).is_file()), None)


def _is_json_document(file: Path) -> bool:
    try:
        row = _object(read_text(file))
    except CorpusError:
        return False
    return row is not None and _is_document(row) and "subjects" in row


def _file_record(file: Path, fields: FieldMap, label: Callable[[str, str | None], str], options: ReadOptions) -> Record:
    if file.suffix == ".json":
        row = _document_row(jsonl.parse(read_text(file, options.encoding), file=file), label)
    else:
        title, body, _ = parse_scraped(read_text(file, options.encoding))
        row = {"title": title, "text": body, "tags": None}
        beside = _beside(file)
        if beside is not None:
            row["tags"] = _listed_subjects(read_text(beside), label) or None
    try:
        return fields.record(row, default_id=file.stem)
    except CorpusError as error:
        raise CorpusError(error.message, file=file, field=error.field, found=error.found) from error


def _listed_subjects(text: str, label: Callable[[str, str | None], str]) -> list[str]:
    """The subjects of a `.key` or `.tsv` file: in each line a URI in brackets, a label, or both with a tab between."""
    found = []
    for line in text.splitlines():
        uri = name = None
        for cell in filter(None, map(str.strip, line.split("\t"))):
            if not (cell.startswith("<") and cell.endswith(">")):
                name = cell
                break
            uri = bare_uri(cell)
        if uri is not None:
            found.append(label(uri, name))
        elif name is not None:
            found.append(name)
    return found


def _labeller(options: ReadOptions) -> Callable[[str, str | None], str]:
    """What gives the label of a URI, beside which another label may stand."""
    file = options.fields.get("subjects")
    known = {} if file is None else read_subjects(file, options.fields.get("subject_language"))

    def label(uri: str, beside: str | None = None) -> str:
        return known[uri].preferred[0][1] if uri in known else beside or uri

    return label


def _labelled(uris: Iterable[str], label: Callable[[str, str | None], str]) -> list[str] | None:
    return [label(bare_uri(uri), None) for uri in uris] or None


def _tsv_row(line: str, label: Callable[[str, str | None], str]) -> Row:
    text, tab, uris = line.partition("\t")
    if not tab:
        raise CorpusError("no tab between the text and its subjects", expected="text, tab, URIs with blanks between")
    return {"text": text, "tags": _labelled(uris.split(), label)}


def _table_row(row: dict[str, Any], label: Callable[[str, str | None], str]) -> Row:
    made = dict(row)
    made["tags"] = _labelled(str(made.pop(_URIS, None) or "").split(), label)
    return made


def _document_row(row: dict[str, Any], label: Callable[[str, str | None], str]) -> Row:
    metadata, subjects = row.get("metadata") or {}, row.get("subjects") or []
    if not isinstance(metadata, dict):
        raise CorpusError("wrong type", field="metadata", found=metadata, expected="an object")
    if not isinstance(subjects, list) or not all(isinstance(one, dict) for one in subjects):
        raise CorpusError(
            "wrong type", field="subjects", found=subjects, expected="a list of objects with uri or label"
        )
    tags = [
        label(one["uri"], one.get("label")) if isinstance(one.get("uri"), str) else str(one.get("label") or "")
        for one in subjects
    ]
    made = {**metadata, **{key: row[key] for key in ("document_id", "text") if key in row}}
    return {**made, "tags": [tag for tag in tags if tag] or None}


READER = AnnifReader()
