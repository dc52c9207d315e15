"""HEAD has the status and the headers of GET, and no body."""

from __future__ import annotations

import pytest

from api.served import POSIX, one_answer, rest

PATHS = ["/", "/?example=true", "/about", "/static/app.css", "/v1/model", "/v1/labels?limit=2", "/healthz"]


@pytest.mark.parametrize("path", [*PATHS, "/metrics", "/openapi.json", "/nowhere", "/v1/labels?limit=no"])
def test_what_is_got_can_be_asked_for_by_head(client, path):
    asked, got = client.head(path), client.get(path)
    assert (asked.status_code, asked.content) == (got.status_code, b"")
    # The figures have changed in between.
    ours, theirs = ({**answer.headers, "content-length": ""} for answer in (asked, got))
    assert ours == theirs
    assert "content-length" in asked.headers
    assert path == "/metrics" or asked.headers["content-length"] == got.headers["content-length"]


def test_what_takes_post_alone_does_not_take_head(client):
    answer = client.head("/v1/predict")
    assert (answer.status_code, answer.headers["allow"], answer.content) == (405, "POST", b"")


def test_it_is_counted_as_what_it_is(client):
    client.head("/v1/model")
    assert 'slugline_requests_total{method="HEAD",path="/v1/model",status="200"} 1.0' in client.get("/metrics").text


@POSIX
def test_the_connection_goes_on_after_it(start):
    server = start()
    with server.connect() as caller:
        for method in ("HEAD", "GET", "HEAD"):
            ending = "\r\nConnection: close" if method == "GET" else ""
            asked = f"{method} /v1/model HTTP/1.1\r\nHost: localhost{ending}\r\n\r\n"
            if method == "HEAD":
                caller.sendall(asked.encode())
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += caller.recv(1)
                assert head.startswith(b"HTTP/1.1 200 ")
            else:
                caller.sendall(asked.encode())
                assert one_answer(caller)[0] == 200
                assert rest(caller) == b""
                break
