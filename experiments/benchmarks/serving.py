"""What `slugline serve` answers in a second, and how long an answer takes, over HTTP on this computer.

    python experiments/benchmarks/serving.py [--model FILE] [--seconds S]

A server of its own is started on a free port; callers are threads with one connection each, which send articles of the
starter corpus one after the other and wait for each answer. Caller and server share the processors, so that this is the
least that a server does. `predict --format jsonl` on the same articles is the last row: what HTTP and JSON cost.

Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from itertools import cycle
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADERS = {"Content-Type": "application/json"}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=ROOT / "data" / "models" / "news-en.safetensors")
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()
    lines = (ROOT / "data" / "starter" / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    articles = [{key: row[key] for key in ("id", "title", "body")} for row in map(json.loads, lines)]
    single = [json.dumps(article).encode() for article in articles]
    whole = [json.dumps(articles).encode()]
    command = [sys.executable, "-m", "slugline", "serve", "--model", str(given.model), "--port", "0"]
    began = time.perf_counter()
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    port = next(int(found[1]) for line in server.stderr if (found := re.search(r"serving at http://.*:(\d+)", line)))
    threading.Thread(target=server.stderr.read, daemon=True).start()
    ask(port, "/v1/predict", single[0])
    print(f"First answer {time.perf_counter() - began:.2f} s after the start.\n")
    print("| request | callers | articles/s | median ms | 99 % within ms | server's CPU, ms each |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, path, bodies, count, callers in (
        ("predict, one article", "/v1/predict", single, 1, 1),
        ("predict, one article", "/v1/predict", single, 1, 8),
        (f"predict, {len(articles)} articles", "/v1/predict", whole, len(articles), 1),
        ("explain, one article", "/v1/explain", single, 1, 1),
    ):
        before = processor_seconds(port)
        times, seconds = measure(port, path, bodies, callers, given.seconds)
        spent = 1000 * (processor_seconds(port) - before) / len(times)
        times.sort()
        within = times[min(len(times) - 1, len(times) * 99 // 100)]
        rate = count * len(times) / seconds
        median = statistics.median(times)
        print(f"| {name} | {callers} | {rate:.0f} | {1000 * median:.1f} | {1000 * within:.1f} | {spent:.1f} |")
    server.send_signal(signal.SIGTERM)
    server.wait()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "articles.jsonl"
        repeats = 20
        file.write_text("\n".join(json.dumps(article) for article in articles * repeats))
        command = [sys.executable, "-m", "slugline", "predict", str(file), "--model", str(given.model)]
        began = time.perf_counter()
        subprocess.run([*command, "--format", "jsonl"], stdout=subprocess.DEVNULL, check=True)
        seconds = time.perf_counter() - began
    print(f"| `slugline predict --format jsonl`, start and all | | {repeats * len(articles) / seconds:.0f} | | | |")


def processor_seconds(port: int) -> float:
    """The processor time that the server has taken."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        return float(re.search(r"^process_cpu_seconds_total (\S+)", answer.read().decode(), re.MULTILINE)[1])


def ask(port: int, path: str, body: bytes) -> None:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", path, body, HEADERS)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    answer.read()
    connection.close()


def measure(port: int, path: str, bodies: list[bytes], callers: int, seconds: float) -> tuple[list[float], float]:
    """The seconds of each answer, and those of all together."""
    times: list[float] = []
    began = time.perf_counter()
    end = began + seconds

    def call(start: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for body in cycle(bodies[start:] + bodies[:start]):
            sent = time.perf_counter()
            if sent > end:
                break
            connection.request("POST", path, body, HEADERS)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            times.append(time.perf_counter() - sent)
        connection.close()

    threads = [threading.Thread(target=call, args=(number * len(bodies) // callers,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, time.perf_counter() - began


if __name__ == "__main__":
    main()
