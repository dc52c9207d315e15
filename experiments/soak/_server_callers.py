"""Who calls the server in its soak test: callers of every kind, slow ones, and who watches it and changes its model."""

from __future__ import annotations

import json
import random
import shutil
import signal
import socket
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

from http_load import Caller, Server, request

KINDS = ("one", "one", "one", "one", "batch", "explain", "feedback", "page")
ALLOWED = {"one": {200, 503}, "batch": {200, 503}, "explain": {200, 503}, "page": {200, 503}, "feedback": {201, 503}}


class Soak:
    """What is sent, and what came back."""

    def __init__(self, server: Server, articles: list[dict[str, str]], digests: frozenset[str]) -> None:
        self.server, self.articles, self.digests = server, articles, digests
        self.stop = threading.Event()
        self.ending = threading.Event()
        self.statuses: dict[str, Counter[int]] = {kind: Counter() for kind in ALLOWED}
        self.times: list[float] = []
        self.alive: list[float] = []
        self.kept: set[str] = set()
        self.unsure: set[str] = set()
        self.memory: list[tuple[float, float]] = []
        self.wrong: list[str] = []
        self.models: set[str] = set()
        self.read_again = self.refused = 0

    def call(self, number: int) -> None:
        """Send requests of every kind, one after the other, until the end."""
        chance = random.Random(number)
        while not self.stop.is_set():
            try:
                with Caller(self.server.port) as caller:
                    for count in range(chance.randrange(1, 200)):
                        if self.stop.is_set():
                            return
                        self._one(caller, chance, f"{number}-{count}-{time.monotonic_ns()}")
            except OSError:
                # The server ends, or the connection made room.
                time.sleep(0.05)

    def _one(self, caller: Caller, chance: random.Random, who: str) -> None:
        kind, article = chance.choice(KINDS), chance.choice(self.articles)
        if kind == "one":
            asked = request("POST", "/v1/predict", article)
        elif kind == "batch":
            asked = request("POST", "/v1/predict", chance.sample(self.articles, 50))
        elif kind == "explain":
            asked = request("POST", "/v1/explain?top=3", article)
        elif kind == "page":
            form = urlencode({"title": article["title"], "body": article["body"]}).encode()
            asked = request("POST", "/", form, "application/x-www-form-urlencoded")
        else:
            asked = request("POST", "/v1/feedback", {"article": article, "who": who, "tags": {"added": ["Soak"]}})
            self.unsure.add(who)
        sent = time.perf_counter()
        status, body = caller.ask(asked)
        self.statuses[kind][status] += 1
        if kind == "feedback":
            self.unsure.discard(who)
            if status == 201:
                self.kept.add(who)
        if status not in ALLOWED[kind]:
            self.wrong.append(f"{kind}: {status} {body[:200]!r}")
        elif status == 503:
            time.sleep(0.05)
        else:
            self.times.append(time.perf_counter() - sent)
            if kind != "page":
                self._check_model(json.loads(body))

    def _check_model(self, found: dict[str, str] | list[dict[str, str]]) -> None:
        models = {row["model"] for row in (found if isinstance(found, list) else [found])}
        self.models |= models
        if len(models) != 1 or not models <= self.digests:
            self.wrong.append(f"an answer by {sorted(models)}")

    def be_slow(self, number: int) -> None:
        """Hold connections: silent ones, headers and bodies byte by byte, answers that are never read."""
        begun = b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        firsts = (
            b"",
            begun,
            begun + b"Content-Length: 100000\r\n\r\n{",
            b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2000,
        )
        while not self.stop.is_set():
            time.sleep(0.05)
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.server.port), timeout=1) as held:
                first = firsts[number % len(firsts)]
                held.sendall(first)
                while not self.stop.wait(0.5):
                    held.sendall(b"a")

    def ask_whether_alive(self) -> None:
        """The health check, on a new connection each time, and the server's memory."""
        began = time.perf_counter()
        while not self.ending.is_set():
            sent = time.perf_counter()
            try:
                with Caller(self.server.port) as caller:
                    status, _ = caller.ask(request("GET", "/healthz"))
            except OSError as error:
                self.wrong.append(f"not alive: {error}")
            else:
                if status != 200:
                    self.wrong.append(f"not alive: {status}")
                self.alive.append(time.perf_counter() - sent)
            self.memory.append((time.perf_counter() - began, self.server.resident()))
            self.ending.wait(0.5)

    def replace_model(self, model: Path, others: list[Path], seconds: float) -> None:
        """Put one file after the other in the model's place, and let the server read it."""
        turn = 0
        while not self.ending.wait(seconds):
            new = model.with_name("new")
            shutil.copy(others[turn % len(others)], new)
            new.replace(model)
            self.server.process.send_signal(signal.SIGHUP)
            turn += 1
