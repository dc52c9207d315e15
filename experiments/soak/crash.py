"""Kill -9 at random moments: what was whole stays whole, and the next command works.

    python experiments/soak/crash.py                     # every kind of work, 200 kills of each
    python experiments/soak/crash.py train tags --count 50 --seed 3 --minutes 5

Each kind of work is done once undisturbed, which takes D seconds. Then it is begun again and again, each time in a
process of its own, and killed after a time drawn evenly from 0 to D: half the time the process alone, else with all
that it has started. After every kill, what was there before must be whole; nothing that it started may live on; and the
next one begins on what this one has left. In the end the work is done to its end, and nothing half may be left over.
Processes are forked from one that has imported the libraries, so that kills fall on work and not on imports.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import http.server
import json
import multiprocessing
import os
import random
import shutil
import signal
import socket
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

PRELOAD = [
    "mlflow.tracking",
    "slugline.cli.app",
    "slugline.corpus.catalogue",
    "slugline.experiment.evaluate",
    "slugline.experiment.streamed",
    "slugline.experiment.label_edits",
    "slugline.experiment.train",
    "slugline.serve.run",
    "slugline.tracking",
]
TYPES = ("flood", "trial", "election", "strike", "fire", "storm")
MODEL = "sha256:" + "0" * 64
FEW = 20
TRIES = 4
"""Work is begun at most so many times for each kill that is wanted."""
GONE = 20.0  # seconds in which the children of a killed process must be gone


class BreachError(Exception):
    """What must not happen."""


def need(holds: bool, said: str) -> None:
    """Raise BreachError unless it holds."""
    if not holds:
        raise BreachError(said)


# What is done in the process that is killed.


def command(folder: str, arguments: list[str]) -> None:
    """Run a command line of Slugline, as the process's whole work."""
    _enter(folder)
    # A report with its charts takes longer than the training, and no part in what is tried here.
    sys.modules["altair"] = None  # type: ignore[assignment]
    from slugline.cli.main import run

    os._exit(run(arguments) or 0)


def download(folder: str, address: str, sha256: str) -> None:
    """`slugline corpus get`, of a catalogue with one corpus, from a server of this computer."""
    from slugline.corpus import catalogue

    entry = catalogue.Entry("toy", "Toy", "CC0", "jsonl", 1, address=address, file="toy.jsonl", sha256=(sha256,))
    setattr(catalogue, "find_entry", lambda _: entry)  # noqa: B010
    command(folder, ["corpus", "get", "toy"])


def _enter(folder: str) -> None:
    os.setsid()
    os.chdir(folder)
    # Runs are kept below this folder, wherever whoever tries this keeps theirs.
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    log = os.open("../log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in (1, 2):
        os.dup2(log, number)


# What is done, and what must hold whenever it is killed.


@dataclass
class Work:
    """A kind of work in a folder: how it is begun, and what must hold when it was killed and when it has ended."""

    folder: Path
    random: random.Random
    target: Callable[..., None] = command
    found: list[str] = field(default_factory=list)
    during: ClassVar[float] = 0.0  # seconds after which it is told to end; 0: it ends by itself

    def prepare(self) -> None:
        """Put there what was there before."""

    def arguments(self) -> tuple[Any, ...]:
        """Of the next process."""
        raise NotImplementedError

    def beside(self) -> contextlib.AbstractContextManager[Any]:
        """What goes on in this process meanwhile."""
        return contextlib.nullcontext()

    def killed(self) -> None:
        """Raise BreachError where something is not as it must be at any moment."""

    def ended(self) -> None:
        """The same, of work that was done to its end."""

    def close(self) -> None:
        """End what helps."""


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

    def killed(self) -> None:
        super().killed()
        store = self.folder / "experiments" / "mlflow.db"
        if not store.exists():
            need(not self.found, "the store is gone")
            return
        with contextlib.closing(sqlite3.connect(store, timeout=60)) as connection:
            need(connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok", "the store is damaged")
            done = [key for (key,) in connection.execute("SELECT run_uuid FROM runs WHERE status = 'FINISHED'")]
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


# Beginning, killing, looking.

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(PRELOAD)


def finished(work: Work, target: Callable[..., None], arguments: list[str]) -> None:
    """Run a command to its end."""
    process = CONTEXT.Process(target=target, args=(str(work.folder), arguments))
    process.start()
    process.join()
    need(process.exitcode == 0, f"{' '.join(arguments)}: exit code {process.exitcode}: {said(work)}")


def said(work: Work) -> str:
    """The last that a command said."""
    with contextlib.suppress(OSError):
        return " ".join((work.folder.parent / "log.txt").read_text(errors="replace")[-500:].split())
    return ""


def whole(work: Work) -> float:
    """Do the work to its end; the seconds that it took."""
    process = CONTEXT.Process(target=work.target, args=work.arguments())
    start = time.perf_counter()
    with work.beside():
        process.start()
        if work.during:
            # A server: it ends when it is told to.
            time.sleep(work.during)
            os.kill(process.pid or 0, signal.SIGTERM)
        process.join()
    seconds = time.perf_counter() - start
    need(
        process.exitcode in ((0,) if not work.during else (0, -signal.SIGTERM)), f"the next command fails: {said(work)}"
    )
    work.ended()
    return seconds


def kill(work: Work, seconds: float) -> bool:
    """Begin the work and kill it after so many seconds; whether it was still at it."""
    process = CONTEXT.Process(target=work.target, args=work.arguments())
    with work.beside():
        process.start()
        process.join(seconds)
        alive = process.exitcode is None
        pid = process.pid or 0
        if alive:
            if work.random.random() < 0.5:
                with contextlib.suppress(ProcessLookupError):
                    # Before it has a group of its own, there is nothing that it has started.
                    os.killpg(pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            process.join()
        else:
            need(process.exitcode == 0, f"the next command fails: {said(work)}")
    end = time.monotonic() + GONE
    while left := session(pid):
        if time.monotonic() > end:
            for one in left:
                os.kill(one, signal.SIGKILL)
            raise BreachError(f"{len(left)} processes outlive the one that started them")
        time.sleep(0.02)
    work.killed()
    return alive


def session(leader: int) -> list[int]:
    """The living processes of a session; only Linux tells."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parts = entry.read_text().rpartition(")")[2].split()
            if int(parts[3]) == leader and parts[0] != "Z":
                found.append(int(entry.parent.name))
    return found


def left_over(folder: Path) -> list[str]:
    """What is half, or was of use to something that has ended."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.name.endswith((".part", ".checkpoint", ".done", "-journal"))
    )


@dataclass
class Tally:
    """What became of one kind of work."""

    name: str
    seconds: float = 0.0
    kills: int = 0
    finished: int = 0
    with_rest: int = 0
    breaches: list[str] = field(default_factory=list)


def try_kind(name: str, count: int, seed: int, folder: Path, until: float = float("inf")) -> Tally:
    """Kill one kind of work `count` times while it is at work, or until that moment, in a folder beside which is its
    log; what it does to its end comes last. On a machine that is now busy and now idle, most may have ended by then:
    it is begun TRIES times as often at most.
    """
    folder.mkdir()
    work = KINDS[name](folder, random.Random(f"{seed} {name}"))
    tally = Tally(name)
    work.prepare()
    try:
        tally.seconds = whole(work)
        if count > FEW:
            # What is done for the first time takes longer.
            tally.seconds = whole(work)
        longest = tally.seconds
        for _ in range(TRIES * count):
            if time.monotonic() > until or tally.kills == count:
                break
            moment = work.random.uniform(0, longest)
            try:
                alive = kill(work, moment)
            except BreachError as breach:
                tally.breaches.append(str(breach))
                if len(tally.breaches) > 5:
                    break
                continue
            tally.kills += alive
            tally.finished += not alive
            if not alive:
                # What it had ended by then, it would again; but a moment that chance made early must not end all.
                longest = max(moment, longest / 2)
            tally.with_rest += bool(left_over(folder))
        try:
            whole(work)
            rest = left_over(folder)
            need(not rest, f"left over: {', '.join(rest[:3])}")
        except BreachError as breach:
            tally.breaches.append(str(breach))
    finally:
        work.close()
    return tally


def asked_for(description: str | None, counted: str, count: int, minutes: float) -> argparse.Namespace:
    """What the command line asks for: kinds of work, how many of what is `counted`, for how long, from which seed."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], help="kinds of work; all if none is named")
    parser.add_argument("--count", type=int, default=count, help=f"{counted} of each kind (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=minutes, help="in all, at most (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn (default: %(default)s)")
    return parser.parse_args()


def in_turn(kinds: Sequence[str], minutes: float) -> Iterator[tuple[str, Path, float]]:
    """Each kind of work (all if none is named), a folder for it, and until when it may take."""
    kinds = kinds or list(KINDS)
    end = time.monotonic() + 60 * minutes
    for place, name in enumerate(kinds):
        with tempfile.TemporaryDirectory() as folder:
            # What is left of the time is shared out among what is left to do.
            yield name, Path(folder) / "work", time.monotonic() + (end - time.monotonic()) / (len(kinds) - place)


def print_row(*cells: object) -> None:
    """A row of a Markdown table."""
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def told(breaches: Sequence[str]) -> int:
    """Print what was breached; the exit code."""
    for one in breaches:
        print(f"\nBREACH: {one}")
    return bool(breaches)


def main() -> int:
    """Print a table; 1 where anything was breached."""
    asked = asked_for(__doc__, "kills", 200, 60)
    print("| work | seconds undisturbed | killed at work | had ended | kills that left something | breaches |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |", flush=True)
    breaches: list[str] = []
    for name, folder, until in in_turn(asked.kinds, asked.minutes):
        tally = try_kind(name, asked.count, asked.seed, folder, until)
        seconds = f"{tally.seconds:.2f}"
        print_row(name, seconds, tally.kills, tally.finished, tally.with_rest, len(tally.breaches))
        breaches += [f"{name}: {one}" for one in tally.breaches]
    return told(breaches)


if __name__ == "__main__":
    sys.exit(main())
