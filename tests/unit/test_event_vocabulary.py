"""A model whose event types were edited after training says them as they are now, in every way."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.article import NONE, Labels
from slugline.bundle import Bundle, read_bundle, write_bundle
from slugline.config import EvaluateConfig
from slugline.errors import ModelFileError, VocabularyError
from slugline.event_vocabulary import EventVocabulary
from slugline.experiment.evaluate import evaluate_model
from slugline.picks import pick
from slugline.predict import Predictor
from slugline.self_test import with_self_test
from slugline.serve.labels import Labels as Known
from slugline.serve.page_view import event_choices
from slugline.vocabulary_edits import Edit
from small_model import ARTICLES, LEVEL_TYPES, UNKNOWN, two_levels

EVERY = [*ARTICLES, UNKNOWN]
LEAVES = (*LEVEL_TYPES, "Sports")


def after(*edits: tuple[str, ...], bundle: Bundle | None = None) -> Bundle:
    bundle = bundle or two_levels()
    vocabulary = bundle.event_vocabulary()
    for edit in edits:
        vocabulary = vocabulary.edited(Edit(*edit, head="event_type"))
    made = [edit.to_dict() for edit in vocabulary.edits]
    return dataclasses.replace(bundle, manifest=dataclasses.replace(bundle.manifest, edits=made))


def refused(*edits: tuple[str, ...]) -> str:
    with pytest.raises(VocabularyError) as caught:
        after(*edits)
    return str(caught.value)


def said(predictor: Predictor) -> list[tuple[str | None, str | None] | None]:
    events = [one.event_type for one in predictor.predict(EVERY)]
    return [None if event is None else (event.type, event.group) for event in events]


def test_renamed_types_and_groups_are_said_by_their_new_names_and_nothing_else_changes() -> None:
    plain, now = (
        Predictor(two_levels()),
        Predictor(after(("rename", "flood", "High water"), ("rename", "Law", "Courts"))),
    )
    names = {"flood": "High water", "Law": "Courts"}
    assert said(now) == [
        None if one is None else tuple(names.get(name, name) if name else None for name in one) for one in said(plain)
    ]
    for before, then in zip(plain.predict(EVERY, explain=True), now.predict(EVERY, explain=True), strict=True):
        if before.event_type is not None and then.event_type is not None:
            for field in ("probability", "score", "intercept", "evidence", "group_probability", "group_evidence"):
                assert getattr(then.event_type, field) == getattr(before.event_type, field), field
    assert now.events.types == tuple(names.get(leaf, leaf) for leaf in LEAVES)
    assert now.events.groups["High water"] == "Disasters"
    assert now.events.groups["trial"] == "Courts"


def test_lines_are_those_of_the_objects() -> None:
    edits = (("rename", "trial", "Court – “case”"), ("merge", "crash", "flood"), ("retire", "own_type"))
    predictor = Predictor(after(*edits))
    lines = "".join(predictor.predict_lines(EVERY)).splitlines()
    assert [json.loads(line) for line in lines] == [one.to_dict() for one in predictor.predict(EVERY)]


def test_a_merged_type_has_the_probabilities_of_both_and_reasons_that_sum_to_its_score() -> None:
    plain, now = Predictor(two_levels()), Predictor(after(("merge", "own_type", "trial")))
    before, then = plain.verdicts(EVERY), now.verdicts(EVERY)
    own, trial = LEAVES.index("own_type"), LEAVES.index("trial")
    place = now.events.levels.leaves.index("trial")
    expected = before.event_probabilities[:, own] + before.event_probabilities[:, trial]
    np.testing.assert_allclose(then.event_probabilities[:, place], expected)
    np.testing.assert_allclose(then.event_probabilities.sum(axis=1), 1.0)
    np.testing.assert_allclose(then.group_probabilities.sum(axis=1), 1.0)
    # It is in the group of what it was merged into.
    law = now.events.levels.groups.index("Law")
    np.testing.assert_allclose(then.group_probabilities[:, law], expected)
    given = 0
    for event in (one.event_type for one in now.predict(EVERY, explain=True)):
        if event is not None:
            total = event.intercept + sum(item.contribution for item in event.evidence)
            assert total == pytest.approx(event.score)
            given += (event.type, event.group) == ("trial", "Law")
    assert given


def test_a_type_merged_into_its_own_group_is_said_as_the_group_alone() -> None:
    plain, now = (
        Predictor(two_levels()),
        Predictor(after(("merge", "flood", "Disasters"), ("merge", "crash", "Disasters"))),
    )
    for before, then in zip(said(plain), said(now), strict=True):
        # Together its types may be more probable than a type of another group that was given.
        assert then in ((None, "Disasters"), before)
        assert then is None or then[0] not in ("flood", "crash")
    place = now.events.levels.leaves.index("Disasters")
    both = plain.verdicts(EVERY).event_probabilities[:, :2].sum(axis=1)
    np.testing.assert_allclose(now.verdicts(EVERY).event_probabilities[:, place], both)
    assert (None, "Disasters") in said(now)
    for event in (one.event_type for one in now.predict(EVERY, explain=True)):
        if event is not None and event.group == "Disasters":
            assert event.intercept + sum(item.contribution for item in event.evidence) == pytest.approx(event.score)


def test_a_group_merged_into_another_takes_its_types_along() -> None:
    now = Predictor(after(("merge", "Disasters", "Law")))
    assert {leaf: now.events.type_and_group(leaf) for leaf in ("flood", "crash", "trial")} == {
        "flood": ("flood", "Law"),
        "crash": ("crash", "Law"),
        "trial": ("trial", "Law"),
    }
    assert "Disasters" not in now.events.levels.groups


def test_an_article_of_a_retired_type_has_none_and_others_stay_as_they_are() -> None:
    plain = Predictor(two_levels())
    kinds = said(plain)
    gone = next(one[0] for one in kinds if one and one[0] and one[1])
    now = Predictor(after(("retire", gone)))
    assert said(now) == [None if one and one[0] == gone else one for one in kinds]
    assert gone not in now.events.types
    # Nobody is told that a retired type would be nearest, and nobody is asked about it.
    for article in EVERY:
        explained = now.explain(article)
        assert explained.nearest_event is None or explained.nearest_event.verdict.type not in ("", gone)
    assert all({"", gone}.isdisjoint(one.doubtful) for one in pick(now, EVERY, len(EVERY)))
    back = Predictor(after(("retire", gone), ("restore", gone)))
    assert said(back) == kinds


def test_a_retired_group_takes_its_types_along() -> None:
    now = Predictor(after(("retire", "Disasters")))
    assert {"flood", "crash"}.isdisjoint(now.events.types)
    assert all(one is None or one[1] != "Disasters" for one in said(now))
    assert np.allclose(now.verdicts(EVERY).event_probabilities.sum(axis=1), 1.0)


def test_people_are_offered_what_the_model_says_now() -> None:
    predictor = Predictor(
        after(("rename", "flood", "High water"), ("alias", "High water", "inundation"), ("retire", "trial"))
    )
    offered = {value for _, types in event_choices(predictor.events) for value, _ in types}
    assert "High water" in offered
    assert {"flood", "trial", "", "Law"}.isdisjoint(offered)
    entries = {entry.type or entry.group: entry for entry in Known(predictor).events}
    assert entries["High water"].group == "Disasters"
    assert {"flood", "inundation"} <= set(entries["High water"].aliases)
    assert {"trial", "", "flood", NONE}.isdisjoint(entries)


def test_a_group_is_offered_once_and_as_a_group() -> None:
    entries = [(entry.type, entry.group) for entry in Known(Predictor(two_levels())).events]
    assert sorted(entries, key=str) == sorted(
        [
            (None, "Disasters"),
            (None, "Law"),
            (None, "Sports"),
            ("flood", "Disasters"),
            ("crash", "Disasters"),
            ("trial", "Law"),
            ("own_type", None),
        ],
        key=str,
    )


def test_a_corpus_with_the_old_names_is_measured_by_the_new_ones() -> None:
    labels = [Labels(None, kind) for kind in ("flood", "crash", "trial", "Sports")]

    def measured(bundle: Bundle, labels: list[Labels]) -> dict[str, object]:
        config = EvaluateConfig(bootstrap=0)
        found = evaluate_model(Predictor(bundle), ARTICLES, labels, config, corpus="small", part="all")
        assert found.event_type is not None
        return {"metrics": found.event_type.metrics, "labels": {one.label for one in found.event_type.per_label}}

    plain = measured(two_levels(), labels)
    edited = after(("rename", "flood", "High water"), ("rename", "Disasters", "Harm"), ("alias", "crash", "collision"))
    by_old = measured(edited, labels)
    assert by_old["metrics"] == plain["metrics"]
    assert "High water" in by_old["labels"]
    assert "flood" not in by_old["labels"]
    new = [Labels(None, kind) for kind in ("High water", "collision", "trial", "Sports")]
    assert measured(edited, new) == by_old
    retired = measured(after(("retire", "crash")), labels)
    assert "" not in retired["labels"]


def test_the_file_keeps_both_kinds_of_edits_apart(tmp_path) -> None:
    path = tmp_path / "m.safetensors"
    bundle = after(("rename", "flood", "High water"))
    tag = bundle.tag_labels[0]
    edits = [Edit("rename", tag, "A tag").to_dict(), *bundle.manifest.edits]
    bundle = dataclasses.replace(bundle, manifest=dataclasses.replace(bundle.manifest, edits=edits))
    write_bundle(path, with_self_test(bundle))
    read = read_bundle(path)
    assert [edit.action for edit in read.tag_vocabulary().edits] == ["rename"]
    assert [edit.tag for edit in read.event_vocabulary().edits] == ["flood"]
    assert "head" not in read.manifest.edits[0]
    predictor = Predictor.load(path)
    assert "A tag" in predictor.labels()
    assert "High water" in predictor.events.types
    bad = {"action": "rename", "tag": "No such", "to": "x", "head": "event_type"}
    bundle = dataclasses.replace(bundle, manifest=dataclasses.replace(bundle.manifest, edits=[bad]))
    with pytest.raises(ModelFileError, match="no such event type"):
        write_bundle(path, bundle)


def test_what_cannot_be_done_is_refused_in_words_of_event_types() -> None:
    assert "no such event type; found 'floods'; expected for example 'flood'" in refused(("retire", "floods"))
    assert "'none' says that no event type fits" in refused(("rename", NONE, "nothing"))
    assert "'crash' is an event type already" in refused(("rename", "flood", "crash"))
    assert "'Disasters' is a group with types, and 'trial' a type" in refused(("merge", "Disasters", "trial"))
    assert "'own_type' cannot be merged into itself" in refused(("merge", "own_type", "own_type"))


@given(
    st.lists(
        st.tuples(st.sampled_from(("retire", "merge", "rename", "restore")), st.integers(0, 8), st.integers(0, 8)),
        max_size=6,
    )
)
def test_whatever_is_edited_every_article_has_one_sound_prediction(edits: list[tuple[str, int, int]]) -> None:
    bundle = two_levels()
    vocabulary: EventVocabulary = bundle.event_vocabulary()
    names = [tag.name for tag in vocabulary.tags()]
    for number, (action, one, other) in enumerate(edits):
        to = {"merge": names[other % len(names)], "rename": f"new {number}"}.get(action)
        try:
            vocabulary = vocabulary.edited(Edit(action, names[one % len(names)], to, head="event_type"))
        except VocabularyError:
            continue
        names += [f"new {number}"] if action == "rename" else []
    made = [edit.to_dict() for edit in vocabulary.edits]
    predictor = Predictor(dataclasses.replace(bundle, manifest=dataclasses.replace(bundle.manifest, edits=made)))
    verdicts = predictor.verdicts(EVERY)
    np.testing.assert_allclose(verdicts.event_probabilities.sum(axis=1), 1.0)
    np.testing.assert_allclose(verdicts.group_probabilities.sum(axis=1), 1.0)
    shown = {tag.name for tag in vocabulary.tags() if not tag.retired} | {NONE}
    for prediction in predictor.predict(EVERY, explain=True):
        event = prediction.event_type
        if event is not None:
            assert {event.type, event.group} - {None} <= shown
            assert event.intercept + sum(item.contribution for item in event.evidence) == pytest.approx(event.score)
    lines = "".join(predictor.predict_lines(EVERY)).splitlines()
    assert [json.loads(line) for line in lines] == [one.to_dict() for one in predictor.predict(EVERY)]
