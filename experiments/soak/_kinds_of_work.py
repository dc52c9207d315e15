"""What long tests disturb: trainings, edits of a model, a server that keeps feedback, a download."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import json
import random
import shutil
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from _work import Work, command, finished, need

TYPES = ("flood", "trial", "election", "strike", "fire", "storm")
MODEL = "sha256:" + "0" * 64


def write_corpus(path: Path, chance: random.Random, count: int = 200) -> None:
    """Articles whose words tell their tags and their event type."""
    words = [f"w{number:03d}" for number in range(400)]
    rows = []
    for number in range(count):
        topic = chance.randrange(len(TYPES))
        body = " ".join(chance.choices(words[topic * 30 : topic * 30 + 60], k=40) + chance.choices(words, k=20))
        tags = sorted({f"tag{topic}", f"tag{(topic + number) % 6}"})
        rows.append({"id": str(number), "title": f"T{number}", "body": body, "tags": tags, "event_type": TYPES[topic]})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def download(folder: str, address: str, sha256: str) -> None:
    """`slugline corpus get`, of a catalogue with one corpus, from a server of this computer."""
    from slugline.corpus import catalogue

    entry = catalogue.Entry("toy", "Toy", "CC0", "jsonl", 1, address=address, file="toy.jsonl", sha256=(sha256,))
    setattr(catalogue, "find_entry", lambda _: entry)  # noqa: B010
    command(folder, ["corpus", "get", "toy"])


class _Training(Work):
    """A training over an existing model; with `more` on disk."""

    more: tuple[str, ...] = ()

    def prepare(self) -> None:
        write_corpus(self.folder / "corpus.jsonl", self.random)
        self.models: dict[str, bytes] = {}
        for name, seed in (("old", "1"), ("new", "2")):
            (self.folder / f"{name}.toml").write_text(f"[split]\nseed = {seed}\n")
            finished(self, command, self.line(name, f"{name}.safetensors"))
            self.models[name] = (self.folder / f"{name}.safetensors").read_bytes()
        need(self.models["old"] != self.models["new"], "two configurations gave one model")
        shutil.copy(self.folder / "old.safetensors", self.folder / "model.safetensors")

    def line(self, name: str, out: str) -> list[str]:
        return [
            "train",
            "corpus.jsonl",
            "--config",
            f"{name}.toml",
            "--no-track",
            "--out",
            out,
            "--jobs",
            "2",
            *self.more,
        ]

    def arguments(self) -> tuple[Any, ...]:
        return str(self.folder), self.line("new", "model.safetensors")

    def killed(self) -> None:
        found = (self.folder / "model.safetensors").read_bytes()
        need(found in self.models.values(), "the model is neither the old nor the new one")
        if found == self.models["new"]:
            shutil.copy(self.folder / "old.safetensors", self.folder / "model.safetensors")

    def ended(self) -> None:
        need((self.folder / "model.safetensors").read_bytes() == self.models["new"], "the next training gave another")
        self.killed()


class _OnDisk(_Training):
    """A training on disk, which goes on from its checkpoints."""

    more = ("--memory", "600M")


class _Tracked(_Training):
    """A training with a run in an SQLite store, which is now and then not there yet."""

    def line(self, name: str, out: str) -> list[str]:
        tracked = out == "model.safetensors"
        return [one for one in super().line(name, out) if one != "--no-track" or not tracked]

    def arguments(self) -> tuple[Any, ...]:
        if self.random.random() < 0.2:
            shutil.rmtree(self.folder / "experiments", ignore_errors=True)
            self.found = []
        return super().arguments()

    @property
    def store(self) -> Path:
        """The store's file."""
        return self.folder / "experiments" / "mlflow.db"

    def statuses(self) -> dict[str, str]:
        """The status of every run."""
        with contextlib.closing(sqlite3.connect(self.store, timeout=60)) as connection:
            need(connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok", "the store is damaged")
            return dict(connection.execute("SELECT run_uuid, status FROM runs"))

    def killed(self) -> None:
        super().killed()
        if not self.store.exists():
            need(not self.found, "the store is gone")
            return
        done = [key for key, status in self.statuses().items() if status == "FINISHED"]
        need(set(self.found) <= set(done), "a finished run is gone")
        for key in set(done) - set(self.found):
            files = self.folder / "experiments" / "artifacts" / key / "artifacts"
            need((files / "model.safetensors").read_bytes() == self.models["new"], "a finished run has half a model")
            json.loads((files / "evaluation.json").read_text())
        self.found = done

    def ended(self) -> None:
        before = len(self.found)
        super().ended()
        need(len(self.found) == before + 1, "the run that ended is not finished")
        need("RUNNING" not in self.statuses().values(), "a killed run is said to be running after the next one")
        need(not list((self.store.parent / "running").iterdir()), "a lock of a run is left")
        finished(self, command, ["runs", "list"])


class _Edits(Work):
    """Edits of a model's tags, one after another."""

    number = 0

    def prepare(self) -> None:
        write_corpus(self.folder / "corpus.jsonl", self.random)
        finished(self, command, ["train", "corpus.jsonl", "--no-track", "--out", "model.safetensors"])

    def arguments(self) -> tuple[Any, ...]:
        self.number += 1
        return str(self.folder), ["tags", "alias", "tag1", f"alias {self.number}", "--model", "model.safetensors"]

    def killed(self) -> None:
        from slugline.bundle import read_bundle
        from slugline.predict import Predictor

        Predictor.load(self.folder / "model.safetensors", copy=True)
        made = [str(edit.to) for edit in read_bundle(self.folder / "model.safetensors").tag_vocabulary().edits]
        need(made in (self.found, [*self.found, f"alias {self.number}"]), "an edit was lost, or made by halves")
        self.found = made

    def ended(self) -> None:
        self.killed()
        need(self.found[-1] == f"alias {self.number}", "the edit that ended was not made")


class _Answers(Work):
    """A server that keeps feedback, with two callers and one who writes as `slugline review` does."""

    during = 1.0

    def prepare(self) -> None:
        write_corpus(self.folder / "corpus.jsonl", self.random)
        finished(self, command, ["train", "corpus.jsonl", "--no-track", "--out", "model.safetensors"])
        self.number = 0

    def arguments(self) -> tuple[Any, ...]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        line = ["serve", "--model", "model.safetensors", "--port", str(self.port), "--feedback", "answers.jsonl"]
        return str(self.folder), line

    @contextlib.contextmanager
    def beside(self) -> Iterator[None]:
        stop = threading.Event()
        writers = [
            threading.Thread(daemon=True, target=self._ask, args=(stop, f"caller{n}-{self.number}")) for n in range(2)
        ]
        writers.append(threading.Thread(daemon=True, target=self._append, args=(stop, f"desk-{self.number}")))
        self.number += 1
        for one in writers:
            one.start()
        try:
            yield
        finally:
            stop.set()
            for one in writers:
                one.join()

    def _ask(self, stop: threading.Event, name: str) -> None:
        number = 0
        while not stop.is_set():
            article = {"id": f"{name}-{number}", "title": "T", "body": "w001 w002 " * 50}
            body = json.dumps({"article": article, "model": MODEL, "tags": {"accepted": ["tag1"]}})
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
                connection.request("POST", "/v1/feedback", body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
                if answer.status == 201:
                    self.found.append(article["id"])
                connection.close()
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
            number += 1

    def _append(self, stop: threading.Event, name: str) -> None:
        from slugline.article import Article
        from slugline.errors import OutputError
        from slugline.feedback import Feedback, append

        number = 0
        while not stop.is_set():
            article = Article(f"{name}-{number}", "T", "w001 w002 " * 50)
            with contextlib.suppress(OutputError):
                append(self.folder / "answers.jsonl", Feedback.of(article, model=MODEL, accepted=["tag1"]))
                self.found.append(article.id)
            number += 1
            time.sleep(0.01)

    def killed(self) -> None:
        from slugline.feedback import read

        if self.found:
            kept = [answer.id for answer in read(self.folder / "answers.jsonl")]
            need(len(kept) == len(set(kept)), "an answer is there twice")
            need(set(self.found) <= set(kept), "an answer that was confirmed is lost")

    def ended(self) -> None:
        self.killed()


class _Download(Work):
    """`corpus get` from a slow server."""

    content = b'{"title": "T", "body": "B", "tags": ["a"]}\n' * 20_000

    def prepare(self) -> None:
        import hashlib

        content = self.content

        class Slow(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    for at in range(0, len(content), 1 << 16):
                        self.wfile.write(content[at : at + (1 << 16)])
                        time.sleep(0.01)

            def log_message(self, *_: Any) -> None:
                pass

        self.target = download
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.sha256 = hashlib.sha256(content).hexdigest()

    def arguments(self) -> tuple[Any, ...]:
        return str(self.folder), f"http://127.0.0.1:{self.server.server_address[1]}/toy", self.sha256

    def killed(self) -> None:
        target = self.folder / "corpora" / "toy" / "toy.jsonl"
        if target.exists():
            need(target.read_bytes() == self.content, "half a corpus has the name of a whole one")
            target.unlink()

    def ended(self) -> None:
        need((self.folder / "corpora" / "toy" / "toy.jsonl").exists(), "no corpus")
        self.killed()

    def close(self) -> None:
        self.server.shutdown()


KINDS = {
    "train": _Training,
    "train-on-disk": _OnDisk,
    "track": _Tracked,
    "tags": _Edits,
    "feedback": _Answers,
    "download": _Download,
}
