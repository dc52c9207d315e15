"""An edited model is evaluated by its present names, whichever names the corpus has."""

from __future__ import annotations

import dataclasses

import pytest

from slugline.article import Labels
from slugline.bundle import Bundle
from slugline.config import Config, EvaluateConfig, replace
from slugline.experiment.evaluate import evaluate_model
from slugline.experiment.renamed import about_now
from slugline.learn.train import train
from slugline.predict import Predictor
from slugline.tag_vocabulary import TagVocabulary
from slugline.vocabulary_edits import Edit
from small_model import ARTICLES, named_bundle

LABELS = [
    Labels(frozenset({"Syria", "Aleppo", "Unheard of"}), None),
    Labels(frozenset({"economy"}), None),
    Labels(frozenset({"France", "Paris"}), None),
    Labels(frozenset({"Weather", "Aleppo"}), None),
]
COUNTS = {
    "tags": {"Syria": 5, "Economy": 3, "France": 2, "Weather": 1},
    "event_type": {},
    "articles": {"tags": 9, "event_type": 0},
}


def after(bundle: Bundle, *edits: tuple[str, ...]) -> Bundle:
    vocabulary = TagVocabulary(bundle.tag_labels)
    for edit in edits:
        vocabulary = vocabulary.edited(Edit(*edit))
    made = [edit.to_dict() for edit in vocabulary.edits]
    manifest = dataclasses.replace(
        bundle.manifest, edits=made, corpus=bundle.manifest.corpus | {"label_counts": COUNTS}
    )
    return dataclasses.replace(bundle, manifest=manifest)


def measured(bundle: Bundle, labels=LABELS, articles=ARTICLES):
    return evaluate_model(Predictor(bundle), articles, labels, EvaluateConfig(bootstrap=0), corpus="small", part="all")


def with_tags(change: dict[str, str]) -> list[Labels]:
    return [Labels(frozenset(change.get(tag, tag) for tag in one.tags or ()), None) for one in LABELS]


def test_old_names_new_ones_and_aliases_give_the_same() -> None:
    plain = measured(after(named_bundle()))
    renamed = after(named_bundle(), ("rename", "Syria", "Syrian war"), ("alias", "Economy", "Geld"))
    by_old = measured(renamed)
    assert by_old.tags.metrics == plain.tags.metrics
    assert by_old.bands == plain.bands
    assert {score.label for score in by_old.tags.per_label} >= {"Syrian war", "Economy"}
    assert "Syria" not in {score.label for score in by_old.tags.per_label}
    for change in ({"Syria": "syrian-war"}, {"Syria": "Syrian war", "economy": "Geld"}):
        again = measured(renamed, with_tags(change))
        assert again.to_dict() == by_old.to_dict()
    assert {move.label for move in by_old.drift["tags"].movers} >= {"Syrian war", "Economy"}


def test_merged_tags_are_measured_as_one() -> None:
    found = measured(after(named_bundle(), ("merge", "Aleppo", "Syria"), ("merge", "France", "Paris")))
    support = {score.label: score.support for score in found.tags.per_label}
    assert support["Syria"] == 2
    assert support["Paris"] == 1
    assert not {"Aleppo", "France"} & support.keys()


def test_a_retired_tag_is_one_that_the_model_does_not_know() -> None:
    plain, found = measured(after(named_bundle())), measured(after(named_bundle(), ("retire", "Aleppo")))
    assert "Aleppo" not in {score.label for score in found.tags.per_label}
    assert found.tags.unseen_tags == plain.tags.unseen_tags + 2


def test_training_counts_follow_the_names() -> None:
    bundle = after(named_bundle(), ("rename", "Weather", "Rain"), ("merge", "France", "Syria"), ("retire", "Economy"))
    about = about_now(Predictor(bundle))
    assert about["label_counts"]["tags"] == {"Syria": 7, "Economy": 3, "Rain": 1}
    plain = Predictor(after(named_bundle()))
    assert about_now(plain) is plain.bundle.manifest.corpus


@pytest.mark.slow
def test_a_label_tree_is_measured_by_present_names_too() -> None:
    texts = [f"place{number % 6} town{number % 6} today" for number in range(120)]
    articles = [dataclasses.replace(ARTICLES[0], id=str(n), title="", body=text) for n, text in enumerate(texts)]
    labels = [Labels(frozenset({f"Place {n % 6}"}), None) for n in range(120)]
    config = replace(
        replace(Config(), "tags", estimator="tree", min_articles=1), "tree", leaf=2, branch=2, candidates=3
    )
    bundle = train(articles, labels, None, config).bundle()
    plain = measured(bundle, labels, articles)
    edits = [Edit("rename", "Place 0", "Nowhere"), Edit("retire", "Place 1"), Edit("merge", "Place 2", "Place 3")]
    edited = after(bundle, *((edit.action, edit.tag, *((edit.to,) if edit.to else ())) for edit in edits))
    found = measured(edited, labels, articles)
    support = {score.label: score.support for score in found.tags.per_label}
    assert support["Nowhere"] == 20
    assert support["Place 3"] == 40
    assert "Place 1" not in support
    assert found.tags.unseen_tags == plain.tags.unseen_tags + 20
    predictor = Predictor(edited)
    assert predictor.probabilities(articles[:5])["tags"].shape == (5, 4)
    said = predictor.predict(articles[2:3], top=3, explain=True)[0].tags[0]
    assert (said.tag, said.member) == ("Place 3", "Place 2")
    assert said.intercept + sum(item.contribution for item in said.evidence) == pytest.approx(said.score)
    assert predictor.explain(articles[2], tags=["Place 0"]).tags[-1].verdict.tag == "Nowhere"
