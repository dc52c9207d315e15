"""Articles into TF-IDF rows, the numbers of scikit-learn's TfidfVectorizer for each view, with numpy alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.features.columns import Columns
from slugline.features.vocabulary import Vocabulary
from slugline.records import record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.article import Article
    from slugline.config import FeatureConfig


@record(frozen=True, slots=True, eq=False)
class Rows:
    """N articles as compressed rows: article i has the terms `indices[indptr[i]:indptr[i + 1]]`, ascending, and their
    `values`. The values of one view have the Euclidean length of its weight (or there are none).
    """

    indptr: NDArray[np.int64]  # (N + 1,)
    indices: NDArray[np.int64]  # (nnz,)
    values: NDArray[np.float64]  # (nnz,)

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @classmethod
    def joined(cls, parts: Sequence[Rows]) -> Rows:
        """The rows of all parts, one after the other."""
        lengths = [np.diff(part.indptr) for part in parts]
        return cls(
            np.concatenate([np.zeros(1, np.int64), *lengths]).cumsum(),
            np.concatenate([np.zeros(0, np.int64), *(part.indices for part in parts)]),
            np.concatenate([np.zeros(0), *(part.values for part in parts)]),
        )


class Tfidf:
    """A fitted vectorizer: `idf` (float32, or float64 from old files; one for each term of `vocabulary`) and how
    articles become terms.
    """

    __slots__ = ("_columns", "config", "idf", "vocabulary")

    def __init__(self, vocabulary: Vocabulary, idf: NDArray[np.floating[Any]], config: FeatureConfig) -> None:
        if idf.shape != (len(vocabulary),):
            raise ValueError(f"idf has the shape {idf.shape}, the vocabulary {len(vocabulary)} terms")
        self.vocabulary = vocabulary
        self.idf = idf
        self.config = config
        self._columns: Columns | None = None

    def rows(self, articles: Iterable[Article]) -> Rows:
        """Term frequency (1 + ln tf if the view has `sublinear_tf`) times idf, each view of an article divided by its
        Euclidean length and multiplied by the view's weight.

        For one view of weight 1 this is TfidfVectorizer(norm="l2", use_idf=True) with the given idf. Terms outside the
        vocabulary are ignored; an article without a known term is an empty row.
        """
        if self._columns is None:
            self._columns = Columns(self.vocabulary, self.config.views)
        articles = articles if isinstance(articles, (list, tuple)) else list(articles)
        blocks = [
            weighted_rows(found.article, found.view, found.column, found.count, found.articles, self.idf, self.config)
            for found in self._columns.count(articles)
        ]
        return blocks[0] if len(blocks) == 1 else Rows.joined(blocks)


def weighted_rows(
    article: NDArray[np.integer[Any]],
    view: NDArray[np.integer[Any]],
    column: NDArray[np.integer[Any]],
    count: NDArray[np.integer[Any]],
    articles: int,
    idf: NDArray[np.floating[Any]],
    config: FeatureConfig,
) -> Rows:
    """The rows of counted terms, ascending by article and column: the term `column[k]` of the view `view[k]` occurs
    `count[k]` times in `article[k]`.
    """
    views = config.views
    most = int(count.max(initial=0))
    frequencies = np.arange(most + 1, dtype=np.float64)
    damped = np.concatenate([[0.0], 1.0 + np.log(frequencies[1:])])
    sublinear = [view.sublinear_tf for view in views]
    if all(sublinear):
        values = damped[count]
    elif not any(sublinear):
        values = frequencies[count]
    else:
        values = np.where(np.array(sublinear)[view], damped[count], frequencies[count])
    values *= idf[column]
    group = article * len(views) + view
    norms = np.sqrt(np.bincount(group, weights=values * values, minlength=articles * len(views)))
    values /= norms[group]
    values *= np.array([view.weight for view in views])[view]
    indptr = np.zeros(articles + 1, dtype=np.int64)
    np.cumsum(np.bincount(article, minlength=articles), out=indptr[1:])
    return Rows(indptr, column.astype(np.int64, copy=False), values)


def smooth_idf(document_frequency: NDArray[np.int64], articles: int) -> NDArray[np.float64]:
    """ln((1 + n) / (1 + df)) + 1, float64: as if one more article held every term once.

    >>> float(smooth_idf(np.array([1]), 1)[0])
    1.0
    """
    return np.asarray(np.log((1 + articles) / (1 + document_frequency)) + 1.0)
