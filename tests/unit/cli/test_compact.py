"""One line for each of many predictions: no wider than the terminal, however narrow, whatever the article says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.article import EventTypeScore, Prediction, TagScore
from slugline.cli import console
from slugline.cli.compact import compact

HEADS = ("tags", "event_type")


def predicted(title="Rebels take town", tags=(("Syria", 0.98), ("Rebels", 0.4)), event=("attack", "War", 0.9)):
    kind = None if event is None else EventTypeScore(event[0], event[1], event[2], 1.0)
    return Prediction("id-1", title, kind, tuple(TagScore(name, p, p > 0.3, 1.0) for name, p in tags), "sha256:0")


def lines(*predictions, heads=HEADS, width=80):
    return list(compact(predictions, heads, width))


def test_a_line_says_headline_event_type_and_tags():
    header, line = lines(predicted())
    assert header.split("  ")[0] == "article"
    assert line.split() == ["Rebels", "take", "town", "attack", "90", "Syria", "98,", "Rebels", "40"]


def test_columns_stand_under_their_header():
    header, line = lines(predicted())
    assert line.index("attack") == header.index("event type")
    assert line.index("Syria") == header.index("tags")


def test_tags_that_do_not_fit_are_counted():
    *_, line = lines(predicted(tags=[(f"A tag of words {n}", 0.9) for n in range(5)]))
    assert line.endswith("A tag of words 0 90 +4")


def test_a_tag_below_its_threshold_is_marked():
    *_, line = lines(predicted(tags=[("Syria", 0.2)]))
    assert line.endswith("Syria 20?")


def test_nothing_decided_is_a_dash_and_a_group_stands_for_its_type():
    *_, line = lines(predicted(event=None, tags=()))
    assert line.split()[-2:] == ["-", "-"]
    *_, line = lines(predicted(event=(None, "War", 0.5)))
    assert " War " in line


def test_without_a_title_the_id_is_shown():
    assert lines(predicted(title=""))[1].startswith("id-1 ")


@pytest.mark.parametrize(
    ("heads", "header"), [(("tags",), ["article", "tags"]), (("event_type",), ["article", "event", "type"])]
)
def test_what_the_model_has_no_head_for_has_no_column(heads, header):
    assert lines(predicted(), heads=heads)[0].split() == header


@given(
    st.text(max_size=60),
    st.lists(st.tuples(st.text(min_size=1, max_size=40), st.floats(0, 1)), max_size=4),
    st.none() | st.tuples(st.none() | st.text(max_size=40), st.text(max_size=40), st.floats(0, 1)),
    st.integers(40, 140),
    st.sets(st.sampled_from(HEADS)),
)
def test_no_line_is_wider_than_the_terminal(title, tags, event, width, heads):
    for line in lines(predicted(title, tags, event), heads=heads, width=width):
        assert console.columns(line) <= width
        assert line.isprintable()
