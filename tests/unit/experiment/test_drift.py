"""What a model keeps of its training articles, and what is measured with it."""

from __future__ import annotations

import json

import pytest

from slugline.article import Article, Labels
from slugline.config import ViewConfig
from slugline.experiment.drift import drift_between, training_facts, unknown_words
from slugline.features.vocabulary import Vocabulary

ARTICLES = [Article("1", "Storm hits", "The storm, the storm."), Article("2", "", "The vote")]
LABELS = [
    Labels(frozenset({"Weather", "U.S."}), "flood"),
    Labels(frozenset(), "vote"),
    Labels(None, "Disasters"),
    Labels(frozenset({"Weather"}), None),
]
VOCABULARY = Vocabulary.from_terms(["the", "storm", "the storm", "1:hits"])
VIEWS = (ViewConfig(),)


def test_unknown_words_are_a_share_of_running_words():
    # storm hits the storm the storm | the vote
    assert unknown_words(ARTICLES, VOCABULARY, VIEWS) == pytest.approx(2 / 8)
    assert unknown_words([Article("1", "", "!?")], VOCABULARY, VIEWS) is None
    assert unknown_words(ARTICLES, VOCABULARY, [ViewConfig(unit="char")]) is None
    # "hits" is in the vocabulary of the second view.
    assert unknown_words(ARTICLES, VOCABULARY, [*VIEWS, ViewConfig("top", part="headline")]) == pytest.approx(1 / 8)


def test_facts_count_articles_by_label_and_what_is_annotated():
    facts = training_facts(ARTICLES, LABELS, VOCABULARY, VIEWS)
    assert facts["label_counts"] == {
        "tags": {"U.S.": 1, "Weather": 2},
        "event_type": {"Disasters": 1, "flood": 1, "vote": 1},
        "articles": {"tags": 3, "event_type": 3},
    }
    assert facts["unknown_words"] == 0.25
    json.dumps(facts)


def test_drift_of_another_corpus_knows_tags_by_any_spelling_and_types_by_their_group():
    facts = training_facts(ARTICLES, LABELS, VOCABULARY, VIEWS)
    others = [Labels(frozenset({"weather", "US"}), "Disasters"), Labels(frozenset({"#Weather"}), "vote")]
    group = {"flood": "Disasters"}
    found = drift_between(facts, others, lambda label: group.get(label, label))
    assert found["tags"].labels == 2
    assert found["tags"].total_variation == 0
    assert found["event_type"].labels == 2
    assert found["event_type"].total_variation == pytest.approx(2 / 3 - 1 / 2)


@pytest.mark.parametrize(
    "about",
    [
        {},
        {"label_counts": 3},
        {"label_counts": {"tags": {}}},
        {"label_counts": {"tags": {"a": "b"}, "event_type": {}, "articles": {"tags": 1, "event_type": 1}}},
        {"label_counts": {"tags": {"a": -1}, "event_type": {}, "articles": {"tags": 1, "event_type": 1}}},
        {"label_counts": {"tags": {"a": 1}, "event_type": {}, "articles": {}}},
    ],
)
def test_a_model_file_that_does_not_know_its_training_part_has_no_drift(about):
    assert drift_between(about, LABELS, str) == {}
