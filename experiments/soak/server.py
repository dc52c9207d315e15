"""A server at saturation: everything at once, from more callers than it can serve, while its model is replaced.

    python experiments/soak/server.py [--minutes M] [--callers N]

Callers send single articles, batches, explanations, answers for the feedback log and the page's form as fast as they
are answered; others hold connections and send headers and bodies byte by byte, or never read what they asked for; and
one asks whether the server is alive. The model file is replaced by another and back, with SIGHUP, every few seconds,
and now and then by one that is damaged. At the end SIGTERM comes in the midst of it.

It must answer nothing but 200, 201 and 503, every answer by one of the two models; have in the feedback log every
answer that it said it kept, whole, once, and none that it refused; stay alive for who asks; end with 0; and its memory,
once warm, must not grow. Prints a Markdown table; exit code 1 where any of it is not so.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "experiments" / "benchmarks"))

from http_load import Caller, Server, in_threads, request, serving, slugline, starter  # noqa: E402

from slugline import feedback  # noqa: E402
from slugline.bundle import read_bundle, write_bundle  # noqa: E402
from slugline.predict import with_self_test  # noqa: E402

WARM = 0.3
"""The share of the time after which memory is looked at: caches are filled, and threads have their heaps."""

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


def main() -> None:
    """Soak, and say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--callers", type=int, default=40)
    parser.add_argument("--slow", type=int, default=24, help="callers that are slow on purpose")
    parser.add_argument("--growth", type=float, default=24.0, help="megabytes that memory may grow by, once warm")
    parser.add_argument("--model", type=Path, default=ROOT / "data" / "models" / "news-en.safetensors")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        raise SystemExit(soak(Path(name), given))


def soak(folder: Path, given: argparse.Namespace) -> int:
    """0 if all is as it must be."""
    model, log = folder / "model.safetensors", folder / "feedback.jsonl"
    others = other_models(given.model, folder)
    shutil.copy(others[0], model)
    digests = frozenset(read_bundle(path).digest for path in others[:2])
    options = [
        "--feedback",
        str(log),
        "--max-requests",
        "16",
        "--max-head",
        "3",
        "--max-wait",
        "2",
        "--max-seconds",
        "10",
    ]
    with (folder / "log").open("wb") as stderr, serving(slugline(model, *options), stderr=stderr) as server:
        run = Soak(server, starter(), digests)
        background = [
            threading.Thread(target=run.ask_whether_alive),
            threading.Thread(target=run.replace_model, args=(model, others, max(1.0, 3 * given.minutes))),
        ]
        for thread in background:
            thread.start()
        ended = threading.Thread(target=end, args=(run, 60 * given.minutes, background))
        ended.start()
        callers: list[Callable[[], None]] = [partial(run.call, number) for number in range(given.callers)]
        in_threads(callers + [partial(run.be_slow, number) for number in range(given.slow)])
        ended.join()
        code = server.process.wait()
    if code:
        run.wrong.append(f"ended with {code}")
    check_log(run, log)
    said = (folder / "log").read_text(encoding="utf-8")
    run.wrong += [f"log: {line[:300]}" for line in said.splitlines() if "Traceback" in line or "Error <" in line]
    return report(run, said, given)


def other_models(first: Path, folder: Path) -> list[Path]:
    """The model, the same with other thresholds, and a file that is cut off."""
    bundle = read_bundle(first)
    second, damaged = folder / "second.safetensors", folder / "damaged.safetensors"
    assert bundle.tags is not None
    tags = dataclasses.replace(bundle.tags, thresholds=bundle.tags.thresholds + 0.1)
    write_bundle(second, with_self_test(dataclasses.replace(bundle, tags=tags)))
    damaged.write_bytes(first.read_bytes()[:-1000])
    return [first, second, damaged]


def end(run: Soak, seconds: float, background: list[threading.Thread]) -> None:
    """After some seconds compare figures with the callers', then end the server in the midst of its work."""
    time.sleep(seconds)
    run.ending.set()
    for thread in background:
        thread.join()
    run.server.process.send_signal(signal.SIGTERM)
    run.server.process.wait()
    run.stop.set()


def check_log(run: Soak, log: Path) -> None:
    """Every answer that the server said it kept is in the log, once, and whole; others only where nobody was told."""
    torn: list[Exception] = []
    found = Counter(answer.who for answer in feedback.read(log, on_torn=torn.append))
    if torn:
        run.wrong.append(f"the log has {len(torn)} torn lines")
    if missing := run.kept - set(found):
        run.wrong.append(f"{len(missing)} answers are not in the log")
    if strange := set(found) - run.kept - run.unsure:
        run.wrong.append(f"{len(strange)} answers are in the log that were refused")
    if twice := [who for who, count in found.items() if count > 1]:
        run.wrong.append(f"{len(twice)} answers are in the log twice")


def report(run: Soak, said: str, given: argparse.Namespace) -> int:
    """Print the table and what is wrong; 1 where anything is."""
    seconds, megabytes = (np.array(values) for values in zip(*run.memory, strict=True))
    warm = seconds >= WARM * seconds[-1]
    slope = 60 * np.polyfit(seconds[warm], megabytes[warm], 1)[0] if warm.sum() > 2 else float("nan")
    third = max(1, int(warm.sum()) // 3)
    growth = np.median(megabytes[warm][-third:]) - np.median(megabytes[warm][:third])
    if not growth <= given.growth:
        run.wrong.append(f"memory grew by {growth:.1f} MB, {slope:.2f} MB a minute")
    total: Counter[int] = sum(run.statuses.values(), Counter())
    times, alive = (1000 * np.array(values or [np.nan]) for values in (run.times, run.alive))
    rows = [
        ("minutes", f"{seconds[-1] / 60:.1f}"),
        *((f"answers {status}", f"{count:,}") for status, count in sorted(total.items())),
        ("answers of the feedback log", f"{len(run.kept):,}"),
        ("models read again, refused", f"{said.count('was read again')}, {said.count('stays as it was')}"),
        ("accepted, p50 / p99 / most ms", "{:.0f} / {:.0f} / {:.0f}".format(*np.quantile(times, (0.5, 0.99, 1)))),
        ("/healthz, p50 / p99 / most ms", "{:.0f} / {:.0f} / {:.0f}".format(*np.quantile(alive, (0.5, 0.99, 1)))),
        (
            "memory of its own, first / warm / last MB",
            f"{megabytes[0]:.0f} / {megabytes[warm][0]:.0f} / {megabytes[-1]:.0f}",
        ),
        ("growth once warm, MB; a minute", f"{growth:.1f}; {slope:.2f} (at most {given.growth:g} in all)"),
        ("wrong", f"{len(run.wrong)}"),
    ]
    print("| | |\n|---|---:|")
    for name, value in rows:
        print(f"| {name} | {value} |")
    for line in run.wrong[:10]:
        print(f"\nwrong: {line}")
    return 1 if run.wrong else 0


if __name__ == "__main__":
    main()
