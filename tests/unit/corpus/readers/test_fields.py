from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.article import Article, Labels
from slugline.corpus.readers.base import ReadOptions, SeenIds, choose_families
from slugline.corpus.readers.fields import FIELDS, FieldMap, field_key
from slugline.errors import CorpusError


def read(row, *, line=1, **options):
    return FieldMap("corpus.jsonl.gz", ReadOptions(**options)).record(row, line)


def test_all_fields_by_their_own_names():
    row = {
        **{"id": 7, "title": "T", "body": "B", "tags": ["x"], "event_type": "attack", "date": "2015-05-29"},
        **{"url": "https://example.org/", "source": "AP", "language": "en", "part": "train"},
    }
    record = read(row)
    assert record.article == Article("7", "T", "B", dt.date(2015, 5, 29), "https://example.org/", "AP", "en")
    assert record.labels == Labels(frozenset({"x"}), "attack")
    assert record.part == "train"


@pytest.mark.parametrize("field", FIELDS)
def test_every_usual_name_is_understood(field):
    value = {"date": "2015-05-29", "part": "train"}.get(field, "value")
    for name in FIELDS[field]:
        for written in (name, name.upper(), name.replace("_", "-"), name.replace("_", " ").title()):
            found = FieldMap("f", ReadOptions()).used(
                [written, "nothing of ours", "title" if field == "body" else "body"]
            )
            assert written in found, (field, written)
            record = read({written: value, **({} if field in ("title", "body") else {"text": "x"})})
            assert record.article != Article("corpus.jsonl:1", body="x") or record.labels != Labels() or record.part


def test_no_name_belongs_to_two_fields():
    keys = [field_key(name) for names in FIELDS.values() for name in names]
    assert len(keys) == len(set(keys))


def test_the_better_name_wins_unless_it_is_empty():
    assert read({"text": "second", "body": "first"}).article.body == "first"
    assert read({"text": "second", "body": None}).article.body == "second"
    assert read({"text": "second", "body": " "}).article.body == "second"
    assert read({"topics": ["b"], "tags": [], "text": "x"}).labels.tags == frozenset()


def test_an_id_is_made_of_file_and_line_where_there_is_none():
    fields = FieldMap("folder/corpus.jsonl.gz", ReadOptions())
    ids = [fields.record({"text": "x"}, line).article.id for line in (3, 4, 4, 4, 9)]
    assert ids == ["corpus.jsonl:3", "corpus.jsonl:4", "corpus.jsonl:4.2", "corpus.jsonl:4.3", "corpus.jsonl:9"]


def test_labels_that_are_absent_are_not_annotated():
    assert read({"text": "x"}).labels == Labels(None, None)
    assert read({"text": "x", "tags": None, "event_type": None}).labels == Labels(None, None)
    assert read({"text": "x", "tags": float("nan")}).labels == Labels(None, None)
    assert read({"text": "x", "tags": [], "event_type": ""}).labels == Labels(frozenset(), "none")


def test_the_users_own_names_go_before_the_usual_ones():
    row = {"text": "usual", "main": "own", "tags": ["usual"], "meta": {"kw": ["deep"]}, "meta.kw": None}
    assert read(row, fields={"body": "main"}).article.body == "own"
    assert read(row, fields={"tags": "meta.kw"}).labels.tags is None
    del row["meta.kw"]
    assert read(row, fields={"tags": "meta.kw"}).labels.tags == {"deep"}
    assert read({"tags": "body text", "text": "x"}, fields={"title": "tags"}).labels.tags is None
    assert read({"d": "01/05/2015", "text": "x"}, fields={"date": "d", "date_order": "dmy"}).article.date.month == 5


def test_families_are_the_columns_that_become_tags():
    row = {"text": "x", "topics": ["a"], "links": "b, c", "tags": ["d"]}
    assert read(row, families=("topics", "links")).labels.tags == {"a", "b", "c"}
    assert read({"text": "x"}, families=("topics",)).labels.tags is None


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ({"title": " ", "body": None}, "corpus.jsonl.gz:8: the article has neither headline nor text"),
        ({}, "corpus.jsonl.gz:8: no headline and no text: the columns or keys are none; say"),
        (
            {"text": "x", "date": "soon"},
            "corpus.jsonl.gz:8: field 'date': not a date that can be read; found 'soon'; exp",
        ),
        ({"text": ["a", 1]}, "corpus.jsonl.gz:8: field 'body': wrong type; found ['a', 1]; expected a text"),
        ({"text": "x", "part": "both"}, "corpus.jsonl.gz:8: field 'part': unknown part of the split; found 'both'"),
    ],
)
def test_errors_name_line_and_field(row, line):
    with pytest.raises(CorpusError) as caught:
        read(row, line=8)
    assert str(caught.value).startswith(line)


def test_what_was_asked_for_must_be_there():
    fields = FieldMap("f.csv", ReadOptions(fields={"tags": "subject"}))
    with pytest.raises(
        CorpusError, match=r"f\.csv:1: field 'tags': no column 'subject'; the columns are 'text', 'topic'"
    ):
        fields.check_columns(["text", "topic"], 1)
    fields = FieldMap("f.csv", ReadOptions(families=("people",)))
    with pytest.raises(CorpusError, match="no column 'people' for tags; the columns are 'text'"):
        fields.check_columns(["text"], 1)
    for options in (ReadOptions(fields={"tags": "subject"}), ReadOptions(families=("subject",))):
        fields = FieldMap("f.jsonl", options)
        fields.record({"text": "x", "topic": "y"}, 1)
        with pytest.raises(
            CorpusError, match=r"f\.jsonl: field 'tags': no row has the key 'subject'; the keys are 'text'"
        ):
            fields.check_met()
        fields.record({"text": "x", "subject": "y"}, 2)
        fields.check_met()


def test_unknown_fields_and_orders_are_refused():
    with pytest.raises(CorpusError, match="unknown field; found 'tag'; expected one of id, title"):
        FieldMap("f", ReadOptions(fields={"tag": "x"}))
    with pytest.raises(CorpusError, match="field 'date_order': unknown order; found 'ymd'; expected dmy or mdy"):
        FieldMap("f", ReadOptions(fields={"date_order": "ymd"}))


def test_without_labels_they_are_not_looked_at():
    fields = FieldMap("f", ReadOptions(fields={"tags": "absent"}), labels=False)
    fields.check_columns(["id", "text"], 1)
    row = {"id": 1, "text": "x", "tags": {"not": "tags"}, "event_type": ["a", "b"], "part": "?"}
    assert [fields.record(row, 1).labels, fields.record(row, 2).labels] == [Labels(), Labels()]
    fields.check_met()


def test_many_columns_are_not_all_listed():
    with pytest.raises(CorpusError, match="'c11' and 88 more; say"):
        read({f"c{number}": 1 for number in range(100)})


def test_seen_ids_name_both_lines():
    seen = SeenIds("f")
    seen.add("a", 3)
    with pytest.raises(CorpusError, match="f:9: field 'id': id 'a' is repeated, first on line 3"):
        seen.add("a", 9)


def test_families_are_chosen_in_the_readers_order():
    assert choose_families(ReadOptions(), ("a", "b")) == ("a", "b")
    assert choose_families(ReadOptions(families=("b", "a")), ("a", "b", "c")) == ("a", "b")
    with pytest.raises(CorpusError, match="unknown label family; found 'd'; expected some of a, b"):
        choose_families(ReadOptions(families=("d",)), ("a", "b"))


@given(
    st.dictionaries(
        st.sampled_from([name for names in FIELDS.values() for name in names]) | st.text(max_size=5),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(),
            st.text(max_size=9),
            st.lists(st.text(max_size=5), max_size=3),
            st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
        ),
    )
)
def test_any_row_is_a_record_or_an_error_of_ours(row):
    try:
        record = read(row)
    except CorpusError as error:
        assert error.line == 1  # noqa: PT017
    else:
        assert record.article.text.strip()
        assert record.article.id
