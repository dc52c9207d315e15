"""Every error is one JSON object that says what is wrong, and never what was sent."""

from __future__ import annotations

import json

import pytest

from api.asked import JSON, assert_error

SECRET = "Geheimnis"


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b"", "empty"),
        (b"{", "line 1, column 2"),
        (b'{"title": NaN}', "NaN"),
        (b"[Infinity]", "Infinity"),
        (b'{"title": "\\ud800"}', "surrogate"),
        (b'{"\\udfff": 1}', "surrogate"),
        (b'{"title": "\xff"}', "UTF-8 at byte 11"),
        (b'\xff\xfe{\x00"\x00', "UTF-8"),
        (b'{"title": "a\nb"}', "control character"),
        (b"[" * 100_000, "nested"),
        (b"1" * 10_000, "number"),
        (b'{"title": "a"} {"title": "b"}', "Extra data"),
    ],
)
def test_what_is_no_json(client, body, part):
    assert_error(client.post("/v1/predict", content=body, headers=JSON), 400, "invalid_json", part, field="body")


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (7, None),
        ("text", None),
        (None, None),
        ({}, None),
        ({"id": "7"}, None),
        ({"title": 7}, "title"),
        ({"title": None}, "title"),
        ({"titel": "a", "body": "b"}, "titel"),
        ([{"title": "a"}, {"body": ["b"]}], "1.body"),
        ([[]], "0"),
        ({"title": "a", "id": "x" * 201}, "id"),
        ({"title": "a", SECRET * 1000: 1}, (SECRET * 1000)[:60] + "…"),
    ],
)
def test_what_is_no_article(client, value, field):
    answer = client.post("/v1/predict", content=json.dumps(value).encode(), headers=JSON)
    assert_error(answer, 422, "invalid", field=field)


def test_values_are_not_said_again(client):
    for value in ({"title": [SECRET]}, {"title": 1, "body": SECRET}, SECRET, [SECRET]):
        for path in ("/v1/predict", "/v1/explain", "/v1/feedback"):
            assert SECRET not in client.post(path, json=value).text
    assert SECRET not in client.post(f"/v1/predict?top={SECRET}", json={"title": "a"}).text


@pytest.mark.parametrize("top", ["0", "-1", "1001", "many", "1e3", "9" * 400])
def test_top_out_of_range(client, top):
    assert_error(client.post(f"/v1/predict?top={top}", json={"title": "a"}), 422, "invalid", field="top")


@pytest.mark.parametrize(
    "kind", ["text/plain", "", "application/x-www-form-urlencoded", "application/json; charset=latin-1"]
)
def test_what_does_not_say_that_it_is_json(client, kind):
    answer = client.post("/v1/predict", content=b'{"title": "a"}', headers={"Content-Type": kind})
    assert_error(answer, 415, "unsupported_media_type", "application/json", field="Content-Type")


def test_json_may_say_its_charset(client):
    headers = {"Content-Type": "application/json; charset=UTF-8"}
    assert client.post("/v1/predict", content=b'{"title": "a"}', headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/nothing", "/v1", "/v1/predict/", "/docs", "/%00", "/v1/labels/%2e%2e"])
def test_where_nothing_is(client, path):
    assert_error(client.get(path), 404, "not_found")


def test_methods_that_an_address_does_not_take(client):
    for method, path, allowed in (("GET", "/v1/predict", "POST"), ("DELETE", "/v1/model", "GET, HEAD")):
        answer = client.request(method, path)
        assert_error(answer, 405, "method_not_allowed")
        assert answer.headers["allow"] == allowed
    assert client.options("/v1/predict").status_code == 405


def test_an_unexpected_error_is_one_too_and_its_text_goes_nowhere(client, monkeypatch, caplog):
    def broken(*_args, **_kwargs):
        raise RuntimeError(SECRET)

    monkeypatch.setattr(client.app.state.slugline.served.predictor, "predict_lines", broken)
    assert_error(client.post("/v1/predict", json={"title": SECRET}), 500, "internal_error")
    assert "RuntimeError" in caplog.text
    assert "test_errors.py" in caplog.text
    assert SECRET not in caplog.text
    assert client.get("/healthz").status_code == 200
    assert 'slugline_errors_total{code="internal_error"} 1.0' in client.get("/metrics").text


def test_errors_say_the_first_of_many(client):
    answer = client.post("/v1/predict", content=json.dumps([{"title": 1}, {"body": 2}]).encode(), headers=JSON)
    assert_error(answer, 422, "invalid", "(and 1 more)", field="0.title")
