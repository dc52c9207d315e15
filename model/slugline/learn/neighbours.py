"""Packing training articles for `slugline.neighbours`: titles, labels, and the words that they are known by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.features.arrays import smallest
from slugline.neighbours import TERMS, Neighbours

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from slugline.article import Article, Labels
    from slugline.features.vocabulary import Vocabulary

_MOST = 127  # of int8


def keep_neighbours(
    articles: Sequence[Article], labels: Sequence[Labels], X: csr_matrix, vocabulary: Vocabulary
) -> Neighbours:
    """The section of these N cleaned articles with their rows X (N, d), whether or not they are labelled."""
    number: dict[str, int] = {}
    tags = [sorted(one.tags or ()) for one in labels]
    kinds = [one.event_type for one in labels]
    for label in sorted({tag for own in tags for tag in own} | {kind for kind in kinds if kind is not None}):
        number[label] = len(number)
    parts: dict[str, NDArray[Any]] = {
        **_texts("ids", [article.id for article in articles]),
        **_texts("titles", [article.title for article in articles]),
        **_texts("labels", list(number)),
        "dates": np.array([0 if one.date is None else one.date.toordinal() for one in articles], np.int32),
        "tagged": np.array([one.tags is not None for one in labels], np.uint8),
        "tags.indptr": np.cumsum([0, *map(len, tags)]).astype(np.int64),
        "tags": np.array([number[tag] for own in tags for tag in own], np.int32),
        "types": np.array([-1 if kind is None else number[kind] for kind in kinds], np.int32),
    }
    return Neighbours(parts | _postings(X, vocabulary))


def _postings(X: csr_matrix, vocabulary: Vocabulary) -> dict[str, NDArray[Any]]:
    """The heaviest words of each row, by term. Which are words is asked once of each term of the vocabulary."""
    count, terms = X.shape
    word = np.array([":" not in term and " " not in term for term in vocabulary.terms()], bool)
    row = np.repeat(np.arange(count), np.diff(X.indptr))
    allowed = word[X.indices]
    # A row without a word has all its terms, as `neighbours.compared` has it.
    allowed |= (np.bincount(row[allowed], minlength=count) == 0)[row]
    row, column, value = row[allowed], X.indices[allowed].astype(np.int64), X.data[allowed].astype(np.float64)
    order = np.lexsort((column, -value, row))
    row, column, value = row[order], column[order], value[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    kept = rank < TERMS
    row, column, value = row[kept], column[kept], value[kept]
    largest = np.zeros(count)
    np.maximum.at(largest, row, np.abs(value))
    weight = np.rint(value / np.where(largest > 0, largest, 1.0)[row] * _MOST).astype(np.int8)
    square = np.bincount(row, weights=weight.astype(np.float64) ** 2, minlength=count)
    order = np.lexsort((row, column))
    articles = smallest(row[order])
    return {
        "indptr": np.concatenate([[0], np.cumsum(np.bincount(column, minlength=terms))]).astype(
            np.uint32 if len(column) < 1 << 32 else np.int64
        ),
        "articles": articles if articles.dtype.itemsize < 4 else articles.astype(np.int32),
        "weights": weight[order],
        "scale": (1.0 / np.sqrt(np.where(square > 0, square, 1.0))).astype(np.float32),
    }


def _texts(name: str, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    packed = [text.encode("utf-8", "replace") for text in texts]
    offsets = np.zeros(len(packed) + 1, np.int64)
    np.cumsum([len(text) for text in packed], out=offsets[1:])
    return {f"{name}.blob": np.frombuffer(b"".join(packed), np.uint8), f"{name}.offsets": offsets}
