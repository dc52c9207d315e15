"""Learning event types in two levels."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from slugline.article import NONE, Article, Labels
from slugline.config import Config, EventTypeConfig, replace
from slugline.corpus.taxonomy import Taxonomy
from slugline.learn.event_levels import EventLabels
from slugline.learn.level_calibration import fit_levels
from slugline.learn.train import train
from slugline.levels import Levels
from slugline.predict import Predictor

WORDS = {
    "crime": "police thief robbery gang arrest suspect",
    "trial": "court judge verdict sentence appeal jury",
    "natural_disaster": "flood quake storm river rescue damage",
    "accident": "crash train derailed ferry collapse mishap",
}
TAXONOMY = Taxonomy.load()


def corpus(*, group_every: int = 0, each: int = 12) -> tuple[list[Article], list[Labels]]:
    """Articles of four types in two groups; every `group_every`th is labelled with its group only."""
    articles, labels = [], []
    for number in range(each):
        for kind, words in WORDS.items():
            own = words.split()
            body = " ".join(own[(number + step) % len(own)] for step in range(4)) + f" word{number % 5}"
            articles.append(Article(f"{kind}-{number}", own[number % len(own)], body))
            coarse = group_every and number % group_every == 0
            labels.append(Labels(None, TAXONOMY.group_of(kind) if coarse else kind))
    return articles, labels


def config(levels: str = "auto") -> Config:
    return replace(Config(event_type=EventTypeConfig(levels=levels)), "learn", folds=3)


def predictor(model) -> Predictor:
    return Predictor(model.bundle(groups={kind: TAXONOMY.group_of(kind) for kind in WORDS}))


def test_articles_labelled_with_a_group_train_the_group_alone() -> None:
    articles, labels = corpus(group_every=2)
    model = train(articles, labels, None, config())
    assert model.event_type.labels == tuple(sorted(WORDS))
    assert model.event_group.labels == ("Disasters and accidents", "Law and crime")
    assert model.event_type.cross_validated["articles"] == 24
    assert model.event_group.cross_validated["articles"] == 48
    assert model.event_group.cross_validated["accuracy"] > 0.95
    (found,) = predictor(model).predict([Article("new", "Verdict", "The judge read the sentence to the court.")])
    assert (found.event_type.type, found.event_type.group) == ("trial", "Law and crime")
    assert found.event_type.probability <= found.event_type.group_probability


def test_only_groups_make_one_head_of_groups() -> None:
    articles, labels = corpus(group_every=1)
    model = train(articles, labels, None, config())
    assert (model.event_type.labels, model.event_group) == (("Disasters and accidents", "Law and crime"), None)
    groups = {group: group for group in model.event_type.labels}
    (found,) = Predictor(model.bundle(groups=groups)).predict(articles[:1])
    assert (found.event_type.type, found.event_type.group) == (None, "Law and crime")


@pytest.mark.parametrize(("levels", "two"), [("two", True), ("flat", False)])
def test_the_configuration_says_whether_there_are_two_heads(levels: str, two: bool) -> None:
    articles, labels = corpus()
    model = train(articles, labels, None, config(levels))
    assert (model.event_group is not None) is two
    (found,) = predictor(model).predict([Article("new", "Flood", "The river rose after the storm.")])
    assert (found.event_type.type, found.event_type.group) == ("natural_disaster", "Disasters and accidents")


def test_auto_keeps_what_cross_validation_prefers() -> None:
    articles, labels = corpus()
    model = train(articles, labels, None, config())
    compared = model.event_type.cross_validated["levels"]
    mean = {name: (found["type"]["accuracy"] + found["group"]["accuracy"]) / 2 for name, found in compared.items()}
    assert (model.event_group is not None) == (mean["two"] > mean["flat"])


def test_labels_outside_the_taxonomy_and_none_are_groups_of_their_own() -> None:
    articles, labels = corpus(group_every=2)
    others = [NONE, "my_own"]
    more = [Article(f"{kind}-{n}", kind, f"{kind}word other{n % 3} thing") for n in range(12) for kind in others]
    model = train([*articles, *more], [*labels, *(Labels(None, k) for _ in range(12) for k in others)], None, config())
    assert model.event_group.labels == ("Disasters and accidents", "Law and crime", "my_own", NONE)
    found = predictor(model).predict(more[:2])
    assert [(one.event_type.type, one.event_type.group) for one in found] == [(NONE, None), ("my_own", None)]


def test_a_group_is_a_group_only_where_it_is_spelled_as_one() -> None:
    said = EventLabels.of(
        [Labels(None, label) for label in ("sports", "Sports", "Attacks and armed conflicts", "trial", NONE, None)],
        TAXONOMY,
    )
    assert said.kinds == ("sports", None, None, "trial", NONE, None)
    assert said.groups == ("Sports", "Sports", "Armed conflicts and attacks", "Law and crime", NONE, None)
    assert said.group_of == {"sports": "Sports", "trial": "Law and crime"}
    alone = dataclasses.replace(said, kinds=said.kinds[:1], groups=said.groups[:1])
    assert (said.two_levels, alone.two_levels) == (True, False)


def test_the_calibration_of_levels_finds_what_made_the_labels() -> None:
    """Labels drawn from known slopes and offsets; a third of them known by their group only."""
    random = np.random.default_rng(0)
    levels = Levels.of(("a", "b", "c", "d"), {"a": "x", "b": "x", "c": "y", "d": "y"}, ("x", "y"))
    types, groups = random.normal(size=(6000, 4)), random.normal(size=(6000, 2))
    offset = np.array([0.5, -0.5, 0.25, -0.25])
    logits = 1.5 * types + 0.6 * groups[:, levels.group] + offset
    leaf = (logits + random.gumbel(size=logits.shape)).argmax(axis=1)
    group = levels.group[leaf]
    seen = np.where(np.arange(6000) % 3 == 0, -1, leaf)
    found = fit_levels(types, groups, levels, seen, group)
    assert found.slope == pytest.approx(1.5, abs=0.1)
    assert found.slope * found.share == pytest.approx(0.6, abs=0.1)
    np.testing.assert_allclose(found.offset - found.offset.mean(), offset, atol=0.15)
    np.testing.assert_allclose(found.probabilities(types, groups, levels).sum(axis=1), 1.0)
