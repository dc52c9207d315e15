"""Servers as processes, and callers that cost little: what the benchmark and the soak test of serving share."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Server:
    """A process that serves HTTP at a port of this computer."""

    process: subprocess.Popen[bytes]
    port: int

    def processor_seconds(self) -> float:
        """The processor time that it has taken; NaN where there is no /proc."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return float("nan")
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self) -> float:
        """Megabytes of its memory that are its own, without the files that are mapped; NaN where there is no /proc."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return float("nan")
        return int(status.split("RssAnon:")[1].split()[0]) / 1024


@contextmanager
def serving(command: Sequence[str], ready: str = "/healthz", **options: object) -> Iterator[Server]:
    """The server that `command` starts with a port as its last argument, from its first answer to its end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # Under nohup it would not listen to SIGHUP.
    heeded = {} if os.name != "posix" else {"preexec_fn": partial(signal.signal, signal.SIGHUP, signal.SIG_DFL)}
    process = subprocess.Popen([*command, str(port)], **({"stdout": subprocess.DEVNULL} | heeded | options))
    try:
        while True:
            if process.poll() is not None:
                raise SystemExit(f"ended with {process.returncode}: {' '.join(command)}")
            try:
                with Caller(port) as caller:
                    if caller.ask(request("GET", ready))[0] == 200:
                        break
            except OSError:
                time.sleep(0.05)
        yield Server(process, port)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def slugline(model: Path, *options: str) -> list[str]:
    """The command of a Slugline server of `model`, for `serving`."""
    return [sys.executable, "-m", "slugline", "serve", "--model", str(model), *options, "--port"]


def request(method: str, path: str, value: object = None, kind: str = "application/json") -> bytes:
    """The bytes of a request, its body `value` as JSON, or as it is where it is bytes."""
    body = b"" if value is None else value if isinstance(value, bytes) else json.dumps(value).encode()
    about = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{about}\r\n".encode() + body


class Caller:
    """One connection, on which one request after the other is sent."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, asked: bytes) -> tuple[int, bytes]:
        """Status and body of the answer. Raises OSError where the server closes before its end."""
        self._socket.sendall(asked)
        found = b""
        while (end := found.find(b"\r\n\r\n")) < 0:
            found += self._more()
        head = found[:end].lower()
        length = int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        pieces, missing = [found[end + 4 :]], length - (len(found) - end - 4)
        while missing > 0:
            pieces.append(self._more())
            missing -= len(pieces[-1])
        return int(head[9:12]), b"".join(pieces)

    def _more(self) -> bytes:
        piece = self._socket.recv(1 << 18)
        if not piece:
            raise ConnectionResetError("closed before the end of the answer")
        return piece

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


@dataclass(slots=True)
class Calls:
    """What callers were answered: the seconds of every accepted request, how many answers of each status, and the
    seconds of all together.
    """

    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    def within(self, share: float) -> float:
        """The milliseconds within which this share was answered."""
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def call(port: int, requests: Sequence[bytes], callers: int, seconds: float) -> Calls:
    """`callers` connections that send `requests` round and round, each waiting for its answer before the next."""
    calls, began = Calls(), time.perf_counter()

    def keep_calling(start: int) -> None:
        with Caller(port) as caller:
            for asked in cycle([*requests[start:], *requests[:start]]):
                sent = time.perf_counter()
                if sent > began + seconds:
                    break
                status, _ = caller.ask(asked)
                calls.statuses[status] += 1
                calls.times.append(time.perf_counter() - sent)

    in_threads([partial(keep_calling, number * len(requests) // callers) for number in range(callers)])
    calls.seconds = time.perf_counter() - began
    return calls


def in_threads(functions: Sequence[Callable[[], None]]) -> None:
    """Call all of them at once, and raise what any of them raises."""
    errors: list[BaseException] = []

    def called(function: Callable[[], None]) -> None:
        try:
            function()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=called, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def starter() -> list[dict[str, str]]:
    """The articles of the starter corpus, as the REST API takes them."""
    lines = (ROOT / "data" / "starter" / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    return [{key: row[key] for key in ("id", "title", "body")} for row in map(json.loads, lines)]
