"""Types and groups: the level at which a model and a corpus are compared, and what is measured there."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from slugline.article import Labels
from slugline.config import EvaluateConfig
from slugline.corpus.taxonomy import Taxonomy
from slugline.experiment.evaluate import evaluate_model
from slugline.experiment.levels import group_level, groups_of
from slugline.predict import Predictor
from small_model import ARTICLES, small_bundle

GROUP = Taxonomy.load().group_of
TYPES = ("trial", "crime", "sport", "none", "my_own")


@pytest.mark.parametrize(
    ("truth", "by_group"),
    [
        (["Law and crime", "Sports", "none"], True),
        (["trial", "Law and crime"], False),
        (["trial", "Law and crime", "Sports"], False),
        (["trials", "Law and crime", "Sports"], True),
        (["none", "none", "Sports"], True),
        (["none", "my_own", "coup"], False),
        (["Arts and culture"], False),
    ],
)
def test_groups_are_taken_where_no_article_has_a_type_of_the_model_and_some_share_a_group(truth, by_group):
    assert (group_level(TYPES, truth, GROUP) is not None) is by_group


def test_a_model_of_groups_is_measured_by_group_on_a_corpus_of_types():
    level = group_level(("Law and crime", "Sports"), ["trial", "sport", "flood"], GROUP)
    assert level is not None
    assert [level.of(label) for label in ("trial", "Sports", "flood")] == ["Law and crime", "Sports", "flood"]


def test_a_group_gets_the_probability_of_its_types():
    level = group_level(TYPES, ["Law and crime"], GROUP)
    assert level is not None
    assert level.groups == ("Law and crime", "Sports", "my_own", "none")
    folded = level.probabilities(np.array([[0.1, 0.2, 0.3, 0.15, 0.25], [0.5, 0.5, 0.0, 0.0, 0.0]]))
    np.testing.assert_allclose(folded, [[0.3, 0.3, 0.25, 0.15], [1.0, 0.0, 0.0, 0.0]])


def test_a_taxonomy_of_the_users_own_is_not_mixed_with_the_shipped_one():
    find = groups_of({"trial": "Courts"}, {"event_type": {"taxonomy": "mine.toml"}})
    assert (find("trial"), find("Courts"), find("crime")) == ("Courts", "Courts", None)
    find = groups_of({"trial": "Law and crime"}, {"event_type": {"taxonomy": None}})
    assert (find("trial"), find("crime"), find("Sports")) == ("Law and crime", "Law and crime", "Sports")


def evaluated(*labels: str):
    return evaluate_model(
        Predictor(small_bundle()),
        ARTICLES,
        [Labels(None, label) for label in labels],
        EvaluateConfig(bootstrap=0),
        corpus="small",
        part="all",
    ).event_type


def test_right_types_are_right_groups():
    decided = Predictor(small_bundle()).verdicts(ARTICLES).event_decisions
    groups = small_bundle().manifest.groups
    truth = [groups.get(label, label) for label in decided]
    assert set(truth) != set(decided), "the model must decide a type that has a group"
    found = evaluated(*truth)
    assert found.level == found.to_dict()["level"] == "group"
    assert found.rule == "argmax, then the group of that type"
    assert found.metrics["accuracy"].value == 1.0
    assert not found.unknown
    assert found.confusion_predicted == (
        "Armed conflicts and attacks",
        "Business and economy",
        "Sports",
        "none",
        "own_type",
        None,
    )


def test_types_are_measured_as_types():
    decided = Predictor(small_bundle()).verdicts(ARTICLES).event_decisions
    found = evaluated(*decided)
    assert (found.level, found.rule, found.metrics["accuracy"].value) == ("type", "argmax", 1.0)


@pytest.mark.parametrize("own", [True, False])
def test_groups_that_are_the_types_are_not_measured_once_more(own):
    bundle = small_bundle()
    config = bundle.manifest.config | {"event_type": {"taxonomy": "mine.toml"}}
    groups = {"armed_conflict": "armed_conflict" if own else "Conflicts"}
    bundle = dataclasses.replace(bundle, manifest=dataclasses.replace(bundle.manifest, groups=groups, config=config))
    predictor = Predictor(bundle)
    labels = [Labels(None, label) for label in predictor.verdicts(ARTICLES).event_decisions]
    found = evaluate_model(predictor, ARTICLES, labels, EvaluateConfig(bootstrap=0), corpus="small", part="all")
    assert found.event_type is not None
    assert (found.event_group is None) is own


def test_the_taxonomy_is_needed_only_with_event_types():
    bundle = dataclasses.replace(small_bundle(), event_type=None)
    labels = [Labels(frozenset({"Syria"}), "Sports") for _ in ARTICLES]
    found = evaluate_model(Predictor(bundle), ARTICLES, labels, EvaluateConfig(bootstrap=0), corpus="small", part="all")
    assert found.event_type is None
    assert found.tags is not None
