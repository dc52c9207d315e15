"""Which column or key of a corpus is which field of an article, and how its value is read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from slugline.article import Article, Labels
from slugline.corpus.compression import plain_name
from slugline.corpus.corpus import Record
from slugline.corpus.readers.base import ReadOptions, SeenIds, placed
from slugline.corpus.readers.dates import ORDERS, parse_date
from slugline.corpus.readers.values import (
    is_blank,
    is_null,
    read_event_type,
    read_name,
    read_part,
    read_tags,
    read_text_value,
)
from slugline.errors import CorpusError

FIELDS: dict[str, tuple[str, ...]] = {
    "id": ("id", "article_id", "doc_id", "document_id", "newid", "uid", "uuid", "guid", "file", "filename"),
    "title": ("title", "headline", "heading", "head"),
    "body": (
        *("body", "text", "content", "article", "article_text", "full_text", "maintext", "article_body"),
        *("body_text", "story", "document", "summary", "description", "short_description", "abstract"),
    ),
    "tags": ("tags", "keywords", "labels", "topics", "subjects", "categories", "descriptors"),
    "event_type": ("event_type", "category", "label", "class", "section"),
    "date": (
        *("date", "published", "pub_date", "publish_date", "published_at", "publication_date", "date_published"),
        *("date_publish", "datetime", "timestamp", "created_at"),
    ),
    "url": ("url", "link", "web_url", "canonical_url", "href"),
    "source": ("source", "publisher", "publication", "newspaper", "outlet", "source_domain"),
    "language": ("language", "lang"),
    "part": ("part", "split"),
}
"""Each field's usual names, the best first; case, blanks, hyphens and underscores do not matter."""

SETTINGS = ("date_order", "label_prefix", "subjects", "subject_language")
"""What may be given among the fields without being one.

`date_order` = dmy or mdy, for dates such as 01/05/2015; `label_prefix`, of the labels in fastText's files; `subjects`,
the vocabulary file that has the labels of URIs in Annif's corpora, and `subject_language`, in which they are.
"""

_LABELS = ("tags", "event_type", "part")
_NOT_ANNOTATED = Labels()


class FieldMap:
    """Makes records of the rows (mappings from column or key to value) of one file.

    With `labels=False`, labels are neither read nor required, ids may repeat, and a date that cannot be read is none:
    for articles to be predicted.
    Raises CorpusError if `options.fields` names no field of Slugline.
    """

    def __init__(self, file: str | Path, options: ReadOptions, *, labels: bool = True) -> None:
        self.file = file
        self.labels = labels
        self.order = _checked(options.fields)
        self.mapped = {name: key for name, key in options.fields.items() if name in FIELDS}
        self.families = options.families if labels else None
        self.stem = _stem(file)
        self._on_bad = options.on_bad
        self._seen = SeenIds(file) if labels and options.unique else None
        self._line: int | None = None
        self._on_line = 0
        self._unmet_families = set(self.families or ())
        self._known: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = {}
        self._unmet = {name: key for name, key in self.mapped.items() if labels or name not in _LABELS}

    def check_columns(self, columns: Iterable[str], line: int | None = None) -> None:
        """Raise CorpusError unless the columns have a headline or text, and every column that was asked for."""
        columns = tuple(columns)
        found = self._find(columns)
        for name, key in self._unmet.items():
            if not found[name]:
                raise CorpusError(
                    f"no column {key!r}; the columns are {_listed(columns)}", file=self.file, line=line, field=name
                )
        for key in self.families or ():
            if key not in columns:
                raise CorpusError(
                    f"no column {key!r} for tags; the columns are {_listed(columns)}", file=self.file, line=line
                )
        if not found["title"] and not found["body"]:
            raise self._textless(columns, line)

    def check_met(self) -> None:
        """Raise CorpusError if a key that was asked for occurred in no row at all."""
        unmet = [*self._unmet.items(), *(("tags", key) for key in sorted(self._unmet_families))]
        for name, key in unmet if self._known else ():
            seen = _listed({column: None for columns in self._known for column in columns})
            raise CorpusError(f"no row has the key {key!r}; the keys are {seen}", file=self.file, field=name)

    def used(self, columns: Iterable[str]) -> list[str]:
        """Those of the columns that a record is made of."""
        columns = tuple(columns)
        wanted = {column.split(".")[0] for hits in self._find(columns).values() for column in hits}
        return [column for column in columns if column in wanted or column in (self.families or ())]

    def records(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[Record]:
        """The record of each row, given with its line; `on_bad` of the options gets the errors of single rows."""
        for line, row in rows:
            try:
                record = self.record(row, line)
            except CorpusError as error:
                self._on_bad(error)
            else:
                yield record

    def record(self, row: Mapping[str, Any], line: int | None = None, *, default_id: str | None = None) -> Record:
        """The record of one row.

        An absent key or a null is "not annotated"; an empty list or text of tags is "no tag fits", and an empty or
        "none" event type is "no type fits". Raises CorpusError naming line and field.
        """
        columns = tuple(row)
        found = self._find(columns)
        if not found["title"] and not found["body"]:
            raise self._textless(columns, line)

        try:
            title = read_text_value(_first(row, found["title"]), "title")
            body = read_text_value(_first(row, found["body"]), "body")
            if not title.strip() and not body.strip():
                raise CorpusError("the article has neither headline nor text")
            article = Article(
                id=read_name(_first(row, found["id"]), "id") or default_id or self._line_id(line),
                title=title,
                body=body,
                date=self._date(_first(row, found["date"])),
                url=read_name(_first(row, found["url"]), "url"),
                source=read_name(_first(row, found["source"]), "source"),
                language=read_name(_first(row, found["language"]), "language"),
            )
            if not self.labels:
                return Record(article, _NOT_ANNOTATED)
            labels = Labels(self._tags(row, found["tags"]), read_event_type(_first(row, found["event_type"])))
            part = read_part(_first(row, found["part"]))
        except CorpusError as fault:
            raise placed(fault, self.file, line) from None
        if self._seen is not None:
            self._seen.add(article.id, line)
        return Record(article, labels, part)

    def _line_id(self, line: int | None) -> str:
        """An id made of file and line, for a JSON array may have several objects on one."""
        self._on_line = self._on_line + 1 if line == self._line else 1
        self._line = line
        return f"{self.stem}:{line}" if self._on_line == 1 else f"{self.stem}:{line}.{self._on_line}"

    def _date(self, value: Any) -> dt.date | None:
        try:
            return parse_date(value, self.order)
        except ValueError as error:
            if not self.labels:
                return None
            raise CorpusError(str(error), field="date", found=value, expected="a date such as 2015-01-31") from None

    def _tags(self, row: Mapping[str, Any], columns: tuple[str, ...]) -> frozenset[str] | None:
        if self.families is None:
            return read_tags(_first(row, columns))
        found = [tags for key in self.families if (tags := read_tags(_first(row, (key,)), key)) is not None]
        return frozenset[str]().union(*found) if found else None

    def _find(self, columns: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """Every field's columns that occur, the best first."""
        if columns in self._known:
            return self._known[columns]
        by_key: dict[str, str] = {}
        for column in columns:
            by_key.setdefault(field_key(column), column)
        found: dict[str, tuple[str, ...]] = {}
        taken = {self.mapped[name] for name in self.mapped}
        for name, usual in _USUAL.items():
            asked = self.mapped.get(name)
            if asked is None:
                hits = (by_key.get(key) for key in usual)
                found[name] = tuple(hit for hit in hits if hit is not None and hit not in taken)
            elif asked in columns or asked.split(".")[0] in columns:
                found[name] = (asked,)
            else:
                hit = by_key.get(field_key(asked))
                found[name] = () if hit is None else (hit,)
            if found[name]:
                self._unmet.pop(name, None)
        self._unmet_families.difference_update(columns)
        # Rows of ever new keys must not fill the memory.
        if len(self._known) < 1000:
            self._known[columns] = found
        return found

    def _textless(self, columns: tuple[str, ...], line: int | None) -> CorpusError:
        return CorpusError(
            f"no headline and no text: the columns or keys are {_listed(columns)}; "
            "say which one is the text with --field body=NAME (and --field title=NAME)",
            file=self.file,
            line=line,
        )


def field_key(name: str) -> str:
    """A column name without what does not matter in it.

    >>> field_key("Event-Type") == field_key("event type") == field_key("event_type")
    True
    """
    return re.sub(r"[\W_]+", "", name).casefold()


_USUAL = {name: tuple(map(field_key, usual)) for name, usual in FIELDS.items()}


def _checked(fields: Mapping[str, str]) -> str | None:
    for name in fields:
        if name not in FIELDS and name not in SETTINGS:
            raise CorpusError("unknown field", found=name, expected=f"one of {', '.join((*FIELDS, *SETTINGS))}")
    order = fields.get("date_order")
    if order is not None and order not in ORDERS:
        raise CorpusError("unknown order", field="date_order", found=order, expected=" or ".join(ORDERS))
    return order


def _first(row: Mapping[str, Any], columns: tuple[str, ...]) -> Any:
    """The first value that is not null, a blank one only if no other is there."""
    if not columns:
        return None
    value = row.get(columns[0])
    if type(value) is str and value and not value.isspace():
        return value
    blank = None
    for column in columns:
        value = row[column] if column in row else _walk(row, column)
        if is_null(value):
            continue
        if not is_blank(value):
            return value
        blank = value if blank is None else blank
    return blank


def _walk(row: Any, path: str) -> Any:
    for step in path.split("."):
        if not isinstance(row, Mapping):
            return None
        row = row.get(step)
    return row


def _listed(columns: Iterable[str], limit: int = 12) -> str:
    shown = [repr(column if len(column) <= 40 else column[:37] + "...") for column in columns]
    return ", ".join(shown[:limit]) + (f" and {len(shown) - limit} more" if len(shown) > limit else "") or "none"


def _stem(file: str | Path) -> str:
    return plain_name(Path(file).name)
