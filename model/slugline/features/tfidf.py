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
    from slugline.features.words import Words


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


class Tfidf:
    """A fitted vectorizer: `idf` (float32, or float64 from old files; one for each term of `vocabulary`) and how
    articles become terms.

    `words` are those that the fitting read, where it was done here: the same articles are read faster with them.
    """

    __slots__ = ("_columns", "config", "idf", "vocabulary", "words")

    def __init__(
        self,
        vocabulary: Vocabulary,
        idf: NDArray[np.floating[Any]],
        config: FeatureConfig,
        words: Words | None = None,
    ) -> None:
        if idf.shape != (len(vocabulary),):
            raise ValueError(f"idf has the shape {idf.shape}, the vocabulary {len(vocabulary)} terms")
        self.vocabulary = vocabulary
        self.idf = idf
        self.config = config
        self.words = words
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
        lengths, indices, values = [np.zeros(1, np.int64)], [], []
        for found in self._columns.count(articles):
            lengths.append(np.bincount(found.article, minlength=found.articles))
            indices.append(found.column)
            values.append(weigh(found.article, found.view, found.column, found.count, self.idf, self.config))
        return Rows(np.cumsum(np.concatenate(lengths)), _joined(indices, np.int64), _joined(values, np.float64))


def weigh(
    article: NDArray[np.integer[Any]],
    view: NDArray[np.integer[Any]],
    column: NDArray[np.integer[Any]],
    count: NDArray[np.integer[Any]],
    idf: NDArray[np.floating[Any]],
    config: FeatureConfig,
) -> NDArray[np.float64]:
    """The value of each term in its row (n,): the term `column[k]` of the view `view[k]` occurs `count[k]` times in
    `article[k]`. Ascending by article and column.
    """
    views = config.views
    frequencies = np.arange(int(count.max(initial=0)) + 1, dtype=np.float64)
    damped = np.concatenate([[0.0], 1.0 + np.log(frequencies[1:])])
    sublinear = [one.sublinear_tf for one in views]
    if all(sublinear):
        values: NDArray[np.float64] = damped[count]
    elif not any(sublinear):
        values = frequencies[count]
    else:
        values = np.where(np.array(sublinear)[view], damped[count], frequencies[count])
    values *= idf[column]
    group = article * len(views) + view
    norms = np.sqrt(np.bincount(group, weights=values * values))
    values /= norms[group]
    values *= np.array([one.weight for one in views])[view]
    return values


def smooth_idf(document_frequency: NDArray[np.int64], articles: int) -> NDArray[np.float64]:
    """ln((1 + n) / (1 + df)) + 1, float64: as if one more article held every term once.

    >>> float(smooth_idf(np.array([1]), 1)[0])
    1.0
    """
    return np.asarray(np.log((1 + articles) / (1 + document_frequency)) + 1.0)


def _joined(parts: Sequence[NDArray[Any]], dtype: type) -> NDArray[Any]:
    """Arrays end to end, without a copy where there is one."""
    return parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, dtype), *parts])
