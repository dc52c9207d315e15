"""GET /v1/model, /v1/labels, /healthz and /metrics."""

from __future__ import annotations

import dataclasses

import pytest

from slugline.bundle import read_bundle, write_bundle
from slugline.predict import Predictor
from slugline.serve.labels import Labels
from slugline.vocabulary_edits import Edit


def test_the_model_says_what_it_is(make_client, small_file, tmp_path):
    found = make_client(feedback=tmp_path / "log").get("/v1/model").json()
    bundle = read_bundle(small_file)
    assert found["digest"] == bundle.digest
    assert found["labels"] == {"tags": 5, "event_type": 5, "tags_by_name": len(bundle.sections["names"].labels) - 5}
    assert found["corpus"]["articles"] == 20
    assert "label_counts" not in found["corpus"]
    assert found["metrics"] == bundle.manifest.metrics
    assert (found["self_test"]["state"], found["feedback"]) == ("passed", True)
    assert found["self_test"]["sentences"] == len(bundle.manifest.self_test)
    assert found["limits"]["articles"] == 1000


def test_labels_have_all_tags_by_name_with_their_articles(client, small_file):
    found = client.get("/v1/labels").json()
    predictor = Predictor.load(small_file)
    assert sorted(tag["tag"] for tag in found["tags"]) == sorted(predictor.labels())
    tags = {tag["tag"]: tag for tag in found["tags"]}
    assert (tags["Syria"]["articles"], tags["Never"]["articles"], tags["Syria"]["by_name"]) == (7, None, False)
    assert "Syrian Arab Republic" in tags["Syria"]["aliases"]
    assert [tag for tag in tags.values() if tag["by_name"]]


def test_event_types_have_definitions_and_their_groups(client):
    events = client.get("/v1/labels").json()["event_types"]
    types = {event["type"]: event for event in events if event["type"] is not None}
    assert set(types) == {"armed_conflict", "economy", "own_type"}
    assert types["armed_conflict"]["definition"]
    assert types["own_type"]["definition"] == ""
    groups = [event["group"] for event in events if event["type"] is None]
    assert sorted(groups) == ["Armed conflicts and attacks", "Business and economy", "Sports"]


@pytest.mark.parametrize(
    ("begun", "first"), [("syr", "Syria"), ("ECON", "Economy"), ("syrian arab", "Syria"), ("ather", "Weather")]
)
def test_completion_finds_names_and_aliases(client, begun, first):
    assert client.get("/v1/labels", params={"q": begun}).json()["tags"][0]["tag"] == first


def test_completion_prefers_the_whole_name_then_its_beginning_then_a_word(small_file):
    labels = Labels(Predictor.load(small_file))
    found, total = labels.complete("e", 100)
    ranks = [0 if tag.tag.lower() == "e" else 1 if tag.tag.lower().startswith("e") else 2 for tag in found]
    assert total == len(found)
    assert ranks == sorted(ranks)


def test_labels_come_in_pages(client):
    everything = client.get("/v1/labels").json()
    pages = [client.get("/v1/labels", params={"limit": 2, "offset": at}).json()["tags"] for at in range(0, 99, 2)]
    assert [tag for page in pages for tag in page] == everything["tags"]
    assert everything["total"] == len(everything["tags"])


def test_nothing_matches_nothing(client):
    found = client.get("/v1/labels?q=zzzz").json()
    assert (found["tags"], found["total"], found["event_types"]) == ([], 0, [])


def test_edited_tags_have_their_present_names(small_file, tmp_path):
    bundle = read_bundle(small_file)
    edits = [Edit("rename", "Syria", "Greater Syria"), Edit("alias", "Economy", "Dosh"), Edit("retire", "Weather")]
    vocabulary = bundle.tag_vocabulary()
    for edit in edits:
        vocabulary = vocabulary.edited(edit)
    path = tmp_path / "edited.safetensors"
    said = [edit.to_dict() for edit in vocabulary.edits]
    write_bundle(path, dataclasses.replace(bundle, manifest=dataclasses.replace(bundle.manifest, edits=said)))
    labels = Labels(Predictor.load(path))
    tags = {tag.tag: tag for tag in labels.tags}
    assert "Syria" not in tags
    assert "Weather" not in tags
    assert tags["Greater Syria"].articles == 7
    assert "Syria" in tags["Greater Syria"].aliases
    assert labels.complete("dosh", 5)[0][0].tag == "Economy"


def test_healthz_answers(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_figures_count_requests_articles_errors_and_name_the_model(client):
    client.post("/v1/predict", json=[{"title": "a"}, {"title": "b"}])
    client.post("/v1/predict", json={"titel": "a"})
    client.get("/secret/text")
    found = client.get("/metrics")
    assert found.headers["content-type"].startswith("text/plain")
    for line in (
        'slugline_requests_total{method="POST",path="/v1/predict",status="200"} 1.0',
        'slugline_requests_total{method="GET",path="(unknown)",status="404"} 1.0',
        'slugline_articles_total{path="/v1/predict"} 2.0',
        'slugline_errors_total{code="invalid"} 1.0',
        'slugline_request_seconds_count{path="/v1/predict"} 2.0',
        f'digest="{client.get("/v1/model").json()["digest"]}"',
    ):
        assert line in found.text
    assert "secret" not in found.text
