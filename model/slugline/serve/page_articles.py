"""The articles of a form: pasted, uploaded, or one of several."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import PurePath

from slugline.article import Article
from slugline.corpus.compression import compression
from slugline.corpus.encoding import HEAD, binary_kind
from slugline.corpus.readers.articles import article_from_text, read_stream
from slugline.errors import SluglineError
from slugline.json_text import loads
from slugline.serve.page_form import PageForm
from slugline.serve.settings import Limits

PASTED = "pasted"
"""The id of an article that came without one."""


class FieldError(Exception):
    """A field of the form at fault, and what is the matter with it."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        self.message = message
        super().__init__(message)


def sent_articles(form: PageForm, limits: Limits) -> list[Article]:
    """The articles that somebody pasted or uploaded, at least one. Raises FieldError."""
    if form.file_name:
        if form.title.strip() or form.body.strip():
            raise FieldError("file", "There is a text above as well. Take out the text, or choose no file.")
        return _checked(_uploaded(form, limits), "file", limits)
    if not form.title.strip() and not form.body.strip():
        raise FieldError("body", "There is no text yet. Paste an article, or choose a file.")
    if not form.title.strip() and form.body.lstrip().startswith(("{", "[")):
        return _checked(_lines_of(form.body.encode("utf-8", "replace"), "The text", "body", limits), "body", limits)
    if form.title.strip():
        return _checked([Article(PASTED, form.title, form.body)], "body", limits)
    try:
        return _checked([article_from_text(form.body, PASTED)], "body", limits)
    except SluglineError as error:
        raise FieldError("body", _sentence(error, "The text")) from error


def to_lines(articles: Iterable[Article]) -> str:
    """Articles as the JSON Lines that a page carries along."""
    return "\n".join(
        json.dumps({"id": one.id, "title": one.title, "body": one.body}, ensure_ascii=False) for one in articles
    )


def from_lines(batch: str) -> list[Article]:
    """The articles of `to_lines`. Raises FieldError for what it cannot have made."""
    try:
        rows = [loads(line) for line in batch.split("\n") if line.strip()]
        found = [Article(str(row["id"]), str(row["title"]), str(row["body"])) for row in rows]
        for one in found:
            # Half of a surrogate pair, which JSON can spell, is no text: it could not be sent back.
            f"{one.id}{one.title}{one.body}".encode()
    except (ValueError, KeyError, TypeError) as error:
        raise FieldError("body", "The articles came back damaged. Please send them again.") from error
    if not found:
        raise FieldError("body", "The articles got lost. Please send them again.")
    return found


def _uploaded(form: PageForm, limits: Limits) -> list[Article]:
    name = PurePath(form.file_name.replace("\\", "/")).name
    if not form.file.strip():
        raise FieldError("file", f"{name} is empty.")
    # What is packed may unpack to more than any memory has.
    packed = compression(form.file[:HEAD])
    kind = binary_kind(form.file[:HEAD]) if packed is None else "compressed"
    if kind is not None:
        raise FieldError("file", f"{name} is {kind}, not a text. Send plain text, HTML, JSON, JSON Lines or CSV.")
    found = _lines_of(form.file, name, "file", limits)
    if len(found) == 1 and found[0].id == "stdin":
        found = [dataclasses.replace(found[0], id=PurePath(name).stem or PASTED)]
    return found


def _lines_of(data: bytes, name: str, field: str, limits: Limits) -> list[Article]:
    """The articles of some bytes, no more than are allowed and one."""
    try:
        return list(islice(read_stream(io.BytesIO(data), file=name), limits.articles + 1))
    except SluglineError as error:
        raise FieldError(field, _sentence(error, name)) from error


def _checked(articles: Sequence[Article], field: str, limits: Limits) -> list[Article]:
    if not articles:
        raise FieldError(field, "There is no article in it.")
    if len(articles) > limits.articles:
        raise FieldError(field, f"More than {limits.articles:,} articles. Send them in parts, or use slugline predict.")
    for number, article in enumerate(articles, 1):
        length = len(article.title) + len(article.body)
        if length > limits.text:
            which = "The article" if len(articles) == 1 else f"Article {number}"
            raise FieldError(field, f"{which} has {length:,} characters; at most {limits.text:,} are read.")
    return list(articles)


def _sentence(error: SluglineError, name: str) -> str:
    """The error for a person, who knows nothing of files."""
    line, error.file = error.line, None
    return f"{name}{':' if line is None else ','} {error}."
