"""Near-duplicate groups, splits and checks on the real corpora."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from slugline.config import CorpusConfig, SplitConfig
from slugline.corpus.check import check
from slugline.corpus.corpus import Corpus
from slugline.corpus.dedupe import near_duplicate_groups
from slugline.corpus.load import load_corpus
from slugline.corpus.split import folds, make_split


@pytest.fixture(scope="module")
def reuters(real_corpus) -> tuple[Corpus, np.ndarray]:
    corpus = load_corpus(CorpusConfig(str(real_corpus("reuters21578"))))
    return corpus, near_duplicate_groups(corpus.articles)


@pytest.fixture(scope="module")
def wcep(real_corpus) -> tuple[Corpus, np.ndarray]:
    corpus = load_corpus(CorpusConfig(str(real_corpus("wcep"))))
    return corpus, near_duplicate_groups(corpus.articles)


@pytest.mark.slow
def test_reuters_repeats_are_grouped_and_formulaic_briefs_do_not_chain(reuters: tuple[Corpus, np.ndarray]) -> None:
    corpus, groups = reuters
    assert len(corpus) == 21578
    first: dict[str, int] = {}
    for index, article in enumerate(corpus.articles):
        words = "".join(c if c.isalnum() else " " for c in article.text.casefold()).split()
        if words:
            assert groups[first.setdefault(" ".join(words), index)] == groups[index]
    sizes = np.bincount(groups)
    assert 700 <= (sizes > 1).sum() <= 1000
    assert sizes.max() <= 20


@pytest.mark.slow
def test_the_modapte_split_counts_its_straddling_repeats(reuters: tuple[Corpus, np.ndarray]) -> None:
    corpus, groups = reuters
    split = make_split(corpus, SplitConfig(), groups)
    assert (split.method, len(split.train), len(split.held_out)) == ("official", 9603, 3299)
    # 5 exact repeats, and the rewrites and corrections of training articles.
    assert 5 < split.straddling < 60
    train, held_out = split.indices(corpus)
    assert split.straddling == np.isin(groups[held_out], groups[train]).sum()


@pytest.mark.slow
def test_a_random_split_of_reuters_has_every_frequent_topic_in_proportion(reuters: tuple[Corpus, np.ndarray]) -> None:
    corpus, groups = reuters
    split = make_split(corpus, SplitConfig("random", 0.2), groups)
    train, held_out = split.indices(corpus)
    assert len(held_out) == pytest.approx(0.2 * len(corpus), abs=20)
    assert not np.isin(groups[held_out], groups[train]).any()
    counts = {}
    for index, labels in enumerate(corpus.labels):
        for tag in labels.tags or ():
            counts.setdefault(tag, []).append(index)
    for tag, indices in counts.items():
        if len(indices) >= 100:
            assert np.isin(indices, held_out).mean() == pytest.approx(0.2, abs=0.05), tag
    found = folds([corpus.labels[i] for i in train], groups[train], 5, 0)
    assert np.ptp(np.bincount(found)) <= 20


@pytest.mark.slow
def test_wcep_headlines_of_one_pattern_are_no_duplicates(wcep: tuple[Corpus, np.ndarray]) -> None:
    _, groups = wcep
    sizes = np.bincount(groups)
    assert sizes.max() <= 30
    assert (sizes[groups] > 1).mean() < 0.01


@pytest.mark.slow
def test_wcep_is_split_by_date(wcep: tuple[Corpus, np.ndarray]) -> None:
    corpus, groups = wcep
    split = make_split(corpus, SplitConfig(train_before="2019-01-01", held_out_before="2020-01-01"), groups)
    held_out = split.indices(corpus)[1]
    assert {corpus.articles[i].date.year for i in held_out} == {2019}
    in_2019 = sum(article.date.year == 2019 for article in corpus.articles)
    assert in_2019 - 100 <= len(split.held_out) <= in_2019
    auto = make_split(corpus, SplitConfig(), groups)
    assert auto.method == "temporal"
    assert len(auto.held_out) == pytest.approx(0.2 * len(corpus), rel=0.02)


@pytest.mark.slow
def test_check_finds_the_known_faults_of_reuters(reuters: tuple[Corpus, np.ndarray]) -> None:
    corpus, groups = reuters
    findings = {one.kind: one for one in check(corpus, groups)}
    assert findings["exact-repeats"].count >= 265
    assert findings["unlabelled-articles"].count >= 1862
    assert findings["empty-articles"].count == 1
    broken = dataclasses.replace(corpus, records=corpus.records + corpus.records[:1])
    assert {one.kind for one in check(broken, np.append(groups, groups[0]))} >= {"repeated-ids"}
