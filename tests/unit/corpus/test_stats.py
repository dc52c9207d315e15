from __future__ import annotations

import datetime as dt
import json

from slugline.article import Article, Labels
from slugline.corpus.corpus import HELD_OUT, TRAIN, Corpus, Record
from slugline.corpus.stats import Distribution, stats
from slugline.errors import CorpusError


def test_counts() -> None:
    corpus = Corpus(
        "made",
        (
            Record(
                Article("a", "Two words", "and three more", dt.date(2024, 5, 1), source="BBC", language="en"),
                Labels(frozenset({"A", "B"}), "crime"),
                TRAIN,
            ),
            Record(
                Article("b", "", "One", dt.date(2023, 5, 1), language="en"), Labels(frozenset({"A"}), "crime"), TRAIN
            ),
            Record(Article("c", "", " ", None, language="fr"), Labels(frozenset(), "sport"), HELD_OUT),
            Record(Article("d", "Title"), Labels(None, None)),
        ),
        (CorpusError("bad row"),),
    )
    counted = stats(corpus).to_dict()
    assert json.loads(json.dumps(counted)) == counted
    assert counted["digest"] == corpus.digest
    assert (counted["articles"], counted["skipped"], counted["empty"], counted["dated"]) == (4, 1, 1, 2)
    assert (counted["first_date"], counted["last_date"]) == ("2023-05-01", "2024-05-01")
    assert counted["parts"] == {"train": 2, "held-out": 1}
    assert counted["languages"] == {"en": 2, "fr": 1}
    assert counted["sources"] == {"BBC": 1}
    assert (counted["words"]["total"], counted["words"]["largest"]) == (7, 5)
    assert (counted["tags_annotated"], counted["without_tags"]) == (3, 1)
    assert (counted["tags"], counted["tags_once"]) == (2, 1)
    assert counted["top_tags"] == {"A": 2, "B": 1}
    assert counted["tags_per_article"]["mean"] == 1.0
    assert counted["event_types"] == {
        "crime": {"articles": 2, "share": 0.6667},
        "sport": {"articles": 1, "share": 0.3333},
    }


def test_top_limits_what_is_named() -> None:
    records = tuple(Record(Article(str(i), "", "x"), Labels(frozenset({f"t{i}", "all"}))) for i in range(5))
    assert stats(Corpus("made", records), top=2).top_tags == (("all", 5), ("t0", 1))


def test_distribution() -> None:
    assert Distribution.of(list(range(101))) == Distribution(0, 25, 50, 75, 95, 100, 50.0, 5050)
    assert Distribution.of([]) == Distribution(0, 0, 0, 0, 0, 0, 0.0, 0)


def test_a_corpus_without_anything() -> None:
    counted = stats(Corpus("none", ()))
    assert (counted.articles, counted.first_date, counted.event_types) == (0, None, ())
