"""Numbers that tell which articles say the same: one of all their words, and one that near-copies mostly share."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from slugline.article import Article
from slugline.learn.solvers.compiling import compiled

_WORD = re.compile(r"\w+")
_BODY_ENOUGH = 50
_SHINGLE = 5


def text_keys(articles: Sequence[Article]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Of each of n articles a 64-bit hash of its words, and the smallest hash of its runs of five words, uint64 (n,).

    The words are those that `corpus.dedupe` compares: of the body, or of headline and body where that is short. Two
    texts of the same words have the same numbers; two whose sets of runs have the Jaccard similarity J share the
    second with probability J (Broder 1997). An article without a word gets numbers of its id.
    """
    texts = [" ".join(_words(article)) or f"\0{article.id}" for article in articles]
    coded = [text.encode("utf-8", "surrogatepass") for text in texts]
    offsets = np.zeros(len(coded) + 1, dtype=np.int64)
    np.cumsum([len(one) for one in coded], out=offsets[1:])
    words = np.empty(len(coded), dtype=np.uint64)
    shingles = np.empty(len(coded), dtype=np.uint64)
    _keys(np.frombuffer(b"".join(coded), dtype=np.uint8), offsets, words, shingles)
    return words, shingles


def shares(keys: NDArray[np.uint64], seed: int) -> NDArray[np.float64]:
    """A number in [0, 1) for each key, evenly spread and the same for the same key; `seed` gives others."""
    mixed = keys ^ np.uint64((seed + 1) * 0x9E3779B97F4A7C15 % (1 << 64))
    for factor in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB):
        mixed = (mixed ^ (mixed >> np.uint64(31))) * np.uint64(factor)
    return np.asarray((mixed >> np.uint64(11)).astype(np.float64) / float(1 << 53))


def _words(article: Article) -> list[str]:
    words = _WORD.findall(article.body.casefold())
    return words if len(words) >= _BODY_ENOUGH else _WORD.findall(article.title.casefold()) + words


@compiled
def _keys(
    blob: NDArray[np.uint8], offsets: NDArray[np.int64], words: NDArray[np.uint64], shingles: NDArray[np.uint64]
) -> None:
    last = np.zeros(_SHINGLE, dtype=np.uint64)
    for text in range(len(words)):
        whole = np.uint64(0xCBF29CE484222325)
        smallest = np.uint64(0xFFFFFFFFFFFFFFFF)
        count = 0
        word = np.uint64(0xCBF29CE484222325)
        end = offsets[text + 1]
        for place in range(offsets[text], end + 1):
            if place < end and blob[place] != 32:
                word = (word ^ np.uint64(blob[place])) * np.uint64(0x100000001B3)
                continue
            whole = (whole ^ (whole >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9) + word
            last[count % _SHINGLE] = word
            count += 1
            if count >= _SHINGLE:
                run = np.uint64(0)
                for back in range(_SHINGLE):
                    run = (run ^ (run >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9) + last[
                        (count + back) % _SHINGLE
                    ]
                run = (run ^ (run >> np.uint64(31))) * np.uint64(0x94D049BB133111EB)
                run ^= run >> np.uint64(31)
                smallest = min(smallest, run)
            word = np.uint64(0xCBF29CE484222325)
        words[text] = whole ^ (whole >> np.uint64(32))
        shingles[text] = smallest if count >= 2 * _SHINGLE + 2 else words[text]
