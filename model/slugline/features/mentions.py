"""Which tags an article mentions by name, and how: the features that a match of a name has of itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

import numpy as np

from slugline.features.names import NameIndex, article_words, covered, name_key, short_form
from slugline.features.vocabulary import Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.article import Article

MENTION_FEATURES = (
    "in the headline",
    "among the first 12 words",
    "among the first 30 words",
    "place of the first mention, 0 to 1",
    "log of mentions",
    "share of the words",
    "inside longer names only",
    "log of words in the name",
    "written with capitals",
    "by a shortened name",
    "log of tags that share the name",
    "log of other tags mentioned",
)
"""What is measured of each (article, tag) pair, in this order."""


@dataclass(frozen=True, slots=True, eq=False)
class NameTable:
    """The names of T tags. Name i is one of the tags `tags[indptr[i]:indptr[i + 1]]`, each with whether it is its full
    name or alias (`full`) or a shortened one.
    """

    index: NameIndex
    indptr: NDArray[np.int64]  # (names + 1,)
    tags: NDArray[np.int32]
    full: NDArray[np.uint8]

    @classmethod
    def build(
        cls, tags: Sequence[str], aliases: Mapping[str, Iterable[str]] | None = None, *, skip: int = 0
    ) -> NameTable:
        """The names of `tags`: each tag itself, its `aliases` (by tag), and their short forms; what can be no name is
        left out. Of the first `skip` tags the aliases alone.
        """
        owners: dict[str, dict[int, bool]] = {}
        for number, tag in enumerate(tags):
            others = tuple((aliases or {}).get(tag, ()))
            for name in others if number < skip else (tag, *others):
                short = short_form(name)
                for form, full in ((name, True), (short, False)):
                    if form and (key := name_key(form)):
                        of = owners.setdefault(key, {})
                        of[number] = of.get(number, False) or full
        return cls._packed(owners)

    def merged(self, other: NameTable) -> NameTable:
        """The names of both tables, whose tags have the same numbers."""
        owners: dict[str, dict[int, bool]] = {}
        for table in (self, other):
            for name, key in enumerate(table.index.keys.terms()):
                part = slice(int(table.indptr[name]), int(table.indptr[name + 1]))
                of = owners.setdefault(key, {})
                for tag, full in zip(table.tags[part].tolist(), table.full[part].tolist(), strict=True):
                    of[tag] = of.get(tag, False) or bool(full)
        return self._packed(owners)

    @classmethod
    def _packed(cls, owners: Mapping[str, Mapping[int, bool]]) -> NameTable:
        keys = Vocabulary.from_terms(owners)
        ordered = [sorted(owners[key].items()) for key in keys.terms()]
        indptr = np.zeros(len(ordered) + 1, dtype=np.int64)
        np.cumsum([len(of) for of in ordered], out=indptr[1:])
        return cls(
            NameIndex(keys),
            indptr,
            np.array([tag for of in ordered for tag, _ in of], dtype=np.int32),
            np.array([full for of in ordered for _, full in of], dtype=np.uint8),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Mentions:
    """P pairs of an article and a tag that it mentions, by article and then by tag; `values` are MENTION_FEATURES."""

    article: NDArray[np.int64]  # (P,)
    tag: NDArray[np.int64]  # (P,)
    values: NDArray[np.float64]  # (P, len(MENTION_FEATURES))

    def __len__(self) -> int:
        return len(self.article)


def find_mentions(articles: Iterable[Article], table: NameTable) -> Mentions:
    """Every tag of `table` that each of the cleaned articles mentions, once."""
    rows: list[int] = []
    tags: list[int] = []
    values: list[tuple[float, ...]] = []
    for number, article in enumerate(articles):
        for tag, measured in _of_article(article, table):
            rows.append(number)
            tags.append(tag)
            values.append(measured)
    return Mentions(
        np.array(rows, dtype=np.int64),
        np.array(tags, dtype=np.int64),
        np.array(values, dtype=np.float64).reshape(-1, len(MENTION_FEATURES)),
    )


def _of_article(article: Article, table: NameTable) -> list[tuple[int, tuple[float, ...]]]:
    words = article_words(article)
    found = table.index.find(words)
    if not found:
        return []
    length = sum(1 for word in words.tokens if word)
    start_of_body = words.title + 1
    first: dict[int, int] = {}
    title: set[int] = set()
    count: Counter[int] = Counter()
    seen: Counter[int] = Counter()
    longest: dict[int, int] = {}
    capital: dict[int, float] = {}
    full: set[int] = set()
    sharing: dict[int, int] = {}
    for one, inside in zip(found, covered(found), strict=True):
        low, high = int(table.indptr[one.name]), int(table.indptr[one.name + 1])
        own = words.tokens[one.start : one.start + one.length]
        capitals = sum(word in words.capitalised for word in own) / one.length
        for place in range(low, high):
            tag = int(table.tags[place])
            seen[tag] += 1
            if not inside:
                count[tag] += one.length
            if one.start < words.title:
                title.add(tag)
                position = 0
            else:
                position = one.start - start_of_body
            first[tag] = min(first.get(tag, position), position)
            longest[tag] = max(longest.get(tag, 0), one.length)
            capital[tag] = max(capital.get(tag, 0.0), capitals)
            sharing[tag] = min(sharing.get(tag, high - low), high - low)
            if table.full[place]:
                full.add(tag)
    others = log(len(seen))
    return [
        (
            tag,
            (
                float(tag in title),
                float(first[tag] < 12),
                float(first[tag] < 30),
                first[tag] / max(1, length),
                log(seen[tag]),
                count[tag] / length,
                float(not count[tag]),
                log(longest[tag]),
                capital[tag],
                float(tag not in full),
                log(sharing[tag]),
                others,
            ),
        )
        for tag in sorted(seen)
    ]
