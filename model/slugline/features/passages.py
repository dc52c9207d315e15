"""Many articles at once as names are matched on them, and where in them names may begin: by arrays.

`features.names` reads one article at a time, with Python for each word. Here the pieces of all articles become numbers
(`features.words`), what is to be known of a piece or of a token is looked up once, and Python sees only those places
where a name of one word stands, or two words that are the first and the second of longer names.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from slugline.features.arrays import ragged
from slugline.features.names import BREAK, NameIndex, Pieces, Words, says_something
from slugline.features.numbering import Numbers
from slugline.features.words import Words as PieceNumbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.article import Article
    from slugline.features.names import Piece

_PARAGRAPH = re.compile(r"\n\s*\n")
_SIGNS = ".,'&_"  # what parts neither tokens nor words with capitals
_MOST = 1 << 17  # pieces that are remembered
_ALONE, _FIRST, _SECOND = 1, 2, 4


class Passages:
    """Finds the places where names of `index` may begin; what it has read of words is kept for later articles."""

    def __init__(self, index: NameIndex) -> None:
        self._index = index
        self._seconds = frozenset(key.split(" ", 2)[1] for key in index.keys.terms() if " " in key)
        self._forget()

    def read(self, articles: Sequence[Article]) -> Iterator[tuple[int, Words, list[int]]]:
        """The numbers of those of the cleaned articles that may mention a name, each with its words, and the places in
        these from which `NameIndex.find` has to look.
        """
        if len(self._pieces) > _MOST:
            self._forget()
        texts: list[str] = []
        first_text = [0]
        for article in articles:
            texts.append(article.title)
            texts += _PARAGRAPH.split(article.body)
            first_text.append(len(texts))
        codes, pieces_of = self._numbers.read(texts)
        self._extend()
        lengths = np.frombuffer(self._counts, np.int64)[codes]
        own = ragged(np.frombuffer(self._offsets, np.int64)[codes], lengths)
        piece_ends = np.concatenate([[0], np.cumsum(pieces_of)])
        token_ends = np.concatenate([[0], np.cumsum(lengths)])[piece_ends]
        # Behind the tokens of each text stands BREAK, number 0.
        tokens = np.zeros(len(own) + len(texts), np.int32)
        tokens[np.arange(len(own)) + np.repeat(np.arange(len(texts)), np.diff(token_ends))] = np.frombuffer(
            self._flat, np.int32
        )[own]
        text_starts = token_ends + np.arange(len(texts) + 1)
        kinds = np.frombuffer(self._kinds, np.uint8)[tokens]
        may = (kinds & _ALONE) > 0
        may[:-1] |= ((kinds[:-1] & _FIRST) > 0) & ((kinds[1:] & _SECOND) > 0)
        places = np.flatnonzero(may)
        starts = text_starts[first_text]
        bounds = np.searchsorted(places, starts).tolist()
        borders = starts.tolist()
        big, whole = self._speaking(codes, pieces_of, np.array(first_text), piece_ends)
        for number in range(len(articles)):
            low, high = bounds[number], bounds[number + 1]
            if low == high:
                continue
            start, stop = borders[number], borders[number + 1]
            spelled = list(map(self._tokens.spelled.__getitem__, tokens[start:stop].tolist()))
            title = first_text[number]
            headline = int(token_ends[title + 1] - token_ends[title])
            words = _Passage(spelled, headline, self._pieces, big[number], whole[number])
            yield number, words, (places[low:high] - start).tolist()

    def _speaking(
        self,
        codes: NDArray[np.int32],
        pieces_of: NDArray[np.int64],
        first_text: NDArray[np.int64],
        piece_ends: NDArray[np.int64],
    ) -> list[list[NDArray[np.int32]]]:
        """Of each article the pieces with a capital letter, and those in capitals, where these say something."""
        written, *capitals = (np.frombuffer(each, np.int64)[codes] for each in self._capitals)
        # The headline is a part of its own, and the paragraphs together are another.
        part_of_text = np.repeat(2 * np.arange(len(first_text) - 1) + 1, np.diff(first_text))
        part_of_text[first_text[:-1]] -= 1
        part = np.repeat(part_of_text, pieces_of)
        total = np.bincount(part, written)
        found = []
        for count in capitals:
            said = says_something(total, np.bincount(part, count))
            at = np.flatnonzero((count > 0) & said[part])
            found.append(np.split(codes[at], np.searchsorted(at, piece_ends[first_text[1:-1]])))
        return found

    def _extend(self) -> None:
        """Look up what is new."""
        new = self._numbers.spelled[len(self._pieces) :]
        if not new:
            return
        known = len(self._tokens)
        read = Pieces()
        pieces = [read.__missing__(spelled) for spelled in new]
        self._pieces += pieces
        counts = [len(piece.tokens) for piece in pieces]
        self._offsets.extend(accumulate(counts[:-1], initial=len(self._flat)))
        self._counts.extend(counts)
        self._flat.extend([self._tokens[token] for piece in pieces for token in piece.tokens])
        for column, field in zip(self._capitals, ("written", "big", "whole"), strict=True):
            column.extend(map(attrgetter(field), pieces))
        for token in self._tokens.spelled[known:]:
            group = self._index.group(token)
            kind = _SECOND if token in self._seconds else 0
            if group is not None:
                kind |= _ALONE if group.alone >= 0 or group.acronym >= 0 else 0
                kind |= _FIRST if group.lengths else 0
            self._kinds.append(kind)

    def _forget(self) -> None:
        self._numbers = PieceNumbers(str.split, _SIGNS, fold=False)
        self._pieces: list[Piece] = []
        self._flat, self._offsets, self._counts = array("i"), array("q"), array("q")
        self._capitals = (array("q"), array("q"), array("q"))
        self._tokens = Numbers()
        self._kinds = array("B", [0])
        assert self._tokens[BREAK] == 0


class _Passage(Words):
    """The words of one of many articles: `big` and `whole` number its pieces whose capitals say something."""

    __slots__ = ("_big", "_pieces", "_whole")

    def __init__(
        self, tokens: list[str], title: int, pieces: list[Piece], big: NDArray[np.int32], whole: NDArray[np.int32]
    ) -> None:
        super().__init__(tokens, title)
        self._pieces = pieces
        self._big = big
        self._whole = whole

    def _spoken(self, *, whole: bool) -> Iterator[Piece]:
        return map(self._pieces.__getitem__, set((self._whole if whole else self._big).tolist()))
