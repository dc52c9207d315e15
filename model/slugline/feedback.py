"""The log of what people said of predictions: append-only JSON Lines that several programs may write at once.

One line for every answer; `docs/review.md` has its format. A line is written by one `write` to a file opened for
appending, under a lock, and is on disk when `append` returns. What a killed writer leaves of a line is closed by the
next one with a mark, so that no complete answer is ever lost, and nothing is ever changed that was written.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from slugline.article import Article
from slugline.corpus.clean import clean_article, clean_line
from slugline.errors import CorpusError, OutputError
from slugline.files import PATIENCE, sync_folder
from slugline.json_text import loads
from slugline.locks import lock
from slugline.records import record

FORMAT = 1
KINDS = ("accepted", "corrected", "rejected")
"""What may be said of an event type."""

TORN = " // torn"
"""What ends a line that a killed writer began; no line of JSON ends so."""

_TAGS = ("accepted", "rejected", "added")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@record(frozen=True, slots=True)
class EventAnswer:
    """What was said of an article's event type. `kind` is one of `KINDS`.

    `accepted`: it is `type`, as the model said; `corrected`: it is `type`, which the model did not say; `rejected`: it
    is not `type`, and what it is instead was not said. Of the first two, `type` None is "no type fits".
    """

    kind: str
    type: str | None


@record(frozen=True, slots=True)
class Feedback:
    """One answer of one person about one article.

    `id` is the article's where it came from and `digest` its `article_digest`; `model` is the digest of the model whose
    prediction was judged. `accepted` tags the model had proposed and are right, `rejected` ones are wrong, `added` ones
    it had not proposed. `complete` says that the article has no other tag than the accepted and the added ones; without
    it, nothing is known of a tag that is not named. `title` and `body`, cleaned, are there if the text was to be kept.
    """

    id: str
    digest: str
    model: str
    who: str = ""
    time: str = ""
    accepted: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    complete: bool = False
    event_type: EventAnswer | None = None
    title: str | None = None
    body: str | None = None

    @classmethod
    def of(
        cls,
        article: Article,
        *,
        model: str,
        who: str = "",
        accepted: Iterable[str] = (),
        rejected: Iterable[str] = (),
        added: Iterable[str] = (),
        complete: bool = False,
        event_type: EventAnswer | None = None,
        keep_text: bool = False,
    ) -> Feedback:
        """An answer about `article`, of now; its text is part of it only with `keep_text`.

        Raises CorpusError where the answer contradicts itself, as `from_dict` does.
        """
        article = clean_article(article)
        made = cls(
            article.id,
            article_digest(article),
            model,
            clean_line(who),
            now(),
            _cleaned(accepted),
            _cleaned(rejected),
            _cleaned(added),
            complete,
            event_type,
            article.title if keep_text else None,
            article.body if keep_text else None,
        )
        return cls.from_dict(made.to_dict())

    @property
    def tags(self) -> frozenset[str]:
        """The tags that the article has, as far as was said."""
        return frozenset((*self.accepted, *self.added))

    @property
    def article(self) -> Article | None:
        """The article, where its text was kept."""
        return None if self.title is None or self.body is None else Article(self.id, self.title, self.body)

    def to_dict(self) -> dict[str, Any]:
        """The documented JSON object."""
        article = {"id": self.id, "digest": self.digest}
        if self.title is not None and self.body is not None:
            article |= {"title": self.title, "body": self.body}
        tags: dict[str, Any] = {name: list(getattr(self, name)) for name in _TAGS}
        if self.complete:
            tags["complete"] = True
        event = self.event_type
        return {
            "format": FORMAT,
            "time": self.time,
            "who": self.who,
            "model": self.model,
            "article": article,
            "tags": tags,
            "event_type": None if event is None else {event.kind: event.type},
        }

    @classmethod
    def from_dict(cls, found: object) -> Feedback:
        """An answer from its JSON object. Raises CorpusError, naming the field, for what is none."""
        row = _object(found, None)
        if row.get("format") != FORMAT or isinstance(row.get("format"), bool):
            raise CorpusError("unknown format", field="format", found=row.get("format"), expected=str(FORMAT))
        article, tags = _object(row.get("article"), "article"), _object(row.get("tags", {}), "tags")
        accepted, rejected, added = (_tags(tags.get(name, []), f"tags.{name}") for name in _TAGS)
        if both := sorted({*accepted, *added}.intersection(rejected)):
            raise CorpusError("a tag both rejected and not", field="tags.rejected", found=both[0])
        complete = tags.get("complete", False)
        if not isinstance(complete, bool):
            raise CorpusError("wrong type", field="tags.complete", found=complete, expected="true or false")
        text = [article.get("title"), article.get("body")]
        title, body = (None, None) if text == [None, None] else (_string(article, "title"), _string(article, "body"))
        digest, time = _string(article, "digest", "article."), _string(row, "time")
        if not _DIGEST.fullmatch(digest):
            raise CorpusError("no digest", field="article.digest", found=digest, expected="sha256: and 64 digits")
        if not _is_time(time):
            raise CorpusError("no time", field="time", found=time, expected="UTC such as 2026-11-26T12:00:00Z")
        return cls(
            _string(article, "id", "article."),
            digest,
            _string(row, "model"),
            _string(row, "who"),
            time,
            accepted,
            rejected,
            added,
            complete,
            _event_answer(row.get("event_type")),
            title,
            body,
        )


def article_digest(article: Article) -> str:
    r"""`sha256:` and the SHA-256 of an article's cleaned title, a line feed, and its cleaned body, as UTF-8.

    >>> article_digest(Article("1", "Caf\u00e9 ")) == article_digest(Article("2", "Cafe\u0301"))
    True
    """
    article = clean_article(article)
    return "sha256:" + hashlib.sha256(f"{article.title}\n{article.body}".encode()).hexdigest()


def now() -> str:
    """The time, UTC, to the second, as the log has it."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def append(path: str | Path, answer: Feedback) -> None:
    """Add one answer to the log `path`, which is made if it is not there; it is on disk when this returns.

    Any number of processes and threads may do so at once. Raises OutputError if it cannot be written, or if another
    process keeps it locked, and then the log is as it was.
    """
    line = json.dumps(answer.to_dict(), ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
    try:
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        try:
            if lock(handle, PATIENCE) is False:
                raise OutputError("another process keeps it locked", file=path, expected="to try again")
            size = os.fstat(handle).st_size
            try:
                _write(handle, _closing(handle, size) + line)
                os.fsync(handle)
            except OSError:
                # A full disk may have taken half of it.
                os.ftruncate(handle, size)
                raise
        finally:
            # Closing unlocks.
            os.close(handle)
        if not size:
            # Its name must be on disk as well, whoever made it.
            sync_folder(Path(path).parent)
    except OSError as error:
        raise OutputError(f"cannot write ({error.strerror})", file=path) from error


def read(path: str | Path, on_torn: Callable[[CorpusError], None] | None = None) -> Iterator[Feedback]:
    """The answers of a log, in the order in which they were written.

    Lines that a killed writer did not finish are passed over, each given to `on_torn`. Raises CorpusError, naming the
    line and the field, for any other line that is not an answer, and if the file cannot be read.
    """
    try:
        with Path(path).open("rb") as stream:
            for number, raw in enumerate(stream, 1):
                ended = raw.endswith(b"\n")
                text = raw.decode("utf-8", "replace").strip()
                if not text:
                    continue
                try:
                    found = loads(text)
                except ValueError as error:
                    if not ended or text.endswith(TORN):
                        if on_torn is not None:
                            on_torn(CorpusError("an unfinished answer is passed over", file=path, line=number))
                        continue
                    raise CorpusError(
                        "not JSON", file=path, line=number, found=text, expected="an answer as in docs/review.md"
                    ) from error
                try:
                    yield Feedback.from_dict(found)
                except CorpusError as error:
                    error.file, error.line = str(path), number
                    raise
    except OSError as error:
        raise CorpusError(f"cannot be read ({error.strerror})", file=path) from error


def judged(path: str | Path, on_torn: Callable[[CorpusError], None] | None = None) -> set[str]:
    """The digests of the articles that a log has answers about; none where there is no log yet. Raises as `read`."""
    return {answer.digest for answer in read(path, on_torn)} if Path(path).exists() else set()


def _cleaned(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clean_line(tag) for tag in tags))


def _closing(handle: int, size: int) -> bytes:
    """What must stand before a new line: nothing, or the end of a line that has none."""
    if not size or _at(handle, size - 1, 1) == b"\n":
        return b""
    start, last = size, b""
    while start and b"\n" not in last:
        step = min(start, 1 << 16)
        start -= step
        last = _at(handle, start, step) + last
    try:
        loads(last.rpartition(b"\n")[2])
    except ValueError:
        return TORN.encode() + b"\n"
    # Whole, and only its end is missing: somebody's editor took it away.
    return b"\n"


def _at(handle: int, start: int, count: int) -> bytes:
    os.lseek(handle, start, os.SEEK_SET)
    return os.read(handle, count)


def _write(handle: int, content: bytes) -> None:
    while content:
        content = content[os.write(handle, content) :]


def _object(found: object, field: str | None) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise CorpusError("not an answer", field=field, found=found, expected="an object")
    return found


def _string(row: Mapping[str, Any], name: str, within: str = "") -> str:
    found = row.get(name)
    if not isinstance(found, str):
        raise CorpusError("wrong type", field=within + name, found=found, expected="text")
    return found


def _tags(found: object, field: str) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(tag, str) and tag.strip() for tag in found):
        raise CorpusError("wrong type", field=field, found=found, expected="a list of tags")
    return tuple(found)


def _event_answer(found: object) -> EventAnswer | None:
    if found is None:
        return None
    row = _object(found, "event_type")
    if len(row) != 1 or not set(row) <= set(KINDS):
        raise CorpusError("unknown answer", field="event_type", found=dict(row), expected="one of " + ", ".join(KINDS))
    ((kind, label),) = row.items()
    if not (label is None or (isinstance(label, str) and label.strip())):
        raise CorpusError("wrong type", field=f"event_type.{kind}", found=label, expected="an event type or null")
    return EventAnswer(kind, label)


def _is_time(text: str) -> bool:
    try:
        return bool(_TIME.fullmatch(text)) and dt.datetime.fromisoformat(text) is not None
    except ValueError:
        return False
