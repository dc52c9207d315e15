from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.corpus.corpus import HELD_OUT, TRAIN, UNUSED
from slugline.corpus.readers.values import read_event_type, read_name, read_part, read_tags, read_text_value, split_tags
from slugline.errors import CorpusError


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("Syria, Middle East", ["Syria", "Middle East"]),
        ("Washington, D.C.; Syria", ["Washington, D.C.", "Syria"]),
        ("a;b|c, d", ["a;b", "c, d"]),
        ("one", ["one"]),
        (" , ,", []),
        ("", []),
        ('["Syria", "Rebels, armed"]', ["Syria", "Rebels, armed"]),
        ("['Syria', 'Rebels']", ["Syria", "Rebels"]),
        ("[]", []),
        ("[sic], (note)", ["[sic]", "(note)"]),
        ("[1, 2]", ["[1", "2]"]),
        ("Middle\u00a0 East ", ["Middle East"]),
    ],
)
def test_tags_in_one_text(text, tags):
    assert split_tags(text) == tags


def test_absent_tags_and_no_tags_are_two_things():
    assert read_tags(None) is None
    assert read_tags([]) == frozenset()
    assert read_tags("") == frozenset()
    assert read_tags([" a ", None, "", 2016]) == {"a", "2016"}


@pytest.mark.parametrize("value", [{"a": 1}, 3, True, [["a"]], [True]])
def test_other_types_are_no_tags(value):
    with pytest.raises(CorpusError, match=r"field 'topics': wrong type; found .*; expected a list of tags"):
        read_tags(value, "topics")


@pytest.mark.parametrize(
    ("value", "event_type"),
    [
        (None, None),
        ("", "none"),
        ("None", "none"),
        (" NONE ", "none"),
        ([], "none"),
        (["x"], "x"),
        (" x ", "x"),
        (7, "7"),
    ],
)
def test_absent_event_type_and_no_event_type_are_two_things(value, event_type):
    assert read_event_type(value) == event_type


def test_two_event_types_are_an_error():
    with pytest.raises(CorpusError, match="several event types"):
        read_event_type(["a", "b"])


@pytest.mark.parametrize(
    ("value", "part"),
    [(None, None), (" ", None), ("Train", TRAIN), ("test", HELD_OUT), ("held_out", HELD_OUT), ("dev", UNUSED)],
)
def test_parts_of_the_official_split(value, part):
    assert read_part(value) == part


def test_an_unknown_part_is_an_error():
    with pytest.raises(CorpusError, match="field 'part': unknown part of the split; found 'x'; expected one of train"):
        read_part("x")


def test_texts():
    assert read_text_value(["one", "two"], "body") == "one\n\ntwo"
    assert read_text_value(5, "title") == "5"
    assert read_name({"id": None, "name": "The Times"}, "source") == "The Times"
    for value in (True, {"a": 1}, ["one"]):
        with pytest.raises(CorpusError, match="field 'title': wrong type"):
            read_text_value(value, "title")


TAG = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Z"), exclude_characters=",;|[](){}"), min_size=1, max_size=9
)


@given(st.lists(TAG), st.sampled_from([", ", ";", " | "]))
def test_tags_put_together_come_apart_again(tags, mark):
    # Bar and semicolon go before the comma, and one tag alone needs none of them.
    assert split_tags(mark.join(tags)) == tags


@given(st.lists(st.text(max_size=9)))
def test_lists_in_a_cell_come_out_as_they_went_in(tags):
    wanted = [tag for tag in (tag.strip() for tag in tags) if tag]
    assert split_tags(json.dumps(tags)) == wanted
    assert split_tags(repr(tags)) == wanted
