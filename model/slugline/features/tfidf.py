"""Articles into TF-IDF rows, the numbers of scikit-learn's TfidfVectorizer for each view, with numpy alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.features.views import view_terms
from slugline.features.vocabulary import Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.article import Article
    from slugline.config import FeatureConfig


@dataclass(frozen=True, slots=True, eq=False)
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
    """

    __slots__ = ("config", "idf", "vocabulary")

    def __init__(self, vocabulary: Vocabulary, idf: NDArray[np.floating[Any]], config: FeatureConfig) -> None:
        if idf.shape != (len(vocabulary),):
            raise ValueError(f"idf has the shape {idf.shape}, the vocabulary {len(vocabulary)} terms")
        self.vocabulary = vocabulary
        self.idf = idf
        self.config = config

    def rows(self, articles: Iterable[Article]) -> Rows:
        """Term frequency (1 + ln tf if the view has `sublinear_tf`) times idf, each view of an article divided by its
        Euclidean length and multiplied by the view's weight.

        For one view of weight 1 this is TfidfVectorizer(norm="l2", use_idf=True) with the given idf. Terms outside the
        vocabulary are ignored; an article without a known term is an empty row.
        """
        views = self.config.views
        spelled: list[str] = []
        counts: list[int] = []
        lengths: list[int] = []
        for article in articles:
            for found in view_terms(article, views):
                counted = Counter(found)
                spelled += counted
                counts += counted.values()
                lengths.append(len(counted))
        numbers = self.vocabulary.lookup(spelled)
        known = numbers >= 0
        group = np.repeat(np.arange(len(lengths)), lengths)[known]
        frequency = np.asarray(counts, dtype=np.float64)[known]
        return weighted_rows(group, numbers[known], frequency, len(lengths) // len(views), self.idf, self.config)


def weighted_rows(
    group: NDArray[np.int64],
    indices: NDArray[np.int64],
    frequency: NDArray[np.float64],
    articles: int,
    idf: NDArray[np.floating[Any]],
    config: FeatureConfig,
) -> Rows:
    """The rows of counted terms, in any order: the term `indices[k]` occurs `frequency[k]` times in `group[k]`.

    Group g is view g % V of article g // V, with V the number of views; no term occurs twice in a group.
    """
    views = config.views
    order = np.argsort(group // len(views) * len(idf) + indices)
    group, indices, frequency = group[order], indices[order], frequency[order]
    view_of, article_of = group % len(views), group // len(views)
    sublinear = np.array([view.sublinear_tf for view in views])
    if sublinear.any():
        damped = 1.0 + np.log(frequency)
        frequency = damped if sublinear.all() else np.where(sublinear[view_of], damped, frequency)
    values = frequency * idf[indices]
    norms = np.sqrt(np.bincount(group, weights=values * values, minlength=articles * len(views)))
    values = values / norms[group] * np.array([view.weight for view in views])[view_of]
    indptr = np.zeros(articles + 1, dtype=np.int64)
    np.cumsum(np.bincount(article_of, minlength=articles), out=indptr[1:])
    return Rows(indptr, indices, values)


def smooth_idf(document_frequency: NDArray[np.int64], articles: int) -> NDArray[np.float64]:
    """ln((1 + n) / (1 + df)) + 1, float64: as if one more article held every term once.

    >>> float(smooth_idf(np.array([1]), 1)[0])
    1.0
    """
    return np.asarray(np.log((1 + articles) / (1 + document_frequency)) + 1.0)
