"""Edits of the tags of a model: whatever their order, every label has one tag and every name belongs to one."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.corpus.tags import tag_key
from slugline.errors import VocabularyError
from slugline.tag_vocabulary import TagVocabulary
from slugline.vocabulary_edits import ACTIONS, Edit

LABELS = ("Syria", "Syrian rebels", "Burma", "Myanmar", "U.S.", "Sport")


def made(*edits: tuple[str, ...], labels: tuple[str, ...] = LABELS) -> TagVocabulary:
    vocabulary = TagVocabulary(labels)
    for edit in edits:
        vocabulary = vocabulary.edited(Edit(*edit))
    return vocabulary


def refused(vocabulary: TagVocabulary, *edit: str) -> str:
    with pytest.raises(VocabularyError) as caught:
        vocabulary.edited(Edit(*edit))
    return str(caught.value)


def test_a_renamed_tag_has_its_new_name_and_is_known_by_the_old_one() -> None:
    vocabulary = made(("rename", "burma", " Union of  Burma,"))
    assert vocabulary.edits == (Edit("rename", "Burma", "Union of Burma"),)
    assert vocabulary.shown("Burma") == "Union of Burma"
    assert vocabulary.resolve("BURMA") == vocabulary.resolve("union-of-burma") == "Union of Burma"
    assert vocabulary.resolve("Syria") == "Syria"
    assert vocabulary.label_of("union of burma") == "Burma"
    back = vocabulary.edited(Edit("rename", "Union of Burma", "Burma"))
    assert back.shown("Burma") == "Burma"
    assert back.resolve("Union of Burma") == "Burma"


def test_another_spelling_is_a_rename_and_no_other_name() -> None:
    (tag,) = made(("rename", "U.S.", "US")).touched
    assert (tag.name, tag.others) == ("US", ())


def test_merged_tags_are_one_and_can_be_parted_again() -> None:
    vocabulary = made(("merge", "Burma", "Myanmar"), ("merge", "Myanmar", "Syria"))
    assert [vocabulary.shown(label) for label in ("Burma", "Myanmar", "Syria")] == ["Syria"] * 3
    assert vocabulary.resolve("burma") == "Syria"
    assert vocabulary.find("Syria").labels == ("Syria", "Myanmar", "Burma")
    parted = vocabulary.edited(Edit("restore", "burma"))
    assert [parted.shown(label) for label in ("Burma", "Myanmar", "Syria")] == ["Burma", "Syria", "Syria"]


def test_a_retired_tag_is_never_shown_and_can_be_restored() -> None:
    vocabulary = made(("retire", "Sport"), ("alias", "Burma", "Birma"))
    assert vocabulary.shown("Sport") is None
    assert vocabulary.resolve("sport") == "sport"
    assert vocabulary.edited(Edit("restore", "Sport")).shown("Sport") == "Sport"


def test_an_alias_belongs_to_its_tag_until_it_is_taken_away() -> None:
    vocabulary = made(("alias", "Burma", "Birma"))
    assert vocabulary.resolve("birma") == "Burma"
    assert vocabulary.edited(Edit("unalias", "Burma", "BIRMA")).resolve("birma") == "birma"
    promoted = vocabulary.edited(Edit("rename", "Burma", "Birma"))
    assert promoted.find("burma").aliases == ()
    assert promoted.find("burma").former == ("Burma",)


@pytest.mark.parametrize(
    ("before", "edit", "parts"),
    [
        ((), ("rename", "Siria", "x"), ("no such tag", "found 'Siria'", "'Syria'")),
        ((), ("rename", "zzzzzzz", "x"), ("no such tag",)),
        ((), ("rename", "Burma", "myanmar"), ("'Myanmar' is a tag already", "merge")),
        ((), ("rename", "Burma", "  "), ("not a tag",)),
        ((), ("rename", "Burma", "Burma"), ("has the name 'Burma' already",)),
        ((), ("alias", "Burma", "burma"), ("has the name 'burma' already",)),
        ((), ("alias", "Burma", "Syria"), ("'Syria' is a tag already", "merge")),
        ((), ("unalias", "Burma", "Birma"), ("'Birma' is no alias of 'Burma'",)),
        ((), ("merge", "Burma", "burma"), ("'Burma' cannot be merged into itself",)),
        ((), ("restore", "Burma"), ("neither retired nor merged",)),
        ((("merge", "Burma", "Myanmar"),), ("merge", "Myanmar", "Burma"), ("'Burma' is merged into 'Myanmar'",)),
        ((("merge", "Burma", "Myanmar"),), ("rename", "Syria", "Burma"), ("another name of 'Myanmar' already",)),
        ((("merge", "Burma", "Myanmar"),), ("rename", "Myanmar", "Burma"), ("merged into 'Myanmar'",)),
        ((("rename", "Burma", "Birma"),), ("rename", "Syria", "Burma"), ("another name of 'Birma' already",)),
        ((("rename", "Burma", "Birma"),), ("retire", "Burma"), ("another name of 'Birma'", "expected 'Birma'")),
        ((("retire", "Sport"),), ("retire", "Sport"), ("is retired already",)),
        ((("retire", "Sport"),), ("alias", "Sport", "Sports"), ("is retired", "restore")),
        ((("retire", "Sport"),), ("merge", "Syria", "Sport"), ("is retired", "restore")),
        ((("retire", "Sport"),), ("rename", "Syria", "sport"), ("'Sport' is a retired tag already", "restore")),
        ((("alias", "Burma", "Birma"),), ("unalias", "Burma", "B"), ("no alias", "expected 'Birma'")),
        ((("alias", "Burma", "Birma"),), ("restore", "Birma"), ("another name of 'Burma'",)),
        ((("alias", "Burma", "Birma"), ("retire", "Burma")), ("alias", "Syria", "Birma"), ("name of 'Burma' already",)),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(before, edit, parts) -> None:
    vocabulary = made(*before)
    line = refused(vocabulary, *edit)
    assert "\n" not in line
    for part in parts:
        assert part in line


@pytest.mark.parametrize(
    "content",
    [
        3,
        {},
        {"action": "rename", "tag": "Syria"},
        {"action": "retire", "tag": "Syria", "to": "x"},
        {"action": "explode", "tag": "Syria"},
        {"action": "retire", "tag": 3},
        {"action": "retire", "tag": "Syria", "more": "x"},
        {"action": "retire", "tag": ""},
    ],
)
def test_what_is_no_edit_is_refused(content) -> None:
    with pytest.raises(ValueError, match="not an edit"):
        Edit.from_dict(content)


@pytest.mark.parametrize(
    "edit", [Edit("retire", "Nowhere"), Edit("restore", "Syria"), Edit("rename", "Burma", "Syria")]
)
def test_an_edit_of_a_file_that_cannot_have_been_made_is_refused(edit) -> None:
    with pytest.raises(ValueError, match=r"no such tag|nothing to restore|two tags"):
        TagVocabulary(LABELS, [edit])


NAMES = [*LABELS, "Birma", "birma", "US", "Football", "syrian-rebels", "Sports"]
EDITS = st.builds(
    lambda action, tag, to: Edit(action, tag, to if action in ACTIONS[:4] else None, "anna", "2026-11-26T12:00:00Z"),
    st.sampled_from(ACTIONS),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
)


@given(st.lists(EDITS, max_size=25))
def test_any_edits_keep_every_label_in_one_tag_and_every_name_with_one(edits) -> None:
    vocabulary = TagVocabulary(LABELS)
    for edit in edits:
        before = [vocabulary.shown(label) for label in LABELS]
        try:
            vocabulary = vocabulary.edited(edit)
        except VocabularyError:
            assert [vocabulary.shown(label) for label in LABELS] == before
    tags = list(vocabulary.tags())
    assert sorted(label for tag in tags for label in tag.labels) == sorted(LABELS)
    keys = [tag_key(name) for tag in tags for name in (tag.name, *tag.others)]
    assert len(set(keys)) == len(keys)
    for tag in tags:
        for label in tag.labels:
            assert vocabulary.shown(label) == (None if tag.retired else tag.name)
            # Who tagged articles before the edits is still understood.
            assert vocabulary.find(label) == tag
        if not tag.retired:
            assert {vocabulary.resolve(name) for name in (tag.name, *tag.others)} == {tag.name}
    # What a file keeps gives the same.
    kept = json.loads(json.dumps([edit.to_dict() for edit in vocabulary.edits]))
    again = TagVocabulary(LABELS, [Edit.from_dict(edit) for edit in kept])
    assert again.edits == vocabulary.edits
    assert list(again.tags()) == tags


@given(st.lists(EDITS, max_size=15), st.sampled_from(LABELS))
def test_what_was_merged_or_retired_can_be_undone(edits, name) -> None:
    vocabulary = TagVocabulary(LABELS)
    for edit in edits:
        try:
            vocabulary = vocabulary.edited(edit)
        except VocabularyError:
            continue
    living = [tag.name for tag in vocabulary.tags() if not tag.retired]
    shown = {label: vocabulary.shown(label) for label in LABELS}
    for tag in living:
        retired = vocabulary.edited(Edit("retire", tag)).edited(Edit("restore", tag))
        assert {label: retired.shown(label) for label in LABELS} == shown
    for tag, into in pairwise(living):
        merged = vocabulary.edited(Edit("merge", tag, into)).edited(Edit("restore", tag))
        assert {label: merged.shown(label) for label in LABELS} == shown
