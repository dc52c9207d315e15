"""How many of an article's words a model does not know; of its own articles, as if it had not read them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from slugline.article import Article
from slugline.bundle import Bundle
from slugline.corpus.clean import clean_article
from slugline.features.stem import stem
from slugline.features.views import view_prefix
from slugline.features.words import Words
from slugline.reference import Reference, reference_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BLOCK = 4096


def unknown_shares(
    bundle: Bundle, articles: Sequence[Article], words: Words | None = None, *, own: bool = False
) -> NDArray[np.float64]:
    """Of each article that has a word, the share of its running words that the model does not know, (n,).

    A word is known if a view of words or of stems has it. With `own`, articles are the model's training articles, and a
    word is known if it would be without the article that it is in: if it is in more articles than `min_df`. Empty where
    the model has no such view. `words` that have read these articles before read them faster.
    """
    views = [
        (view_prefix(number), view)
        for number, view in enumerate(bundle.features.views)
        if view.unit in ("word", "stem") and view.ngram_min == 1 and view.part == "all"
    ]
    if not views:
        return np.zeros(0)
    words = Words() if words is None else words
    rare = _document_frequency(bundle) if own else None
    known = np.zeros(0, dtype=bool)
    found = [np.zeros(0)]
    for start in range(0, len(articles), _BLOCK):
        numbers, counts = words.read([clean_article(article).text for article in articles[start : start + _BLOCK]])
        fresh = words.spelled[len(known) :]
        new = np.zeros(len(fresh), dtype=bool)
        for prefix, view in views:
            spelled = fresh if view.unit == "word" else map(stem, fresh)
            place = bundle.vocabulary.lookup([prefix + word for word in spelled])
            has = place >= 0
            if rare is not None:
                has &= rare[np.maximum(place, 0)] > view.min_df
            new |= has
        known = np.concatenate([known, new])
        article = np.repeat(np.arange(len(counts)), counts)
        unknown = np.bincount(article, weights=~known[numbers], minlength=len(counts))
        some = counts > 0
        found.append(unknown[some] / counts[some])
    return np.concatenate(found)


def with_unknown_words(bundle: Bundle, articles: Sequence[Article], words: Words | None = None) -> Bundle:
    """`bundle` with the unknown words of its training `articles` in its reference, if it has one.

    Leaving each article out in turn is exact where a word's articles are counted: no vocabulary is made anew.
    """
    reference = bundle.sections.get("reference")
    if not isinstance(reference, Reference):
        return bundle
    shares = unknown_shares(bundle, articles, words, own=True)
    sections = {**bundle.sections, "reference": reference.joined(reference_of("unknown_words", shares))}
    return dataclasses.replace(bundle, sections=sections)


def _document_frequency(bundle: Bundle) -> NDArray[np.float64]:
    """In how many training articles each term is, but for a common factor near 1: the inverse of `smooth_idf`."""
    frequency = np.exp(-(bundle.idf.astype(np.float64) - 1.0))
    # The rarest terms' own smoothed frequency is not known without the number of articles, which the training says.
    articles = int(bundle.manifest.corpus.get("train", 0))
    return np.asarray(np.rint(frequency * (1 + articles) - 1))
