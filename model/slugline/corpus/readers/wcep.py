"""News events of Wikipedia's Current Events portal, as JSONL: id, date, text, category, topics and perhaps links."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slugline.article import Article, Labels
from slugline.corpus.corpus import Record
from slugline.corpus.readers.base import ReadOptions, choose_families
from slugline.corpus.readers.special import date_of, first_row, row_records, strings_of, text_of
from slugline.errors import CorpusError

FAMILIES = ("topics", "links")

GROUPS = (
    "Armed conflicts and attacks",
    "Arts and culture",
    "Business and economy",
    "Disasters and accidents",
    "Health and environment",
    "International relations",
    "Law and crime",
    "Politics and elections",
    "Science and technology",
    "Sports",
)
"""The portal's ten headings, which are the groups of Slugline's taxonomy."""

_VARIANTS = {
    "armed attacks and conflicts": "Armed conflicts and attacks",
    "armed conflict and attacks": "Armed conflicts and attacks",
    "attack and armed conflicts": "Armed conflicts and attacks",
    "attacks and armed conflicts": "Armed conflicts and attacks",
    "arts and cultures": "Arts and culture",
    "business and economics": "Business and economy",
    "business and economies": "Business and economy",
    "disaster and accident": "Disasters and accidents",
    "disaster and accidents": "Disasters and accidents",
    "disasters and accident": "Disasters and accidents",
    "disasters and incidents": "Disasters and accidents",
    "accidents and disasters": "Disasters and accidents",
    "environment and health": "Health and environment",
    "health and the environment": "Health and environment",
    "international relation": "International relations",
    "crime and law": "Law and crime",
    "law and crimes": "Law and crime",
    "elections and politics": "Politics and elections",
    "politics and election": "Politics and elections",
    "science and tech": "Science and technology",
    "technology and science": "Science and technology",
    "sport": "Sports",
}
_HEADINGS = {group.casefold(): group for group in GROUPS} | _VARIANTS


class WcepReader:
    """Reads the portal's events. `category` is the event type, which is a group of the taxonomy.

    Families: `topics` are the running stories under whose header editors filed an event, `links` the entities they
    linked. By default rows with `links` get both as tags, and rows without them none ("not annotated"): two thirds of
    the events of 2010-2020 have no story header, and a story's name says when rather than what ("2016 United States
    presidential election"), so that topics alone make poor tags.

    Where topics are asked for, an event under no header is annotated with none. A topic that is a number is no tag: it
    is the end of a header that was cut at its comma ("Philippine presidential election", "2016"). An event with
    nothing but numbers is not annotated, because which story it belongs to is lost.
    """

    name = "wcep"
    extra: str | None = None
    families: tuple[str, ...] = FAMILIES

    def sniff(self, path: Path, head: bytes) -> bool:
        """Whether the first row has this corpus's keys."""
        row = first_row(head)
        return path.is_file() and {"text", "category", "topics"} <= row.keys() and isinstance(row["topics"], list)

    def read(self, path: Path, options: ReadOptions) -> Iterator[Record]:
        """Yield one record per row; raises and reports as `Reader.read` says."""
        with_links, without = choose_families(options, FAMILIES), choose_families(options, FAMILIES, ())
        yield from row_records(path, lambda row: _record(row, with_links if "links" in row else without), options)


READER = WcepReader()


def heading(category: str) -> str:
    """The portal's heading that editors meant, spelling variants mended; one that is not known stays as it is.

    >>> heading("Law and Crime"), heading("Attacks and armed conflicts"), heading("Disasters and incidents")
    ('Law and crime', 'Armed conflicts and attacks', 'Disasters and accidents')
    """
    spelled = " ".join(category.replace("&", " and ").rstrip(" :.").casefold().split())
    return _HEADINGS.get(spelled, " ".join(category.split()))


def _record(row: dict[str, Any], families: tuple[str, ...]) -> Record:
    category = row.get("category")
    if category is not None and not isinstance(category, str):
        raise CorpusError("wrong type", field="category", found=category, expected="text")
    article = Article(
        id=text_of(row, "id"),
        body=text_of(row, "text"),
        date=date_of(row, "date"),
        source="Wikipedia Current Events portal",
        language="en",
    )
    return Record(article, Labels(_tags(row, families), heading(category) if category and category.strip() else None))


def _tags(row: dict[str, Any], families: tuple[str, ...]) -> frozenset[str] | None:
    known = [family for family in families if family in row]
    named = [(family, name.strip(" ,;")) for family in known for name in strings_of(row, family)]
    names = frozenset(name for family, name in named if name and not (family == "topics" and name.isdigit()))
    lost = bool(named) and not names
    return None if not known or lost else names
