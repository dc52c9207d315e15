"""`slugline predict --follow` with a process that really writes: nothing lost, nothing late, nothing kept."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading

import pytest

from support import slugline

WRITER = """
import json, os, sys, time
path, count = sys.argv[1], int(sys.argv[2])
stream = open(path, "a", encoding="utf-8")
for number in range(count):
    row = {"id": f"{sys.argv[3]}{number}", "title": f"Rebels seize town {number}", "body": "The army left."}
    line = json.dumps(row)
    stream.write(line[:25])
    stream.flush()
    time.sleep(0.02)
    stream.write(line[25:] + "\\n")
    stream.flush()
"""
PATIENCE = 60


class Follower:
    """The command at work, its lines as they come."""

    def __init__(self, model, *arguments, cwd) -> None:
        command = [sys.executable, "-m", "slugline", "predict", "--follow", "--model", str(model), *arguments]
        self.process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.out: queue.Queue[str] = queue.Queue()
        self.err: queue.Queue[str] = queue.Queue()
        for stream, lines in ((self.process.stdout, self.out), (self.process.stderr, self.err)):
            threading.Thread(target=self.read, args=(stream, lines), daemon=True).start()

    @staticmethod
    def read(stream, lines) -> None:
        for line in stream:
            lines.put(line.decode())

    def ids(self, count):
        return [json.loads(self.out.get(timeout=PATIENCE))["id"] for _ in range(count)]

    def told(self, part) -> None:
        while part not in self.err.get(timeout=PATIENCE):
            pass

    def end(self, number) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture
def follower(starter_run, tmp_path):
    started = []

    def start(*arguments):
        started.append(Follower(starter_run.model, *arguments, cwd=tmp_path))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait()


def write(path, count, name) -> None:
    subprocess.run([sys.executable, "-c", WRITER, path, str(count), name], check=True)


def test_a_writer_is_followed_through_rotation_and_truncation(follower, tmp_path):
    path = tmp_path / "feed.jsonl"
    one = follower("feed.jsonl", "--format", "jsonl")
    one.told("waiting for feed.jsonl")
    write(path, 5, "a")
    assert one.ids(5) == [f"a{number}" for number in range(5)]
    path.rename(tmp_path / "feed.jsonl.1")
    write(tmp_path / "feed.jsonl.1", 2, "late")
    write(path, 3, "b")
    assert one.ids(5) == ["late0", "late1", "b0", "b1", "b2"]
    os.truncate(path, 0)
    one.told("truncated")
    write(path, 2, "c")
    assert one.ids(2) == ["c0", "c1"]
    assert one.out.empty()
    assert one.end(signal.SIGTERM) == 143


def test_each_article_is_answered_before_the_next_one_is_written(follower, tmp_path):
    path = tmp_path / "feed.jsonl"
    path.write_text("")
    one = follower("feed.jsonl", "--format", "jsonl", "--top", "1")
    for number in range(3):
        write(path, 1, f"n{number}-")
        assert one.ids(1) == [f"n{number}-0"]
    assert one.end(signal.SIGINT) == 130
    one.told("interrupted")


@pytest.mark.parametrize(("form", "header"), [("csv", "id,title"), ("table", "article ")])
def test_other_formats_come_line_by_line(follower, tmp_path, form, header):
    path = tmp_path / "feed.jsonl"
    write(path, 2, "a")
    one = follower("feed.jsonl", "--format", form)
    assert one.out.get(timeout=PATIENCE).startswith(header)
    assert "Rebels seize town 0" in one.out.get(timeout=PATIENCE)
    assert "Rebels seize town 1" in one.out.get(timeout=PATIENCE)
    write(path, 1, "b")
    assert "Rebels seize town 0" in one.out.get(timeout=PATIENCE)
    assert one.end(signal.SIGTERM) == 143


def test_a_pipe_is_answered_line_by_line_and_ends_it(follower):
    one = follower("-", "--format", "jsonl")
    for name in ("x", "y"):
        one.process.stdin.write(json.dumps({"id": name, "text": "Rebels."}).encode() + b"\n")
        one.process.stdin.flush()
        assert one.ids(1) == [name]
    one.process.stdin.close()
    assert one.process.wait(PATIENCE) == 0


def test_a_bad_line_ends_it_after_what_stands_before(starter_run, tmp_path):
    lines = '{"id": "a", "text": "Rebels."}\nnonsense\n{"id": "b", "text": "Rebels."}\n'
    asked = ("predict", "--follow", "-", "--format", "jsonl", "--model", starter_run.model)
    done = slugline(*asked, cwd=tmp_path, stdin=lines)
    assert done.returncode == 1
    assert "error: stdin:2: not valid JSON" in done.stderr
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a"]
    done = slugline(*asked, "--skip-bad", cwd=tmp_path, stdin=lines)
    assert done.returncode == 0
    assert "skipped: stdin:2" in done.stderr
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a", "b"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "one file"),
        (["a", "b"], "one file"),
        (["a", "--format", "json"], "needs an end"),
        (["a", "--out", "o"], "does not go with --out"),
        (["a", "--jobs", "2", "--adapt-priors"], "does not go with --jobs and --adapt-priors"),
        (["a", "--cluster", "local"], "does not go with --cluster"),
    ],
)
def test_what_does_not_go_with_it_is_refused(arguments, said, tmp_path):
    done = slugline("predict", "--follow", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="memory is read from /proc")  # noqa: PTH110
def test_memory_does_not_grow_with_the_file(follower, tmp_path):
    """Twenty megabytes of lines, of which none is kept."""
    path = tmp_path / "feed.jsonl"
    row = json.dumps({"id": "x", "title": "Rebels seize a town", "body": "word " * 2000}) + "\n"
    path.write_text(row * 40)
    one = follower("feed.jsonl", "--format", "jsonl")
    one.ids(40)

    def resident() -> int:
        status = (line.split() for line in open(f"/proc/{one.process.pid}/status"))  # noqa: SIM115, PTH123
        return next(int(words[1]) for words in status if words[0] == "VmRSS:")

    before = resident()
    with path.open("a") as stream:
        stream.write(row * 2000)
    one.ids(2000)
    assert resident() - before < 15_000
