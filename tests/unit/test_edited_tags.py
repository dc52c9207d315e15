"""A model whose tags were edited after training says what the edits make of what it said before, in every way."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline import pool
from slugline.article import Article
from slugline.bundle import Bundle, read_bundle, write_bundle
from slugline.decide import NOT_MENTIONED
from slugline.errors import ModelFileError, SluglineError, VocabularyError
from slugline.predict import Predictor
from slugline.self_test import with_self_test
from slugline.tag_vocabulary import TagVocabulary
from slugline.vocabulary_edits import ACTIONS, Edit
from small_model import ARTICLES, OTHERS, TAGS, UNKNOWN, edited, named_bundle, small_bundle

EVERY = [*ARTICLES, UNKNOWN]


def after(bundle: Bundle, *edits: tuple[str, ...] | Edit) -> Bundle:
    vocabulary = TagVocabulary(bundle.tag_labels)
    for edit in edits:
        vocabulary = vocabulary.edited(edit if isinstance(edit, Edit) else Edit(*edit))
    made = [edit.to_dict() for edit in vocabulary.edits]
    return dataclasses.replace(bundle, manifest=dataclasses.replace(bundle.manifest, edits=made))


def said(predictor: Predictor, articles: list[Article] = EVERY) -> list[dict[str, tuple[float, bool, float]]]:
    """By article and tag: probability, decided, score; of the tags that are possible at all."""
    return [
        {tag.tag: (tag.probability, tag.decided, tag.score) for tag in prediction.tags}
        for prediction in predictor.predict(articles, top=50)
    ]


def test_a_renamed_tag_is_said_by_its_new_name_everywhere() -> None:
    plain, renamed = Predictor(small_bundle()), Predictor(after(small_bundle(), ("rename", "Syria", "Syrian war")))
    for before, now in zip(said(plain), said(renamed), strict=True):
        assert now == {("Syrian war" if tag == "Syria" else tag): value for tag, value in before.items()}
    assert renamed.labels() == ("Syrian war", *TAGS[1:])
    lines = list(renamed.predict_lines(EVERY, top=5))
    assert "Syrian war" in "".join(lines)
    assert '"Syria"' not in "".join(lines)
    for name, values in renamed.probabilities(EVERY).items():
        assert np.array_equal(values, plain.probabilities(EVERY)[name])


def test_lines_are_those_of_the_objects() -> None:
    edits = [("merge", "Weather", "Syria"), ("retire", "France"), ("rename", "Economy", "Money – “the rest”")]
    for bundle in (small_bundle(), named_bundle()):
        predictor = Predictor(after(bundle, *edits))
        for top in (None, 1, 50):
            lines = "".join(predictor.predict_lines(EVERY, top=top)).splitlines()
            assert [json.loads(line) for line in lines] == [one.to_dict() for one in predictor.predict(EVERY, top=top)]


def test_a_merged_tag_is_its_strongest_member_and_says_which() -> None:
    plain = Predictor(small_bundle())
    merged = Predictor(after(small_bundle(), ("merge", "Syria", "Weather"), ("rename", "Weather", "Storms and Syria")))
    members = set()
    for before, prediction in zip(said(plain), merged.predict(EVERY, top=50, explain=True), strict=True):
        (tag,) = (tag for tag in prediction.tags if tag.tag == "Storms and Syria")
        strongest = max(("Syria", "Weather"), key=lambda name: before[name][0])
        assert tag.member == strongest
        assert (tag.probability, tag.score) == (before[strongest][0], before[strongest][2])
        assert tag.decided == (before["Syria"][1] or before["Weather"][1])
        assert tag.intercept + sum(item.contribution for item in tag.evidence) == pytest.approx(tag.score)
        assert prediction.to_dict(explain=True)["tags"][prediction.tags.index(tag)]["evidence"]["member"] == strongest
        assert all(other.member is None for other in prediction.tags if other is not tag)
        members.add(strongest)
    assert members == {"Syria", "Weather"}


def test_a_retired_tag_is_never_said_not_even_as_the_best_of_an_article_without_one() -> None:
    bundle = small_bundle(fallback=True)
    plain = Predictor(bundle)
    for label in TAGS[:-1]:
        predictor = Predictor(after(bundle, ("retire", label)))
        assert label not in predictor.labels()
        for before, prediction in zip(plain.predict(EVERY), predictor.predict(EVERY), strict=True):
            assert label not in {tag.tag for tag in prediction.tags}
            # The best of the others takes its place.
            assert bool(prediction.tags) == bool(before.tags)
        assert label not in "".join(predictor.predict_lines(EVERY, top=50))


def test_all_tags_may_be_retired() -> None:
    predictor = Predictor(after(small_bundle(), *(("retire", label) for label in TAGS)))
    assert [prediction.tags for prediction in predictor.predict(EVERY, top=3)] == [()] * len(EVERY)
    assert predictor.labels() == ()
    assert predictor.probabilities(EVERY)["tags"].shape == (len(EVERY), 0)


def test_an_alias_and_a_new_name_are_found_in_articles() -> None:
    bundle = named_bundle()
    article = Article("x", "Levante burns", "Nothing else is known.")
    for edit in (("alias", "Monday", "Levante"), ("rename", "Monday", "Levante")):
        now = "Monday" if edit[0] == "alias" else "Levante"
        assert Predictor(bundle).predict([article], top=50)[0].tags != ()
        assert now not in {tag.tag for tag in Predictor(bundle).predict([article], top=50)[0].tags}
        found = {
            tag.tag: tag for tag in Predictor(after(bundle, edit)).predict([article], top=50, explain=True)[0].tags
        }
        assert found[now].score > NOT_MENTIONED
        assert [item.term for item in found[now].evidence] == [f'name "{now}"']


def test_the_aliases_of_a_retired_tag_are_not_found() -> None:
    predictor = Predictor(after(named_bundle(), ("alias", "Monday", "Levante"), ("retire", "Monday")))
    (prediction,) = predictor.predict([Article("x", "Levante and Monday", "On Monday.")], top=50)
    assert "Monday" not in {tag.tag for tag in prediction.tags}


def test_a_tag_of_the_head_and_one_known_by_name_alone_can_be_merged() -> None:
    predictor = Predictor(after(named_bundle(), ("merge", "Aleppo", "Syria"), ("merge", "France", "Paris")))
    assert predictor.labels(by_name=False) == ("Syria", "Economy", "Paris", "Weather", "Never")
    assert predictor.labels() == ("Syria", "Economy", "Paris", "Weather", "Never", "Monday")
    plain = said(Predictor(named_bundle()))
    for before, now in zip(plain, said(predictor), strict=True):
        for tag, names in (("Syria", ("Syria", "Aleppo")), ("Paris", ("France", "Paris"))):
            values = [before[name] for name in names if name in before]
            assert now[tag] == (
                max(value[0] for value in values),
                any(value[1] for value in values),
                max(values)[2],
            )


def test_a_vocabulary_of_ones_own_may_use_any_name_of_a_tag() -> None:
    bundle = after(named_bundle(), ("rename", "Monday", "Weekday"), ("alias", "Weekday", "Workday"))
    article = Article("x", "Lundi", "Lundi is the day.")
    for name in ("Monday", "weekday", "Workday"):
        predictor = Predictor(bundle).with_names({name: ["Lundi"], "Elsewhere": ()})
        assert predictor.labels() == (*TAGS, "Aleppo", "Weekday", "Paris", "Elsewhere")
        assert "Weekday" in {tag.tag for tag in predictor.predict([article], top=50)[0].tags}
        again = predictor.with_names({"Workday": ["dies lunae"]})
        assert "Weekday" in {tag.tag for tag in again.predict([Article("y", "dies lunae", "")], top=50)[0].tags}


def test_a_file_keeps_its_edits_and_its_self_test(tmp_path) -> None:
    bundle = with_self_test(named_bundle())
    plain, path = tmp_path / "plain.safetensors", tmp_path / "model.safetensors"
    digest = write_bundle(plain, bundle)
    edits = [("rename", "Syria", "Syrian war"), ("merge", "Weather", "Economy"), ("retire", "France")]
    changed = write_bundle(path, after(bundle, *edits))
    assert changed != digest
    loaded = Predictor.load(path)
    assert loaded.bundle.manifest.edits == after(bundle, *edits).manifest.edits
    assert said(loaded) == said(Predictor(after(bundle, *edits)))
    # What is underneath is as it was.
    for name, values in loaded.scores(EVERY).items():
        assert np.array_equal(values, Predictor.load(plain).scores(EVERY)[name])
    several = list(pool.predict_lines(loaded, EVERY * 30, 2, top=3))
    assert "".join(several) == "".join(loaded.predict_lines(EVERY * 30, top=3))


def test_a_file_without_edits_says_nothing_of_them(tmp_path) -> None:
    path = tmp_path / "model.safetensors"
    write_bundle(path, small_bundle())
    assert b"edits" not in path.read_bytes()
    assert b"findings" not in path.read_bytes()
    assert read_bundle(path).manifest.edits == []


@pytest.mark.parametrize("edits", [3, [3], [{"action": "retire", "tag": "Nowhere"}], [{"action": "x", "tag": "Syria"}]])
def test_a_file_with_edits_that_cannot_be_is_refused(edits, tmp_path) -> None:
    path = tmp_path / "model.safetensors"
    write_bundle(path, small_bundle())
    edited(path, manifest=lambda content: content.update(edits=edits))
    with pytest.raises(ModelFileError, match="edits"):
        read_bundle(path)


NAMES = [*TAGS, *OTHERS, "Lyon", "Rain", "Elsewhere"]
EDITS = st.builds(
    lambda action, tag, to: Edit(action, tag, to if action in ACTIONS[:4] else None),
    st.sampled_from(["rename", "merge", "retire", "restore"]),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
)


@given(st.lists(EDITS, max_size=12), st.booleans())
def test_after_any_edits_it_says_what_they_make_of_the_raw_verdicts(edits, by_name) -> None:
    bundle = named_bundle() if by_name else small_bundle(fallback=False)
    vocabulary = TagVocabulary(bundle.tag_labels)
    for edit in edits:
        try:
            vocabulary = vocabulary.edited(edit)
        except VocabularyError:
            continue
    # None of the new names is in the articles, where it would be found.
    predictor = Predictor(after(bundle, *vocabulary.edits))
    for before, now in zip(said(Predictor(bundle)), said(predictor), strict=True):
        expected: dict[str, tuple[float, bool, float]] = {}
        for label in bundle.tag_labels:
            tag = vocabulary.shown(label)
            if tag is None or label not in before:
                continue
            value, sofar = before[label], expected.get(tag)
            if sofar is None:
                expected[tag] = value
            else:
                best = max(sofar, value, key=lambda one: one[0])
                expected[tag] = (best[0], sofar[1] or value[1], best[2])
        assert now == expected


def test_explanations_know_every_name_of_a_tag() -> None:
    edits = [("rename", "Syria", "Syrian war"), ("merge", "Aleppo", "Weather"), ("retire", "France")]
    predictor = Predictor(after(named_bundle(), *edits))
    plain = Predictor(named_bundle())
    for article in ARTICLES:
        found = predictor.explain(article, tags=["syria", "Aleppo", "Economy"])
        tags = {reasons.verdict.tag: reasons for reasons in found.tags}
        assert {"Syrian war", "Weather", "Economy"} <= tags.keys()
        assert not {"Syria", "Aleppo", "France"} & tags.keys()
        own = {reasons.verdict.tag: reasons for reasons in plain.explain(article, tags=["Syria", "Economy"]).tags}
        assert tags["Syrian war"].threshold == own["Syria"].threshold
        assert tags["Economy"].marks == own["Economy"].marks
        for reasons in tags.values():
            verdict = reasons.verdict
            assert verdict.intercept + sum(item.contribution for item in verdict.evidence) == pytest.approx(
                verdict.score
            )
        assert tags["Weather"].verdict.member in ("Weather", "Aleppo")
    with pytest.raises(SluglineError, match="no such tag"):
        predictor.explain(ARTICLES[0], tags=["France"])
