"""POST /v1/explain gives the reasons, which add up, and answers "why not"."""

from __future__ import annotations

import pytest

from api.asked import assert_error, sent
from slugline.serve.schemas import ExplanationOut


def test_evidence_adds_up_to_the_score_and_marks_stand_in_the_text(client):
    found = client.post("/v1/explain", params={"tag": ["Never", "Economy"]}, json=sent()).json()
    assert {"Never", "Economy"} <= {tag["tag"] for tag in found["tags"]}
    marked = 0
    for tag in found["tags"]:
        evidence = tag["evidence"]
        total = evidence["intercept"] + evidence["other_terms"] + sum(one["contribution"] for one in evidence["terms"])
        assert total == pytest.approx(evidence["score"], abs=1e-4)
        for mark in tag["marks"]:
            assert found["text"][mark["field"]][mark["start"] : mark["end"]].strip()
            marked += 1
    assert marked


def test_explaining_changes_no_probability(client):
    explained = client.post("/v1/explain?top=3", json=sent()).json()
    predicted = client.post("/v1/predict?top=3", json=sent()).json()
    for one, other in zip(explained["tags"], predicted["tags"], strict=True):
        assert (one["tag"], one["probability"], one["decided"]) == (
            other["tag"],
            other["probability"],
            other["decided"],
        )


def test_a_tag_is_found_however_it_is_spelled(client):
    assert [tag["tag"] for tag in client.post("/v1/explain?tag=%23NEVER", json=sent()).json()["tags"]].count("Never")


def test_an_unknown_tag_is_said_to_be_one_with_what_is_near(client):
    assert_error(client.post("/v1/explain?tag=Siria", json=sent()), 404, "unknown_tag", "'Syria'", field="tag")


def test_every_event_type_can_be_asked_about(client):
    for entry in client.get("/v1/labels").json()["event_types"]:
        label = entry["type"] or entry["group"]
        answer = client.post("/v1/explain", params={"event_type": label}, json=sent())
        assert answer.status_code == 200, answer.text
        described = ExplanationOut.model_validate(answer.json(), strict=True)
        assert described.model_dump(exclude_unset=True) == answer.json()
        (found,) = answer.json()["asked_events"]
        assert label in (found["type"], found["group"])
        assert found["why"]


def test_an_unknown_event_type_is_said_to_be_one(client):
    answer = client.post("/v1/explain?event_type=Syria", json=sent())
    assert_error(answer, 404, "unknown_event_type", "no such event type", field="event_type")


def test_one_article_at_a_time(client):
    assert client.post("/v1/explain", json=[sent()]).status_code == 422


def test_every_tag_of_the_model_can_be_asked_about(client):
    """Also one that is known by name alone and is not mentioned."""
    tags = client.get("/v1/labels").json()["tags"]
    assert any(tag["by_name"] for tag in tags)
    for tag in tags:
        answer = client.post("/v1/explain", params={"tag": tag["tag"]}, json={"title": "Nothing of it"})
        assert answer.status_code == 200, answer.text
        described = ExplanationOut.model_validate(answer.json(), strict=True)
        # Nothing is left out that OpenAPI does not speak of.
        assert described.model_dump(exclude_unset=True) == answer.json()
        assert tag["tag"] in [one["tag"] for one in answer.json()["tags"] if one["asked"]]
