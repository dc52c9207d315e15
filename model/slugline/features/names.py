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
from collections.abc import Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from slugline.features.tokenizer import token_spans, tokens
from slugline.features.vocabulary import Vocabulary

if TYPE_CHECKING:
    from slugline.article import Article
    from slugline.features.passages import Passages

ACRONYM = "!"
"""Ends the key of an acronym. No token has this character."""

BREAK = ""
"""Stands between headline and paragraphs, so that no name reaches across."""

LONGEST = 16
"""Names of more words than this are not matched."""

_LONGEST_ACRONYM = 5
_CAPITALS_ONLY = 0.7  # of a part's words: it is written in capitals, which then say nothing
_REMEMBERED = 1 << 17
# The tokenizer makes every number "#" and drops single letters: "Flight 447", "Plan B" would be "Flight", "Plan".
_DIGITS = re.compile(r"\d+")
_LETTER = re.compile(r"(?<![\w.'’&])[^\W\d_](?![\w'’&]|\.\w)")
_CAPITALISED = re.compile(r"[^\W\d_][\w.&]*")
_PARAGRAPH = re.compile(r"\n\s*\n")
_IN_BRACKETS = re.compile(r"(.*\S)\s*\([^()]*\)")
_AFTER_COMMA = re.compile(r"([^,]+),[^,]+")
_SHORTEST_PLURAL = 4
_LONGEST_WORD = 200


class Found(NamedTuple):
    """One occurrence of a name: `length` tokens from the token `start` on."""

    start: int
    length: int
    name: int


class Piece(NamedTuple):
    """What stands between two blanks of a text: its tokens, and of its `written` words those with a capital letter
    first (`big`, their tokens `first`) and in capitals throughout (`whole`, `throughout`).
    """

    tokens: tuple[str, ...]
    written: int
    big: int
    first: tuple[str, ...]
    whole: int
    throughout: tuple[str, ...]


_TOKENS = itemgetter(0)  # of a Piece, much faster than by name


class Pieces(dict[str, Piece]):
    """Every piece met so far, read once: most of a text is the same few words. No token reaches across a blank."""

    def __missing__(self, piece: str) -> Piece:
        """Read a piece and remember it; where there are too many, all are forgotten."""
        read = _plain(piece) or _read(piece)
        if len(self) >= _REMEMBERED:
            self.clear()
        self[piece] = read
        return read


def _read(piece: str) -> Piece:
    """Any piece."""
    written = _CAPITALISED.findall(piece)
    big = [word for word in written if word[0].isupper()]
    whole = [word for word in big if word.isupper()]
    first = tuple(name_tokens(" ".join(big))) if big else ()
    throughout = first if len(whole) == len(big) else tuple(name_tokens(" ".join(whole))) if whole else ()
    tokens = first if big == [piece] else tuple(name_tokens(piece))
    return Piece(tokens, len(written), len(big), first, len(whole), throughout)


def _plain(piece: str) -> Piece | None:
    """What `_read` gives for a word of ASCII letters or a number, which most pieces are; None for any other piece."""
    if not piece.isascii():
        return None
    if piece.isalpha():
        if len(piece) == 1:
            return None
        only = (_fold(piece.lower()),)
        if not piece[0].isupper():
            return Piece(only, 1, 0, (), 0, ())
        return Piece(only, 1, 1, only, 1, only) if piece.isupper() else Piece(only, 1, 1, only, 0, ())
    parts = piece.replace(".", ",").split(",")
    if all(map(str.isdigit, parts)):
        return Piece(tuple(["n" + part for part in parts]), 0, 0, (), 0, ())
    return None


class Words:
    """An article as names are matched on it: tokens of headline and body with BREAK between their parts.

    The first `title` tokens belong to the headline. What is written with capitals is looked at when it is asked for.
    """

    __slots__ = ("_capitalised", "_capitals", "_parts", "title", "tokens")

    def __init__(self, tokens: list[str], title: int, parts: Sequence[list[Piece]] = ()) -> None:
        self.tokens = tokens
        self.title = title
        self._parts = parts
        self._capitalised: frozenset[str] | None = None
        self._capitals: frozenset[str] | None = None

    @property
    def capitalised(self) -> frozenset[str]:
        """The tokens that are somewhere written with a capital letter first."""
        if self._capitalised is None:
            pieces = self._spoken(whole=False)
            self._capitalised = frozenset(chain.from_iterable([piece.first for piece in pieces]))
        return self._capitalised

    @property
    def capitals(self) -> frozenset[str]:
        """The tokens that are somewhere written in capitals throughout."""
        if self._capitals is None:
            pieces = self._spoken(whole=True)
            self._capitals = frozenset(chain.from_iterable([piece.throughout for piece in pieces]))
        return self._capitals

    def _spoken(self, *, whole: bool) -> Iterator[Piece]:
        """The pieces of those parts in which capitals say something."""
        for part in self._parts:
            capital = [piece.whole if whole else piece.big for piece in part]
            if says_something(sum([piece.written for piece in part]), sum(capital)):
                yield from part


def says_something(written: Any, capital: Any) -> Any:
    """Whether capitals tell names from other words: not in a headline in title case, or in a text in capitals.

    Takes the numbers of written words and of those with capitals, or arrays of them.
    """
    return (written > 0) & (capital <= _CAPITALS_ONLY * written)


def name_tokens(text: str) -> list[str]:
    """The tokens of a text or of a name: `tokenizer.tokens` with numbers and single letters kept, without plurals and
    accents.

    >>> name_tokens("The U.S.-led rebels' cease-fire: Plan B of São Paulo")
    ['the', 'us', 'led', 'rebel', 'cease', 'fire', 'plan', 'bqq', 'of', 'sao', 'paulo']
    """
    marked = _LETTER.sub(r"\g<0>qq", _DIGITS.sub(r"n\g<0>", text))
    return [_fold(word) for word in tokens(marked)]


def name_token_spans(text: str) -> list[tuple[str, int, int]]:
    """`name_tokens`, each with where it stands in `text`: from its first character to behind its last.

    >>> name_token_spans("Plan B")
    [('plan', 0, 4), ('bqq', 5, 6)]
    """
    places = list(range(len(text)))
    for pattern, before, after in ((_DIGITS, "n", ""), (_LETTER, "", "qq")):
        parts, grown, end = [], [], 0
        for match in pattern.finditer(text):
            # What is put in belongs to the character beside it.
            parts += [text[end : match.start()], before, match[0], after]
            grown += places[end : match.start()] + [places[match.start()]] * len(before)
            grown += places[match.start() : match.end()] + [places[match.end() - 1]] * len(after)
            end = match.end()
        text, places = "".join([*parts, text[end:]]), grown + places[end:]
    return [(_fold(word), places[start], places[end - 1] + 1) for word, start, end in token_spans(text)]


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


def article_words(article: Article, pieces: Pieces) -> Words:
    """The article as `NameIndex.find` wants it."""
    read = pieces.__getitem__
    title = list(map(read, article.title.split()))
    words = list(chain.from_iterable(map(_TOKENS, title)))
    count = len(words)
    words.append(BREAK)
    body: list[Piece] = []
    for text in _PARAGRAPH.split(article.body):
        part = list(map(read, text.split()))
        body += part
        words += chain.from_iterable(map(_TOKENS, part))
        words.append(BREAK)
    return Words(words, count, (title, body))


class Group(NamedTuple):
    """The names that begin with one word: alone, as an acronym (-1: none), and how long those are that go on."""

    acronym: int
    alone: int
    lengths: dict[str, tuple[int, ...]]  # by the second word, in tokens
    names: dict[str, int]


class NameIndex:
    """The keys of names (`name_key`), each once, and where they occur in a text."""

    __slots__ = ("_groups", "_seen", "_sorted", "keys", "passages", "pieces")

    def __init__(self, keys: Vocabulary) -> None:
        self.keys = keys
        self.pieces = Pieces()
        self.passages: Passages | None = None
        self._sorted: list[str] | None = None
        self._seen: set[str] = {BREAK}
        self._groups: dict[str, Group] = {}

    def group(self, word: str) -> Group | None:
        """The names that begin with `word`; None where there are none."""
        if word not in self._seen:
            self._look_up(word)
        return self._groups.get(word)

    def find(self, words: Words, starts: Sequence[int] | None = None) -> list[Found]:
        """Every occurrence of every name, also of names inside others, by place and then by length.

        Names are looked for from these `starts` on, ascending places in the words, or from everywhere.
        """
        sequence = words.tokens
        different = set(sequence) if starts is None else {sequence[start] for start in starts}
        if len(self._seen) >= _REMEMBERED:
            self._seen = {BREAK}
            self._groups.clear()
        for word in different - self._seen:
            self._look_up(word)
        groups = self._groups
        if groups.keys().isdisjoint(different):
            return []
        found: list[Found] = []
        for start in range(len(sequence)) if starts is None else starts:
            word = sequence[start]
            if word not in groups:
                continue
            acronym, alone, lengths, names = groups[word]
            if acronym >= 0 and word in words.capitals:
                found.append(Found(start, 1, acronym))
            if alone >= 0:
                found.append(Found(start, 1, alone))
            if lengths and start + 1 < len(sequence) and (second := sequence[start + 1]) in lengths:
                for length in lengths[second]:
                    name = names.get(" ".join(sequence[start : start + length]))
                    if name is not None and start + length <= len(sequence):
                        found.append(Found(start, length, name))
        return found

    def _look_up(self, word: str) -> None:
        """Find the names that begin with `word`, and remember whether there are any."""
        if self._sorted is None:
            self._sorted = self.keys.terms()
        self._seen.add(word)
        acronym = alone = -1
        names: dict[str, int] = {}
        lengths: dict[str, set[int]] = {}
        place = bisect_left(self._sorted, word)
        while place < len(self._sorted):
            key = self._sorted[place]
            if key == word:
                alone = place
            elif key.startswith(word + " "):
                parts = key.split(" ")
                names[key] = place
                lengths.setdefault(parts[1], set()).add(len(parts))
            else:
                if key == word + ACRONYM:
                    acronym = place
                break
            place += 1
        if names or alone >= 0 or acronym >= 0:
            longer = {second: tuple(sorted(found)) for second, found in lengths.items()}
            self._groups[word] = Group(acronym, alone, longer, names)


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
        # One sign may come apart into eighteen, and nobody's name has a word so long.
        apart = unicodedata.normalize("NFKD", word[:_LONGEST_WORD])
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
