"""Tags of a corpus that may be one and the same: what normalising merges, and what only a person can decide."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from slugline.corpus.tags import most_frequent

_NO_LETTER = re.compile(r"[\W_]+")
# Shorter stems make pairs such as "us" and "uss", "new" and "news".
_SHORTEST_SINGULAR = 4


def joined(keys: Iterable[str]) -> list[tuple[str, ...]]:
    """Keys that differ only in how words are joined or punctuated: ("cease fire", "ceasefire")."""
    return _alike(keys, lambda key: _NO_LETTER.sub("", key))


def accented(keys: Iterable[str]) -> list[tuple[str, ...]]:
    """Keys that differ only in accents: ("peru", "perú")."""
    return _alike(keys, _without_accents)


def plurals(keys: Iterable[str]) -> list[tuple[str, ...]]:
    """Pairs of keys of which one looks like the English plural of the other: ("rebel", "rebels").

    A hint and no more: "economic" and "economics" are such a pair, "woman" and "women" are not.
    """
    known = {key for key in keys if len(key) >= _SHORTEST_SINGULAR}
    return [(singular, key) for key in sorted(known) for singular in _singulars(key) if singular in known]


def shown(key: str, found: Mapping[str, Counter[str]]) -> str:
    """The most frequent spelling of a key, and how many articles have it in any."""
    return f"{most_frequent(found[key])!r} ({found[key].total()})"


def _singulars(key: str) -> list[str]:
    if not key.endswith("s") or key.endswith("ss"):
        return []
    made = [key[:-1]]
    if key.endswith(("ches", "shes", "sses", "xes", "zes", "oes")):
        made.append(key[:-2])
    if key.endswith("ies"):
        made.append(key[:-3] + "y")
    return made


def _without_accents(key: str) -> str:
    apart = unicodedata.normalize("NFD", key)
    return "".join(character for character in apart if not unicodedata.combining(character))


def _alike(keys: Iterable[str], fold: Callable[[str], str]) -> list[tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for key in sorted(set(keys)):
        if folded := fold(key):
            groups.setdefault(folded, []).append(key)
    return [tuple(group) for group in groups.values() if len(group) > 1]
