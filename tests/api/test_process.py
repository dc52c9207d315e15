"""`slugline serve` as a process of its own: it starts, answers, reloads, ends."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from api.asked import JSON, sent
from slugline.bundle import read_bundle, write_bundle
from slugline.predict import Predictor, with_self_test
from small_model import ARTICLES, small_bundle
from support import assert_one_line_error, slugline

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")

HEAD = "POST /v1/predict HTTP/1.1\r\nHost: localhost\r\n"


class Server:
    """A server of a model in a folder, with its log."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "slugline", "serve", "--port", "0", *arguments],
            cwd=folder,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.log: list[str] = []
        self.port = 0
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line)
            if found := re.search(r"serving at http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                break
        assert self.port, self.log
        self.more = threading.Event()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line)
            self.more.set()

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, None if body is None else json.dumps(body), JSON)
        answer = connection.getresponse()
        found = answer.status, json.loads(answer.read())
        connection.close()
        return found

    def listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        except ConnectionError:
            return False
        return True

    def wait_for(self, part: str) -> None:
        while not any(part in line for line in self.log):
            assert self.more.wait(60), self.log
            self.more.clear()

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(60)
        self.reader.join(60)
        return code


@pytest.fixture
def start(tmp_path, small_file):
    shutil.copy(small_file, tmp_path / "model.safetensors")
    started: list[Server] = []

    def made(*arguments: str, **environment: str) -> Server:
        started.append(Server(tmp_path, *arguments, **environment))
        return started[-1]

    yield made
    for server in started:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()
        server.reader.join(60)
        server.process.stdout.close()
        server.process.stderr.close()


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
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as caller:
        head = f"{HEAD}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        caller.sendall(head.encode() + body[:5])
        # The server has read the head when it answers somebody who came later.
        assert server.ask("GET", "/healthz")[0] == 200
        server.process.send_signal(signal.SIGTERM)
        while server.listens():
            pass
        caller.sendall(body[5:])
        answer = b""
        while b"model" not in answer:
            answer += caller.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert server.process.wait(60) == 0


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
