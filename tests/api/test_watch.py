"""The log: who asked for what address, never what was said."""

from __future__ import annotations

import logging
import re

import pytest

from api.asked import JSON, sent

SECRET = "Geheimnis"


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.DEBUG)
    return lambda: [record.getMessage() for record in caplog.records if record.name.startswith("slugline.serve")]


def test_a_line_has_method_address_status_and_milliseconds(client, lines):
    client.post("/v1/predict?top=3", json=sent())
    client.get("/healthz")
    assert [re.sub(r"[\d.]+ ms", "N ms", line) for line in lines()] == [
        "POST /v1/predict 200 N ms",
        "GET /healthz 200 N ms",
    ]


def test_no_text_is_logged_wherever_it_stands(make_client, lines, caplog, tmp_path):
    client = make_client(feedback=tmp_path / "log.jsonl", limits={"text": 100})
    article = {"id": SECRET, "title": SECRET, "body": SECRET}
    for path in ("/v1/predict", "/v1/explain"):
        for value in (article, [article], {SECRET: 1}, article | {"body": SECRET * 100}):
            client.post(path, json=value)
        client.post(f"{path}?tag={SECRET}&top=x", json=article)
        client.post(path, content=SECRET.encode(), headers=JSON)
    client.post("/v1/feedback", json={"article": article, "who": SECRET, "tags": {"accepted": [SECRET]}})
    client.get(f"/v1/labels?q={SECRET}")
    client.get(f"/{SECRET}")
    client.get(f"/v1/model/{SECRET}")
    client.request(SECRET.upper(), "/v1/model")
    client.get("/v1/model", headers={"Host": SECRET})
    client.get("/v1/model", headers={"User-Agent": SECRET, "Referer": f"http://{SECRET}"})
    assert len(lines()) == 19
    everything = "\n".join(lines()) + client.get("/metrics").text
    assert SECRET.lower() not in everything.lower()
    # The client logs its own requests; nothing else may.
    others = [
        record for record in caplog.records if not record.name.startswith(("slugline.serve", "httpx", "httpcore"))
    ]
    assert SECRET.lower() not in "\n".join(record.getMessage() for record in others).lower()


def test_what_is_refused_early_still_has_its_address(make_client, lines):
    client = make_client(limits={"body": 5})
    client.post("/v1/predict", json=sent())
    assert lines()[0].startswith("POST /v1/predict 413 ")
