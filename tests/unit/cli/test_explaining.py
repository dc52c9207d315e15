"""Explanations for a person: reasons, what a tag lacks, the text, and what is like the article."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
import sys
from typing import Any

import pytest

from slugline.article import Article
from slugline.cli import console
from slugline.cli.explaining import explained_card, show
from slugline.explanation import Explanation
from slugline.neighbours import Neighbour
from slugline.predict import Predictor
from small_model import ARTICLES, named_bundle, two_levels


def explained(tags: tuple[str, ...] = (), article: Article = ARTICLES[0], **more: Any) -> Explanation:
    return Predictor(named_bundle()).explain(article, tags=tags, **more)


def test_reasons_sum_to_the_score_as_they_are_shown():
    for line in explained_card(explained(), text=False).splitlines():
        assert console.columns(line) <= console.WIDTH
    found = explained()
    first = found.tags[0].verdict
    shown = explained_card(found, text=False)
    assert f"score {first.score:+.2f}" in shown
    assert "speaks for it" not in shown


def test_a_tag_that_was_asked_for_stands_apart_with_what_it_lacks():
    found = explained(("Weather",), ARTICLES[3])
    weather = found.tags[-1]
    assert not weather.verdict.decided
    shown = " ".join(explained_card(found, text=False).split())
    assert "not given Weather" in shown
    assert weather.threshold is not None
    assert weather.missing is not None
    assert "its score is below its threshold: " in shown
    assert f"{weather.verdict.score:+.2f} where {weather.threshold.score:+.2f} decides" in shown
    assert f"{weather.missing.score:.2f} missing" in shown
    given = found.tags[0].verdict.tag
    asked = " ".join(explained_card(explained((given,), ARTICLES[3]), text=False).split())
    assert f"not given {given}" not in asked
    assert "its score reaches its threshold: " in asked


def test_where_no_tag_was_decided_the_card_says_so_beside_what_was_asked():
    found = explained(("Weather",), ARTICLES[3])
    only = dataclasses.replace(found, tags=found.tags[-1:])
    only = dataclasses.replace(only, prediction=dataclasses.replace(found.prediction, tags=found.prediction.tags[-1:]))
    lines = explained_card(only, text=False).splitlines()
    assert any(line.split() == ["tags", "none", "decided"] for line in lines)
    assert any(line.startswith("  not given   Weather") for line in lines)


def test_with_text_the_evidence_is_in_it_and_there_is_a_legend():
    shown = explained_card(explained(), text=True)
    assert "[+" in shown
    assert shown.count("[+this] speaks for it, [-this] against it") == 1
    nothing = explained_card(explained((), Article("1", "zzz", "qqq")), text=True)
    assert "speaks for it" not in nothing


@pytest.mark.parametrize("width", [44, 60, 72, 80])
def test_a_narrow_terminal_has_the_text_too(width):
    shown = explained_card(explained(("Weather",)), width=width, text=True)
    assert "[+" in shown
    for line in shown.splitlines():
        assert console.columns(line) <= width


def test_type_and_group_have_their_own_reasons():
    found = Predictor(two_levels()).explain(ARTICLES[0])
    assert explained_card(found, text=True).count("score ") >= 1


def test_where_there_is_no_event_type_the_nearest_is_named():
    found = Predictor(two_levels(abstain=(0.99, 0.99))).explain(ARTICLES[0])
    shown = " ".join(explained_card(found, text=False).split())
    near = found.nearest_event.verdict
    assert f"event type none decided {near.type or near.group} comes nearest: " in shown
    assert "% where 99 % decides for " in shown


def test_the_nearest_articles_are_listed_with_what_is_known_of_them():
    near = (
        Neighbour(
            "a1", "Rebels \x1b[2J seize " + "x" * 90, dt.date(2025, 3, 2), 0.834, ("Syria", "War"), "armed_conflict"
        ),
        Neighbour("a2", "", None, 0.2, None, None),
    )
    shown = explained_card(dataclasses.replace(explained(), neighbours=near), text=False)
    assert "0.83\n              2025-03-02; armed_conflict; Syria, War\n" in shown
    assert shown.splitlines()[-1].split() == ["a2", "0.20"]
    assert "\x1b" not in shown
    assert all(console.columns(line) <= console.WIDTH for line in shown.splitlines())


@pytest.mark.parametrize("terminal", [True, False])
def test_the_text_is_shown_on_a_terminal_or_when_asked(terminal, monkeypatch):
    for text in (None, True, False):
        stream = io.StringIO()
        stream.isatty = lambda: terminal  # type: ignore[method-assign]
        monkeypatch.setattr(sys, "stdout", stream)
        monkeypatch.setenv("NO_COLOR", "1")
        show([explained(), explained()], text=text)
        assert ("speaks for it" in stream.getvalue()) == (terminal if text is None else text)
        assert "\n\nBank" not in stream.getvalue()


def test_the_json_is_the_prediction_and_more():
    found = explained(("Weather",))
    said = json.loads(json.dumps(found.to_dict()))
    plain = found.prediction.to_dict(explain=True)
    assert {key: said[key] for key in ("id", "title", "model")} == {key: plain[key] for key in ("id", "title", "model")}
    for tag, without in zip(said["tags"], plain["tags"], strict=True):
        assert without.items() <= tag.items()
        assert set(tag) - set(without) == {"threshold", "missing", "why", "asked", "marks"}
        evidence = tag["evidence"]
        total = sum(term["contribution"] for term in evidence["terms"]) + evidence["other_terms"]
        assert total + evidence["intercept"] == pytest.approx(evidence["score"], abs=1e-4)
        for mark in tag["marks"]:
            assert said["text"][mark["field"]][mark["start"] : mark["end"]].strip()
    assert said["neighbours"] is None


def test_of_merged_tags_the_one_that_speaks_is_named():
    bundle = named_bundle()
    edits = [{"action": "merge", "tag": "Aleppo", "to": "Weather"}]
    bundle = dataclasses.replace(bundle, manifest=dataclasses.replace(bundle.manifest, edits=edits))
    found = Predictor(bundle).explain(ARTICLES[0], tags=("Weather",))
    (weather,) = (tag for tag in found.tags if tag.verdict.tag == "Weather")
    shown = " ".join(explained_card(found, text=False).split())
    assert f"as {weather.verdict.member}, the most probable of the tags that are now this one" in shown
    if weather.verdict.decided and weather.missing is not None and weather.missing.score:
        assert weather.why == "a tag that was merged into it was given"
