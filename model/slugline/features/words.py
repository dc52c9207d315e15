"""Texts into the numbers of their words, thousands of texts at once.

A text is cut, as bytes, at every ASCII character that is never part of a word. The pieces between are few different
ones: the words of each are found once (`tokenizer.tokens`) and remembered under the piece's bytes, so that a text costs
some array operations and no Python for each of its words.
"""

from __future__ import annotations

import functools
from array import array
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from slugline.features.arrays import ragged
from slugline.features.hashing import PairTable
from slugline.features.numbering import Numbers
from slugline.features.tokenizer import SIGNS, tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WHOLE = 16  # bytes of a piece that are a key of the table; longer pieces are looked up one by one
_BLOCK = 1 << 17  # characters that are cut at once: their arrays stay in a processor's cache
_MOST_PIECES = 1 << 19  # remembered; then all are forgotten, but not their words
_FEW, _SHORT = 64, 1 << 13  # texts and characters for which Python is faster than arrays
_SPACE = 32
_FIRST, _SECOND = (
    np.array([(1 << 8 * min(max(size - before, 0), 8)) - 1 for size in range(_WHOLE + 1)], np.uint64)
    for before in (0, 8)
)
"""What the first and the second eight bytes of a piece of each length keep."""


class Words:
    """Numbers words in the order in which they first appear: word i is `spelled[i]`, as in `numbers`.

    `tokenize` gives the words of a text. It must find the same words in a text as in its parts between ASCII
    characters that are neither letters nor digits nor among `signs`, whatever the case of ASCII letters where `fold` is
    true, and read two or more ASCII letters by themselves as the word that they are.
    """

    def __init__(
        self,
        tokenize: Callable[[str], list[str]] = tokens,
        signs: str = SIGNS,
        *,
        fold: bool = True,
        numbers: Numbers | None = None,
    ) -> None:
        self._tokenize = tokenize
        self._cut, self._ends = _tables(signs, fold)
        self.numbers = Numbers() if numbers is None else numbers
        self.spelled = self.numbers.spelled
        self._forget()

    def __len__(self) -> int:
        return len(self.spelled)

    def read(self, texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The words of all texts end to end (int32), and how many each text has (int64 (len(texts),))."""
        if len(texts) <= _FEW and sum(map(len, texts)) <= _SHORT:
            found = [self._tokenize(text) for text in texts]
            counts = np.fromiter(map(len, found), np.int64, len(found))
            numbers = map(self.numbers.__getitem__, chain.from_iterable(found))
            return np.fromiter(numbers, np.int32, int(counts.sum())), counts
        words, lengths = [], []
        start = size = 0
        for end, text in enumerate(texts, 1):
            size += len(text)
            if size >= _BLOCK or end == len(texts):
                block, length = self._read(texts[start:end])
                words.append(block)
                lengths.append(length)
                start, size = end, 0
        if len(words) == 1:
            return words[0], lengths[0]
        if not words:
            return np.zeros(0, np.int32), np.zeros(0, np.int64)
        return np.concatenate(words), np.concatenate(lengths)

    def _read(self, texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        data, ends = _joined(texts)
        data = data.translate(self._cut)
        signs = np.frombuffer(data, np.uint8)
        inside = signs != _SPACE
        edges = np.flatnonzero(inside[1:] != inside[:-1])
        edges += 1
        starts, stops = edges[::2].copy(), edges[1::2].copy()
        # A point or comma at the end of a piece is no part of a word, and "oil," need not be remembered beside "oil".
        if self._ends is not None:
            stops -= self._ends.take(signs[stops - 1]) & (stops - starts > 1)
        codes = self._codes(data, starts, stops)
        borders = np.searchsorted(starts, ends)
        if len(codes) and codes.min() < 0:
            several = np.flatnonzero(codes < 0)
            counts = np.asarray(self._counts, np.int64)[~codes[several]]
            repeats = np.ones(len(codes), np.int64)
            repeats[several] = counts
            after = np.zeros(len(codes) + 1, np.int64)
            np.cumsum(repeats, out=after[1:])
            words = np.repeat(codes, repeats)
            offsets = np.asarray(self._offsets, np.int64)[~codes[several]]
            words[ragged(after[several], counts)] = np.asarray(self._several, np.int32)[ragged(offsets, counts)]
            codes, borders = words, after[borders]
        if self._pieces_known() > _MOST_PIECES:
            self._forget()
        return codes, np.diff(borders, prepend=0)

    def _codes(self, data: bytes, starts: NDArray[np.int64], stops: NDArray[np.int64]) -> NDArray[np.int32]:
        """Of each piece, the number of its word, or ~k where it has the words `_several[_offsets[k]:][:_counts[k]]`."""
        lengths = stops - starts
        # Eight bytes from any place on.
        eights = np.ndarray((len(data) - 7,), np.uint64, data, 0, (1,))
        first, second = eights[starts], eights[starts + 8]
        short = np.minimum(lengths, _WHOLE)
        first &= _FIRST.take(short)
        second &= _SECOND.take(short)
        codes = self._table.find(first, second)
        long = np.flatnonzero(lengths > _WHOLE)
        if len(long):
            pieces = [data[start:stop] for start, stop in zip(starts[long].tolist(), stops[long].tolist(), strict=True)]
            self._learn(dict.fromkeys(piece for piece in pieces if piece not in self._long), self._long)
            codes[long] = np.fromiter(map(self._long.__getitem__, pieces), np.int32, len(pieces))
        new = np.flatnonzero(codes == PairTable.ABSENT)
        if len(new):
            found: dict[bytes, int] = {}
            pieces = [data[start:stop] for start, stop in zip(starts[new].tolist(), stops[new].tolist(), strict=True)]
            self._learn(dict.fromkeys(pieces), found)
            codes[new] = np.fromiter(map(found.__getitem__, pieces), np.int32, len(pieces))
            place = dict(zip(reversed(pieces), reversed(new.tolist()), strict=True))
            at = np.fromiter(map(place.__getitem__, found), np.int64, len(found))
            self._table.add(first[at], second[at], codes[at])
        return codes

    def _learn(self, pieces: dict[bytes, None], codes: dict[bytes, int]) -> None:
        """Put the code of each of these pieces into `codes`."""
        numbers, tokenize = self.numbers, self._tokenize
        for piece in pieces:
            if piece.isalpha() and len(piece) > 1:  # of bytes: in ASCII
                codes[piece] = numbers[piece.decode()]
                continue
            own = [numbers[word] for word in tokenize(piece.decode("utf-8", "surrogatepass"))]
            if len(own) == 1:
                codes[piece] = own[0]
            else:
                codes[piece] = ~len(self._counts)
                self._counts.append(len(own))
                self._offsets.append(len(self._several))
                self._several.extend(own)

    def _pieces_known(self) -> int:
        return len(self._table) + len(self._long) + len(self._several)

    def _forget(self) -> None:
        self._table = PairTable()
        self._long: dict[bytes, int] = {}
        self._several, self._counts, self._offsets = array("i"), array("q"), array("q")


@functools.cache
def _tables(signs: str, fold: bool) -> tuple[bytes, NDArray[np.bool_] | None]:
    """What each byte becomes before texts are cut at spaces, and which may be left out at the end of a piece."""
    kept = "".join(chr(code) if chr(code).isalnum() or chr(code) in signs else " " for code in range(128))
    ends = np.zeros(256, np.bool_)
    ends[[ord(sign) for sign in signs if sign in ".,"]] = True
    return (kept.lower() if fold else kept).encode() + bytes(range(128, 256)), ends if ends.any() else None


def _joined(texts: Sequence[str]) -> tuple[bytes, NDArray[np.int64]]:
    """The texts in UTF-8 with spaces between, and where each ends. A space is before, and room for a key behind."""
    whole = " " + " ".join(texts) + " " * (_WHOLE + 8)
    if whole.isascii():
        sizes = map(len, texts)
        data = whole.encode()
    else:
        parts = [text.encode("utf-8", "surrogatepass") for text in texts]
        sizes = map(len, parts)
        data = b"".join(chain((b" ",), (b" ".join(parts),), (b" " * (_WHOLE + 8),)))
    ends = np.fromiter(sizes, np.int64, len(texts))
    ends += 1
    return data, np.cumsum(ends)
