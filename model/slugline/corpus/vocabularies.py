"""A user's own vocabulary: tags and their other names, as plain text, a table, JSON, SKOS or an alias file.

| file | content |
|---|---|
| `.txt` | a tag a line; empty lines and lines that begin with "# " are passed over |
| `.csv`, `.tsv` | a tag in the first column, its other names in the others (or several in one, parted by "|") |
| `.json` | `{"Syria": ["Syrian Arab Republic"]}`, or a list of tags and of `{"tag": ..., "names": [...]}` |
| `.json`, `.jsonld` | SKOS as JSON-LD: prefLabel is the tag, altLabel and hiddenLabel its other names |
| `.ttl`, `.nt` | SKOS as Turtle or N-Triples |
| `.rdf`, `.xml`, `.owl` | SKOS as RDF/XML |
| `.toml` | an alias file |

A table of subjects as Annif has them (`slugline.corpus.subjects`) gives their labels.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from slugline.config import read_toml
from slugline.corpus.clean import clean_line
from slugline.corpus.skos import RDF_XML
from slugline.corpus.subjects import is_subject_table, read_subjects
from slugline.corpus.tags import load_aliases, tag_key, tidy_tag
from slugline.errors import CorpusError
from slugline.json_text import loads

Names = dict[str, tuple[str, ...]]
"""A tag and its other names."""

_SKOS = ("", "skos:", "http://www.w3.org/2004/02/skos/core#")
_HEADER = frozenset({"tag", "tags", "name", "label", "preflabel", "term", "descriptor"})
_EXPECTED = ".txt, .csv, .tsv, .json, .jsonld, .ttl, .nt, .rdf or .toml"


def read_vocabulary(path: str | Path, language: str = "en") -> Names:
    """The tags of a vocabulary file with their other names, in the file's order; spellings of one tag are joined.

    Of labels in several languages (SKOS), those in `language` are taken, else those without one; a concept that has
    neither is left out. Raises CorpusError, naming file and line where there is one, for a file that cannot be read or
    is none of these, and where no tag is left.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in _READERS:
        raise CorpusError("not a vocabulary file", file=path, found=kind or "no suffix", expected=_EXPECTED)
    tags: dict[str, str] = {}
    names: dict[str, dict[str, None]] = {}
    for tag, others in _READERS[kind](path, language):
        spelled = tags.setdefault(tag_key(tag), tag)
        own = names.setdefault(spelled, {})
        own |= {name: None for name in (*others, *((tag,) if tag != spelled else ())) if tag_key(name)}
    if not names:
        raise CorpusError("no tag", file=path, expected=f"tags with a label in {language!r} or in none")
    return {tag: tuple(others) for tag, others in names.items()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CorpusError(f"cannot read ({error.strerror})", file=path) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise CorpusError("not UTF-8", file=path, line=line) from error


def _tag(text: str, path: Path, line: int | None = None, field: str | None = None) -> str:
    tag = tidy_tag(text)
    if not tag_key(tag):
        raise CorpusError("not a tag", file=path, line=line, field=field, found=text, expected="letters or digits")
    return tag


def _lines(path: Path, _: str) -> Iterator[tuple[str, list[str]]]:
    for number, line in enumerate(_text(path).splitlines(), start=1):
        if line.strip() and not line.startswith("# "):
            yield _tag(line, path, number), []


def _table(path: Path, language: str) -> Iterator[tuple[str, list[str]]]:
    text = _text(path)
    if is_subject_table(text):
        yield from _subjects(path, language)
        return
    first = text.partition("\n")[0]
    sign = "\t" if path.suffix.lower() == ".tsv" or "\t" in first else ";" if ";" in first and "," not in first else ","
    rows = csv.reader(text.splitlines(keepends=True), delimiter=sign, strict=True)
    try:
        for place, row in enumerate(rows):
            cells = [clean_line(cell) for cell in row]
            if not any(cells) or (place == 0 and cells[0].casefold() in _HEADER):
                continue
            others = [name.strip() for cell in cells[1:] for name in cell.split("|") if name.strip()]
            yield _tag(cells[0], path, rows.line_num), others
    except csv.Error as error:
        raise CorpusError(f"not a table: {error}", file=path, line=rows.line_num) from error


def _subjects(path: Path, language: str) -> Iterator[tuple[str, list[str]]]:
    for uri, concept in read_subjects(path, language).items():
        yield _tag(concept.preferred[0][1], path, field=uri), [name for _, name in concept.others]


def _json(path: Path, language: str) -> Iterator[tuple[str, list[str]]]:
    try:
        content = loads(_text(path))
    except ValueError as error:
        raise CorpusError(f"not JSON: {error}", file=path, line=getattr(error, "lineno", None)) from error
    if isinstance(content, dict) and (set(content) & {"@graph", "@context", "@id"} or _label(content, "prefLabel")):
        content = content.get("@graph", [content])
    if isinstance(content, dict):
        content = [{"tag": tag, "names": names} for tag, names in content.items()]
    if not isinstance(content, list):
        raise CorpusError("not a vocabulary", file=path, found=type(content).__name__, expected="an object or a list")
    for number, item in enumerate(content, start=1):
        field = f"entry {number}"
        if isinstance(item, str):
            yield _tag(item, path, field=field), []
        elif isinstance(item, dict) and isinstance(item.get("tag"), str):
            names = item.get("names", [])
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise CorpusError("wrong type", file=path, field=item["tag"], found=names, expected="a list of names")
            yield _tag(item["tag"], path, field=field), names
        elif isinstance(item, dict) and ("@id" in item or "id" in item or _label(item, "prefLabel")):
            # Schemes, collections and concepts in other languages have no label to take.
            labels = _in_language(_label(item, "prefLabel"), language)
            if labels:
                others = [_in_language(_label(item, kind), language) for kind in ("altLabel", "hiddenLabel")]
                yield _tag(labels[0], path, field=field), [name for found in others for name in found]
        else:
            raise CorpusError("not a tag", file=path, field=field, found=item, expected="a tag or a SKOS concept")


def _label(concept: dict[str, Any], kind: str) -> Any:
    return next((concept[prefix + kind] for prefix in _SKOS if prefix + kind in concept), None)


def _in_language(labels: Any, language: str) -> list[str]:
    """The labels in `language` ("en" takes "en-GB" too), else those that are in none."""
    found: list[tuple[str, str]] = []
    for label in labels if isinstance(labels, list) else [labels]:
        if isinstance(label, str):
            found.append(("", label))
        elif isinstance(label, dict) and isinstance(label.get("@value"), str):
            found.append((str(label.get("@language") or ""), label["@value"]))
        elif isinstance(label, dict):
            for tongue, texts in label.items():
                several = texts if isinstance(texts, list) else [texts]
                found += [(tongue, text) for text in several if isinstance(text, str) and not tongue.startswith("@")]
    wanted = language.casefold()
    own = [text for tongue, text in found if tongue.casefold() == wanted or tongue.casefold().startswith(wanted + "-")]
    return [text for text in (own or [text for tongue, text in found if not tongue]) if text.strip()]


def _aliases(path: Path, _: str) -> Iterator[tuple[str, list[str]]]:
    load_aliases(path)  # refuses what is no alias file
    for tag, names in read_toml(path)["aliases"].items():
        yield tag, list(names)


_READERS: dict[str, Callable[[Path, str], Iterator[tuple[str, list[str]]]]] = {
    ".txt": _lines,
    ".csv": _table,
    ".tsv": _table,
    ".json": _json,
    ".jsonld": _json,
    **dict.fromkeys((".ttl", ".nt", ".n3", *RDF_XML), _subjects),
    ".toml": _aliases,
}
