from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest

from slugline.article import Article, Labels
from slugline.corpus.check import Finding, check
from slugline.corpus.corpus import Corpus, Record
from slugline.errors import CorpusError

TODAY = dt.date(2025, 6, 1)
TEXTS = [" ".join(f"word{i}{letter}" for letter in "abcdefghijklmnopqrst") for i in range(40)]


def corpus_of(*records: Record, skipped: tuple[CorpusError, ...] = ()) -> Corpus:
    return Corpus("made", records, skipped)


def record(
    i: int,
    *tags: str,
    body: str | None = None,
    date: dt.date | None = None,
    event_type: str | None = None,
    labels: Labels | None = None,
) -> Record:
    made = labels or Labels(frozenset(tags), event_type)
    return Record(Article(f"a{i}", "", TEXTS[i] if body is None else body, date), made)


def found(*records: Record, skipped: tuple[CorpusError, ...] = ()) -> dict[str, Finding]:
    return {one.kind: one for one in check(corpus_of(*records, skipped=skipped), today=TODAY)}


def test_nothing_is_wrong_with_a_good_corpus() -> None:
    day = dt.date(2025, 1, 1)
    good = [record(i, "Syria" if i % 2 else "Iran", "Oil", date=day + dt.timedelta(i)) for i in range(10)]
    assert check(corpus_of(*good), today=TODAY) == ()


def test_what_nothing_was_read_from() -> None:
    good = [record(i, "Syria" if i % 2 else "Iran", "Oil") for i in range(10)]
    (finding,) = check(corpus_of(*good), unread=("Story text", "Desk"))
    assert (finding.kind, finding.severity, finding.examples) == ("unread-columns", "note", ("'Story text'", "'Desk'"))
    assert "--field body=COLUMN" in finding.advice
    headlines = [Record(Article(f"a{i}", TEXTS[i], ""), Labels(frozenset({"Oil"} if i % 2 else ()))) for i in range(4)]
    assert found(*headlines)["no-bodies"].count == 4
    assert "no-bodies" not in found(*headlines, record(5, "Oil"))


def test_texts_and_repeats() -> None:
    same = TEXTS[0]
    nearly = same.replace("word0a", "other")
    findings = found(
        record(0, "A"),
        record(1, "B", body=same.upper()),
        record(2, "A", body=""),
        record(3, "A", "B", body="..."),
        record(4, "A", "B", body=nearly),
        record(5, "A", body="Too short"),
    )
    assert (findings["empty-articles"].count, findings["empty-articles"].examples) == (2, ("a2", "a3"))
    assert findings["exact-repeats"].examples == ("a1 repeats a0",)
    assert findings["repeats-with-other-labels"].examples == ("a1 repeats a0",)
    assert findings["near-repeats"].examples == ("a4 is like a0",)
    assert findings["short-articles"].examples == ("a5: Too short",)
    assert findings["exact-repeats"].severity == "warning"


def test_groups_that_are_known_are_not_looked_for_again() -> None:
    corpus = corpus_of(record(0, "A"), record(1, "B"))
    kinds = {one.kind: one.examples for one in check(corpus, np.asarray([0, 0]), today=TODAY)}
    assert kinds["near-repeats"] == ("a1 is like a0",)


def test_tags_that_may_be_one() -> None:
    tags = [("Middle East", "Rebel"), ("middle-east", "Rebels"), ("Middle East", "cease-fire"), ("Ceasefire", "Peru")]
    findings = found(
        *(record(i, *one) for i, one in enumerate(tags)), record(4, "Perú", "country"), record(5, "Countries")
    )
    assert findings["tag-spellings"].examples == ("'Middle East' (2), 'middle-east' (1)",)
    assert findings["tag-spellings"].severity == "note"
    assert findings["tag-hyphens"].examples == ("'cease-fire' (1), 'Ceasefire' (1)",)
    assert findings["tag-accents"].examples == ("'Peru' (1), 'Perú' (1)",)
    assert findings["tag-plurals"].examples == ("'country' (1), 'Countries' (1)", "'Rebel' (1), 'Rebels' (1)")
    assert findings["tags-seen-once"].count == 8


def test_event_types_in_several_spellings() -> None:
    findings = found(*(record(i, event_type=t) for i, t in enumerate(["Sports", "Sports", "sports", "Crime", "Crime"])))
    assert findings["event-type-spellings"].examples == ("'Sports' (2), 'sports' (1)",)
    assert "event-types-seen-once" not in findings
    assert found(record(0, event_type="x"), record(1, event_type="y"))["event-types-seen-once"].count == 2


def test_dates() -> None:
    day = dt.date(2024, 1, 1)
    records = [record(i, "A" if i % 2 else "B", date=day + dt.timedelta(i)) for i in range(20)]
    records[5] = record(5, "A", date=day + dt.timedelta(90))
    records[7] = record(7, "B")
    records[19] = record(19, "A", date=dt.date(2205, 1, 1))
    records[0] = record(0, "A", date=dt.date(1911, 3, 11))
    for order in (1, -1):
        findings = found(*records[::order])
        assert findings["future-dates"].examples == ("a19: 2205-01-01",)
        assert findings["dates-far-off"].examples == ("a0: 1911-03-11",)
        assert findings["undated-articles"].examples == ("a7",)
        assert findings["dates-out-of-order"].examples == (f"a5: {day + dt.timedelta(90)}",)


def test_dates_in_no_order_are_no_fault() -> None:
    days = [3, 9, 1, 7, 2, 8, 0, 5]
    records = [record(i, "A" if i % 2 else "B", date=dt.date(2024, 1, 1 + day)) for i, day in enumerate(days)]
    assert found(*records).keys() == set()
    assert "undated-articles" not in found(record(0, "A"), record(1, "B"))


def test_boilerplate_lines() -> None:
    footer = "Real Time Analytics"
    findings = found(*(record(i, "A" if i % 2 else "B", body=f"{TEXTS[i]}\n\n{footer}\n{footer}\n*") for i in range(6)))
    assert findings["boilerplate-lines"].examples == ("6 articles: Real Time Analytics",)
    few = found(*(record(i, "A" if i % 2 else "B", body=f"{TEXTS[i]}\n{footer}") for i in range(4)))
    assert "boilerplate-lines" not in few


@pytest.mark.parametrize(
    ("labels", "kind", "severity"),
    [
        ([Labels(), Labels()], "no-labels", "error"),
        ([Labels(frozenset({"A"}))] * 2, "one-label", "error"),
        ([Labels(None, "crime")] * 2, "one-label", "error"),
        ([Labels(frozenset({"A"}), "crime"), Labels(frozenset({"A"}), "sport")], "one-label", "warning"),
    ],
)
def test_labels_that_cannot_be_learned(labels: list[Labels], kind: str, severity: str) -> None:
    findings = found(*(record(i, labels=one) for i, one in enumerate(labels)))
    assert findings[kind].severity == severity


def test_one_tag_that_some_articles_lack_can_be_learned() -> None:
    findings = found(record(0, "A"), record(1, "A"), record(2, labels=Labels(frozenset())), record(3, labels=Labels()))
    assert "one-label" not in findings
    assert findings["unlabelled-articles"].examples == ("a3",)


def test_repeated_ids_and_skipped_rows_come_first() -> None:
    skipped = (CorpusError("broken", file="x.jsonl", line=7),)
    corpus = corpus_of(record(0, "A"), record(0, "B", body=TEXTS[1]), record(2, "A", body=""), skipped=skipped)
    findings = check(corpus, today=TODAY)
    assert [one.severity for one in findings] == sorted(
        (one.severity for one in findings), key=["error", "warning", "note"].index
    )
    assert findings[0].kind == "repeated-ids"
    assert findings[0].examples == ("a0 (2 times)",)
    assert findings[1].examples == ("x.jsonl:7: broken",)


def test_findings_are_json_and_examples_short() -> None:
    findings = found(record(0, "x" * 500, body="short"), record(1, "B"))
    assert all(len(example) <= 120 for one in findings.values() for example in one.examples)
    for one in findings.values():
        assert json.loads(json.dumps(one.to_dict()))["kind"] == one.kind
        assert one.advice


def test_an_empty_corpus_has_no_labels_and_raises_nothing() -> None:
    assert check(corpus_of(), today=TODAY) == ()
