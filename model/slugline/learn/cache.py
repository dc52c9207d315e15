"""Terms and TF-IDF matrices kept between trainings on the same articles."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from scipy.sparse import csr_matrix

from slugline.article import Article
from slugline.config import FeatureConfig
from slugline.features.tfidf import Tfidf
from slugline.learn.counts import Counted, count_terms
from slugline.learn.parallel import Jobs
from slugline.learn.vectorize import fit_tfidf

MOST_BYTES = 1_500_000_000
"""Above this, what was not used for longest is let go."""


class CachedVectorize:
    """Stands in for `fit_tfidf` (see `learn.kept`): the same features of the same articles are made once.

    So are the counts of terms, which other weights and limits of the same views start from. The articles are known by
    identity, so they must not change; matrices are handed out as they are, and estimators do not change them.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[tuple[int, str], tuple[Sequence[Article], Any, int]] = OrderedDict()

    def __call__(
        self, articles: Sequence[Article], config: FeatureConfig, *, jobs: Jobs = 1
    ) -> tuple[Tfidf, csr_matrix]:
        """What `fit_tfidf(articles, config)` returns. Raises as it does."""

        def fit() -> tuple[Tfidf, csr_matrix]:
            counted: Counted = self._once(
                articles, repr(views), lambda: count_terms(articles, views, jobs), lambda one: one.nbytes
            )
            return fit_tfidf(articles, config, counted, jobs=jobs)

        views = tuple(
            dataclasses.replace(view, weight=1.0, min_df=1, max_df=1.0, max_terms=0, sublinear_tf=True)
            for view in config.views
        )
        made: tuple[Tfidf, csr_matrix] = self._once(articles, repr(config), fit, _fitted_bytes)
        return made

    def _once(self, articles: Sequence[Article], what: str, make: Callable[[], Any], size: Callable[[Any], int]) -> Any:
        key = (id(articles), what)
        if key not in self._kept:
            made = make()
            # The articles are kept with it, so that their identity cannot be given to others.
            self._kept[key] = (articles, made, size(made))
        self._kept.move_to_end(key)
        found = self._kept[key][1]
        while len(self._kept) > 1 and sum(bytes_ for *_, bytes_ in self._kept.values()) > self._most:
            self._kept.popitem(last=False)
        return found


def _fitted_bytes(fitted: tuple[Tfidf, csr_matrix]) -> int:
    X = fitted[1]
    return int(X.data.nbytes + X.indices.nbytes + X.indptr.nbytes)
