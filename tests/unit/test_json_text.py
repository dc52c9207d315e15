"""JSON from outside: deep nesting is refused before the parser meets it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.json_text import DEEPEST, NestedTooDeeplyError, check_depth, loads

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=60,
)


@given(VALUES, st.booleans())
def test_what_is_not_deep_is_read_as_by_the_standard_library(value, escaped):
    text = json.dumps(value, ensure_ascii=escaped)
    assert loads(text) == loads(text.encode("utf-8")) == value
    assert loads(json.dumps([value] * 30)) == [value] * 30


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":[', "]}]")])
def test_nested_too_deeply(opening, closing):
    levels = opening.count("[") + opening.count("{")
    fits = DEEPEST // levels
    loads(opening * fits + ("1" if opening.endswith(":") else "") + closing * fits)
    with pytest.raises(NestedTooDeeplyError):
        loads(opening * (fits + 1) + ("1" if opening.endswith(":") else "") + closing * (fits + 1))
    with pytest.raises(NestedTooDeeplyError):
        loads(opening * 1_000_000)


@pytest.mark.parametrize("quoted", ["[" * 500, '\\"' + "[" * 500, "\\\\", "{" * 500 + "\\\\"])
def test_brackets_in_a_text_are_no_levels(quoted):
    check_depth(f'["{quoted}", "{quoted}"]')
    check_depth(f'["{quoted}" "{quoted}')


def test_the_place_of_the_level_that_is_one_too_many():
    with pytest.raises(NestedTooDeeplyError) as refused:
        check_depth('["[[", ' + "[" * 200)
    assert refused.value.place == 7 + DEEPEST - 1


def test_many_lists_beside_each_other_are_not_deep():
    assert len(loads("[" + ",".join(["[{}]"] * 10_000) + "]")) == 10_000
