"""Callers who send slowly, or nothing, or never read what is answered, do not keep others from their answers."""

from __future__ import annotations

import http.client
import json
import socket
import time
from contextlib import ExitStack, suppress

import pytest

from api.asked import JSON, sent
from api.served import HEAD, POSIX, Server, begun, one_answer, rest

pytestmark = POSIX

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


def assert_served(server: Server) -> None:
    assert server.ask("GET", "/healthz") == (200, {"status": "ok"})
    assert server.ask("POST", "/v1/predict", sent())[0] == 200


def wait_for_figure(server: Server, name: str, least: float) -> None:
    while server.figure(name) < least:
        time.sleep(0.05)


@pytest.mark.parametrize("first", [b"", GET])
def test_headers_that_do_not_come_are_not_waited_for(start, first):
    """On a new connection, and on one that has been answered."""
    server = start("--max-head", "1")
    with server.connect() as caller:
        if first:
            caller.sendall(first)
            assert one_answer(caller)[0] == 200
        caller.sendall(HEAD.encode())
        status, headers, body = one_answer(caller)
        assert (status, headers["connection"], headers["x-content-type-options"]) == (408, "close", "nosniff")
        error = json.loads(body)["error"]
        assert (error["code"], error["field"]) == ("request_timeout", None)
        assert "1 s" in error["message"]
        assert rest(caller) == b""
    assert server.figure('slugline_connections_dropped_total{reason="head"}') == 1


def test_headers_that_come_byte_by_byte_get_no_more_time(start):
    server = start("--max-head", "1")
    with server.connect() as caller, suppress(ConnectionError):
        caller.settimeout(0.1)
        for number in range(600):
            caller.sendall(b"G" if number else b"X-")
            with suppress(TimeoutError):
                if caller.recv(1 << 16).startswith(b"HTTP/1.1 408 "):
                    break
        else:
            pytest.fail("the server waits for headers without end")


def test_who_says_nothing_at_all_is_not_waited_for(start):
    server = start("--max-head", "1", "--max-idle", "1")
    with server.connect() as silent, server.connect() as idle:
        idle.sendall(GET)
        assert one_answer(idle)[0] == 200
        assert rest(silent) == rest(idle) == b""


def test_a_body_that_nobody_wants_is_not_waited_for(start):
    server = start("--max-head", "1")
    with server.connect() as caller:
        caller.sendall(GET.replace(b"\r\n\r\n", b"\r\nContent-Length: 1000000\r\n\r\n"))
        assert one_answer(caller)[0] == 200
        with suppress(ConnectionError):
            for _ in range(600):
                caller.sendall(b"a")
                time.sleep(0.1)
            pytest.fail("the server waits for a body that it does not want")


def test_slow_bodies_take_nobodys_place(start):
    server = start("--max-requests", "1")
    with ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(server.connect()).sendall(begun(b'{"title":', 1000))
        wait_for_figure(server, "slugline_requests_in_progress", 9.0)
        assert_served(server)


def test_large_bodies_that_stand_still_leave_room_for_small_ones(start):
    server = start("--max-body", "1")
    piece = b" " * 1_000_000
    with ExitStack() as stack:
        callers = [stack.enter_context(server.connect()) for _ in range(12)]
        for caller in callers:
            with suppress(ConnectionError):
                caller.sendall(begun(piece, len(piece) + 1))
        wait_for_figure(server, 'slugline_errors_total{code="busy"}', 1)
        assert_served(server)


def test_who_never_reads_is_let_go(start):
    server = start("--max-head", "1")
    asked = b"GET /static/app.css HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(4):
            caller = stack.enter_context(socket.socket())
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            caller.settimeout(60)
            caller.connect(("127.0.0.1", server.port))
            # Much more than both sides' buffers hold.
            with suppress(TimeoutError, ConnectionError):
                caller.settimeout(1)
                caller.sendall(asked * 2000)
        assert_served(server)
        wait_for_figure(server, 'slugline_connections_dropped_total{reason="unread"}', 4)
        assert_served(server)


@pytest.mark.parametrize("first", [b"", HEAD.encode(), begun(b'{"title":', 1000)], ids=["silent", "headers", "body"])
def test_the_slowest_connections_make_room_for_new_ones(start, first):
    server = start("--max-connections", "8")
    with ExitStack() as stack:
        callers = []
        for _ in range(40):
            callers.append(stack.enter_context(server.connect()))
            with suppress(ConnectionError):
                callers[-1].sendall(first)
        for _ in range(20):
            # Within the first second, all of them are new.
            with suppress(ConnectionError, http.client.HTTPException):
                assert_served(server)
                break
            time.sleep(0.5)
        else:
            pytest.fail("slow connections keep others out")
        assert server.figure("slugline_connections") <= 8
        assert server.figure('slugline_connections_dropped_total{reason="room"}') >= 32
        # The first to come have waited longest.
        assert rest(callers[0]) == b""


@pytest.mark.parametrize(
    "sent_bytes",
    [
        b"\0\1\2\3\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        HEAD.encode() + b"Content-Length: many\r\n\r\n",
        GET[:-2] + b"X: " + b"a" * 2_000_000 + b"\r\n\r\n",
    ],
    ids=["binary", "hosts", "length", "long"],
)
def test_what_is_no_http_is_refused_like_any_other_error(start, sent_bytes):
    server = start()
    with server.connect() as caller:
        caller.sendall(sent_bytes)
        status, headers, body = one_answer(caller)
        assert (status, headers["connection"], headers["x-frame-options"]) == (400, "close", "DENY")
        assert json.loads(body)["error"]["code"] == "bad_request"
    assert_served(server)


def test_a_chunk_that_is_none_ends_its_request_alone(start):
    server = start()
    chunked = HEAD + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    for first in (b"", b'5\r\n{"tit\r\n'):
        with server.connect() as caller:
            caller.sendall(chunked.encode() + first + b"zzz\r\n")
            assert b" 400 " in rest(caller)
    # Of a request whose body nobody reads: at once, and after the answer.
    unread = GET.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    with server.connect() as caller:
        caller.sendall(unread + b"zzz\r\n")
        assert rest(caller).startswith(b"HTTP/1.1 400 ")
    with server.connect() as caller:
        caller.sendall(unread)
        assert one_answer(caller)[0] == 200
        caller.sendall(b"zzz\r\n")
        assert rest(caller) == b""
    assert_served(server)
    assert server.end() == 0
    assert not [line for line in server.log if "Traceback" in line], server.log


@pytest.mark.parametrize("chunked", [False, True])
def test_who_sends_too_much_without_listening_is_told_so(start, chunked):
    server = start("--max-body", "1")
    caller = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for _ in range(2):
        body = (b" " * 100_000 for _ in range(100)) if chunked else b" " * 10_000_000
        caller.request("POST", "/v1/predict", body, JSON, encode_chunked=chunked)
        answer = caller.getresponse()
        assert (answer.status, json.loads(answer.read())["error"]["code"]) == (413, "too_large")
    # Nothing was left over on the connection.
    caller.request("POST", "/v1/predict", json.dumps(sent()), JSON)
    assert caller.getresponse().status == 200
    caller.close()
