"""MUC-3/4: newspaper and radio articles on Latin America, with the event types of their answer keys, as JSONL."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slugline.article import NONE, Article, Labels
from slugline.corpus.corpus import HELD_OUT, TRAIN, Record
from slugline.corpus.readers.base import ReadOptions, choose_families
from slugline.corpus.readers.dates import MONTHS
from slugline.corpus.readers.special import first_row, row_records, strings_of, text_of
from slugline.errors import CorpusError

FAMILIES = ("event_types",)

RAREST_FIRST = ("forced_work_stoppage", "robbery", "arson", "kidnapping", "bombing", "attack")
"""Event types from the rarest to the most frequent: 5, 17, 46, 102, 246 and 553 of the 1,500 articles."""

_PARTS = {"train": TRAIN, "dev": HELD_OUT}
# The training articles start with the name of the laboratory that wrote their key: "(U NEBRASKA)".
_LABORATORY = re.compile(r"\A\s*\([A-Z ]{2,30}\)\s*\n")
# "SAN JOSE (COSTA RICA), 18 NOV 89 (ACAN-EFE) -- ", "CLANDESTINE, NO DATE (RADIO VENCEREMOS) -- ", "PERTH, JUNE 11 89"
_DATELINE = re.compile(
    r"\A\s*(?P<place>[A-Z][^\[\]\n]{1,60}?)\s*,\s+(?P<when>NO DATE|[A-Z0-9 ]{5,20}?)\s*"
    r"(?:[(\[](?P<source>[^()\[\]]{2,80})\)\s*)?--\s*"
)
_DAY = re.compile(
    r"(?:(?P<day>\d{1,2}) (?P<month>[A-Z]{3})[A-Z]*|(?P<month2>[A-Z]{3})[A-Z]* (?P<day2>\d{1,2})) (?P<year>[89]\d)"
)
_EDITORS_MARK = re.compile(r"\[(?:TEXT|CONTINUED|EXCERPTS?|SUMMARY|WORDS? INDISTINCT|PASSAGE (?:OMITTED|INDISTINCT))\]")


class Muc34Reader:
    """Reads the MUC-3 and MUC-4 articles (Proceedings of the Fourth Message Understanding Conference, 1992).

    An article with a key and no event type has the event type "none"; one without a key is not annotated. Of several
    event types, which the data lists by alphabet, the rarest is taken: an attack with a bomb is filed as both, and
    "bombing" says more. All of them are tags where the family `event_types` is asked for; by default there are no tags.

    The official split trains on `train` and holds `dev` out. Date and source are taken from the dateline; the name of
    the laboratory that wrote the key and the transcribers' marks ("[TEXT]", "[WORDS INDISTINCT]") are left out, as no
    article has them that is not of this corpus. Names spelled out in brackets stay. The text is all capitals.
    """

    name = "muc34"
    extra: str | None = None
    families: tuple[str, ...] = FAMILIES

    def sniff(self, path: Path, head: bytes) -> bool:
        """Whether the first row has this corpus's keys."""
        return path.is_file() and {"text", "event_types", "has_key", "split"} <= first_row(head).keys()

    def read(self, path: Path, options: ReadOptions) -> Iterator[Record]:
        """Yield one record per row; raises and reports as `Reader.read` says."""
        families = choose_families(options, FAMILIES, ())
        yield from row_records(path, lambda row: _record(row, families), options)


READER = Muc34Reader()


def _record(row: dict[str, Any], families: tuple[str, ...]) -> Record:
    split = row.get("split")
    if split not in _PARTS:
        raise CorpusError("unknown part", field="split", found=split, expected=f"one of {', '.join(_PARTS)}")
    names = frozenset("_".join(name.lower().split()) for name in strings_of(row, "event_types"))
    annotated = row.get("has_key") is True
    event_type = min(names, key=_rarity) if names else NONE
    labels = Labels(names if annotated and families else None, event_type if annotated else None)
    body, date, source = _body(text_of(row, "text"))
    article = Article(id=text_of(row, "id"), body=body, date=date, source=source, language="en")
    return Record(article, labels, _PARTS[split])


def _rarity(name: str) -> tuple[int, str]:
    return (RAREST_FIRST.index(name) if name in RAREST_FIRST else len(RAREST_FIRST), name)


def _body(text: str) -> tuple[str, dt.date | None, str | None]:
    """Body, date and source. The place of the dateline stays in front of the body, as in a newspaper."""
    text = _LABORATORY.sub("", text)
    date, source = None, None
    match = _DATELINE.match(text)
    if match:
        date, source = _date(match["when"]), match["source"]
        source = None if source is None else " ".join(source.split())
        place = "" if match["place"] in ("NO CITY", "CLANDESTINE") else f"{match['place']} -- "
        text = place + text[match.end() :]
    text = _EDITORS_MARK.sub("", text)
    paragraphs = (" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph), date, source


def _date(when: str) -> dt.date | None:
    match = _DAY.fullmatch(" ".join(when.split()))
    if match is None:
        return None
    month = MONTHS.get((match["month"] or match["month2"]).lower(), 0)
    try:
        return dt.date(1900 + int(match["year"]), month, int(match["day"] or match["day2"]))
    except ValueError:
        return None
