"""Counting terms in a table of fixed size."""

from collections import Counter

import numpy as np
import pytest

from slugline.article import Article
from slugline.config import ViewConfig
from slugline.learn.stream.chunk_terms import ChunkTerms
from slugline.learn.stream.terms import TermTable, term_hashes

VIEWS = (
    ViewConfig(ngram_max=2),
    ViewConfig("stems", unit="stem"),
    ViewConfig("letters", unit="char", ngram_min=3, ngram_max=4),
)


def stream(seed, chunks, most):
    """Chunks of (hash, articles), a few terms common and most rare."""
    random = np.random.default_rng(seed)
    for _ in range(chunks):
        drawn = np.unique(random.zipf(1.3, 3000) % most + 1, return_counts=True)
        yield drawn[0].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15), drawn[1].astype(np.uint32)


def test_nothing_is_lost_where_there_is_room():
    table, true = TermTable(1 << 20), Counter()
    for hashes, counts in stream(0, 20, 1 << 40):
        entered = table.add(hashes, counts)
        assert entered.tolist() == [one not in true for one in hashes.tolist()]
        true.update(dict(zip(hashes.tolist(), counts.tolist(), strict=True)))
    assert table.lost == 0
    assert table.candidates(3).tolist() == sorted(one for one, count in true.items() if count >= 3)


def test_a_full_table_keeps_what_is_more_frequent_than_the_bound_that_it_tells():
    table, true = TermTable(1 << 12), Counter()
    for hashes, counts in stream(1, 60, 1 << 40):
        table.add(hashes, counts)
        true.update(dict(zip(hashes.tolist(), counts.tolist(), strict=True)))
    assert len(table.keys) == 1 << 12
    assert len(true) > 3 * len(table.keys)
    assert table.lost > 0
    frequent = {one for one, count in true.items() if count > table.lost}
    assert len(frequent) > 20
    assert frequent <= set(table.candidates(table.lost + 1).tolist())


def test_a_chunk_larger_than_the_table_is_no_trouble():
    table = TermTable(1 << 10)
    hashes = np.arange(1, 50_000, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    table.add(hashes, np.ones(len(hashes), np.uint32))
    assert 0 < table.used <= 0.6 * len(table.keys)


def test_hashes_are_the_same_in_every_process():
    assert term_hashes(["oil", ""]).tolist() == [11543022725245173092, 18284041282127212159]
    assert len(set(term_hashes([f"{n}" for n in range(10_000)]).tolist())) == 10_000


def test_a_term_has_one_hash_in_every_chunk_and_view_of_its_own():
    first = ChunkTerms.of([Article("1", "Oil prices", "Oil prices rose. Prices fell.")], VIEWS)
    second = ChunkTerms.of([Article("2", "", "Gold fell, oil prices rose"), Article("3", "Fell", "Rose")], VIEWS)
    known = {}
    for chunk in (first, second):
        spelled = chunk.spelled(np.arange(len(chunk.hashes)))
        assert len(set(spelled)) == len(spelled) == len(set(chunk.hashes.tolist()))
        for term, one in zip(spelled, chunk.hashes.tolist(), strict=True):
            assert known.setdefault(term, one) == one
    assert {"oil prices", "oil", "1:oil", "2:-oi"} <= set(known)
    assert len(set(known.values())) == len(known)


def test_some_terms_are_spelled_alone():
    chunk = ChunkTerms.of([Article("1", "Oil prices", "Oil prices rose.")], VIEWS)
    every = chunk.spelled(np.arange(len(chunk.hashes)))
    some = np.arange(0, len(every), 3)
    assert chunk.spelled(some) == [every[number] for number in some]


@pytest.mark.parametrize("least", [1, 2])
def test_candidates_ascend(least):
    table = TermTable(1 << 12)
    table.add(np.array([9, 3, 7], np.uint64), np.array([1, 2, 3], np.uint32))
    assert table.candidates(least).tolist() == ([3, 7, 9] if least == 1 else [3, 7])
