"""What a page's form holds: the article, and what somebody has made of it so far. The server keeps nothing of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import Request
from starlette.datastructures import UploadFile

from slugline.serve.settings import Limits

CHOICES = ("accept", "reject", "skip")
"""What can be said of one label."""

_MOST_FIELDS = 10_000


@dataclass(slots=True)
class PageForm:
    """The fields of the forms of all pages, each empty where it was not sent.

    The article is `title` and `body`, or number `at` (from 0) of the JSON Lines `batch`, of which those in `saved` have
    been judged. `do` is the button that was pressed, such as "show:tag:Syria". `shown` is the label whose words are
    shown: "event", "group" or "tag:NAME". `choices` has what was said of each tag. `added` and `asked` are tags that
    were added and looked up, `tag` what stands in the field for another one. `kept` is the `judgement_key` that was
    saved last, `model` the digest of the model that was judged, and `leave` the button that was pressed when something
    was not saved yet.
    """

    do: str = ""
    title: str = ""
    body: str = ""
    id: str = ""
    batch: str = ""
    at: int = 0
    saved: list[int] = field(default_factory=list)
    who: str = ""
    shown: str = ""
    choices: dict[str, str] = field(default_factory=dict)
    event: str = "skip"
    event_type: str = ""
    added: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    tag: str = ""
    complete: bool = False
    kept: str = ""
    model: str = ""
    leave: str = ""
    file_name: str = ""
    file: bytes = b""

    @property
    def several(self) -> bool:
        """Whether it is about one of several articles."""
        return bool(self.batch)

    @property
    def verb(self) -> str:
        """What is to be done."""
        return self.do.partition(":")[0]

    @property
    def target(self) -> str:
        """What it is to be done with."""
        return self.do.partition(":")[2]

    @property
    def judged(self) -> bool:
        """Whether anything was said of the article."""
        return bool(self.added or self.event_type or self.event != "skip" or set(self.choices.values()) - {"skip"})

    @property
    def judgement_key(self) -> str:
        """A digest of what was said of the article; empty where nothing was."""
        if not self.judged:
            return ""
        said = [sorted(self.choices.items()), self.event, self.event_type, self.added, self.complete, self.at]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]

    @property
    def dirty(self) -> bool:
        """Whether something was said that was not saved."""
        return self.judged and self.judgement_key != self.kept

    def forget(self) -> None:
        """Drop what was said of the article, for another one comes."""
        self.choices, self.event, self.event_type, self.complete = {}, "skip", "", False
        self.added, self.asked, self.tag, self.shown, self.kept = [], [], "", "", ""


async def read_form(request: Request, limits: Limits) -> PageForm:
    """The form that was sent. Values that no page of ours would send are passed over.

    Raises starlette's HTTPException for a body that is no form.
    """
    async with request.form(max_files=1, max_fields=_MOST_FIELDS, max_part_size=limits.body) as sent:
        texts = [(name, _lines(value)) for name, value in sent.multi_items() if isinstance(value, str)]
        made = from_fields(texts)
        file = sent.get("file")
        if isinstance(file, UploadFile) and file.filename:
            made.file_name, made.file = file.filename, await file.read()
    return made


def from_fields(fields: Sequence[tuple[str, str]]) -> PageForm:
    """The form with these names and values, in their order."""
    last: Mapping[str, str] = dict(fields)
    made = PageForm()
    for name in _TEXTS:
        setattr(made, name, last.get(name, ""))
    made.at = _number(last.get("at", "")) or 0
    made.complete = last.get("complete") == "yes"
    if last.get("event") in CHOICES:
        made.event = last["event"]
    made.saved = sorted(
        {number for name, value in fields if name == "saved" and (number := _number(value)) is not None}
    )
    made.added = list(dict.fromkeys(value for name, value in fields if name == "added" and value))
    made.asked = list(dict.fromkeys(value for name, value in fields if name == "asked" and value))
    made.choices = {name[4:]: value for name, value in fields if name.startswith("tag:") and value in CHOICES}
    return made


_TEXTS = ("do", "title", "body", "id", "batch", "who", "shown", "event_type", "tag", "kept", "model", "leave")


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
