"""TF-IDF, fitted with scikit-learn on the terms of Slugline's own tokenizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from slugline.article import Article
from slugline.config import FeatureConfig
from slugline.errors import CorpusError
from slugline.features.tokenizer import terms

Vectorize = Callable[[Sequence[Article], FeatureConfig], tuple[TfidfVectorizer, csr_matrix]]
"""What `fit_tfidf` does."""


def fit_tfidf(articles: Sequence[Article], config: FeatureConfig) -> tuple[TfidfVectorizer, csr_matrix]:
    """The fitted vectorizer and the articles' rows: float64 CSR (n, d), each of Euclidean length 1 (or empty).

    Smooth idf (as if one more article held every term once), L2 norm; `features.tfidf.Tfidf` gives the same numbers.
    Terms are numbered in the order of their code points. Raises CorpusError if no term is left.
    """
    vectorizer = TfidfVectorizer(
        analyzer=partial(terms, config=config),
        min_df=config.min_df,
        max_df=float(config.max_df),
        max_features=config.max_terms or None,
        sublinear_tf=config.sublinear_tf,
        norm="l2",
        use_idf=True,
        smooth_idf=True,
        dtype=np.float64,
    )
    try:
        X = vectorizer.fit_transform(articles)
    except ValueError as error:
        # scikit-learn says this of an empty vocabulary, and of min_df and max_df that exclude each other.
        raise CorpusError(
            "no term to learn from",
            found=f"no term in at least {config.min_df} and at most {config.max_df:.0%} of {len(articles)} articles",
            expected="more articles, a smaller features.min_df or a larger features.max_df",
        ) from error
    return vectorizer, csr_matrix(X)
