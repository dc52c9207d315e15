"""Where the terms of an article stand in its text: the same reading as `features.views`, with the places of words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from slugline.features.arrays import ragged
from slugline.features.names import article_words, covered, name_token_spans
from slugline.features.stem import stem
from slugline.features.tokenizer import paragraph_starts, paragraphs, token_spans
from slugline.features.views import letters, view_prefix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.article import Article
    from slugline.config import ViewConfig
    from slugline.features.mentions import NameTable
    from slugline.features.names import Found, Pieces

_PIECE = re.compile(r"\S+")


class Words(NamedTuple):
    """Some words, where they stand in the one text of title and body, and what each of them adds to something, (n,)."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    added: NDArray[np.float64]


class TermPlaces:
    """Every place of each of T terms of a cleaned article, looked for once.

    Places are given in one text of title and body, of which the body begins at `body`. Its W words stand from
    `start` to `end`, int64 (W,). Of term t, `word[indptr[t]:indptr[t + 1]]` are the numbers of the words that its
    occurrences are made of, and `share` the part that each is of the term; together they are 1. An occurrence counts
    as often as the model counts it; the word of a letter n-gram is that which it is part of.
    """

    def __init__(self, article: Article, views: Sequence[ViewConfig], terms: Sequence[str]) -> None:
        """`terms` are spelled as in the vocabulary, each once."""
        self.body = len(article.title) + 1
        title = token_spans(article.title)
        parts = [
            [(word, self.body + offset + start, self.body + offset + end) for word, start, end in token_spans(text)]
            for text, offset in zip(paragraphs(article.body), paragraph_starts(article.body), strict=True)
        ]
        every = [*title, *chain.from_iterable(parts)]
        self.start = np.array([start for _, start, _ in every], dtype=np.int64)
        self.end = np.array([end for _, _, end in every], dtype=np.int64)
        lengths = np.array([len(title), *map(len, parts)])
        stream = _Stream([word for word, _, _ in every], len(title), np.repeat(np.cumsum(lengths), lengths))
        number = {term: place for place, term in enumerate(terms)}
        found = [_occurrences(stream, view, view_prefix(place), number) for place, view in enumerate(views)]
        term, first, size, times = (np.concatenate(column) for column in zip(*found, strict=True))
        order = np.argsort(term, kind="stable")
        size = size[order]
        self.word = ragged(first[order], size)
        of, times = np.repeat(term[order], size), np.repeat(times[order], size)
        lengths, sums = np.bincount(of, minlength=len(terms)), np.bincount(of, weights=times, minlength=len(terms))
        self.indptr = np.concatenate(([0], np.cumsum(lengths)))
        self.share = times / sums[of]

    def words_of(self, terms: NDArray[np.int64], values: NDArray[np.float64]) -> Words:
        """What each word adds, as each of these terms, (n,), adds its value, (n,)."""
        lengths = self.indptr[terms + 1] - self.indptr[terms]
        places = ragged(self.indptr[terms], lengths)
        added = np.repeat(values, lengths) * self.share[places]
        sums = np.bincount(self.word[places], weights=added, minlength=len(self.start))
        some = np.flatnonzero(sums)
        return Words(self.start[some], self.end[some], sums[some].astype(np.float64, copy=False))


def name_places(article: Article, table: NameTable, tags: Collection[int]) -> dict[int, Words]:
    """Where each of these tags is named in a cleaned article, by the tags' numbers in `table`; it adds 1 in all.

    Of names of one tag that lie inside each other, the longest counts. A tag that is not named is not in it.
    """
    words = article_words(article, table.index.pieces)
    asked = frozenset(tags)
    of: defaultdict[int, list[Found]] = defaultdict(list)
    for one in table.index.find(words):
        for tag in asked.intersection(owner for owner, _ in table.owners(one.name)):
            of[tag].append(one)
    outermost = {
        tag: dict.fromkeys(
            range(one.start, one.start + one.length)
            for one, inside in zip(own, covered(own), strict=True)
            if not inside
        )
        for tag, own in of.items()
    }
    wanted = {token for places in outermost.values() for place in places for token in place}
    spans = _name_spans(article, table.index.pieces, wanted)
    found = {}
    for tag, places in outermost.items():
        share = [1.0 / len(places) / len(place) for place in places for _ in place]
        ends = np.array([spans[token] for place in places for token in place], dtype=np.int64)
        found[tag] = Words(ends[:, 0], ends[:, 1], np.array(share))
    return found


class _Stream(NamedTuple):
    """The words of title and body, of which the first `title` are of the title, and for each how many there are up to
    the end of its part, over which no n-gram reaches.
    """

    words: list[str]
    title: int
    stop: NDArray[np.int64]


def _occurrences(
    stream: _Stream, view: ViewConfig, prefix: str, number: dict[str, int]
) -> tuple[NDArray[np.int64], ...]:
    """Of every occurrence in a view of the terms with a `number`: that, the first word, how many words, how often."""
    low, high = {"headline": (0, stream.title), "all": (0, len(stream.words))}.get(
        view.part, (stream.title, len(stream.words))
    )
    if view.part == "lead":
        high = min(high, low + view.lead_words)
    own = {term.removeprefix(prefix): place for term, place in number.items() if term.startswith(prefix)}
    words = stream.words[low:high]
    terms: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    first, size = terms.copy(), terms.copy()
    if view.unit == "char":
        known = {word: _letter_terms(word, view, own) for word in set(words)}
        terms.append(np.fromiter(chain.from_iterable(map(known.__getitem__, words)), np.int64))
        first.append(np.repeat(np.arange(low, high), [len(known[word]) for word in words]))
        size.append(np.ones(len(terms[-1]), np.int64))
    else:
        units = list(map(stem, words)) if view.unit == "stem" else words
        stop = np.minimum(stream.stop, high)
        for count in range(view.ngram_min, view.ngram_max + 1):
            grams = units if count == 1 else map(" ".join, zip(*(units[k:] for k in range(count)), strict=False))
            found = np.fromiter(map(own.get, grams, repeat(-1)), np.int64)
            start = np.arange(low, low + len(found))
            some = (found >= 0) & (start + count <= stop[start])
            terms.append(found[some])
            first.append(start[some])
            size.append(np.full(len(terms[-1]), count))
    starts = np.concatenate(first)
    times = np.where((starts < stream.title) & (view.part == "all"), view.title_repeat, 1)
    return np.concatenate(terms), starts, np.concatenate(size), times


def _letter_terms(word: str, view: ViewConfig, number: dict[str, int]) -> list[int]:
    grams = letters(word, view.ngram_min, view.ngram_max, "")
    return [number[gram] for gram in grams if gram in number]


def _name_spans(article: Article, pieces: Pieces, wanted: Collection[int]) -> dict[int, tuple[int, int]]:
    """Where each of these tokens of `names.article_words` stands in the one text of title and body."""
    found: dict[int, tuple[int, int]] = {}
    left, body, number = set(wanted), len(article.title) + 1, 0
    starts = map(body.__add__, paragraph_starts(article.body))
    for text, offset in [(article.title, 0), *zip(paragraphs(article.body), starts, strict=True)]:
        if not left:
            break
        for piece in _PIECE.finditer(text):
            own = range(number, number + len(pieces[piece[0]].tokens))
            number = own.stop
            if not left.isdisjoint(own):
                begin = offset + piece.start()
                for token, (_, start, end) in zip(own, name_token_spans(piece[0]), strict=True):
                    found[token] = begin + start, begin + end
                left.difference_update(own)
        number += 1  # a BREAK
    return found
