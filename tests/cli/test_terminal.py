"""What articles, labels and file names hold cannot steer the terminal that shows it: every command, in a real one."""

from __future__ import annotations

import json
import os
import pty
import random
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

TRICKS = (
    "\x1b[45;7m",  # colours that nothing here uses
    "\x1b[31mFAKE",  # one that is used
    "\x1b]0;owned\x07",  # the window's title
    "\x1b]8;;http://evil.example\x1b\\",  # a link
    "\x1bP1$r",  # a device control string
    "\x9b45m",  # the same in one character
    "\x1b[2J",
    "\x1b[1A",
    "\rFAKE",
    "\x08\x08\x08",
    "\u202eesrever",
    "\u2066",
    "\u2028FAKE",
    "\x85FAKE",
)
NASTY = "".join(TRICKS)
WORDS = {"Syria": "rebels army city siege troops", "Football": "goal match league keeper striker"}
FILE = "".join(trick for trick in TRICKS if "/" not in trick) + ".jsonl"


def in_terminal(*arguments: object, cwd: Path, keys: str = "", ends: bytes = b"\0", code: int | None = 0) -> str:
    """What a terminal is sent while a command runs in it, stderr included."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "slugline", *map(str, arguments)],
        cwd=cwd,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "100", "PYTHONUTF8": "1"},
        close_fds=True,
    )
    os.close(follower)
    os.write(leader, keys.encode())
    got, end = b"", time.monotonic() + 300
    while time.monotonic() < end:
        ready, _, _ = select.select([leader], [], [], 1)
        if keys and ends in got:
            # Ctrl-D
            os.write(leader, b"\x04")
        if ready:
            try:
                data = os.read(leader, 1 << 16)
            except OSError:
                break
            if not data:
                break
            got += data
        elif process.poll() is not None:
            break
    os.close(leader)
    said = process.wait(60)
    text = got.decode("utf-8", "backslashreplace")
    assert code is None or said == code, text
    assert "Traceback" not in text
    return text


def assert_unsteered(text: str) -> None:
    """None of the tricks came through."""
    for trick in ("\x1b[45", "\x1b[31mFAKE", "\x1b]", "\x1bP", "\x9b", "\x1b[2J", "\x07", "\x08", "\x85", "\u2028"):
        assert trick not in text, (trick, text)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
    assert not re.search(r"\r[^\n\S]*FAKE", text)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus under a nasty name, of nasty articles with nasty labels, and a model of it."""
    made = tmp_path_factory.mktemp("terminal")
    chance = random.Random(1)
    rows = [
        {
            "id": f"{NASTY}{number}",
            "title": f"{NASTY} {words.split()[number % 5]} {number}",
            "body": f"{words} {NASTY} " + " ".join(f"w{chance.randrange(99)}" for _ in range(40)),
            "tags": [tag, f"Nasty{NASTY}"],
            "event_type": f"{tag}{NASTY}",
            "source": NASTY,
        }
        for number in range(30)
        for tag, words in list(WORDS.items())[number % 2 : number % 2 + 1]
    ]
    (made / FILE).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    text = in_terminal("train", FILE, "--split", "random", "--out", "m.safetensors", "--no-track", cwd=made, code=None)
    assert_unsteered(text)
    assert (made / "m.safetensors").is_file(), text
    return made


COMMANDS: dict[str, tuple[object, ...]] = {
    "cards": ("predict", "one.txt", "--model", "m.safetensors"),
    "lines": ("predict", FILE, "--model", "m.safetensors"),
    "json": ("predict", FILE, "--model", "m.safetensors", "--format", "json"),
    "jsonl": ("predict", FILE, "--model", "m.safetensors", "--format", "jsonl"),
    "csv": ("predict", FILE, "--model", "m.safetensors", "--format", "csv"),
    "reasons": ("predict", "one.txt", "--model", "m.safetensors", "--explain", "--why-not", f"x{NASTY}"),
    "no file": ("predict", f"missing{NASTY}", "--model", "m.safetensors"),
    "no option": ("predict", f"--x{NASTY}"),
    "no command": (f"x{NASTY}",),
    "no number": ("predict", "one.txt", "--top", NASTY),
    "no model": ("predict", "one.txt", "--model", f"m{NASTY}"),
    "a bad row": ("predict", f"bad-{FILE}", "--model", "m.safetensors", "--skip-bad"),
    "evaluation": ("evaluate", FILE, "--model", "m.safetensors"),
    "stats": ("corpus", "stats", FILE),
    "check": ("corpus", "check", f"bad-{FILE}", "--skip-bad"),
    "convert": ("corpus", "convert", FILE, f"out{NASTY.replace('/', '')}.csv"),
    "picks": ("review", FILE, "--model", "m.safetensors", "--format", "jsonl", "-n", "3"),
    "drift": ("drift", FILE, "--model", "m.safetensors"),
    "tags": ("tags", "list", "--model", "m.safetensors"),
    "an edit": ("tags", "rename", f"x{NASTY}", "y", "--model", "m.safetensors"),
    "card": ("card", "--model", "m.safetensors"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_shows_nothing_that_steers(name: str, folder: Path) -> None:
    (folder / "one.txt").write_text(f"{NASTY} rebels\n\nThe rebels {NASTY} army.\n\nTags\nA{NASTY}\n", encoding="utf-8")
    bad = [
        json.dumps({"title": "x", "body": "rebels"}),
        json.dumps({"title": "x", "date": NASTY, NASTY: 1, "tags": {NASTY: 1}}),
    ]
    (folder / f"bad-{FILE}").write_text("\n".join([*bad, json.dumps(NASTY), f'{{"{NASTY[:8]}": ']), encoding="utf-8")
    text = in_terminal(*COMMANDS[name], cwd=folder, code=None)
    assert len(text) > 20
    assert_unsteered(text)


def test_what_is_json_stays_the_same_json(folder: Path) -> None:
    text = in_terminal("predict", FILE, "--model", "m.safetensors", "--format", "json", cwd=folder)
    found = json.loads(text[text.index("[") :])
    assert {one["id"].rstrip("0123456789") for one in found} == {NASTY}


def test_the_questions_of_a_review(folder: Path) -> None:
    text = in_terminal(
        "review", FILE, "--model", "m.safetensors", "-n", "2", cwd=folder, keys="?\nm\n", ends=b"event type", code=None
    )
    assert "event type" in text
    assert_unsteered(text)
