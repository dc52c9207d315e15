from __future__ import annotations

import dataclasses

import numpy as np

from slugline.article import Article
from slugline.config import FeatureConfig, ViewConfig
from slugline.learn import cache, vectorize
from slugline.learn.cache import CachedVectorize

ARTICLES = [Article(str(n), f"Head {n % 3}", f"the word{n} and word{n % 4} again word{n % 2}") for n in range(12)]
VIEWS = (ViewConfig(), ViewConfig(name="headline", part="headline", weight=0.5, min_df=1))


def variants():
    for weight in (0.5, 1.0):
        for least in (1, 2, 3):
            first = dataclasses.replace(VIEWS[0], min_df=least, sublinear_tf=least == 2, max_terms=5 * (least == 3))
            yield FeatureConfig((first, dataclasses.replace(VIEWS[1], weight=weight)))


def same(one, other):
    assert one[0].vocabulary.terms() == other[0].vocabulary.terms()
    np.testing.assert_array_equal(one[1].toarray(), other[1].toarray())


def test_it_gives_what_fitting_gives_and_counts_once(monkeypatch):
    counted = []
    monkeypatch.setattr(cache, "count_terms", lambda *said: counted.append(1) or vectorize.count_terms(*said))
    cached = CachedVectorize()
    for config in variants():
        same(cached(ARTICLES, config), vectorize.fit_tfidf(ARTICLES, config))
        assert cached(ARTICLES, config) is cached(ARTICLES, config)
    assert len(counted) == 1


def test_other_articles_are_others():
    cached = CachedVectorize()
    config = FeatureConfig(VIEWS)
    cached(ARTICLES, config)
    same(cached(ARTICLES[:6], config), vectorize.fit_tfidf(ARTICLES[:6], config))


def test_what_was_not_used_for_longest_is_let_go():
    cached = CachedVectorize(most_bytes=1)
    for config in (*variants(), *variants()):
        same(cached(ARTICLES, config), vectorize.fit_tfidf(ARTICLES, config))
    assert len(cached._kept) == 1
