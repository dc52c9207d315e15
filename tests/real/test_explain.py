"""On real articles every term has its place in the text, and what stands there sums to the scores."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from slugline.config import CorpusConfig, FeatureConfig, ViewConfig
from slugline.config_views import DEFAULT_VIEWS
from slugline.corpus.clean import clean_article
from slugline.corpus.load import load_corpus
from slugline.features.mentions import find_mentions
from slugline.features.spans import TermPlaces, name_places
from slugline.features.tokenizer import token_spans, tokens
from slugline.features.views import bare
from slugline.learn.vectorize import fit_tfidf
from slugline.predict import Predictor
from support import ROOT

CORPORA = {
    "reuters21578": "reuters21578.tar.gz",
    "wcep": "events.jsonl.gz",
    "wcep_linked": "events-2025.jsonl.gz",
    "muc34": "documents.jsonl.gz",
    "starter": "articles.jsonl",
}
MODEL = ROOT / "data" / "models" / "news-en.safetensors"
MANY, FEW = 1500, 60
VIEWS = (
    *DEFAULT_VIEWS,
    ViewConfig("first", "lead", lead_words=40, ngram_max=2),
    ViewConfig("top", "headline", "char", 2, 4),
    ViewConfig("numbers", "body", ngram_min=2, ngram_max=3),
)


@pytest.fixture(scope="module", params=CORPORA)
def articles(request, real_corpus):
    path = real_corpus(request.param) / CORPORA[request.param]
    found = islice(load_corpus(CorpusConfig(str(path))).records, MANY)
    return [clean_article(record.article) for record in found]


def test_words_stand_where_they_were_read(articles):
    for article in articles:
        for text in (article.title, article.body):
            spans = token_spans(text)
            assert [word for word, _, _ in spans] == tokens(text)
            # Each by itself is the word again.
            assert all(tokens(text[start:end]) == [word] for word, start, end in spans)


def test_every_term_of_a_row_is_found_as_often_as_it_was_counted(articles):
    some = articles[:: max(1, len(articles) // 300)]
    config = FeatureConfig(VIEWS)
    fitted, _ = fit_tfidf(some, config)
    rows = fitted.rows(some)
    counts = fitted._columns
    assert counts is not None
    (found,) = counts.count(some)
    for number, article in enumerate(some):
        own = found.article == number
        wanted = {
            fitted.vocabulary.term(term): int(times)
            for term, times in zip(found.column[own], found.count[own], strict=True)
        }
        places = TermPlaces(article, VIEWS, list(wanted))
        every = np.bincount(np.repeat(np.arange(len(wanted)), np.diff(places.indptr)), places.share)
        assert every == pytest.approx(1.0)
        for place, (term, times) in enumerate(wanted.items()):
            part = slice(places.indptr[place], places.indptr[place + 1])
            view = VIEWS[int(term[: term.find(":")] or 0) if ":" in term else 0]
            size = 1 if view.unit == "char" else bare(term).count(" ") + 1
            # The least share is that of a word that counts once.
            least = (
                1 if view.part != "all" or (places.start[places.word[part]] >= places.body).any() else view.title_repeat
            )
            assert round(least / places.share[part].min()) == times * size
        assert len(wanted) == np.diff(rows.indptr)[number]


@pytest.mark.skipif(not MODEL.exists(), reason="the shipped model is not in data/models")
def test_marks_and_the_intercept_sum_to_the_scores(articles):
    predictor = Predictor.load(MODEL)
    some = articles[:: max(1, len(articles) // FEW)]
    for found in predictor.explain_stream(some, tags=["Water"]):
        for reasons in found.tags:
            tag = reasons.verdict
            assert tag.intercept + sum(one.contribution for one in tag.evidence) == pytest.approx(tag.score, abs=1e-6)
            placed = sum(mark.contribution for mark in reasons.marks)
            assert tag.intercept + placed == pytest.approx(tag.score, abs=1e-6)
        if found.event is not None:
            event = found.event.verdict
            placed = sum(mark.contribution for mark in found.event.marks)
            assert event.intercept + placed == pytest.approx(event.score, abs=1e-6)


@pytest.mark.skipif(not MODEL.exists(), reason="the shipped model is not in data/models")
def test_every_name_that_is_mentioned_has_a_place(articles):
    names = Predictor.load(MODEL)._names
    assert names is not None
    some = articles[:: max(1, len(articles) // 300)]
    found = find_mentions(some, names.table)
    for number, article in enumerate(some):
        tags = found.tag[found.article == number].tolist()
        places = name_places(article, names.table, tags)
        assert sorted(places) == sorted(tags)
        assert all(len(own.start) for own in places.values())
