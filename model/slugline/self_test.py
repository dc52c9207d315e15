"""The self-test of a model file: what a few sentences must score, made when the model is."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from slugline.article import Article
from slugline.bundle import Bundle
from slugline.corpus.clean import clean_article
from slugline.features.views import bare
from slugline.names import NameModel
from slugline.predict import Predictor

_SENTENCES = (
    ("Rebels seize the airport", "Syrian rebels said on Monday that 1,200 U.S.-led troops had left Aleppo's airport."),
    ("BANK RAISES RATES", "The central bank raised its interest rate by 0.25 points.\n\nShares fell in 2024."),
    ("Café owner wins “Straße” prize", "The team from São Paulo won the final 3-1 after the storm in İstanbul."),
)


def with_self_test(bundle: Bundle) -> Bundle:
    """`bundle` with the self-test that its file will carry: built-in sentences, and terms of its own vocabulary.

    Of each head it holds the three highest and the three lowest scores.
    """
    step = max(1, len(bundle.vocabulary) // 24)
    own = [bare(bundle.vocabulary.term(index)) for index in range(0, len(bundle.vocabulary), step)]
    articles = [Article("self-test", title, body) for title, body in _SENTENCES]
    articles += [Article("self-test", "", "\n\n".join(own))]
    names = bundle.sections.get("names")
    by_name: list[dict[str, float]] = []
    if isinstance(names, NameModel):
        some = names.labels[:: max(1, len(names.labels) // 24)]
        articles.append(Article("self-test", some[0], "\n\n".join(some)))
        by_name = names.said(map(clean_article, articles))
    scores = Predictor(bundle).scores(articles)
    cases: list[dict[str, Any]] = []
    for row, article in enumerate(articles):
        expected: dict[str, dict[str, float]] = {}
        for name, head in bundle.heads.items():
            order = np.argsort(scores[name][row], kind="stable").tolist()
            chosen = sorted({*order[:3], *order[-3:]})
            expected[name] = {head.labels[label]: round(float(scores[name][row, label]), 6) for label in chosen}
        cases.append({"title": article.title, "body": article.body, "scores": expected})
        if by_name:
            cases[-1]["names"] = by_name[row]
    return dataclasses.replace(bundle, manifest=dataclasses.replace(bundle.manifest, self_test=cases))
