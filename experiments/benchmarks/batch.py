"""Batch scoring from raw text: Slugline and its peers in turns, and the whole command with JSON Lines in and out.

    SLUGLINE_CORPORA=FOLDER python experiments/benchmarks/batch.py [--articles N] [--rounds N] [--only NAME,...]

The articles are made of sentences of the 3,019 held-out articles of Reuters-90 (ModApte) by resampled.py, as the real
ones are over in a tenth of a second; they have as many sentences as real ones (mean), but no new words.

1. In memory: raw texts to decided tags, models trained on the same 7,770 articles. Each system is a process of its own
   that has its model and all texts in memory (peers/batch/serve.py); a round runs every system once, one after the
   other, so that a busy machine slows all. One thread each, but PECOS also with two, as it is meant to be used, and
   Slugline with two processes (`--jobs 2`: starting them, sending texts and writing lines of JSON are in its time).
   Slugline forgets the words that it has seen before each round. "words" is a model of single words, as the peers have,
   "three views" the committed configuration (words, stems, words of the lead).
2. The whole command, `slugline predict FILE --format jsonl`: starting, reading, cleaning, predicting, calibrated
   probabilities, writing; with one and with two processes; also by news-en, the shipped model with two levels of event
   types and 10,511 names.

Environments are those of experiments/benchmarks/peers.py; a peer without one is skipped. Prints two Markdown tables of
medians; exits with 1 where a limit of issue 4 is not kept.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from peers.environments import python_of, variables
from peers.tasks import TASKS, write_task
from resampled import resampled_rows

from slugline.config import CorpusConfig
from slugline.corpus.load import load_corpus
from slugline.resources import data_path

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "slugline-peers"
PEERS = {
    "scikit-learn LinearSVC": ("sklearn", "scikit-learn", 1),
    "PECOS": ("pecos", "pecos", 1),
    "PECOS, two threads": ("pecos", "pecos", 2),
    "fastText": ("fasttext", "fasttext", 1),
    "Omikuji": ("omikuji", "omikuji", 1),
}
"""By name in the table: the system of serve.py, its environment and its threads."""
WORDS, TWO, VIEWS = "Slugline, words", "Slugline, words, two processes", "Slugline, three views"
MUST = {"scikit-learn LinearSVC": (2.0, 4.0), "PECOS": (0.7, 1.2)}
"""Articles per second of CPU of Slugline over a peer's that issue 4 wants at least, and aims at."""
SENTENCES = 6


@dataclasses.dataclass
class Measured:
    """One row of a table."""

    name: str
    wall: list[float] = dataclasses.field(default_factory=list)
    cpu: list[float] = dataclasses.field(default_factory=list)
    decided: int = 0

    def add(self, found: dict[str, float]) -> None:
        """One more round."""
        self.wall.append(found["wall"])
        self.cpu.append(found["cpu"])
        self.decided = int(found.get("decided", 0))


def make_articles(folder: Path, count: int, held_out: Path) -> tuple[Path, float]:
    """`count` resampled articles as JSONL, and the megabytes of their text."""
    path = folder / "texts.jsonl"
    ids = {json.loads(line)["id"] for line in held_out.read_text(encoding="utf-8").splitlines()}
    corpus = load_corpus(CorpusConfig(name="reuters21578"))
    corpus = dataclasses.replace(corpus, records=tuple(one for one in corpus.records if one.article.id in ids))
    size = 0
    with path.open("w", encoding="utf-8") as stream:
        for row in resampled_rows(corpus, count, sentences=SENTENCES):
            stream.write(json.dumps({key: row[key] for key in ("id", "title", "body")}, ensure_ascii=False) + "\n")
            size += len((row["title"] + row["body"]).encode())
    return path, size / 1e6


def train(folder: Path, *, words_only: bool) -> Path:
    """A model by the committed configuration, or by that with its first view alone."""
    text = (HERE.parent / "configs" / "reuters90.toml").read_text(encoding="utf-8")
    name = "words" if words_only else "views"
    if words_only:
        parts = text.split("[[features.views]]\n")
        text = parts[0] + "[[features.views]]\n" + parts[1] + text[text.index("[tags]") :]
    config, model = folder / f"{name}.toml", folder / f"{name}.safetensors"
    config.write_text(text, encoding="utf-8")
    print(f"training {model.name} ...", file=sys.stderr)
    command = [sys.executable, "-m", "slugline", "train", "--config", str(config), "--out", str(model), "--no-track"]
    subprocess.run(command, check=True, capture_output=True)
    return model


class Server:
    """A process of serve.py."""

    def __init__(self, system: str, python: Path, arguments: list[str], environment: dict[str, str]) -> None:
        script = HERE / "peers" / "batch" / "serve.py"
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self._process = subprocess.Popen(
            [str(python), str(script), system, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
            env=environment,
        )
        self._answer("ready")

    def _answer(self, expected: str = "") -> str:
        stdout: IO[str] | None = self._process.stdout
        assert stdout is not None
        for line in stdout:
            # Peers may say things of their own.
            if line.startswith(expected or "{"):
                return line
        code = self._process.wait()
        self._said.seek(0)
        sys.exit(f"a system ended with code {code}:\n{self._said.read()[-2000:]}")

    def round(self) -> dict[str, float]:
        """Predict all texts once."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        found: dict[str, float] = json.loads(self._answer())
        return found

    def end(self) -> None:
        """Let it go."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        self._said.close()


def in_memory(folder: Path, texts: Path, models: dict[str, Path], names: list[str], rounds: int) -> list[Measured]:
    """Table 1."""
    task = write_task(TASKS["reuters90"], CACHE / "tasks" / "reuters90")
    servers: dict[str, Server] = {}
    for name, model in {**models, TWO: models[WORDS]}.items():
        arguments = [str(task.train), str(texts), str(model), "2" if name == TWO else "1"]
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        servers[name] = Server("slugline", Path(sys.executable), arguments, environment)
    for name in names:
        system, where, threads = PEERS[name]
        python = python_of(CACHE / "environments", where)
        if not (python.parents[1] / "installed.txt").exists():
            print(f"{name}: skipped, its environment is not installed", file=sys.stderr)
            continue
        print(f"training {name} ...", file=sys.stderr)
        arguments = [str(task.train), str(texts), str(folder), str(threads)]
        environment = variables(CACHE / "environments", where)
        if threads > 1:
            environment |= {key: str(threads) for key in environment if key.endswith("_NUM_THREADS")}
        servers[name] = Server(system, python, arguments, environment)
    found = {name: Measured(name) for name in servers}
    for number in range(rounds + 1):
        for name, server in servers.items():
            taken = server.round()
            if number:  # the first round warms the machine
                found[name].add(taken)
        print(f"round {number} of {rounds}", file=sys.stderr)
    for server in servers.values():
        server.end()
    return list(found.values())


def command(texts: Path, models: dict[str, Path], rounds: int) -> list[Measured]:
    """Table 2."""
    rows = {(name, jobs): Measured(f"{name}, --jobs {jobs}") for name in models for jobs in (1, 2)}
    for _ in range(rounds):
        for (name, jobs), row in rows.items():
            line = [sys.executable, "-m", "slugline", "predict", str(texts), "--format", "jsonl"]
            before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            subprocess.run(
                [*line, "--model", str(models[name]), "--jobs", str(jobs)], check=True, stdout=subprocess.DEVNULL
            )
            wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            row.add({"wall": wall, "cpu": cpu})
    return list(rows.values())


def table(rows: list[Measured], articles: int, megabytes: float, against: str | None) -> str:
    """Medians; with `against`, whose rate each row's is divided into."""
    head = "| system | articles / s of CPU | MB / s of CPU | articles / s of wall |"
    rates = {row.name: articles / statistics.median(row.cpu) for row in rows}
    ratio = f" {against} is, times this |" if against else ""
    lines = [head + ratio, "|---|---|---|---|" + ("---|" if against else "")]
    for row in rows:
        cpu, wall = statistics.median(row.cpu), statistics.median(row.wall)
        line = f"| {row.name} | {articles / cpu:,.0f} | {megabytes / cpu:.1f} | {articles / wall:,.0f} |"
        lines.append(line + (f" {rates[against] / rates[row.name]:.2f} |" if against else ""))
    return "\n".join(lines)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", help=f"peers, separated by semicolons, of: {'; '.join(PEERS)}")
    parser.add_argument("--models", type=Path, help="a folder for the two models, kept and used again")
    asked = parser.parse_args()
    names = [name.strip() for name in asked.only.split(";")] if asked.only else list(PEERS)
    task = write_task(TASKS["reuters90"], CACHE / "tasks" / "reuters90")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts, megabytes = make_articles(folder, asked.articles, task.articles)
        kept = asked.models or folder
        kept.mkdir(parents=True, exist_ok=True)
        ours = {
            label: path
            if (path := kept / f"{short}.safetensors").exists()
            else train(kept, words_only=short == "words")
            for label, short in ((WORDS, "words"), (VIEWS, "views"))
        }
        found = in_memory(folder, texts, ours, names, asked.rounds)
        shipped = {"news-en": Path(data_path("models", "news-en.safetensors"))}
        whole = command(texts, {**ours, **shipped}, max(1, asked.rounds // 2))
    print(
        f"{asked.articles:,} resampled articles of Reuters-90, {megabytes:.1f} MB; medians of {asked.rounds} rounds\n"
    )
    print(table(found, asked.articles, megabytes, WORDS), end="\n\n")
    print(table(whole, asked.articles, megabytes, None))
    cpu = {row.name: row.cpu for row in found}
    wall = {row.name: row.wall for row in found}
    failed = False
    for ours_is, peer, seconds in (*((WORDS, peer, cpu) for peer in MUST), (TWO, "PECOS, two threads", wall)):
        if peer in seconds:
            must, aim = MUST[peer.partition(",")[0]]
            # Of each round, as a busy machine slows both.
            rate = statistics.median(p / s for p, s in zip(seconds[peer], seconds[ours_is], strict=True))
            failed |= rate < must
            kind = "CPU" if seconds is cpu else "the clock"
            print(f"\n{ours_is} / {peer}, by {kind}: {rate:.2f} (must {must}, aim {aim})", end="")
    print()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
