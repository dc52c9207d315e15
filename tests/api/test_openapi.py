"""The OpenAPI says what is so: its examples are taken and are like what is given."""

from __future__ import annotations

import pytest

from slugline.serve import examples, schemas
from slugline.serve.errors import CODES


@pytest.fixture
def described(client):
    return client.get("/openapi.json").json()


def test_every_object_has_an_example_or_is_part_of_one_that_has(described):
    parts = described["components"]["schemas"]
    assert not [name for name in parts if name.startswith(("HTTPValidation", "ValidationError"))]

    def used(found) -> set[str]:
        if isinstance(found, dict):
            own = {found["$ref"].rpartition("/")[2]} if "$ref" in found else set()
            return own.union(*map(used, found.values()))
        return set().union(*map(used, found)) if isinstance(found, list) else set()

    shown = {name for name, part in parts.items() if part.get("examples")}
    while more := {name for part in shown for name in used(parts[part])} - shown:
        shown |= more
    assert set(parts) == shown


@pytest.mark.parametrize("name", [name for name in vars(schemas) if name.endswith(("In", "Out", "Answers"))])
def test_examples_are_of_their_kind(name):
    kind = getattr(schemas, name)
    for example in (kind.model_config.get("json_schema_extra") or {}).get("examples", []):
        kind.model_validate(example)


def test_examples_are_answered(make_client, tmp_path):
    client = make_client(feedback=tmp_path / "log.jsonl")
    predicted = client.post("/v1/predict", json=examples.ARTICLE).json()
    assert set(predicted) == set(examples.PREDICTION)
    explained = client.post("/v1/explain?top=1", json=examples.ARTICLE).json()
    assert set(explained) == set(examples.EXPLANATION)
    assert set(explained["tags"][0]) == set(examples.EXPLANATION["tags"][0])
    assert set(client.post("/v1/feedback", json=examples.FEEDBACK).json()) == set(examples.FEEDBACK_KEPT)
    assert set(client.get("/v1/model").json()) == set(examples.MODEL)
    assert set(client.get("/v1/labels").json()) == set(examples.LABELS)


def test_every_address_says_what_errors_it_answers(described):
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], path
            errors = {int(status) for status in operation["responses"] if int(status) >= 400}
            assert {401, 405, 421, 500} <= errors
            if method == "post":
                assert {400, 403, 408, 413, 415, 422, 503, 504} <= errors
            assert errors <= {*CODES, 409}


def test_the_token_is_described_where_it_is_asked_for(make_client, described):
    assert "security" not in described
    token = "a-token-of-some-length"
    client = make_client(token=token)
    found = client.get("/openapi.json", headers={"Authorization": f"Bearer {token}"}).json()
    assert found["security"] == [{"token": []}]
    assert found["paths"]["/healthz"]["get"]["security"] == []
    assert found["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_no_page_loads_from_elsewhere(client):
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404
