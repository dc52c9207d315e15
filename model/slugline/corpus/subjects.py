"""Subjects of a controlled vocabulary by their addresses (URIs), as Annif keeps them: which label each has.

Formats as in "Subject vocabulary formats" of Annif's wiki, read as Annif 1.4 does:

| file | content |
|---|---|
| `.tsv` | a subject a line: `<URI>`, tab, label, perhaps a tab and a notation; one without a label is deprecated |
| `.csv` | a header with `uri` and, for each language, `label_en` and the like |
| `.ttl`, `.nt`, `.jsonld` | SKOS |
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from slugline.corpus.clean import clean_line
from slugline.corpus.encoding import read_text, split_lines
from slugline.corpus.skos import SUFFIXES, Concept, in_language, read_concepts
from slugline.errors import CorpusError

_LABEL = "label_"


def read_subjects(path: str | Path, language: str | None = None) -> dict[str, Concept]:
    """The subjects of a vocabulary file by URI, each with one preferred label, the one in `language`.

    Without `language`, labels in no language are taken, else those in the file's only language, else English ones.
    Subjects without such a label are left out. Raises CorpusError for a file that cannot be read or is no vocabulary,
    for labels in several languages of which none is English, and where no subject is left.
    """
    path = Path(path)
    found = list(_subjects(path))
    known = {said for one in found for said, _ in _labels(one)}
    if language is None:
        several = sorted(known - {""})
        english = any(one == "en" or one.startswith("en-") for one in several)
        if len(several) > 1 and not english and "" not in known:
            raise CorpusError(
                "labels in several languages",
                file=path,
                found=", ".join(several[:8]),
                expected=f"--field subject_language={several[0]} or another of them",
            )
        language = several[0] if len(several) == 1 else "en"
    made = {}
    for one in found:
        labels = [text for label in in_language(_labels(one), language) if (text := clean_line(label))]
        if labels:
            others = in_language(one.others, language)
            made[one.uri] = Concept(one.uri, [(language, labels[0])], [(language, name) for name in others])
    if not made:
        said = ", ".join(sorted(known - {""})[:8])
        raise CorpusError(
            f"no subject has a label in {language!r}", file=path, found=said or None, expected="URIs with labels"
        )
    return made


def bare_uri(text: str) -> str:
    """A URI without the angle brackets that it may stand in.

    >>> bare_uri("<http://example.org/a>"), bare_uri("http://example.org/a")
    ('http://example.org/a', 'http://example.org/a')
    """
    text = text.strip()
    return text[1:-1] if text.startswith("<") and text.endswith(">") else text


def is_uri(text: str) -> bool:
    """Whether a text without blanks is a URI: anything in angle brackets, or `http://...`, `urn:...`."""
    if text.startswith("<"):
        return text.endswith(">") and len(text) > 2
    scheme, sign, rest = text.partition(":")
    return bool(sign and rest) and scheme.isalnum() and (rest.startswith("//") or scheme.lower() == "urn")


def is_subject_table(text: str) -> bool:
    """Whether a text is a table of subjects as Annif writes them, by its first line."""
    first = text.lstrip("\ufeff").partition("\n")[0].rstrip("\r")
    cell, tab, label = first.partition("\t")
    if tab:
        return is_uri(cell.strip()) and not all(map(is_uri, label.split()))
    names = [name.strip().strip('"') for name in first.split(",")]
    return "uri" in names and any(name.startswith(_LABEL) for name in names)


def _labels(one: Concept) -> list[tuple[str, str]]:
    return one.preferred or one.plain


def _subjects(path: Path) -> Iterator[Concept]:
    kind = path.suffix.lower()
    if kind in SUFFIXES:
        yield from read_concepts(path)
        return
    text = read_text(path)
    if not is_subject_table(text):
        raise CorpusError(
            "not a vocabulary of subjects",
            file=path,
            expected="TSV (<URI>, tab, label), CSV (uri, label_en, ...) or SKOS (.ttl, .nt, .jsonld)",
        )
    yield from _lines(text) if "\t" in text.partition("\n")[0] else _rows(text, path)


def _lines(text: str) -> Iterator[Concept]:
    for line in split_lines(text):
        uri, _, rest = line.strip().partition("\t")
        label = rest.split("\t")[0].strip()
        if uri and label:
            yield Concept(bare_uri(uri), [("", label)])


def _rows(text: str, path: Path) -> Iterator[Concept]:
    rows = csv.DictReader(split_lines(text))
    try:
        for row in rows:
            labels = [
                (name.removeprefix(_LABEL), value)
                for name, value in row.items()
                if isinstance(name, str) and name.startswith(_LABEL) and value
            ]
            if row.get("uri"):
                yield Concept(bare_uri(row["uri"]), labels)
    except csv.Error as error:
        raise CorpusError(f"not a table: {error}", file=path, line=rows.line_num) from error
