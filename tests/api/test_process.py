"""`slugline serve` as a process of its own: it starts, answers, reloads, ends."""

from __future__ import annotations

import json
import os
import signal
import socket
from contextlib import ExitStack

import pytest

from api.asked import sent
from api.served import HEAD, POSIX, begun, one_answer, rest
from slugline.bundle import read_bundle, write_bundle
from slugline.predict import Predictor
from slugline.self_test import with_self_test
from small_model import ARTICLES, small_bundle
from support import assert_one_line_error, slugline

pytestmark = POSIX


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_predicts_and_ends_in_good_order(start, small_file, number):
    server = start()
    expected = Predictor.load(small_file).predict([ARTICLES[0]])[0].to_dict()
    assert server.ask("POST", "/v1/predict", sent()) == (200, expected)
    assert server.end(number) == 0
    assert not [line for line in server.log if "Traceback" in line or "rror" in line], server.log
    assert ARTICLES[0].title not in "".join(server.log)
    assert server.process.stdout.read() == ""


def test_a_request_that_has_begun_is_answered_before_the_end(start):
    server = start()
    body = json.dumps(sent()).encode()
    with server.connect() as caller:
        caller.sendall(begun(body[:5], len(body)))
        # The server has read the head when it answers somebody who came later.
        assert server.ask("GET", "/healthz")[0] == 200
        server.process.send_signal(signal.SIGTERM)
        while server.listens():
            pass
        caller.sendall(body[5:])
        assert one_answer(caller)[0] == 200
        assert rest(caller) == b""
    assert server.process.wait(60) == 0


def test_what_had_come_when_the_end_was_asked_for_is_answered(start):
    """Also what the server had not read by then."""
    server = start()
    with ExitStack() as stack:
        callers = [stack.enter_context(server.connect()) for _ in range(8)]
        for caller in callers:
            caller.sendall(begun(json.dumps(sent()).encode()))
            assert one_answer(caller)[0] == 200
        server.process.send_signal(signal.SIGSTOP)
        for caller in callers:
            caller.sendall(begun(json.dumps(sent()).encode()))
        server.process.send_signal(signal.SIGTERM)
        server.process.send_signal(signal.SIGCONT)
        assert [one_answer(caller)[0] for caller in callers] == [200] * 8
    assert server.process.wait(60) == 0


@pytest.mark.parametrize("first", [begun(b"{", 100), HEAD.encode(), b""], ids=["body", "headers", "nothing"])
def test_who_is_slow_does_not_put_off_the_end(start, first):
    server = start("--max-seconds", "2", "--max-head", "2")
    with server.connect() as caller:
        caller.sendall(first)
        assert server.ask("GET", "/healthz")[0] == 200
        assert server.end() == 0


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_at_once(start, second):
    server = start("--max-seconds", "3600")
    with server.connect() as caller:
        caller.sendall(begun(b"{", 100))
        assert server.ask("GET", "/healthz")[0] == 200
        server.process.send_signal(signal.SIGTERM)
        while server.listens():
            pass
        assert server.end(second) == -second


def test_a_body_without_length_is_refused_at_the_limit(start):
    server = start("--max-body", "1")
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as caller:
        caller.sendall(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode())
        piece = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        for _ in range(16):
            caller.sendall(piece)
        caller.sendall(b"1\r\n \r\n")
        assert caller.recv(65536).startswith(b"HTTP/1.1 413 ")
    assert server.ask("GET", "/healthz")[0] == 200


def test_hangup_reads_the_model_again_and_a_bad_file_changes_nothing(start, tmp_path):
    server = start()
    before = server.ask("GET", "/v1/model")[1]["digest"]
    write_bundle(tmp_path / "model.safetensors", with_self_test(small_bundle(seed=7)))
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("it is another model")
    after = server.ask("GET", "/v1/model")[1]["digest"]
    assert after == read_bundle(tmp_path / "model.safetensors").digest != before
    (tmp_path / "new").write_bytes(b"no model")
    (tmp_path / "new").rename(tmp_path / "model.safetensors")
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("the model stays as it was")
    assert server.ask("GET", "/v1/model")[1]["digest"] == after
    assert server.ask("POST", "/v1/predict", sent())[1]["model"] == after
    assert server.end() == 0


def test_a_model_that_is_replaced_is_taken_without_being_told(start, tmp_path):
    server = start()
    write_bundle(tmp_path / "model.safetensors", with_self_test(small_bundle(seed=7)))
    server.wait_for("it is another model")
    digest = read_bundle(tmp_path / "model.safetensors").digest
    assert server.ask("POST", "/v1/predict", sent())[1]["model"] == digest
    assert server.end() == 0


def test_it_may_open_as_many_files_as_connections(start):
    import resource

    server = start("--max-connections", "100", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (32, 200)))
    with ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(server.connect())
        assert server.ask("GET", "/healthz")[0] == 200
    assert server.end() == 0


def test_a_model_file_that_is_cut_short_or_written_over_where_it_lies_changes_no_answer(start, tmp_path):
    """A mapped file that becomes shorter ends the process (SIGBUS); `cp` over a model does that."""
    server = start()
    file = tmp_path / "model.safetensors"
    content, before = file.read_bytes(), server.ask("POST", "/v1/predict", sent())
    os.truncate(file, 0)
    assert server.ask("POST", "/v1/predict", sent()) == before
    for damaged in (b"", content[:-1], content[:-64] + bytes(64)):
        file.write_bytes(damaged)
        told = len(server.log)
        server.process.send_signal(signal.SIGHUP)
        while not any("the model stays as it was" in line for line in server.log[told:]):
            assert server.more.wait(60), server.log
            server.more.clear()
        assert server.ask("POST", "/v1/explain", sent())[1]["model"] == before[1]["model"]
        assert server.ask("POST", "/v1/predict", sent()) == before
    assert server.end() == 0


def test_the_token_of_the_environment_is_asked_for(start):
    server = start(SLUGLINE_TOKEN="a-token-of-some-length")
    assert server.ask("POST", "/v1/predict", sent())[0] == 401
    assert "a-token" not in "".join(server.log)


def test_answers_are_sent_at_once():
    """Asyncio does so only on a socket that says that it is TCP; else every answer waits 40 ms."""
    from slugline.serve.run import listen

    with listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP
    with listen("localhost", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


def test_what_cannot_be_served_is_one_line(tmp_path, small_file):
    def tried(*arguments: str, **environment: str):
        return slugline("serve", "--model", small_file, *arguments, cwd=tmp_path, **environment)

    assert_one_line_error(tried("--host", "0.0.0.0"), "SLUGLINE_TOKEN", "--no-token")
    short = tried(SLUGLINE_TOKEN="secret")
    assert_one_line_error(short, "SLUGLINE_TOKEN", "16 or more")
    assert "secret" not in short.stderr
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_one_line_error(tried("--port", port), "cannot listen at 127.0.0.1", port)
    assert_one_line_error(tried("--host", "256.1.1.1", "--no-token"), "cannot listen at 256.1.1.1")
    assert_one_line_error(tried("--feedback", str(tmp_path)), str(tmp_path), "cannot write")
    assert_one_line_error(slugline("serve", "--model", "none", cwd=tmp_path), "none")
    assert tried("--port", "70000").returncode == 2


def test_without_the_extra_the_command_says_how_to_get_it(tmp_path, small_file):
    (tmp_path / "fastapi.py").write_text("raise ModuleNotFoundError(name='fastapi')")
    done = slugline(
        "serve", "--model", small_file, cwd=tmp_path, PYTHONPATH=f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"
    )
    assert_one_line_error(done, "pip install 'slugline[serve]'")
