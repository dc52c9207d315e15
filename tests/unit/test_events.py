"""Event types in two levels, as a model file says them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from slugline.article import NONE
from slugline.bundle import read_bundle, write_bundle
from slugline.errors import ModelFileError
from slugline.levels import shares
from slugline.predict import Predictor
from slugline.self_test import with_self_test
from small_model import ARTICLES, GROUP_OF, LEVEL_GROUPS, LEVEL_SLOPE, LEVEL_TYPES, UNKNOWN, two_levels

EVERY = [*ARTICLES, UNKNOWN]


def test_leaves_are_the_types_and_the_groups_without_one() -> None:
    levels = Predictor(two_levels()).events.levels
    assert levels.leaves == (*LEVEL_TYPES, "Sports")
    assert levels.groups == LEVEL_GROUPS
    assert [levels.group_name(n) for n in range(6)] == ["Disasters", "Disasters", "Law", NONE, "own_type", "Sports"]
    assert levels.has_types


def test_a_type_has_the_scores_of_both_heads_and_a_group_the_probability_of_its_types() -> None:
    predictor = Predictor(two_levels())
    heads = predictor.scores(EVERY)
    verdicts = predictor.verdicts(EVERY)
    column = {group: number for number, group in enumerate(LEVEL_GROUPS)}
    for leaf, label in enumerate(predictor.events.levels.leaves):
        group = GROUP_OF.get(label, label)
        own = heads["event_type"][:, LEVEL_TYPES.index(label)] if label in LEVEL_TYPES else 0.0
        np.testing.assert_allclose(verdicts.event_scores[:, leaf], own + heads["event_group"][:, column[group]])
    raised = np.exp(LEVEL_SLOPE * verdicts.event_scores)
    expected = raised / raised.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(verdicts.event_probabilities, expected)
    np.testing.assert_allclose(verdicts.group_probabilities[:, 0], expected[:, 0] + expected[:, 1])
    np.testing.assert_allclose(verdicts.group_probabilities.sum(axis=1), 1.0)


def test_predictions_name_a_type_and_its_group_consistently() -> None:
    for prediction in Predictor(two_levels()).predict(ARTICLES):
        event = prediction.event_type
        assert event is not None
        if event.type in GROUP_OF:
            assert event.group == GROUP_OF[event.type]
            assert event.group_probability is not None
            assert event.probability <= event.group_probability
        elif event.type is None:
            assert event.group == "Sports"
            assert event.probability == event.group_probability
        else:
            assert (event.group, event.group_probability) == (None, None)


def test_every_kind_of_label_is_said_as_it_is() -> None:
    events = Predictor(two_levels()).events
    said = {leaf: events.type_and_group(leaf) for leaf in events.levels.leaves}
    assert said == {
        "flood": ("flood", "Disasters"),
        "crash": ("crash", "Disasters"),
        "trial": ("trial", "Law"),
        NONE: (NONE, None),
        "own_type": ("own_type", None),
        "Sports": (None, "Sports"),
    }


def test_the_type_may_be_left_open_while_the_group_is_given() -> None:
    sure = Predictor(two_levels()).verdicts(ARTICLES)
    best = sure.event_probabilities.max(axis=1)
    groups = sure.group_probabilities.max(axis=1)
    assert (groups > best).any()
    predictor = Predictor(two_levels(abstain=(1.0, 0.0)))
    verdicts = predictor.verdicts(EVERY)
    assert verdicts.event_decisions == (None,) * 5
    expected = [LEVEL_GROUPS[n] for n in sure.group_probabilities.argmax(axis=1).tolist()]
    assert verdicts.group_decisions == (*expected, None)
    for prediction, chance in zip(predictor.predict(ARTICLES), groups.tolist(), strict=True):
        event = prediction.event_type
        assert event is not None
        assert event.type is None
        assert event.probability == event.group_probability == chance
    assert [one.event_type for one in Predictor(two_levels(abstain=(1.0, 1.0))).predict(EVERY)] == [None] * 5


@pytest.mark.parametrize("abstain", [(0.0, 0.0), (1.0, 0.0)])
def test_the_reasons_for_type_and_group_add_up(abstain: tuple[float, float]) -> None:
    for prediction in Predictor(two_levels(abstain=abstain)).predict(ARTICLES, explain=True):
        event = prediction.event_type
        assert event is not None
        assert event.evidence
        total = sum(item.contribution for item in event.evidence) + event.intercept
        assert total == pytest.approx(event.score, abs=1e-9)
        said = prediction.to_dict(explain=True)["event_type"]
        if event.type in GROUP_OF:
            group = sum(item.contribution for item in event.group_evidence) + event.group_intercept
            assert group == pytest.approx(event.group_score, abs=1e-9)
            assert said["group_evidence"]["score"] == pytest.approx(event.group_score, abs=1e-6)
        else:
            assert "group_evidence" not in said


def test_the_json_object_has_the_probability_of_the_group() -> None:
    for prediction in Predictor(two_levels()).predict(ARTICLES):
        event = prediction.to_dict()["event_type"]
        assert list(event) == ["type", "group", "probability", "group_probability"]
        assert (event["group_probability"] is None) == (event["group"] is None)


def test_a_model_without_a_head_of_groups_sums_its_types() -> None:
    bundle = dataclasses.replace(two_levels(), event_group=None)
    predictor = Predictor(bundle)
    verdicts = predictor.verdicts(ARTICLES)
    assert predictor.events.levels.leaves == LEVEL_TYPES
    assert predictor.events.levels.groups == tuple(sorted({GROUP_OF.get(label, label) for label in LEVEL_TYPES}))
    np.testing.assert_array_equal(verdicts.event_scores, predictor.scores(ARTICLES)["event_type"])


def test_the_file_keeps_both_levels(tmp_path) -> None:
    path = tmp_path / "model.safetensors"
    write_bundle(path, with_self_test(two_levels()))
    read = Predictor.load(path)
    written = Predictor(two_levels())
    assert read.events.levels.leaves == written.events.levels.leaves
    np.testing.assert_allclose(
        read.verdicts(EVERY).event_probabilities, written.verdicts(EVERY).event_probabilities, atol=1e-6
    )
    assert {"event_type", "event_group"} <= set(read_bundle(path).manifest.self_test[0]["scores"])


def test_heads_that_do_not_fit_together_are_refused() -> None:
    bundle = two_levels()
    manifest = dataclasses.replace(bundle.manifest, groups=GROUP_OF | {"trial": "No such group"})
    with pytest.raises(ModelFileError, match="No such group"):
        Predictor(dataclasses.replace(bundle, manifest=manifest))


def test_probabilities_within_a_group() -> None:
    inside = np.array([True, True, False])
    np.testing.assert_allclose(shares(np.array([0.1, 0.3, 0.6]), inside), [0.25, 0.75, 0.0])
    np.testing.assert_allclose(shares(np.array([0.0, 0.0, 1.0]), inside), [0.5, 0.5, 0.0])
