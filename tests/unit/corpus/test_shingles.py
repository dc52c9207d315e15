"""Words found in bytes are those that the regular expression finds, and what is hashed alike is alike."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.article import Article
from slugline.corpus import shingles as module
from slugline.corpus.shingles import SHINGLE, word_blocks

TEXT = st.text(st.sampled_from("aZb09_ .,'\n\x00-—’éßİǅ一二\u0307\ud800İ"), max_size=60) | st.text(max_size=40)


def expected_words(article: Article) -> list[str]:
    """The definition."""
    words = re.findall(r"\w+", article.body.casefold())
    return words if len(words) >= 50 else re.findall(r"\w+", article.title.casefold()) + words


def all_of(articles: list[Article]) -> tuple[list[list[int]], list[int]]:
    """The word hashes of each article, and the hash of its whole text."""
    words: list[list[int]] = []
    texts: list[int] = []
    for block in word_blocks(articles):
        words += [part.tolist() for part in np.split(block.words, np.cumsum(block.counts)[:-1])]
        texts += block.texts().tolist()
    return words, texts


@given(st.lists(st.builds(Article, st.just("x"), TEXT, TEXT | TEXT.map(lambda text: text * 20)), max_size=6))
def test_words_are_those_of_the_definition(articles: list[Article]) -> None:
    words, texts = all_of(articles)
    wanted = [expected_words(article) for article in articles]
    assert [len(one) for one in words] == [len(one) for one in wanted]
    hashes: dict[str, int] = {}
    for found, spelled in zip(words, wanted, strict=True):
        for number, word in zip(found, spelled, strict=True):
            assert hashes.setdefault(word, number) == number
    assert len(set(hashes.values())) == len(hashes)
    assert len(set(texts)) == len({tuple(one) for one in wanted})


@pytest.mark.parametrize("length", [1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 200, 5000])
def test_words_of_any_length_are_told_apart_by_every_letter(length: int) -> None:
    word = "ab" * length
    variants = [
        word[:length],
        word[1 : length + 1],
        "c" + word[1:length],
        word[: length - 1] + "c",
        word[:length] + "a",
    ]
    words, _ = all_of([Article("x", "", " ".join(variants))])
    assert len(set(words[0])) == len(set(variants))
    # The same word at the end of a block, with nothing behind it.
    assert all_of([Article("x", "", variants[0])])[0][0][0] == words[0][0]


@pytest.mark.parametrize("size", [1, 40, 10**6])
def test_blocks_make_no_difference(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    articles = [Article(str(n), f"Title {n}", f"née {n} " * (n % 7) if n % 3 else f"body {n}") for n in range(30)]
    whole = all_of(articles)
    monkeypatch.setattr(module, "_BLOCK", size)
    assert all_of(articles) == whole


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=9), min_size=1, max_size=6), st.data())
def test_shingles_are_runs_of_five_words_of_one_article(bodies: list[list[str]], data: st.DataObject) -> None:
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=len(bodies), max_size=len(bodies))))
    (block,) = word_blocks([Article(str(n), "", " ".join(words)) for n, words in enumerate(bodies)])
    found, counts = block.shingles(chosen)
    runs = [
        tuple(words[start : start + SHINGLE])
        for words, wanted in zip(bodies, chosen, strict=True)
        if wanted
        for start in range(len(words) - SHINGLE + 1)
    ]
    assert counts.tolist() == [max(0, len(words) - 4) for words, wanted in zip(bodies, chosen, strict=True) if wanted]
    assert len(found) == len(runs)
    of_run = dict(zip(runs, found.tolist(), strict=True))
    assert [of_run[run] for run in runs] == found.tolist()
    assert len(set(of_run.values())) == len(of_run)
