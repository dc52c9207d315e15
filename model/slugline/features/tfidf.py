"""Articles into TF-IDF rows, the numbers of scikit-learn's TfidfVectorizer, with numpy alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from slugline.features.tokenizer import terms
from slugline.features.vocabulary import Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.article import Article
    from slugline.config import FeatureConfig


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """N articles as compressed rows: article i has the terms `indices[indptr[i]:indptr[i + 1]]`, ascending, and their
    `values`, whose squares sum to 1 (or there are none).
    """

    indptr: NDArray[np.int64]  # (N + 1,)
    indices: NDArray[np.int64]  # (nnz,)
    values: NDArray[np.float64]  # (nnz,)

    def __len__(self) -> int:
        return len(self.indptr) - 1


class Tfidf:
    """A fitted vectorizer: `idf` (float64, one for each term of `vocabulary`) and how articles become terms."""

    __slots__ = ("config", "idf", "vocabulary")

    def __init__(self, vocabulary: Vocabulary, idf: NDArray[np.float64], config: FeatureConfig) -> None:
        if idf.shape != (len(vocabulary),):
            raise ValueError(f"idf has the shape {idf.shape}, the vocabulary {len(vocabulary)} terms")
        self.vocabulary = vocabulary
        self.idf = idf
        self.config = config

    def rows(self, articles: Iterable[Article]) -> Rows:
        """Term frequency (1 + ln tf if `sublinear_tf`) times idf, each row divided by its Euclidean length.

        This is TfidfVectorizer(norm="l2", use_idf=True) with the given idf. Terms outside the vocabulary are ignored;
        an article without a known term is an empty row.
        """
        spelled: list[str] = []
        counts: list[int] = []
        lengths: list[int] = []
        for article in articles:
            counted = Counter(terms(article, self.config))
            spelled += counted
            counts += counted.values()
            lengths.append(len(counted))
        numbers = self.vocabulary.lookup(spelled)
        known = numbers >= 0
        article_of = np.repeat(np.arange(len(lengths)), lengths)[known]
        indices = numbers[known]
        frequency = np.asarray(counts, dtype=np.float64)[known]
        order = np.argsort(article_of * len(self.vocabulary) + indices)
        article_of, indices, frequency = article_of[order], indices[order], frequency[order]
        values = (1.0 + np.log(frequency) if self.config.sublinear_tf else frequency) * self.idf[indices]
        norms = np.sqrt(np.bincount(article_of, weights=values * values, minlength=len(lengths)))
        indptr = np.zeros(len(lengths) + 1, dtype=np.int64)
        np.cumsum(np.bincount(article_of, minlength=len(lengths)), out=indptr[1:])
        return Rows(indptr, indices, values / norms[article_of])


def smooth_idf(document_frequency: NDArray[np.int64], articles: int) -> NDArray[np.float64]:
    """ln((1 + n) / (1 + df)) + 1, float64: as if one more article held every term once.

    >>> float(smooth_idf(np.array([1]), 1)[0])
    1.0
    """
    return np.asarray(np.log((1 + articles) / (1 + document_frequency)) + 1.0)
