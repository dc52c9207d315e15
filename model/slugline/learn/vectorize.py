"""Fitting TF-IDF: which terms a model has, and the matrix that the heads learn from."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from slugline.article import Article
from slugline.config import FeatureConfig, ViewConfig
from slugline.errors import CorpusError
from slugline.features.tfidf import Tfidf, smooth_idf, weighted_rows
from slugline.features.views import prefix_of, view_prefix, view_terms
from slugline.features.vocabulary import Vocabulary

Vectorize = Callable[[Sequence[Article], FeatureConfig], tuple[Tfidf, csr_matrix]]
"""`fit_tfidf`, or what stands in for it."""


def fit_tfidf(
    articles: Sequence[Article], config: FeatureConfig, counted: Counted | None = None
) -> tuple[Tfidf, csr_matrix]:
    """The fitted vectorizer and the articles' rows, float64 CSR (n, d); see `Tfidf.rows`.

    Smooth idf (as if one more article held every term once), in float32, as the model file keeps it. Terms are numbered
    in the order of their code points. `counted` is what `count_terms` gives for these articles and views (None: it is
    asked). Raises CorpusError if no term is left.
    """
    counted = counted or count_terms(articles, config.views)
    kept = np.concatenate(
        [_kept(counted, view, number, len(articles)) for number, view in enumerate(config.views)], dtype=np.int64
    )
    if not len(kept):
        limits = ", ".join(f"{view.min_df} and at most {view.max_df:.0%}" for view in config.views)
        raise CorpusError(
            "no term to learn from",
            found=f"no term in at least {limits} of {len(articles)} articles",
            expected="more articles, a smaller min_df or a larger max_df in features.views",
        )
    kept = np.array(sorted(kept.tolist(), key=counted.terms.__getitem__))
    place = np.full(len(counted.terms), -1)
    place[kept] = np.arange(len(kept))
    idf = smooth_idf(counted.articles_with[kept], len(articles)).astype(np.float32)
    known = place[counted.numbers] >= 0
    rows = weighted_rows(
        counted.group[known],
        place[counted.numbers[known]],
        counted.counts[known].astype(np.float64),
        len(articles),
        idf,
        config,
    )
    X = csr_matrix((rows.values, rows.indices, rows.indptr), shape=(len(articles), len(kept)))
    return Tfidf(Vocabulary.from_terms(counted.terms[number] for number in kept), idf, config), X


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


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Terms before any is left out; made by `count_terms`.

    Term `numbers[k]` occurs `counts[k]` times in `group[k]`, which is article times number of views plus view.
    """

    terms: list[str]
    numbers: NDArray[np.int64]
    counts: NDArray[np.int64]
    group: NDArray[np.int64]
    articles_with: NDArray[np.int64]  # of each term
    occurrences: NDArray[np.int64]  # of each term
    view: NDArray[np.int64]  # of each term


def count_terms(articles: Sequence[Article], views: Sequence[ViewConfig]) -> Counted:
    """Count the terms of each view of each article: what takes time, and what weights and limits do not change."""
    number_of: defaultdict[str, int] = defaultdict(lambda: len(number_of))
    numbers, counts, lengths = array("q"), array("q"), []
    for article in articles:
        for found in view_terms(article, views):
            counted = Counter(found)
            numbers.extend(map(number_of.__getitem__, counted))
            counts.extend(counted.values())
            lengths.append(len(counted))
    term_of, count_of = np.array(numbers, np.int64), np.array(counts, np.int64)
    group = np.repeat(np.arange(len(lengths)), lengths)
    size = len(number_of)
    view = np.zeros(size, np.int64)
    view[term_of] = group % len(views)
    articles_with = np.bincount(term_of, minlength=size)
    occurrences = np.bincount(term_of, weights=count_of, minlength=size).astype(np.int64)
    return Counted(list(number_of), term_of, count_of, group, articles_with, occurrences, view)


def _kept(counted: Counted, view: ViewConfig, number: int, articles: int) -> NDArray[np.int64]:
    """The terms of one view that are neither too rare nor too common; of equally frequent ones the first in order."""
    common = view.max_df * articles
    within = (counted.articles_with >= view.min_df) & (counted.articles_with <= common) & (counted.view == number)
    kept = np.flatnonzero(within)
    if not view.max_terms or len(kept) <= view.max_terms:
        return kept
    order = sorted(kept.tolist(), key=lambda term: (-counted.occurrences[term], counted.terms[term]))
    return np.array(order[: view.max_terms])
