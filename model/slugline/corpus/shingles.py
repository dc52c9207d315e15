r"""Words and runs of five words of many articles as 64-bit hashes, made for a whole block of text at once.

A word is what `\w+` matches in the casefolded text. No word is ever a Python object: a block of articles is one array
of bytes, in which a word of up to eight bytes is one unaligned 64-bit number, and a longer one several.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slugline.article import Article

SHINGLE = 5
"""Words in a shingle."""
_BODY_ENOUGH = 50
_BLOCK = 1 << 20
_LONG = 64
# What is no word character, and what is one: the bytes of characters beyond ASCII, of which only word characters stay.
_STRANGE = re.compile(r"[^\w\x00-\x7f]")
_IN_WORD = np.array([byte >= 128 or chr(byte).isalnum() or byte == ord("_") for byte in range(256)])
_LOW_BYTES = np.array([(1 << 8 * count) - 1 for count in range(9)], dtype=np.uint64)

Hashes = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class WordBlock:
    """Hashes of the words of some articles, one after the other; article i has `counts[i]` of them."""

    words: Hashes
    counts: Numbers

    def texts(self) -> Hashes:
        """A hash of each article's whole sequence of words, (n,); 0 where it has none."""
        found = np.zeros(len(self.counts), dtype=np.uint64)
        filled = np.flatnonzero(self.counts)
        if len(filled):
            starts = _starts(self.counts)
            places = np.arange(len(self.words)) - np.repeat(starts, self.counts)
            spread = np.full(int(self.counts.max()), 0x9E3779B97F4A7C15 | 1, dtype=np.uint64).cumprod()
            found[filled] = np.add.reduceat(_mixed(self.words) * spread[places], starts[filled])
        return _mixed(found + self.counts.astype(np.uint64))

    def shingles(self, chosen: npt.NDArray[np.bool_]) -> tuple[Hashes, Numbers]:
        """The shingles of the articles `chosen` (n,), repeated ones too, and how many each of those articles has."""
        words = self.words[np.repeat(chosen, self.counts)]
        counts = self.counts[chosen]
        here = np.maximum(counts - SHINGLE + 1, 0)
        if not here.any():
            return np.zeros(0, dtype=np.uint64), here
        last = len(words) - SHINGLE + 1
        mixed = np.zeros(last, dtype=np.uint64)
        for offset in range(SHINGLE):
            mixed ^= mixed >> np.uint64(29)
            mixed *= np.uint64(0xBF58476D1CE4E5B9)
            mixed += words[offset : offset + last]
        # The last four words of an article begin no shingle of it.
        begins = np.ones(len(words), dtype=bool)
        ends = np.cumsum(counts)
        for step in range(1, SHINGLE):
            begins[np.maximum(ends - step, 0)[counts >= step]] = False
        return _mixed(mixed[begins[:last]]), here


def word_blocks(articles: Sequence[Article]) -> Iterator[WordBlock]:
    """The words that are compared, of all `articles` in order, in blocks of about a megabyte of text.

    They are those of the body, and before them those of the title where the body has fewer than 50.
    """
    texts: list[tuple[str, str]] = []
    size = 0
    for article in articles:
        texts.append((article.title, article.body))
        size += len(article.title) + len(article.body)
        if size >= _BLOCK:
            yield _block(texts)
            texts, size = [], 0
    if texts:
        yield _block(texts)


def _block(texts: Sequence[tuple[str, str]]) -> WordBlock:
    parts = [part for text in texts for part in text]
    joined = "\n".join(parts)
    if joined.isascii():
        data = f"\n{joined}\n".lower().encode("ascii")
        lengths = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
    else:
        encoded = [_encoded(part) for part in parts]
        data = b"\n" + b"\n".join(encoded) + b"\n"
        lengths = np.fromiter(map(len, encoded), dtype=np.int64, count=len(parts))
    # Behind the last word, what a 64-bit number may reach.
    padded = np.frombuffer(data + bytes(8), dtype=np.uint8)
    edges = np.flatnonzero(np.diff(_IN_WORD[padded[: len(data)]])) + 1
    starts, ends = edges[0::2], edges[1::2]
    # Titles and bodies alternate; each is behind one line break more.
    part = np.searchsorted(starts, np.cumsum(lengths + 1) + 1)
    counts = np.diff(part, prepend=0).reshape(-1, 2)
    titles, bodies = counts[:, 0], counts[:, 1]
    kept = np.stack([bodies < _BODY_ENOUGH, np.ones(len(bodies), dtype=bool)], axis=1)
    chosen = np.repeat(kept.ravel(), counts.ravel())
    return WordBlock(_words(padded, starts[chosen], ends[chosen]), np.where(kept[:, 0], titles, 0) + bodies)


def _encoded(text: str) -> bytes:
    if text.isascii():
        return text.lower().encode("ascii")
    return _STRANGE.sub(" ", text.casefold()).encode("utf-8", "surrogatepass")


def _words(padded: npt.NDArray[np.uint8], starts: Numbers, ends: Numbers) -> Hashes:
    """A hash of each word, from its bytes eight at a time."""
    at = np.ndarray(len(padded) - 7, dtype="<u8", buffer=padded, strides=(1,))
    lengths = ends - starts
    found = _mixed((at[starts] & _LOW_BYTES[np.minimum(lengths, 8)]) + lengths.astype(np.uint64))
    longer = np.flatnonzero((lengths > 8) & (lengths <= _LONG))
    done = 8
    while len(longer):
        rest = lengths[longer] - done
        found[longer] = _mixed(found[longer] ^ (at[starts[longer] + done] & _LOW_BYTES[np.minimum(rest, 8)]))
        longer = longer[rest > 8]
        done += 8
    for place in np.flatnonzero(lengths > _LONG).tolist():
        digest = hashlib.blake2b(padded[starts[place] : ends[place]].tobytes(), digest_size=8).digest()
        found[place] = int.from_bytes(digest, "little")
    return found


def _mixed(values: Hashes) -> Hashes:
    """`values` with every bit spread over all 64, one to one (the finaliser of SplitMix64; Steele, Lea and Flood, "Fast
    splittable pseudorandom number generators", OOPSLA 2014).
    """
    found = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found ^= found >> np.uint64(27)
    found *= np.uint64(0x94D049BB133111EB)
    found ^= found >> np.uint64(31)
    return found


def _starts(counts: Numbers) -> Numbers:
    return np.cumsum(counts) - counts
