"""A desk with the files that documents speak of, and a reader who types what they say."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from docs.blocks import Block, console
from docs.outputs import missing
from support import ROOT, SAMPLE

SECONDS = 300
RUN = re.compile(r"\b(RUN|RUN_A|RUN_B)\b")
ADDRESS = re.compile(r"\b(?:127\.0\.0\.1|localhost):\d+")
CHOSEN = ("trial", "sport", "election", "economy")
"""Event types of the small corpora: few, and each of them often enough, so that a training takes a second."""

PIP = """import re, sys
extras, words = set({extras!r}), sys.argv[1:]
for word in words[1:] if words[:1] == ["install"] else ["?"]:
    named = re.fullmatch(r"slugline(?:\\[([a-z,]+)\\])?", word)
    if not named or not set((named[1] or "").split(",")) <= extras | {{""}}:
        sys.exit(f"tests install nothing but know the extras of slugline, which {{word!r}} is not")
"""


def lay_out(folder: Path, starter: Path) -> None:
    """Fill `folder` with the files of a desk; `starter` is a folder where the starter model was trained."""
    shutil.copytree(starter, folder, dirs_exist_ok=True)
    shutil.copy(folder / "model.safetensors", folder / "news.safetensors")
    shutil.copy(SAMPLE, folder / "article.txt")
    (folder / "articles").mkdir()
    shutil.copy(SAMPLE, folder / "articles" / "one.txt")
    lines = (ROOT / "data" / "starter" / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["event_type"] in CHOSEN]
    for name, part in (("articles.csv", rows[::2]), ("later.csv", rows[1::2])):
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(
                ("id", "date", "title", "body", "tags", "event_type", "text", "keywords", "story", "subjects")
            )
            for row in part:
                labels = "; ".join(row["tags"])
                start = [row[key] for key in ("id", "date", "title", "body")]
                table.writerow([*start, labels, row["event_type"], row["body"], labels, row["body"], labels])
    with gzip.open(folder / "archive.jsonl.gz", "wt", encoding="utf-8") as archive:
        archive.writelines(json.dumps(row) + "\n" for row in rows)
    with (folder / "export.csv").open("w", encoding="cp1252", errors="replace", newline="") as stream:
        table = csv.writer(stream, delimiter=";")
        table.writerow(("Nr", "Datum", "Überschrift", "Text", "Schlagwörter", "Ressort"))
        for number, row in enumerate(rows[::2]):
            day = "{2}.{1}.{0}".format(*row["date"].split("-"))
            table.writerow((number, day, row["title"], row["body"], ", ".join(row["tags"]), row["event_type"]))
    lay_out_others(folder, rows)
    shutil.copy(ROOT / "data" / "taxonomy" / "event_types.toml", folder / "my_types.toml")
    (folder / "places.txt").write_text("# ours\nAleppo\nPacific Ocean\n", encoding="utf-8")
    (folder / "more-places.csv").write_text("tag,alias\nBergen,Bjørgvin\n", encoding="utf-8")


def lay_out_others(folder: Path, rows: list[dict[str, Any]]) -> None:
    """The same articles as users of Annif, fastText and LibMultiLabel have them."""
    tags = sorted({tag for row in rows for tag in row["tags"]})
    uris = {tag: f"http://example.org/subjects/{number}" for number, tag in enumerate(tags)}
    texts = [(row, " ".join(f"{row['title']} {row['body']}".split())) for row in rows]

    def write(name: str, lines: list[str]) -> None:
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    annif = [f"{text}\t{' '.join(f'<{uris[tag]}>' for tag in row['tags'])}" for row, text in texts]
    write("annif-train.tsv", annif[::2])
    write("annif-test.tsv", annif[1::2])
    write("subjects.tsv", [f"<{uri}>\t{tag}" for tag, uri in uris.items()])
    (folder / "annif-docs").mkdir()
    for row, _ in texts[:40]:
        write(f"annif-docs/{row['id']}.txt", [row["title"], "", row["body"]])
        write(f"annif-docs/{row['id']}.tsv", [f"<{uris[tag]}>\t{tag}" for tag in row["tags"]])
    words = [" ".join(f"__label__{tag.replace(' ', '-')}" for tag in row["tags"]) for row, _ in texts]
    fasttext = [f"{labels} {text}" for labels, (_, text) in zip(words, texts, strict=True)]
    write("fasttext.train", fasttext[::2])
    write("fasttext.valid", fasttext[1::2])
    write("lines.txt", [text for _, text in texts[:3]])
    names = [" ".join(tag.replace(" ", "_") for tag in row["tags"]) for row, _ in texts]
    lml = [f"{row['id']}\t{labels}\t{text}" for labels, (row, text) in zip(names, texts, strict=True)]
    write("libmultilabel-train.txt", lml)


class Reader:
    """Somebody who works through a document at a desk, block by block, in one terminal."""

    def __init__(self, folder: Path, tools: Path) -> None:
        self.folder = folder
        self.tools = tools
        self.port = 0
        self.server: subprocess.Popen[bytes] | None = None
        tools.mkdir()
        extras = list(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"])
        (tools / "pip.py").write_text(PIP.format(extras=extras), encoding="utf-8")
        starts = {"slugline": "-m slugline", "python": "", "python3": "", "pip": f"'{tools / 'pip.py'}'"}
        for name, start in starts.items():
            (tools / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {start} "$@"\n', encoding="utf-8")
            (tools / name).chmod(0o755)
        (tools / "state").write_text(f"cd '{folder}'\n", encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLUGLINE_", "MLFLOW_"))}
        self.environment = kept | {"PATH": f"{tools}{os.pathsep}{kept['PATH']}", "COLUMNS": "80", "NO_COLOR": "1"}

    def do(self, block: Block) -> None:
        """Do what the block says; AssertionError where it does not do what the document says of it."""
        text = RUN.sub("starter", block.text)
        if self.server:
            text = ADDRESS.sub(f"127.0.0.1:{self.port}", text)
        if "file" in block.marks:
            (self.folder / block.marks["file"]).write_text(block.text, encoding="utf-8")
        if "keys of" in block.marks:
            said = self.shell(block.marks["keys of"], block, expected=0)
            absent = {key for key in re.findall(r'"(\w+)":', text) if f'"{key}"' not in said}
            assert not absent, f"{block.where}: not in the output: {sorted(absent)}"
        code = int(block.marks.get("exit", 0))
        if "server" in block.marks:
            self.serve(text, block)
        elif block.language == "bash":
            self.shell(text, block, expected=code)
        elif block.language == "console":
            found = console(text)
            for number, command in enumerate(found):
                said = self.shell(command.line, block, expected=code if number == len(found) - 1 else 0)
                line = missing(command.output, said)
                assert line is None, f"{block.where}: $ {command.line}\nprinted no line {line!r} there, but\n{said}"
        elif block.language == "python":
            self.python(text, block)

    def shell(self, text: str, block: Block, *, expected: int) -> str:
        """Run lines in one bash, which goes on where the one before ended; what it printed, stderr too."""
        kept = f'{{ export -p; echo "cd $(printf %q "$PWD")"; }} >"{self.tools}/state"'
        script = (
            f"source '{self.tools}/state'\n"
            f"trap 'code=$?; {kept}; exit $code' EXIT\n"
            "trap 'echo \"[failed] $BASH_COMMAND\" >&2' ERR\n"
            f"set -eo pipefail\n{text}"
        )
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
        )
        said = done.stdout.decode()
        assert "Traceback" not in said, f"{block.where}:\n{said}"
        assert done.returncode == expected, f"{block.where}: exit code {done.returncode}:\n{text}\n{said}"
        return re.sub(r"^\[failed\].*\n", "", said, flags=re.MULTILINE)

    def python(self, text: str, block: Block) -> None:
        script = self.tools / "block.py"
        script.write_text(f'r"""\n{text}\n"""' if ">>> " in text else text, encoding="utf-8")
        options = ("-m", "doctest", "-o", "ELLIPSIS") if ">>> " in text else ()
        done = subprocess.run(
            [sys.executable, *options, script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{block.where}:\n{done.stdout}{done.stderr}"

    def serve(self, text: str, block: Block) -> None:
        """Start the block's server on a free port and wait until it answers."""
        self.leave()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        *before, last = text.strip().splitlines()
        last = re.sub(r"\s--port[ =]\d+", "", last.partition("  #")[0]) + f" --port {self.port}"
        log = self.tools / "server.log"
        with log.open("wb") as said:
            self.server = subprocess.Popen(
                ["bash", "-c", "\n".join([f"source '{self.tools}/state'", *before, f"exec {last}"])],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        end = time.monotonic() + 60
        while not self.answers():
            assert self.server.poll() is None, f"{block.where}: {last}\n{log.read_text(errors='replace')}"
            assert time.monotonic() < end, f"{block.where}: no answer\n{log.read_text(errors='replace')}"
            time.sleep(0.2)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def leave(self) -> None:
        """End the server, if one runs, as Ctrl-C does."""
        if self.server is not None:
            self.server.send_signal(signal.SIGINT)
            try:
                self.server.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.server.pid, signal.SIGKILL)
                self.server.wait()
            self.server = None
