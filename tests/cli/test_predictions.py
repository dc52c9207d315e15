"""docs/predictions.md and what `slugline predict` writes are held together, field by field."""

from __future__ import annotations

import bz2
import csv
import io
import json
import os
import re
import struct
import subprocess
import sys

import pytest

from slugline.article import EventTypeScore, Prediction, TagScore
from slugline.cli import predicted_csv
from slugline.spreadsheets import restored
from support import ROOT, SAMPLE, slugline

PAGE = (ROOT / "docs" / "predictions.md").read_text(encoding="utf-8")
TYPES = {"string": str, "object": dict, "number": (int, float), "array": list, "boolean": bool}


def table(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading of the page, without what is only typography."""
    below = PAGE.partition(f"\n{heading}\n")[2]
    rows = re.findall(r"^\|(.*)\|$", below.partition("\n#")[0], flags=re.MULTILINE)
    return [[cell.strip().strip("`") for cell in row.split(" | ")] for row in rows[2:]]


def fields() -> dict[str, tuple[str, bool]]:
    """Each documented field: its type, and whether it may be null."""
    found = {}
    for row in table("### JSON and JSON Lines"):
        cells = [cell.strip(" |`") for cell in row]
        found[cells[0]] = (cells[1], cells[-1] != "never")
    return found


def walk(value, path=""):
    """Every field of an object with its value; those of lists under `name[]`."""
    for key, inner in value.items():
        yield f"{path}{key}", inner
        if isinstance(inner, dict):
            yield from walk(inner, f"{path}{key}.")
        elif isinstance(inner, list):
            for one in inner:
                yield from walk(one, f"{path}{key}[].")


def check(found: dict) -> set[str]:
    """Hold one object to the page; the fields that it has."""
    known, seen = fields(), set()
    for name, value in walk(found):
        kind, nullable = known[name]
        seen.add(name)
        if value is None:
            assert nullable, name
        else:
            assert isinstance(value, TYPES[kind]), (name, value)
            assert isinstance(value, bool) == (kind == "boolean"), (name, value)
        if kind == "number" and value is not None:
            assert 0 <= value <= 1
            assert round(value, 4) == value
    assert found["id"]
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", found["model"])
    chances = [tag["probability"] for tag in found["tags"]]
    assert chances == sorted(chances, reverse=True)
    event = found["event_type"]
    if event is not None:
        assert event["type"] is not None or event["group"] is not None
        if event["group_probability"] is not None and event["type"] is not None:
            assert event["group_probability"] >= event["probability"]
    required = {name for name in known if "." not in name and "[]" not in name}
    assert required <= seen
    if event is not None:
        assert {name for name in known if name.startswith("event_type.")} <= seen
    return seen


MODEL = "sha256:" + "0" * 64
KINDS = [
    None,
    EventTypeScore("attack", "War", 0.91239, 1.0, group_probability=0.95),
    EventTypeScore(None, "War", 0.6, 1.0, group_probability=0.6),
    EventTypeScore("own_type", None, 0.6, 1.0),
    EventTypeScore("none", None, 0.6, 1.0),
]


@pytest.mark.parametrize("event", KINDS)
@pytest.mark.parametrize("tags", [(), (TagScore("A", 0.9, True, 1.0), TagScore("B", 0.1, False, 0.0))])
def test_every_kind_of_prediction_is_as_the_page_says(event, tags):
    found = Prediction("a", "", event, tags, MODEL).to_dict()
    seen = check(found)
    if event is not None and tags:
        assert seen == set(fields())


def test_the_page_has_the_columns_of_csv_in_their_order():
    assert tuple(row[0].strip("`| ") for row in table("### CSV")) == predicted_csv.COLUMNS


@pytest.fixture(scope="module")
def desk(starter_run, tmp_path_factory):
    """Articles of every kind, and the model."""
    folder = tmp_path_factory.mktemp("predictions")
    lines = (ROOT / "data" / "starter" / "articles.jsonl").read_text(encoding="utf-8").splitlines()[:40]
    rows = [json.loads(line) for line in lines]
    rows += [{"title": "=1+1", "body": "zzz qqq"}, {"id": "+49", "body": "A\x1b[31m bell\x07 rings in Syria."}]
    (folder / "many.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "few.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows[:3]), encoding="utf-8")
    return folder


def predict(desk, starter_run, *arguments, **variables):
    done = slugline("predict", "--model", starter_run.model, *arguments, cwd=desk, **variables)
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.parametrize("top", [[], ["--top", "5"]])
def test_what_is_written_is_as_the_page_says_and_the_formats_agree(desk, starter_run, top):
    lines = predict(desk, starter_run, "many.jsonl", "--format", "jsonl", *top).stdout
    found = [json.loads(line) for line in lines.splitlines()]
    assert len(found) == 42
    assert set().union(*map(check, found)) == set(fields())
    if not top:
        assert all(tag["decided"] for one in found for tag in one["tags"])
    whole = predict(desk, starter_run, "many.jsonl", "--format", "json", *top).stdout
    assert json.loads(whole) == found
    assert whole == json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    text = predict(desk, starter_run, "many.jsonl", "--format", "csv", *top).stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == predicted_csv.COLUMNS
    for row, one in zip(rows, found, strict=True):
        assert restored(row["id"]) == one["id"]
        assert restored(row["title"]) == one["title"]
        assert row["tag_probabilities"] == "; ".join(f"{tag['probability']:.4f}" for tag in one["tags"])
        assert row["tag_decided"] == "; ".join("true" if tag["decided"] else "false" for tag in one["tags"])
        assert row["event_type"] == ((one["event_type"] or {}).get("type") or "")
        assert not row["id"].startswith(("=", "+"))
        assert not row["title"].startswith(("=", "+"))


def test_few_articles_get_a_card_and_many_a_line(desk, starter_run):
    few = predict(desk, starter_run, "few.jsonl").stdout
    assert few.count("event type") == 3
    assert len(few.split("\n\n")) == 3
    many = predict(desk, starter_run, "many.jsonl").stdout.splitlines()
    assert many[0].startswith("article ")
    assert len(many) == 43
    assert max(map(len, many)) <= 80


@pytest.mark.parametrize("columns", ["60", "80"])
@pytest.mark.parametrize("file", ["few.jsonl", "many.jsonl"])
def test_nothing_is_wider_than_the_terminal_and_no_control_character_gets_there(desk, starter_run, columns, file):
    for more in ([], ["--top", "4"]):
        shown = predict(desk, starter_run, file, *more, COLUMNS=columns).stdout
        assert max(map(len, shown.splitlines())) <= int(columns)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", shown)


def test_patterns_pipes_and_folders(desk, starter_run, tmp_path):
    ids = [json.loads(line)["id"] for line in (desk / "few.jsonl").read_text().splitlines()]
    asked = ("--format", "jsonl")

    def of(done):
        return [json.loads(line)["id"] for line in done.stdout.splitlines()]

    assert of(predict(desk, starter_run, "fe*.jsonl", *asked)) == ids
    assert of(predict(desk, starter_run, "**/few.jsonl", *asked)) == ids
    data = (desk / "few.jsonl").read_bytes()
    for piped in (data, bz2.compress(data)):
        done = slugline("predict", "--model", starter_run.model, *asked, cwd=desk, stdin=piped)
        assert of(done) == ids
    done = slugline("predict", "nothing*", cwd=desk)
    assert done.returncode == 1
    assert "error: nothing*: no file matches this pattern" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_in_a_terminal(desk, starter_run, variables, coloured):
    shown = in_terminal(60, ["predict", "--model", str(starter_run.model), str(SAMPLE)], desk, variables)
    assert ("\x1b[1m" in shown) == coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert max(map(len, plain.splitlines())) <= 60
    assert "event type" in plain


def in_terminal(columns, arguments, cwd, variables) -> str:
    """What the command writes to a terminal of so many columns."""
    import fcntl
    import pty
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    unset = {"NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    process = subprocess.Popen(
        [sys.executable, "-m", "slugline", *arguments],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=environment | {"TERM": "xterm"} | variables,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            data = os.read(ours, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data
    os.close(ours)
    assert process.wait() == 0
    return shown.decode()
