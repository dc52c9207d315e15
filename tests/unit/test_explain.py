"""Reasons laid out over the text: they sum to the scores, and stand where the words are."""

from __future__ import annotations

import dataclasses
import json
import pickle
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slugline.article import Article, Evidence
from slugline.asked import Names, UnknownNameError, labels_meant
from slugline.bundle import Bundle
from slugline.config import ViewConfig
from slugline.decide import NOT_MENTIONED
from slugline.explanation import Explanation
from slugline.explanation_json import explanation_json
from slugline.features.spans import TermPlaces
from slugline.marks import Mark, Marks, laid_out
from slugline.predict import Predictor
from slugline.tag_vocabulary import TagVocabulary
from slugline.vocabulary_edits import Edit
from small_model import ARTICLES, OTHERS, TAGS, UNKNOWN, named_bundle, small_bundle, two_levels

WORDS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 6), st.floats(-10, 10)))
BODY = 20
"""Where the body begins; a word of the title ends before it."""


def laid(words: list[tuple[int, int, float]]) -> Marks:
    start, length, value = (np.array(column) for column in zip(*words, strict=True)) if words else ([], [], [])
    start = np.array(start, dtype=np.int64)
    end = start + np.array(length, dtype=np.int64)
    end = np.where(start < BODY, np.minimum(end, BODY), end)
    return laid_out(start, end, np.array(value, dtype=np.float64), BODY)


@given(WORDS)
def test_marks_are_disjoint_and_sum_to_what_was_given(words: list[tuple[int, int, float]]) -> None:
    found = laid(words)
    assert sum(mark.contribution for mark in found) == pytest.approx(sum(value for *_, value in words), abs=1e-9)
    for field in ("title", "body"):
        own = [(mark.start, mark.end) for mark in found if mark.field == field]
        assert all(end <= start for (_, end), (start, _) in pairwise(own))
    assert [mark.field for mark in found] == sorted((mark.field for mark in found), reverse=True)


@given(WORDS)
def test_each_character_has_its_part_of_every_word_that_it_is_in(words: list[tuple[int, int, float]]) -> None:
    expected = np.zeros(60)
    for start, length, value in words:
        end = min(start + length, BODY) if start < BODY else start + length
        expected[start:end] += value / (end - start)
    found = np.zeros(60)
    for field, start, end, value in laid(words):
        offset = BODY if field == "body" else 0
        found[offset + start : offset + end] += value / (end - start)
    assert found == pytest.approx(expected, abs=1e-9)


@given(WORDS)
def test_marks_are_a_sequence_like_a_tuple_of_them(words: list[tuple[int, int, float]]) -> None:
    found = laid(words)
    same = tuple(found)
    assert (len(found), found == same, hash(found)) == (len(same), True, hash(same))
    assert [found[number] for number in range(len(found))] == list(same)
    assert (found[1:3], found[::-1]) == (same[1:3], same[::-1])
    assert pickle.loads(pickle.dumps(found)) == same  # noqa: S301  # as it comes back from another process
    assert repr(found) == f"Marks({list(same)!r})"
    with pytest.raises(IndexError):
        found[len(found)]


def test_a_headline_that_counts_twice_has_twice_the_share() -> None:
    places = TermPlaces(Article("1", "Oil", "No. Up, oil"), [ViewConfig(title_repeat=2)], ["gas", "oil"])
    words = places.words_of(np.array([1]), np.array([0.75]))
    assert list(laid_out(*words, places.body)) == [Mark("title", 0, 3, 0.5), Mark("body", 8, 11, 0.25)]


def test_what_has_no_place_has_no_mark() -> None:
    places = TermPlaces(Article("1", "Oil", "up"), [ViewConfig()], ["gas", "up"])
    assert len(laid_out(*places.words_of(np.array([0]), np.array([1.0])), places.body)) == 0


def total(evidence: tuple[Evidence, ...]) -> float:
    return sum(item.contribution for item in evidence)


def check(found: Explanation) -> None:
    """Evidence sums to scores, marks to the evidence that is in the text, and marks are words of it."""
    for reasons in found.tags:
        tag = reasons.verdict
        assert tag.intercept + total(tag.evidence) == pytest.approx(tag.score, abs=1e-6)
        assert sum(mark.contribution for mark in reasons.marks) == pytest.approx(total(tag.evidence), abs=1e-9)
    event = found.event
    if event is not None:
        assert event.verdict.intercept + total(event.verdict.evidence) == pytest.approx(event.verdict.score, abs=1e-6)
        assert sum(mark.contribution for mark in event.marks) == pytest.approx(total(event.verdict.evidence))
        group = total(event.verdict.group_evidence)
        assert sum(mark.contribution for mark in event.group_marks) == pytest.approx(group)
    for ascii_only in (False, True):
        assert explanation_json(found, ascii_only=ascii_only) == json.dumps(
            found.to_dict(), allow_nan=False, ensure_ascii=ascii_only
        )


@pytest.mark.parametrize(
    "bundle", [small_bundle(seed=2), named_bundle(), two_levels()], ids=["plain", "names", "types"]
)
def test_every_contribution_is_in_the_text_or_in_the_intercept(bundle: Bundle) -> None:
    predictor = Predictor(bundle)
    plain = predictor.predict([*ARTICLES, UNKNOWN], explain=True)
    every = predictor.explain_stream([*ARTICLES, UNKNOWN], tags=TAGS, batch=2)
    for article, prediction, found in zip([*ARTICLES, UNKNOWN], plain, every, strict=True):
        check(found)
        assert (found.article.title, found.article.body) == (article.title, article.body)
        count = len(prediction.tags)
        assert found.prediction.tags[:count] == prediction.tags
        assert found.prediction.event_type == prediction.event_type
        assert {tag.tag for tag in found.prediction.tags} >= set(TAGS)
        assert not any(tag.decided for tag in found.prediction.tags[count:])


def after_edits(bundle: Bundle) -> Bundle:
    """Tags that were merged, renamed and retired."""
    vocabulary = bundle.tag_vocabulary()
    for action, tag, to in (("merge", "Weather", "Syria"), ("rename", "Economy", "Money"), ("retire", "France", None)):
        vocabulary = vocabulary.edited(Edit(action, tag, to))
    return edited_to(bundle, vocabulary)


def after_event_edits(bundle: Bundle) -> Bundle:
    """A type that was merged into one of another group, a group into another, and one retired."""
    vocabulary = bundle.event_vocabulary()
    for action, label, to in (("merge", "crash", "trial"), ("merge", "Sports", "Law"), ("retire", "own_type", None)):
        vocabulary = vocabulary.edited(Edit(action, label, to, head="event_type"))
    return edited_to(bundle, vocabulary)


def edited_to(bundle: Bundle, vocabulary: TagVocabulary) -> Bundle:
    edits = [edit.to_dict() for edit in vocabulary.edits]
    return dataclasses.replace(bundle, manifest=dataclasses.replace(bundle.manifest, edits=edits))


KINDS = {
    "plain": Predictor(small_bundle(seed=2)),
    "names": Predictor(named_bundle()),
    "two levels": Predictor(two_levels(seed=5)),
    "unsure": Predictor(two_levels(abstain=(0.6, 0.7))),
    "edited tags": Predictor(after_edits(small_bundle(seed=3))),
    "edited tags with names": Predictor(after_edits(named_bundle())),
    "edited types": Predictor(after_event_edits(two_levels(seed=4))),
}
TEXT = st.lists(
    st.sampled_from(
        [*"\n\n".join(f"{one.title} {one.body}" for one in ARTICLES).split(" "), "zzz", "\n\n", *TAGS, *OTHERS]
    ),
    max_size=30,
).map(" ".join)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20)
@given(TEXT, TEXT)
def test_contributions_sum_to_every_score_that_a_model_can_give(kind: str, title: str, body: str) -> None:
    predictor = KINDS[kind]
    levels = predictor.events.levels
    types = [label for label in dict.fromkeys([*levels.leaves, *levels.groups]) if label]
    found = predictor.explain(Article("1", title, body), tags=predictor.labels(), types=types)
    check(found)
    (plain,) = predictor.predict([Article("1", title, body)], top=99)
    said = {tag.tag: tag for tag in plain.tags}
    for tag in found.prediction.tags:
        if tag.tag in said:
            assert (tag.score, tag.probability) == (said[tag.tag].score, said[tag.tag].probability)
    for one in found.asked_events:
        verdict = one.verdict
        assert verdict.intercept + total(verdict.evidence) == pytest.approx(verdict.score, abs=1e-6)
        assert sum(mark.contribution for mark in one.marks) == pytest.approx(total(verdict.evidence), abs=1e-9)
        if verdict.group_evidence:
            group = verdict.group_intercept + total(verdict.group_evidence)
            assert group == pytest.approx(verdict.group_score, abs=1e-6)


def test_what_an_article_holds_does_not_confuse_its_json() -> None:
    tricky = ', "marks": [], "group_marks": []}] \\"marks\\": []'
    check(Predictor(two_levels()).explain(Article('"marks": []', f"Rebels {tricky}", f"seize {tricky}"), tags=TAGS))


def test_the_text_is_the_cleaned_one_and_marks_are_places_in_it() -> None:
    messy = Article(
        "1", "Rebels\u200b   seize Aleppo", "Caf\u00c3\u00a9  &amp;amp; storm.  \r\n\r\n\r\nThe rebels left"
    )
    found = Predictor(small_bundle(seed=2)).explain(messy, tags=TAGS)
    assert found.article.title == "Rebels seize Aleppo"
    check(found)
    text = {"title": found.article.title, "body": found.article.body}
    words = {text[mark.field][mark.start : mark.end] for tag in found.tags for mark in tag.marks}
    assert "rebels" in words
    assert words <= {"Rebels", "seize", "Aleppo", "storm", "The", "rebels", "left"}


@pytest.mark.parametrize(
    ("changes", "article", "tag", "why"),
    [
        ({"thresholds": np.full(5, 9.0), "fallback": False}, ARTICLES[0], "Syria", "below its threshold"),
        ({"thresholds": np.full(5, -9.0)}, ARTICLES[0], "Syria", "reaches its threshold"),
        ({"thresholds": np.full(5, 9.0)}, ARTICLES[0], "Economy", "no tag reached"),
        ({"thresholds": np.full(5, np.inf), "fallback": False}, ARTICLES[0], "Syria", "never given"),
        ({"thresholds": np.full(5, 9.0)}, UNKNOWN, "Syria", "no word that the model knows"),
        ({"thresholds": np.full(5, -9.0), "rule": "rank", "rank": 1}, ARTICLES[0], "Syria", "more probable"),
    ],
)
def test_why_and_why_not(changes: dict[str, Any], article: Article, tag: str, why: str) -> None:
    bundle = small_bundle()
    assert bundle.tags is not None
    bundle = dataclasses.replace(bundle, tags=dataclasses.replace(bundle.tags, **changes))
    found = Predictor(bundle).explain(article, tags=[tag])
    (reasons,) = [reasons for reasons in found.tags if reasons.verdict.tag == tag]
    assert why in reasons.why
    assert reasons.asked
    said = found.to_dict()["tags"][found.tags.index(reasons)]
    if reasons.threshold is None:
        assert (said["threshold"], said["missing"]) == (None, None)
    else:
        short = reasons.threshold.score - reasons.verdict.score
        assert said["missing"]["score"] == pytest.approx(max(0.0, short), abs=1e-6)
        assert said["threshold"]["probability"] == pytest.approx(reasons.threshold.probability, abs=1e-4)
        assert 0.0 <= reasons.threshold.probability <= 1.0


def test_where_no_event_type_was_given_the_nearest_is_explained() -> None:
    for article in [*ARTICLES, UNKNOWN]:
        sure, unsure = (Predictor(two_levels(abstain=(below, below))).explain(article) for below in (0.0, 0.999))
        assert unsure.event is None
        assert unsure.nearest_event is not None
        near = unsure.nearest_event
        assert near.needed == 0.999
        assert near.verdict.probability < 0.999
        total = near.verdict.intercept + sum(item.contribution for item in near.verdict.evidence)
        assert total == pytest.approx(near.verdict.score, abs=1e-6)
        said = unsure.to_dict()
        assert said["event_type"] is None
        if article is not UNKNOWN:
            assert sure.event is not None
            assert (sure.event.verdict, sure.event.marks) == (near.verdict, near.marks)
            assert sure.nearest_event is sure.to_dict()["nearest_event"] is None
            why = "it is the most probable, but not probable enough"
            assert said["nearest_event"] == sure.to_dict()["event_type"] | {"needed": 0.999, "why": why}


def test_a_tag_known_by_name_alone_that_is_not_in_the_article() -> None:
    found = Predictor(named_bundle()).explain(ARTICLES[1], tags=[OTHERS[0]])
    (reasons,) = [reasons for reasons in found.tags if reasons.verdict.tag == OTHERS[0]]
    assert reasons.verdict.score == NOT_MENTIONED
    assert not reasons.verdict.decided
    assert "not in the article" in reasons.why


def test_one_article_is_explained_as_among_others() -> None:
    predictor = Predictor(named_bundle())
    among = list(predictor.explain_stream(ARTICLES, tags=[OTHERS[0]]))
    assert [predictor.explain(article, tags=[OTHERS[0]]) for article in ARTICLES] == among


def test_asked_tags_are_found_by_their_spelling_or_refused_with_what_is_near() -> None:
    labels = ("Syrian rebels", "Economy", "France")
    tags = Names("tag", labels)
    assert labels_meant(["syrian-rebels", "Economy", "economy"], tags) == [("Syrian rebels", "Economy")]
    with pytest.raises(UnknownNameError, match=r"no such tag; found 'Frnace'; expected for example 'France'"):
        labels_meant(["Frnace"], tags)
    with pytest.raises(UnknownNameError, match="expected a tag of the model"):
        labels_meant(["xyzzy"], tags)


def test_a_name_may_be_a_tag_and_an_event_type_and_is_first_what_is_spelled_so() -> None:
    tags, types = Names("tag", ("Elections", "Flood", "sport")), Names("event type", ("election", "flood", "Sport"))
    assert labels_meant(["FLOOD", "Sport", "elections"], tags, types) == [("Flood", "Elections"), ("flood", "Sport")]
    with pytest.raises(UnknownNameError, match="no such tag or event type; found 'floood'; expected for example 'Floo"):
        labels_meant(["floood"], tags, types)
    renamed = Names("event type", ("deluge",), lambda name: "deluge" if name == "flood" else name)
    assert labels_meant(["flood"], tags, renamed) == [("Flood",), ("deluge",)]


@pytest.mark.parametrize("abstain", [(0.0, 0.0), (0.999, 0.0), (0.999, 0.999)])
def test_every_event_type_and_group_can_be_asked_about(abstain: tuple[float, float]) -> None:
    predictor = Predictor(two_levels(abstain=abstain))
    levels = predictor.events.levels
    labels = tuple(dict.fromkeys([*levels.leaves, *levels.groups]))
    for article in [*ARTICLES, UNKNOWN]:
        found = predictor.explain(article, types=labels)
        given = found.event and (found.event.verdict.type or found.event.verdict.group)
        assert len(found.asked_events) == len(labels)
        for label, one in zip(labels, found.asked_events, strict=True):
            verdict = one.verdict
            assert label in (verdict.type, verdict.group)
            assert verdict.intercept + total(verdict.evidence) == pytest.approx(verdict.score, abs=1e-6)
            assert sum(mark.contribution for mark in one.marks) == pytest.approx(total(verdict.evidence), abs=1e-9)
            if found.event is not None and label == given:
                assert (verdict, one.marks) == (found.event.verdict, found.event.marks)
                assert one.why == "it is the most probable, and probable enough"
            elif article is UNKNOWN:
                assert "no word" in one.why
            assert one.needed == abstain[label not in levels.leaves]
        if article is not UNKNOWN:
            best = max(found.asked_events, key=lambda one: (one.verdict.type is not None, one.verdict.probability))
            others = [one for one in found.asked_events if one.verdict.type not in (None, best.verdict.type)]
            assert {one.why for one in others} == {f"{best.verdict.type} is more probable"}
        check(found)


def test_an_event_type_that_the_model_does_not_know_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="no such event type") as error:
        Predictor(two_levels()).explain(ARTICLES[0], types=["Syria"])
    assert error.value.noun == "event type"


def test_marks_are_made_only_for_the_tags_that_are_asked_for() -> None:
    predictor = Predictor(small_bundle())
    every = predictor.explain(ARTICLES[0], tags=TAGS)
    (some,) = predictor.explain_stream(ARTICLES[:1], tags=TAGS, marked=("Syria",))
    assert some.prediction == every.prediction
    assert some.event == every.event
    assert any(one.marks for one in every.tags if one.verdict.tag == "Syria")
    assert [one.marks for one in some.tags] == [one.marks if one.verdict.tag == "Syria" else () for one in every.tags]
