"""Which terms of an article each view has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from slugline.article import Article
from slugline.config import ViewConfig
from slugline.features.tokenizer import tokens
from slugline.features.views import bare, readable
from view_terms import view_terms

ARTICLE = Article("1", "Rebels advance", "Rebels took Aleppo.\n\nThe army left.")
WORDS = st.sampled_from(
    ["Syria", "rebels", "U.S.", "été", "7", "2024", "bank's", "中国", "\n\n", "a", "AT&T", "x:y", "-"]
)
TEXT = st.lists(WORDS, max_size=12).map(" ".join)


def terms(article: Article, view: ViewConfig) -> list[str]:
    return view_terms(article, [view])[0]


def test_ngrams_stay_in_their_paragraph_and_headlines_count_repeatedly() -> None:
    found = terms(ARTICLE, ViewConfig(ngram_min=1, ngram_max=2, title_repeat=3))
    assert found.count("rebels advance") == 3
    assert found.count("rebels") == 4
    assert "took aleppo" in found
    assert "aleppo the" not in found
    assert "advance rebels" not in found
    assert len(found) == 3 * 3 + 5 + 5


def test_longer_ngrams_only() -> None:
    assert terms(ARTICLE, ViewConfig(ngram_min=3, ngram_max=3)) == ["rebels took aleppo", "the army left"]


def test_an_article_without_words_has_no_terms() -> None:
    for part in ("all", "headline", "lead", "body"):
        assert terms(Article("1", "", " ... "), ViewConfig(part=part)) == []


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (ViewConfig(part="headline", title_repeat=5), "rebels advance"),
        (ViewConfig(part="body"), "rebels took aleppo the army left"),
        (ViewConfig(part="lead", lead_words=4), "rebels took aleppo the"),
        (ViewConfig(part="lead", lead_words=3), "rebels took aleppo"),
        (ViewConfig(part="lead", lead_words=1), "rebels"),
        (ViewConfig(part="lead", lead_words=99), "rebels took aleppo the army left"),
    ],
)
def test_parts(view: ViewConfig, expected: str) -> None:
    assert terms(ARTICLE, view) == expected.split()


def test_a_lead_has_no_ngram_beyond_its_last_word() -> None:
    view = ViewConfig(part="lead", lead_words=5, ngram_min=2, ngram_max=2)
    assert terms(ARTICLE, view) == ["rebels took", "took aleppo", "the army"]


def test_all_views_but_the_first_are_named() -> None:
    views = [ViewConfig(), ViewConfig("headline", "headline"), ViewConfig("letters", "headline", "char", 4, 4)]
    plain, headline, letters = view_terms(ARTICLE, views)
    assert not any(":" in term for term in plain)
    assert headline == ["1:rebels", "1:advance"]
    assert set(letters) >= {"2:-reb", "2:els-"}
    assert [readable(term, views) for term in (plain[0], headline[0], letters[0])] == [
        "rebels",
        "rebels (headline)",
        "-reb (letters)",
    ]
    assert [bare(term) for term in (plain[0], headline[0])] == ["rebels", "rebels"]


@given(TEXT, st.integers(1, 5), st.integers(0, 3))
def test_letters_are_those_of_scikit_learn(text: str, low: int, more: int) -> None:
    theirs = CountVectorizer(analyzer="char_wb", ngram_range=(low, low + more)).build_analyzer()
    expected = theirs(" ".join(tokens(text)))
    found = terms(Article("1", "", text), ViewConfig(unit="char", ngram_min=low, ngram_max=low + more))
    # Theirs are in order of size within a word, too; the longest of a short word comes once in both.
    assert sorted(found) == sorted(gram.replace(" ", "-") for gram in expected)


@given(TEXT, TEXT, st.integers(1, 3), st.integers(0, 2))
def test_terms_are_words_joined_by_single_spaces(title: str, body: str, low: int, more: int) -> None:
    found = terms(Article("1", title, body), ViewConfig(ngram_min=low, ngram_max=low + more))
    words = set(tokens(f"{title}\n\n{body}"))
    for term in found:
        parts = term.split(" ")
        assert low <= len(parts) <= low + more
        assert set(parts) <= words


@given(TEXT, TEXT)
def test_no_word_holds_the_marks_of_views_and_letters(title: str, body: str) -> None:
    assert not any(":" in word or "-" in word for word in tokens(title) + tokens(body))


def test_stems_stand_for_their_words() -> None:
    view = ViewConfig(part="body", unit="stem", ngram_max=2)
    article = Article("1", "", "Striking workers.\n\nWorker strikes")
    assert terms(article, view) == ["strik", "work", "strik work", "work", "strik", "work strik"]


@pytest.mark.parametrize("term", ["7:oil", "x:oil", ":oil", "99999999999999999999:oil", "²:oil"])
def test_a_damaged_prefix_is_shown_as_it_is(term: str) -> None:
    assert readable(term, [ViewConfig(), ViewConfig("headline")]) == term
