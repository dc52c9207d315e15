"""A server as a process of its own, and callers who speak HTTP byte by byte."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from api.asked import JSON

HEAD = "POST /v1/predict HTTP/1.1\r\nHost: localhost\r\n"
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")


class Server:
    """A server of a model in a folder, with its log."""

    def __init__(
        self, folder: Path, *arguments: str, preexec_fn: Callable[[], None] | None = None, **environment: str
    ) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "slugline", "serve", "--port", "0", *arguments],
            cwd=folder,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=preexec_fn,
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
        self.reader = threading.Thread(daemon=True, target=self._read)
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

    def connect(self) -> socket.socket:
        """A connection whose end is an error after a minute, so that no test hangs."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def figure(self, name: str) -> float:
        """A figure of /metrics, 0 where it is not there yet."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", "/metrics")
        found = re.search(rf"^{re.escape(name)} (\S+)$", connection.getresponse().read().decode(), re.MULTILINE)
        connection.close()
        return float(found[1]) if found else 0.0

    def listens(self) -> bool:
        time.sleep(0.01)
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


def begun(body: bytes, length: int | None = None) -> bytes:
    """A request to predict whose body begins with `body`, and is said to have `length` bytes."""
    length = len(body) if length is None else length
    return f"{HEAD}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n".encode() + body


def rest(caller: socket.socket) -> bytes:
    """What else comes until the server ends the connection."""
    found = b""
    try:
        while piece := caller.recv(1 << 16):
            found += piece
    except ConnectionError:
        pass
    return found


def one_answer(caller: socket.socket) -> tuple[int, http.client.HTTPMessage, bytes]:
    """The next answer: status, headers, body."""
    answer = http.client.HTTPResponse(caller)
    answer.begin()
    return answer.status, answer.headers, answer.read()
