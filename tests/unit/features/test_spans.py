"""Where terms stand: the same words as are counted, each where it was read."""

from __future__ import annotations

from collections import Counter
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.article import Article
from slugline.config import ViewConfig
from slugline.corpus.clean import clean_article
from slugline.features.mentions import NameTable, find_mentions
from slugline.features.names import NameIndex, article_words, name_token_spans, name_tokens
from slugline.features.spans import _name_spans, name_places, term_places
from slugline.features.stem import stem
from slugline.features.tokenizer import token_spans, tokens
from slugline.features.views import bare, view_terms
from slugline.features.vocabulary import Vocabulary

VIEWS = (
    ViewConfig(ngram_max=3, title_repeat=3),
    ViewConfig("stems", unit="stem", ngram_min=2, ngram_max=2),
    ViewConfig("letters", "body", "char", 1, 4),
    ViewConfig("headline", "headline"),
    ViewConfig("lead", "lead", lead_words=5, ngram_max=2),
)
NASTY = "aAzZ09 .,&'-\n\u00dfŞİı\u0307é\u0301\u0149ﬁΣςΐ中日の한ก็हि\u0966\u0661\u066b#:\u2019qs"
TEXTS = st.one_of(
    st.text(),
    st.text(alphabet=NASTY, max_size=60),
    st.lists(
        st.sampled_from(
            ["U.S.-led", "AT&T's", "1,200", "2024", "\n\n", "\n \n", "oil", "İstanbul", "Straße", "Plan B", "16th", "x"]
        ),
        max_size=20,
    ).map(" ".join),
)


@given(TEXTS)
def test_words_with_their_places_are_the_words(text: str) -> None:
    found = token_spans(text)
    assert [word for word, _, _ in found] == tokens(text)
    ends = [0, *(end for _, _, end in found)]
    for (word, start, end), before in zip(found, ends, strict=False):
        # A character that folds to several may give the end of one word and the start of the next.
        assert before - 1 <= start < end <= len(text)
        assert word in tokens(text[start:end]) or len(text[start:end].casefold()) != end - start


@given(TEXTS)
def test_words_of_names_with_their_places_are_those_words(text: str) -> None:
    found = name_token_spans(text)
    assert [word for word, _, _ in found] == name_tokens(text)
    assert all(0 <= start < end <= len(text) for _, start, end in found)


@given(TEXTS, TEXTS)
def test_every_term_is_found_as_often_as_it_is_counted(title: str, body: str) -> None:
    article = clean_article(Article("1", title, body))
    found = term_places(article, VIEWS)
    expected = Counter(chain.from_iterable(view_terms(article, VIEWS)))
    assert {term: sum(place.times for place in places) for term, places in found.items()} == expected
    for places in found.values():
        for word in chain.from_iterable(place.words for place in places):
            assert (article.title if word.field == "title" else article.body)[word.start : word.end].strip()


@given(TEXTS, TEXTS)
def test_tokens_of_names_have_a_place_each(title: str, body: str) -> None:
    article = clean_article(Article("1", title, body))
    words = article_words(article, NameIndex(Vocabulary.from_terms([])).pieces)
    spans = _name_spans(article)
    assert [span is None for span in spans] == [token == "" for token in words.tokens]
    assert [span.field for span in spans[: words.title] if span is not None] == ["title"] * words.title


def test_places_read_as_the_terms() -> None:
    title = "U.S. oil prices fall"
    body = "Oil prices fell 3.5 percent in 2024.\n\nThe İstanbul strikers' Straße: AT&T cease-fire."
    article = Article("1", title, body)
    for term, places in term_places(article, VIEWS).items():
        for place in places:
            text = [(title if word.field == "title" else body)[word.start : word.end] for word in place.words]
            read = [word for part in text for word in tokens(part)]
            number = int(term[0]) if term[1:2] == ":" else 0
            if VIEWS[number].unit == "char":
                assert bare(term).strip("-") in read[0]
            else:
                made = map(stem, read) if VIEWS[number].unit == "stem" else read
                assert " ".join(made) == bare(term)


def test_only_wanted_terms_are_looked_for() -> None:
    assert set(term_places(Article("1", "oil", "gas oil"), VIEWS, {"oil", "3:oil"})) == {"oil", "3:oil"}


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("Syria", [("title", "Syrian's".replace("n", ""))]),
        ("United States", [("body", "U.S.")]),
        ("Plan B", [("body", "Plan B")]),
        ("Korea", [("body", "Korea"), ("body", "Korea")]),
        ("North Korea", [("body", "North Korea")]),
    ],
)
def test_names_are_found_where_they_stand(tag: str, expected: list[tuple[str, str]]) -> None:
    article = Article("1", "Syria's war", "The U.S. has no Plan B.\n\nNorth\nKorea and Korea.")
    tags = ["Syria", "United States", "Plan B", "Korea", "North Korea"]
    table = NameTable.build(tags, {"United States": ["U.S."]})
    number = tags.index(tag)
    assert number in find_mentions([article], table).tag.tolist()
    (places,) = name_places(article, table, [number]).values()
    found = []
    for place in places:
        first, last = place.words[0], place.words[-1]
        text = article.title if first.field == "title" else article.body
        found.append((first.field, " ".join(text[first.start : last.end].split())))
    shown = [(field, text.removesuffix("'s").rstrip(".")) for field, text in found]
    assert shown == [(field, text.removesuffix("'s").rstrip(".")) for field, text in expected]
