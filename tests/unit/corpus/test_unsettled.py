from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.article import Article
from slugline.corpus import unsettled as module
from slugline.corpus.clean import clean_article, clean_articles, is_settled
from slugline.corpus.unsettled import unsettled

PIECES = [
    "a",
    "b~",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\t",
    "\0",
    "\x7f",
    "\x1f",
    "&",
    "&amp;",
    "amp;",
    "AT&T; ",
    "é",
    "\u200b",
    "",
]
TEXTS = st.lists(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), max_size=80)


@given(TEXTS, st.booleans(), st.sampled_from([1, 7, 1 << 15]))
def test_what_is_passed_over_is_settled(texts: list[str], lines: bool, block: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_BLOCK", block)
        found = unsettled(texts, lines=lines)
    # As exact as looking at each text by itself, but for those that are not ASCII.
    expected = [bool(text) and not (text.isascii() and is_settled(text, lines=lines)) for text in texts]
    assert found.tolist() == expected


def test_one_text_does_not_make_its_neighbours_doubtful() -> None:
    texts = ["In order.", " margin", "In order.", "margin\n", "In\n\norder.", "\n", "two  spaces", "tab\t", "In order."]
    assert np.flatnonzero(unsettled(texts, lines=True)).tolist() == [1, 3, 5, 6, 7]
    assert np.flatnonzero(unsettled(texts, lines=False)).tolist() == [1, 3, 4, 5, 6, 7]


def test_many_articles_are_cleaned_as_each_is() -> None:
    kinds = [
        Article("", "In order", "One.\n\nTwo."),
        Article("", "A\n title", "AT&amp;T", source="The  Times"),
        Article("", "", "caf\u00c3\u00a9", source="The Times"),
        Article("", "Été", ""),
    ]
    articles = [Article(str(n), one.title, one.body, source=one.source) for n, one in enumerate(kinds * 20)]
    found = clean_articles(articles)
    assert found == [clean_article(article) for article in articles]
    assert found[0] is articles[0]
    assert clean_articles(articles[:5]) == found[:5]
    assert clean_articles([]) == []
