"""Tags as editors type them, brought to one spelling each: normalising, and aliases from a file the user owns.

Two tags are the same if their keys (`tag_key`) are the same. The key folds what editors do not mean: case, Unicode
compatibility forms, hyphens, underscores and spaces, typographic apostrophes, a leading `#`, punctuation around the
tag, and the full stops of an abbreviation ("U.S." is "US"). It keeps what they may mean: letters with and without
accents, singular and plural, "C", "C#" and "C++", "G-20" and "G20", "&" and "and". Whatever else is one tag in two
spellings belongs into the alias file; `corpus.check` points at candidates.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from slugline.article import Labels
from slugline.config import read_toml
from slugline.corpus.clean import clean_line
from slugline.errors import ConfigError

_LONGEST = 80  # characters of a name that near ones are looked for

_DASHES_AND_SPACES = re.compile(r"[\s_\-\u058a\u05be\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d]+")
_APOSTROPHES = re.compile("[`´ʹʻʼʾʿˈ‘’‛′]")
# "u.s.", "u.s.a", "j.r.r": single letters, each with its full stop but perhaps the last.
_ABBREVIATION = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){1,}[^\W\d_](?![^\W_])\.?")
_QUOTED = re.compile("[\"'“”„«»‹›‘’`]([^\"'“”„«»‹›‘’`]*)[\"'“”„«»‹›‘’`]", re.DOTALL)


def tag_key(tag: str) -> str:
    """What all spellings of one tag have in common; empty if `tag` has nothing to say.

    Idempotent. Never shown to anybody: the spelling that is shown is the corpus's most frequent or the alias file's.

    >>> tag_key("#Syrian-Rebels"), tag_key("syrian  rebels,"), tag_key("U.S."), tag_key("C++"), tag_key("C#")
    ('syrian rebels', 'syrian rebels', 'us', 'c++', 'c#')
    """
    key = clean_line(tag)
    # Folding case can undo a compatibility form and the other way round; it settles at the second round at the latest.
    for _ in range(4):
        before = key
        key = clean_line(unicodedata.normalize("NFKC", key).casefold())
        key = _APOSTROPHES.sub("'", key)
        key = _ABBREVIATION.sub(lambda match: match[0].replace(".", ""), key)
        key = _strip(_DASHES_AND_SPACES.sub(" ", key))
        if key == before:
            break
    return key


def near_tags(name: str, tags: Iterable[str], count: int = 3) -> list[str]:
    """Up to `count` of these tags that are spelled nearly as `name` is, the nearest first.

    >>> near_tags("Frnace", ["Syria", "FRANCE", "Fracture"])
    ['FRANCE', 'Fracture']
    """
    from difflib import get_close_matches

    by_key: dict[str, str] = {}
    for tag in tags:
        by_key.setdefault(tag_key(tag), tag)
    # What is far longer than any name takes long to compare.
    return [by_key[key] for key in get_close_matches(tag_key(name[:_LONGEST])[:_LONGEST], by_key, count, cutoff=0.5)]


def tidy_tag(tag: str) -> str:
    """`tag` as it may be shown: cleaned, without a leading `#`, and without quotation marks or commas around it.

    Idempotent, and of the same key as `tag`.

    >>> tidy_tag(" #Syria, "), tidy_tag('"Middle East"'), tidy_tag('"Weird Al" Yankovic')
    ('Syria', 'Middle East', '"Weird Al" Yankovic')
    """
    tag = clean_line(tag)
    key = tag_key(tag)
    while True:
        tidy = tag.lstrip(" ,;:|#").rstrip(" ,;:|")
        quoted = _QUOTED.fullmatch(tidy)
        tidy = quoted[1] if quoted else tidy
        # A tag of nothing but such marks, and one whose meaning hangs on them, stay.
        if tidy == tag or not tidy or tag_key(tidy) != key:
            return tag
        tag = tidy


def spellings(tags: Iterable[str]) -> dict[str, Counter[str]]:
    """Of every tag key, how often each of its spellings occurs; `tags` are the occurrences, as written."""
    found: dict[str, Counter[str]] = {}
    for tag, count in Counter(tags).items():
        if key := tag_key(tag):
            found.setdefault(key, Counter())[tidy_tag(tag)] += count
    return found


def most_frequent(counts: Mapping[str, int]) -> str:
    """The spelling that occurs most; of equals the first in code-point order, which prefers capitals."""
    return min(counts, key=lambda spelling: (-counts[spelling], spelling))


class TagNames:
    """The one spelling of each tag: the alias file's where it names the tag, else the most frequent in the corpus.

    Frequency counts articles.
    """

    def __init__(self, tags: Iterable[str] = (), aliases: Mapping[str, str] | None = None) -> None:
        """`tags`: every occurrence in a corpus. `aliases`: key to canonical spelling, as from `load_aliases`."""
        self._aliases = dict(aliases or {})
        self._spelling = {key: most_frequent(counts) for key, counts in spellings(tags).items()}
        self._known: dict[str, str | None] = {}

    @staticmethod
    def canonical(names: Iterable[str]) -> dict[str, str]:
        """`names` as `aliases` of themselves alone: their spelling prevails. Of two with one key, the first."""
        found: dict[str, str] = {}
        for name in names:
            found.setdefault(tag_key(name), name)
        return found

    def name(self, tag: str) -> str | None:
        """The spelling that stands for `tag`; a tag not seen before is tidied; None if it has nothing to say."""
        if tag not in self._known:
            key = tag_key(tag)
            found = self._aliases.get(key) or self._spelling.get(key) or (tidy_tag(tag) if key else None)
            self._known[tag] = found
        return self._known[tag]

    def normalise(self, labels: Labels) -> Labels:
        """`labels` with each tag replaced by its one spelling; "not annotated" stays so."""
        if labels.tags is None:
            return labels
        named = frozenset([name for tag in labels.tags if (name := self.name(tag)) is not None])
        return labels if named == labels.tags else dataclasses.replace(labels, tags=named)


def normalise_tags(labels: Sequence[Labels], aliases: Mapping[str, str] | None = None) -> list[Labels]:
    """The labels of a whole corpus with one spelling per tag.

    Idempotent, and independent of the articles' order: the labels of a reordered corpus come out reordered.

    >>> normalise_tags([Labels(frozenset({"Middle East"})), Labels(frozenset({"#middle-east"}))])[1].tags
    frozenset({'Middle East'})
    """
    names = TagNames((tag for one in labels for tag in one.tags or ()), aliases)
    return [names.normalise(one) for one in labels]


def load_aliases(path: str | Path) -> dict[str, str]:
    """Read an alias file: a TOML table `[aliases]` of `"Canonical" = ["another name", ...]`.

    Returns tag key to canonical spelling, for every alias and every canonical tag itself. An alias need not repeat
    spellings that have the same key ("syrian-rebels" of "Syrian rebels").

    Raises ConfigError, naming the file and the tag, if the file is not such a table, if a tag is an alias of two tags
    or canonical twice, or if it is an alias and has aliases of its own: a chain or a cycle could be read in two ways.
    """
    tables = read_toml(path)
    table = tables.get("aliases")
    unknown = sorted(set(tables) - {"aliases"})
    if not isinstance(table, dict) or unknown:
        raise ConfigError(
            "not an alias file", file=path, found=unknown[0] if unknown else "no table", expected="one table [aliases]"
        )
    return _resolve(table, path)


def _resolve(table: Mapping[str, object], path: str | Path) -> dict[str, str]:
    canonical: dict[str, str] = {}
    for name in table:
        key = tag_key(name)
        if not key or name != clean_line(name):
            raise ConfigError("not a tag", file=path, field=name, expected="text without odd spaces or characters")
        if key in canonical:
            raise ConfigError("canonical twice", file=path, field=name, found=canonical[key], expected="one spelling")
        canonical[key] = name
    resolved = dict(canonical)
    for name, aliases in table.items():
        if not isinstance(aliases, list) or not all(isinstance(alias, str) and tag_key(alias) for alias in aliases):
            raise ConfigError("wrong type", file=path, field=name, found=aliases, expected="a list of tags")
        for alias in aliases:
            key = tag_key(alias)
            owner = resolved.get(key)
            if owner is not None and owner != name:
                how = "has aliases of its own" if key in canonical else f"is already an alias of {owner!r}"
                raise ConfigError(f"alias {alias!r} {how}", file=path, field=name, expected="aliases without chains")
            resolved[key] = name
    return resolved


def _strip(key: str) -> str:
    """`key` without the punctuation around it, except what tells tags apart: a "#" or "+" at the end ("C#", "C++")."""
    start, end = 0, len(key)
    while start < end and _is_punctuation(key[start]):
        start += 1
    while end > start and _is_punctuation(key[end - 1]) and not (key[end - 1] == "#" and end - start > 1):
        end -= 1
    # "!!!" is a band and "?" a film: a tag of punctuation alone is its own key.
    return key[start:end] or key.strip()


def _is_punctuation(character: str) -> bool:
    return character == " " or unicodedata.category(character).startswith("P")
