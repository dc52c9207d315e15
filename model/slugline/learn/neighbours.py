"""Packing training articles for `slugline.neighbours`: titles, labels, and the words that they are known by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


Part = tuple["Sequence[Article]", "Sequence[Labels]", "csr_matrix"]
"""Some cleaned articles, their labels and their rows (n, d)."""


def keep_neighbours(parts: Iterable[Part], vocabulary: Vocabulary) -> Neighbours:
    """The section of the articles of all `parts`, N in all, whether or not they are labelled.

    Of each part no more stays in memory than what the section has of it.
    """
    # Which terms are words is asked once of each.
    word = np.array([":" not in term and " " not in term for term in vocabulary.terms()], bool)
    ids: list[str] = []
    titles: list[str] = []
    dates: list[int] = []
    said: list[Labels] = []
    heaviest: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
    for articles, labels, X in parts:
        row, column, value = _heaviest(X, word)
        heaviest.append((row + len(ids), column, value))
        ids += [article.id for article in articles]
        titles += [article.title for article in articles]
        dates += [0 if article.date is None else article.date.toordinal() for article in articles]
        said += labels
    tags = [sorted(one.tags or ()) for one in said]
    kinds = [one.event_type for one in said]
    every = sorted({tag for own in tags for tag in own} | {kind for kind in kinds if kind is not None})
    number = {label: place for place, label in enumerate(every)}
    kept: dict[str, NDArray[Any]] = {
        **_texts("ids", ids),
        **_texts("titles", titles),
        **_texts("labels", every),
        "dates": np.array(dates, np.int32),
        "tagged": np.array([one.tags is not None for one in said], np.uint8),
        "tags.indptr": np.cumsum([0, *map(len, tags)]).astype(np.int64),
        "tags": np.array([number[tag] for own in tags for tag in own], np.int32),
        "types": np.array([-1 if kind is None else number[kind] for kind in kinds], np.int32),
    }
    row, column, value = (np.concatenate(found) for found in zip(*heaviest, strict=True))
    return Neighbours(kept | _postings(row, column, value, len(ids), len(word)))


def _heaviest(
    X: csr_matrix, word: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Rows, columns and values of the heaviest words of each row; `word` (d,) says which terms are words."""
    count = X.shape[0]
    row = np.repeat(np.arange(count), np.diff(X.indptr))
    allowed = word[X.indices]
    # A row without a word has all its terms, as `neighbours.compared` has it.
    allowed |= (np.bincount(row[allowed], minlength=count) == 0)[row]
    row, column, value = row[allowed], X.indices[allowed].astype(np.int64), X.data[allowed].astype(np.float64)
    order = np.lexsort((column, -value, row))
    row, column, value = row[order], column[order], value[order]
    kept = np.arange(len(row)) - np.searchsorted(row, row) < TERMS
    return row[kept], column[kept], value[kept]


def _postings(
    row: NDArray[np.int64], column: NDArray[np.int64], value: NDArray[np.float64], count: int, terms: int
) -> dict[str, NDArray[Any]]:
    """The values of `count` rows, by term."""
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
