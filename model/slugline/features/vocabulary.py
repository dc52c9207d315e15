"""The terms of a model: one block of UTF-8 bytes and the offsets of each term in it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.features.places import LONGEST, find_places

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A bisection costs about as much as 30 entries of the dictionary, which one article is too short to pay for.
_BISECTION = 30
# From so many words on, one search for all is quicker than bisecting for each.
_WORTH_TOGETHER = 32


class Vocabulary:
    """Terms sorted by their UTF-8 bytes, which is the order of code points; a term's number is its place.

    `blob` (uint8) holds the terms end to end, term i is `blob[offsets[i]:offsets[i + 1]]` (`offsets` uint32 or int64,
    one more than there are terms). Both may be memory-mapped: making a Vocabulary reads neither.
    """

    __slots__ = ("_dict", "_looked_up", "_view", "blob", "offsets")

    def __init__(self, blob: NDArray[np.uint8], offsets: NDArray[np.integer[Any]]) -> None:
        self.blob = blob
        self.offsets = offsets
        self._view = blob.data
        self._dict: dict[str, int] | None = None
        self._looked_up = 0

    @classmethod
    def from_terms(cls, terms: Iterable[str]) -> Vocabulary:
        """Sort and pack `terms`. Raises ValueError if one occurs twice.

        >>> len(Vocabulary.from_terms(["rebels", "aleppo"]))
        2
        """
        packed = sorted(term.encode() for term in terms)
        for before, after in pairwise(packed):
            if before == after:
                raise ValueError(f"term occurs twice: {before.decode()!r}")
        offsets = np.zeros(len(packed) + 1, dtype=np.int64)
        np.cumsum([len(term) for term in packed], out=offsets[1:])
        blob = np.frombuffer(b"".join(packed), dtype=np.uint8)
        return cls(blob, offsets.astype(np.uint32) if offsets[-1] < 1 << 32 else offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def term(self, index: int) -> str:
        """The term with this number (0 to len - 1)."""
        return self._bytes(index).decode("utf-8", "replace")

    def terms(self) -> list[str]:
        """All terms, in order."""
        blob, offsets = self.blob.tobytes(), self.offsets.tolist()
        return [blob[start:end].decode("utf-8", "replace") for start, end in pairwise(offsets)]

    def span(self, prefix: str) -> tuple[int, int]:
        """From which term on, and up to which, the terms begin with `prefix`."""
        start, places = prefix.encode(), range(len(self))
        first = bisect_left(places, start, key=self._bytes)
        return first, bisect_right(places, start, first, key=lambda place: self._bytes(place)[: len(start)])

    def lookup(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """The number of each term, int64 (len(terms),); -1 where the vocabulary does not have it."""
        self._looked_up += len(terms)
        if self._dict is None and self._looked_up * _BISECTION > len(self):
            self._dict = {term: index for index, term in enumerate(self.terms())}
        if self._dict is not None:
            get = self._dict.get
            return np.fromiter((get(term, -1) for term in terms), dtype=np.int64, count=len(terms))
        if len(self.blob) < 8 or len(terms) < _WORTH_TOGETHER:
            return np.fromiter((self._bisect(term) for term in terms), dtype=np.int64, count=len(terms))
        wanted = [term.encode("utf-8", "surrogatepass") for term in terms]
        plain = [len(word) <= LONGEST and b"\0" not in word for word in wanted]
        found = find_places(
            [word if fit else b"" for word, fit in zip(wanted, plain, strict=True)], self.blob, self.offsets
        )
        for place, fit in enumerate(plain):
            if not fit:
                found[place] = self._bisect(terms[place])
        return found

    def _bytes(self, index: int) -> bytes:
        return bytes(self._view[int(self.offsets[index]) : int(self.offsets[index + 1])])

    def _bisect(self, term: str) -> int:
        wanted = term.encode("utf-8", "surrogatepass")
        place = bisect_left(range(len(self)), wanted, key=self._bytes)
        return place if place < len(self) and self._bytes(place) == wanted else -1
