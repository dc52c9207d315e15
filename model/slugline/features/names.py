"""Names of tags found in text: exact, by whole words, all of them in one pass.

Text and names go through the same `name_tokens`, so that "U.S.-led", "Syria's", "cease-fire" and "Sao Paulo" meet the
names "U.S.", "Syria", "Cease fire" and "São Paulo". An acronym of up to five capitals ("US", "WHO") is found only where
the text has it in capitals or with points; pronouns are not countries.

The names are sorted, those that begin with one word are neighbours, and each different word is looked up once: no
automaton is built. This finds what an Aho-Corasick automaton over words finds (Aho and Corasick 1975).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from slugline.features.tokenizer import tokens
from slugline.features.vocabulary import Vocabulary

if TYPE_CHECKING:
    from slugline.article import Article

ACRONYM = "!"
"""Ends the key of an acronym. No token has this character."""

BREAK = ""
"""Stands between headline and paragraphs, so that no name reaches across."""

LONGEST = 16
"""Names of more words than this are not matched."""

_LONGEST_ACRONYM = 5
_CAPITALS_ONLY = 0.7  # of a part's words: it is written in capitals, which then say nothing
_REMEMBERED = 200_000
# The tokenizer makes every number "#" and drops single letters: "Flight 447", "Plan B" would be "Flight", "Plan".
_DIGITS = re.compile(r"\d+")
_LETTER = re.compile(r"(?<![\w.'’&])[^\W\d_](?![\w'’&]|\.\w)")
_CAPITALISED = re.compile(r"[^\W\d_][\w.&]*")
_PARAGRAPH = re.compile(r"\n\s*\n")
_IN_BRACKETS = re.compile(r"(.*\S)\s*\([^()]*\)")
_AFTER_COMMA = re.compile(r"([^,]+),[^,]+")
_SHORTEST_PLURAL = 4


class Found(NamedTuple):
    """One occurrence of a name: `length` tokens from the token `start` on."""

    start: int
    length: int
    name: int


class Words(NamedTuple):
    """An article as names are matched on it: tokens of headline and body with BREAK between their parts.

    `title` tokens belong to the headline. `capitalised` and `capitals` are the tokens that are somewhere written with
    a capital letter first, and in capitals throughout.
    """

    tokens: list[str]
    title: int
    capitalised: frozenset[str]
    capitals: frozenset[str]


def name_tokens(text: str) -> list[str]:
    """The tokens of a text or of a name: `tokenizer.tokens` with numbers and single letters kept, without plurals and
    accents.

    >>> name_tokens("The U.S.-led rebels' cease-fire: Plan B of São Paulo")
    ['the', 'us', 'led', 'rebel', 'cease', 'fire', 'plan', 'bqq', 'of', 'sao', 'paulo']
    """
    marked = _LETTER.sub(r"\g<0>qq", _DIGITS.sub(r"n\g<0>", text))
    return [_fold(word) for word in tokens(marked)]


def name_key(name: str) -> str:
    """What is looked up for a name; empty where it cannot be one: no word, numbers alone, one letter, too long.

    >>> name_key("Syrian_Rebels"), name_key("US"), name_key("2024"), name_key("X")
    ('syrian rebel', 'us!', '', '')
    """
    shown = name.replace("_", " ").strip()
    words = name_tokens(shown)
    plain = shown.replace(".", "")
    if not words or len(words) > LONGEST or all(_is_weak(word) for word in words):
        return ""
    if len(words) == 1 and plain.isupper() and plain.isalpha() and len(plain) <= _LONGEST_ACRONYM:
        return words[0] + ACRONYM
    return " ".join(words)


def short_form(name: str) -> str | None:
    """A name without what tells it from others of the same name, as in an encyclopedia; None where it has none.

    >>> short_form("Mercury (planet)"), short_form("Punjab, Pakistan"), short_form("Rome")
    ('Mercury', 'Punjab', None)
    """
    found = _IN_BRACKETS.fullmatch(name) or _AFTER_COMMA.fullmatch(name)
    return found[1].strip() if found else None


def article_words(article: Article) -> Words:
    """The article as `NameIndex.find` wants it."""
    title = name_tokens(article.title)
    words = [*title, BREAK]
    parts = [article.title, *_PARAGRAPH.split(article.body)]
    for part in parts[1:]:
        words += name_tokens(part)
        words.append(BREAK)
    first: list[str] = []
    throughout: list[str] = []
    for part in (article.title, article.body):
        written = _CAPITALISED.findall(part)
        big = [word for word in written if word[0].isupper()]
        whole = [word for word in big if word.isupper()]
        # A headline in title case, or a text in capitals, does not say which of its words are names.
        if len(written) and len(big) <= _CAPITALS_ONLY * len(written):
            first += big
        if len(written) and len(whole) <= _CAPITALS_ONLY * len(written):
            throughout += whole
    return Words(
        words, len(title), frozenset(name_tokens(" ".join(first))), frozenset(name_tokens(" ".join(throughout)))
    )


class NameIndex:
    """The keys of names (`name_key`), each once, and where they occur in a text."""

    __slots__ = ("_groups", "_sorted", "keys")

    def __init__(self, keys: Vocabulary) -> None:
        self.keys = keys
        self._sorted: list[str] | None = None
        self._groups: dict[str, tuple[tuple[int, ...], dict[str, int]] | None] = {}

    def find(self, words: Words) -> list[Found]:
        """Every occurrence of every name, also of names inside others, by place and then by length."""
        found: list[Found] = []
        sequence = words.tokens
        for start, word in enumerate(sequence):
            group = self._groups[word] if word in self._groups else self._group(word)
            if group is None:
                continue
            lengths, names = group
            for length in lengths:
                if length == 0:
                    if word in words.capitals:
                        found.append(Found(start, 1, names[ACRONYM]))
                    continue
                name = names.get(" ".join(sequence[start : start + length]))
                if name is not None and start + length <= len(sequence):
                    found.append(Found(start, length, name))
        return found

    def _group(self, word: str) -> tuple[tuple[int, ...], dict[str, int]] | None:
        """The names that begin with `word`, their lengths in tokens (0: the acronym), remembered."""
        if self._sorted is None:
            self._sorted = self.keys.terms()
        names: dict[str, int] = {}
        lengths: set[int] = set()
        if word:
            place = bisect_left(self._sorted, word)
            while place < len(self._sorted):
                key = self._sorted[place]
                if key != word and not key.startswith(word + " "):
                    if key == word + ACRONYM:
                        names[ACRONYM] = place
                        lengths.add(0)
                    break
                names[key] = place
                lengths.add(key.count(" ") + 1)
                place += 1
        group = (tuple(sorted(lengths)), names) if names else None
        if len(self._groups) >= _REMEMBERED:
            self._groups.clear()
        self._groups[word] = group
        return group


def covered(found: Sequence[Found]) -> list[bool]:
    """Of each occurrence, whether it lies inside a longer one of another name.

    >>> covered([Found(0, 1, 7), Found(0, 2, 8), Found(1, 2, 9)])
    [True, False, False]
    """
    # From left to right, longest first, an occurrence is inside an earlier one if that one reaches as far.
    order = sorted(range(len(found)), key=lambda number: (found[number].start, -found[number].length))
    inside = [False] * len(found)
    reach, last = -1, None
    for number in order:
        one = found[number]
        end = one.start + one.length
        if end <= reach and (last is None or (one.start, one.length) != (last.start, last.length)):
            inside[number] = True
        elif end > reach:
            reach, last = end, one
    return inside


def _fold(word: str) -> str:
    if not word.isascii():
        apart = unicodedata.normalize("NFKD", word)
        word = "".join(sign for sign in apart if not unicodedata.combining(sign))
    if "." in word:
        return word.replace(".", "")
    if len(word) < _SHORTEST_PLURAL or word[-1] != "s" or word[-2:] in ("ss", "us", "is"):
        return word
    if word.endswith("ies") and len(word) > _SHORTEST_PLURAL:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    return word[:-1]


def _is_weak(word: str) -> bool:
    """Whether a token is a number or a single letter."""
    return (word.endswith("qq") and len(word) == 3) or (word[0] == "n" and word[1:].isdigit())
