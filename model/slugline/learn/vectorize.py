"""Fitting TF-IDF: which terms a model has, and the matrix that the heads learn from."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from slugline.article import Article
from slugline.config import FeatureConfig, ViewConfig
from slugline.errors import CorpusError
from slugline.features.tfidf import Tfidf, smooth_idf, weigh
from slugline.features.views import prefix_of, view_prefix
from slugline.features.vocabulary import Vocabulary
from slugline.learn.count_rows import count_rows
from slugline.learn.counts import Counted, ViewTerms, count_terms
from slugline.learn.parallel import Jobs

_SLICE = 256  # articles that are weighted at once: their arrays stay in a processor's cache


class Vectorize(Protocol):
    """`fit_tfidf`, or what stands in for it."""

    def __call__(
        self, articles: Sequence[Article], config: FeatureConfig, *, jobs: Jobs = 1
    ) -> tuple[Tfidf, csr_matrix]:
        """See `fit_tfidf`."""


def fit_tfidf(
    articles: Sequence[Article], config: FeatureConfig, counted: Counted | None = None, *, jobs: Jobs = 1
) -> tuple[Tfidf, csr_matrix]:
    """The fitted vectorizer and the articles' rows, float64 CSR (n, d); see `Tfidf.rows`.

    Smooth idf (as if one more article held every term once), in float32, as the model file keeps it. Terms are numbered
    in the order of their code points. `counted` is what `count_terms` gives for these articles and views (None: it is
    asked). `jobs` threads do not change a byte of the result. Raises CorpusError if no term is left.
    """
    counted = counted or count_terms(articles, config.views, jobs)
    kept = [_kept(terms, view, counted.articles) for terms, view in zip(counted.views, config.views, strict=True)]
    spelled = [terms.spelled(own) for terms, own in zip(counted.views, kept, strict=True)]
    columns = sum(map(len, kept))
    if not columns:
        limits = ", ".join(f"{view.min_df} and at most {view.max_df:.0%}" for view in config.views)
        raise CorpusError(
            "no term to learn from",
            found=f"no term in at least {limits} of {len(articles)} articles",
            expected="more articles, a smaller min_df or a larger max_df in features.views",
        )
    places, terms = _side_by_side(spelled)
    idf = np.empty(columns, np.float32)
    view_of = np.empty(columns, np.int64)
    for number, (view, own, place) in enumerate(zip(counted.views, kept, places, strict=True)):
        idf[place] = smooth_idf(view.articles_with[own], counted.articles).astype(np.float32)
        view_of[place] = number
    fitted = Tfidf(Vocabulary.from_terms(terms), idf, config, counted.words)
    handed = [counted]
    del counted, spelled, terms
    X = count_rows(handed, kept, places, lambda rows: _weighed(rows, view_of, idf, config), np.float64, jobs)
    return fitted, X


def head_rows(X: csr_matrix, fitted: Tfidf, head: str) -> csr_matrix:
    """The rows of X (n, d) that a head ("tags" or "event_type") learns from: columns of the other head's views are
    empty. X itself where there are none; it is not changed.
    """
    views = fitted.config.views
    mine = [view.heads in ("both", head) for view in views]
    if all(mine):
        return X
    wanted = {view_prefix(number) for number in range(len(views)) if mine[number]}
    kept = np.array([prefix_of(term) in wanted for term in fitted.vocabulary.terms()])
    own = X.copy()
    own.data[~kept[own.indices]] = 0.0
    own.eliminate_zeros()
    return own


def _kept(terms: ViewTerms, view: ViewConfig, articles: int) -> NDArray[np.int64]:
    """The terms of one view that are neither too rare nor too common, in the order of their code points; of equally
    frequent ones the first.
    """
    common = view.max_df * articles
    kept = terms.sorted(np.flatnonzero((terms.articles_with >= view.min_df) & (terms.articles_with <= common)))
    if not view.max_terms or len(kept) <= view.max_terms:
        return kept
    return kept[np.sort(np.argsort(-terms.occurrences[kept], kind="stable")[: view.max_terms])]


def _side_by_side(spelled: Sequence[list[str]]) -> tuple[list[NDArray[np.int64]], list[str]]:
    """The terms of all views in order, with the views' prefixes, and the places in it of each view's (sorted) terms."""
    # The terms of a prefixed view are together, as no word holds what a prefix ends with.
    prefixes = sorted(view_prefix(number) for number in range(1, len(spelled)))
    cuts = [bisect_left(spelled[0], prefix) for prefix in prefixes]
    places: list[NDArray[np.int64]] = [np.zeros(0, np.int64)] * len(spelled)
    plain: list[NDArray[np.int64]] = []
    terms: list[str] = []
    for start, end, prefix in zip([0, *cuts], [*cuts, len(spelled[0])], [*prefixes, ""], strict=True):
        plain.append(np.arange(len(terms), len(terms) + end - start))
        terms += spelled[0][start:end]
        if prefix:
            number = int(prefix[:-1])
            places[number] = np.arange(len(terms), len(terms) + len(spelled[number]))
            terms += [prefix + term for term in spelled[number]]
    places[0] = np.concatenate(plain)
    return places, terms


def _weighed(
    rows: csr_matrix, view_of: NDArray[np.int64], idf: NDArray[np.float32], config: FeatureConfig
) -> NDArray[np.float64]:
    """The values of rows of counts whose columns are of the views `view_of` (d,)."""
    values = np.empty(rows.nnz)
    for first in range(0, rows.shape[0], _SLICE):
        borders = rows.indptr[first : first + _SLICE + 1]
        part = slice(borders[0], borders[-1])
        column = rows.indices[part]
        row = np.repeat(np.arange(len(borders) - 1), np.diff(borders))
        values[part] = weigh(row, view_of[column], column, rows.data[part], idf, config)
    return values
