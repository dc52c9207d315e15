"""Which tags an article mentions by name, and how: the features that a match of a name has of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import TYPE_CHECKING

import numpy as np

from slugline.features.names import BREAK, NameIndex, article_words, covered, name_key, short_form
from slugline.features.vocabulary import Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.article import Article
    from slugline.features.names import Found, Words

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

_EARLY, _STILL_EARLY = 12, 30
_MANY = 64  # articles that are read together


@dataclass(frozen=True, slots=True, eq=False)
class NameTable:
    """The names of T tags. Name i is one of the tags `tags[indptr[i]:indptr[i + 1]]`, each with whether it is its full
    name or alias (`full`) or a shortened one.
    """

    index: NameIndex
    indptr: NDArray[np.int64]  # (names + 1,)
    tags: NDArray[np.int32]
    full: NDArray[np.uint8]
    _owners: dict[int, list[tuple[int, int]]] = field(default_factory=dict, repr=False)

    def owners(self, name: int) -> list[tuple[int, int]]:
        """The tags that a name belongs to, each with whether it is their full name; remembered."""
        found = self._owners.get(name)
        if found is None:
            part = slice(int(self.indptr[name]), int(self.indptr[name + 1]))
            found = list(zip(self.tags[part].tolist(), self.full[part].tolist(), strict=True))
            self._owners[name] = found
        return found

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
    for number, words, found in _matched(list(articles), table):
        for tag, measured in _measured(words, found, table):
            rows.append(number)
            tags.append(tag)
            values.append(measured)
    return Mentions(
        np.array(rows, dtype=np.int64),
        np.array(tags, dtype=np.int64),
        np.array(values, dtype=np.float64).reshape(-1, len(MENTION_FEATURES)),
    )


class _Mention:
    """What is known of one tag's mentions in one article so far."""

    __slots__ = ("alone", "capital", "first", "full", "longest", "seen", "sharing", "title")

    def __init__(self, position: int, sharing: int) -> None:
        self.first = position
        self.sharing = sharing
        self.seen = self.alone = self.longest = 0
        self.capital = 0.0
        self.full = self.title = False


def _matched(articles: Sequence[Article], table: NameTable) -> Iterator[tuple[int, Words, list[Found]]]:
    """The articles that mention a name, by number, with their words and the names found in them."""
    index = table.index
    if len(articles) < _MANY:
        for number, article in enumerate(articles):
            words = article_words(article, index.pieces)
            if found := index.find(words):
                yield number, words, found
        return
    # Not needed for few articles, and takes longer to import than they do.
    from slugline.features.passages import Passages

    if index.passages is None:
        index.passages = Passages(index)
    for number, words, starts in index.passages.read(articles):
        if found := index.find(words, starts):
            yield number, words, found


def _measured(words: Words, found: list[Found], table: NameTable) -> list[tuple[int, tuple[float, ...]]]:
    tokens, headline, capitalised = words.tokens, words.title, words.capitalised
    length = len(tokens) - tokens.count(BREAK)
    start_of_body = headline + 1
    of: dict[int, _Mention] = {}
    for (start, count, name), inside in zip(found, covered(found), strict=True):
        owners = table.owners(name)
        if count == 1:
            capitals = 1.0 if tokens[start] in capitalised else 0.0
        else:
            capitals = sum([word in capitalised for word in tokens[start : start + count]]) / count
        in_title = start < headline
        position = 0 if in_title else start - start_of_body
        for tag, full in owners:
            one = of.get(tag)
            if one is None:
                of[tag] = one = _Mention(position, len(owners))
            elif len(owners) < one.sharing:
                one.sharing = len(owners)
            # Found in the order of the text, so that the first is the first.
            one.seen += 1
            if not inside:
                one.alone += count
            if in_title:
                one.title = True
            if count > one.longest:
                one.longest = count
            if capitals > one.capital:
                one.capital = capitals
            if full:
                one.full = True
    others = log(len(of))
    return [
        (
            tag,
            (
                float(one.title),
                float(one.first < _EARLY),
                float(one.first < _STILL_EARLY),
                one.first / max(1, length),
                log(one.seen),
                one.alone / length,
                float(not one.alone),
                log(one.longest),
                one.capital,
                float(not one.full),
                log(one.sharing),
                others,
            ),
        )
        for tag, one in sorted(of.items())
    ]
