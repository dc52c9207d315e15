"""What is too much, too slow or too many is refused, and the server goes on."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.asked import JSON, assert_error, sent
from slugline.serve.app import create_app
from slugline.serve.settings import Limits, Settings

SMALL = {"body": 2000, "articles": 3, "text": 500}


def test_a_body_that_says_it_is_too_large_is_not_read(make_client):
    client = make_client(limits=SMALL)
    answer = client.post("/v1/predict", content=b" " * 2001, headers=JSON)
    assert_error(answer, 413, "too_large", "2000 bytes", field="body")


def test_a_body_is_counted_while_it_is_read(make_client):
    """Without a length, and with one that lies."""
    client = make_client(limits=SMALL)
    for headers in (JSON, JSON | {"Content-Length": "10"}):
        answer = client.post("/v1/predict", content=(b" " * 100 for _ in range(1000)), headers=headers)
        assert_error(answer, 413, "too_large", field="body")


def test_a_body_in_pieces_within_the_limit_is_taken(make_client):
    pieces = (bytes([byte]) for byte in json.dumps(sent()).encode())
    assert make_client(limits=SMALL).post("/v1/predict", content=pieces, headers=JSON).status_code == 200


def test_a_body_of_exactly_the_limit_is_taken(make_client):
    body = json.dumps(sent()).encode()
    for more, status in ((0, 200), (1, 413)):
        content = body + b" " * (2000 - len(body) + more)
        assert make_client(limits=SMALL).post("/v1/predict", content=content, headers=JSON).status_code == status


def test_too_many_articles(make_client):
    client = make_client(limits=SMALL)
    assert client.post("/v1/predict", json=[{"title": "a"}] * 3).status_code == 200
    answer = client.post("/v1/predict", json=[{"title": "a"}] * 4)
    assert_error(answer, 413, "too_many_articles", "at most 3", field="body")


def test_too_much_text_names_the_article(make_client):
    client = make_client(limits=SMALL, feedback="unused.jsonl")
    long = {"title": "a" * 250, "body": "b" * 251}
    assert_error(client.post("/v1/predict", json=[{"title": "a"}, long]), 413, "text_too_long", "501", field="1.body")
    assert_error(client.post("/v1/predict", json=long), 413, "text_too_long", "500", field="body")
    assert_error(client.post("/v1/explain", json=long), 413, "text_too_long", field="body")
    assert_error(client.post("/v1/feedback", json={"article": long}), 413, "text_too_long", field="article.body")
    assert client.post("/v1/predict", json={"title": "a" * 250, "body": "b" * 250}).status_code == 200


class Slow:
    """A predictor that takes for ever, unless it is told to stop or to go on."""

    def __init__(self, predictor) -> None:
        self.begun, self.go_on, self.stopped = threading.Event(), threading.Event(), threading.Event()
        self.predictor = predictor

    def predict_lines(self, articles, **options):
        self.begun.set()
        try:
            while not self.go_on.is_set():
                time.sleep(0.01)
                yield ""
            yield from self.predictor.predict_lines(articles, **options)
        except GeneratorExit:
            self.stopped.set()
            raise


def make_slow(client) -> Slow:
    served = client.app.state.slugline.served
    served.predictor = Slow(served.predictor)
    return served.predictor


def test_work_that_takes_too_long_is_given_up_and_stops(make_client):
    client = make_client(limits={"seconds": 1.5})
    slow = make_slow(client)
    assert_error(client.post("/v1/predict", json=sent()), 504, "timeout", "1.5 s")
    assert slow.stopped.wait(30)
    slow.go_on.set()
    assert client.post("/v1/predict", json=sent()).status_code == 200


def test_who_comes_when_all_are_busy_is_told_to_come_back(make_client):
    client = make_client(limits={"requests": 2, "threads": 1})
    slow = make_slow(client)
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(client.post, "/v1/predict", json=sent()) for _ in range(2)]
        assert slow.begun.wait(30)
        gauge = "slugline_requests_in_progress 3.0"
        while gauge not in client.get("/metrics").text:
            time.sleep(0.01)
        answer = client.post("/v1/predict", json=sent())
        assert_error(answer, 503, "busy")
        assert int(answer.headers["retry-after"]) >= 1
        assert client.get("/healthz").status_code == 200
        slow.go_on.set()
        assert [done.result().status_code for done in waiting] == [200, 200]
    assert client.post("/v1/predict", json=sent()).status_code == 200
    assert 'slugline_errors_total{code="busy"} 1.0' in client.get("/metrics").text


def call(app, receive) -> list[dict]:
    """What a server answers to a request whose body is what `receive` gives."""
    told: list[dict] = []

    async def send(message) -> None:
        told.append(message)

    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/v1/predict", "query_string": b"", "headers": headers}
    asyncio.run(app(scope | {"asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http"}, receive, send))
    return told


@pytest.mark.parametrize("first", [b"", b'{"title":'])
def test_a_body_that_does_not_come_is_not_waited_for(small_file, first):
    async def receive(sent=[]):  # noqa: B006
        if not sent:
            sent.append(1)
            return {"type": "http.request", "body": first, "more_body": True}
        return await asyncio.Event().wait()

    start, body = call(create_app(Settings(small_file, limits=Limits(seconds=0.2))), receive)
    assert start["status"] == 408
    assert json.loads(body["body"])["error"]["code"] == "request_timeout"


def test_who_leaves_before_the_end_of_the_body_is_not_answered(small_file):
    async def receive():
        return {"type": "http.disconnect"}

    assert call(create_app(Settings(small_file)), receive) == []
