"""Where terms stand: the same words as are counted, each where it was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.article import Article
from slugline.config import ViewConfig
from slugline.corpus.clean import clean_article
from slugline.features.mentions import NameTable, find_mentions
from slugline.features.names import NameIndex, article_words, name_token_spans, name_tokens
from slugline.features.spans import TermPlaces, _name_spans, name_places
from slugline.features.stem import stem
from slugline.features.tokenizer import token_spans, tokens
from slugline.features.views import bare
from slugline.features.vocabulary import Vocabulary
from view_terms import view_terms

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


def places_of(article: Article, terms: Iterable[str]) -> dict[str, list[tuple[int, int, float]]]:
    """Of each term its words, in the one text of title and body, and the share of each."""
    names = list(terms)
    found = TermPlaces(article, VIEWS, names)
    of = {}
    for number, term in enumerate(names):
        part = slice(found.indptr[number], found.indptr[number + 1])
        word = found.word[part]
        of[term] = list(zip(found.start[word].tolist(), found.end[word].tolist(), found.share[part], strict=True))
    return of


@given(TEXTS, TEXTS)
def test_every_term_is_found_as_often_as_it_is_counted(title: str, body: str) -> None:
    article = clean_article(Article("1", title, body))
    text = f"{article.title}\n{article.body}"
    counted = Counter(chain.from_iterable(view_terms(article, VIEWS)))
    for term, places in places_of(article, counted).items():
        view = VIEWS[int(term[0]) if term[1:2] == ":" else 0]
        size = 1 if view.unit == "char" else term.count(" ") + 1
        assert sum(share for *_, share in places) == pytest.approx(1.0)
        in_title = sum(start <= len(article.title) for start, *_ in places)
        times = view.title_repeat if view.part == "all" else 1
        assert in_title * times + len(places) - in_title == counted[term] * size
        # A headline that is counted several times has as many shares.
        assert {round(share * counted[term] * size) for *_, share in places} <= {1, times}
        assert all(text[start:end].strip() for start, end, _ in places)


@given(TEXTS, TEXTS)
def test_tokens_of_names_have_a_place_each(title: str, body: str) -> None:
    article = clean_article(Article("1", title, body))
    pieces = NameIndex(Vocabulary.from_terms([])).pieces
    words = article_words(article, pieces)
    spans = _name_spans(article, pieces, range(len(words.tokens)))
    assert [number in spans for number in range(len(words.tokens))] == [token != "" for token in words.tokens]
    assert [number for number, (start, _) in spans.items() if start < len(article.title)] == list(range(words.title))


def test_places_read_as_the_terms() -> None:
    title = "U.S. oil prices fall"
    body = "Oil prices fell 3.5 percent in 2024.\n\nThe İstanbul strikers' Straße: AT&T cease-fire."
    article, text = Article("1", title, body), f"{title}\n{body}"
    for term, places in places_of(article, set(chain.from_iterable(view_terms(article, VIEWS)))).items():
        number = int(term[0]) if term[1:2] == ":" else 0
        read = [word for start, end, _ in places for word in tokens(text[start:end])]
        if VIEWS[number].unit == "char":
            assert all(bare(term).strip("-") in word for word in read)
        else:
            made = map(stem, read) if VIEWS[number].unit == "stem" else read
            assert " ".join(made) == " ".join([bare(term)] * (len(read) // len(bare(term).split())))


def test_a_term_that_is_not_there_has_no_place() -> None:
    assert places_of(Article("1", "oil", "gas oil"), ["coal", "3:oil", "3:gas"]) == {
        "coal": [],
        "3:oil": [(0, 3, 1.0)],
        "3:gas": [],
    }


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
    (words,) = name_places(article, table, [number]).values()
    text, body = f"{article.title}\n{article.body}", len(article.title) + 1
    found = [("title" if start < body else "body", text[start:end]) for start, end in zip(*words[:2], strict=True)]
    parts = [(field, part) for field, shown in expected for part in shown.split()]
    assert [(field, part.removesuffix("'s").rstrip(".")) for field, part in found] == [
        (field, part.removesuffix("'s").rstrip(".")) for field, part in parts
    ]
    assert words.added.sum() == pytest.approx(1.0)
