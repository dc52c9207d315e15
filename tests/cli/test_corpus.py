"""`slugline corpus` as a user runs it."""

from __future__ import annotations

import csv
import json
import re

import pytest

from slugline.corpus.catalogue import catalogue
from support import assert_one_line_error, slugline

ROWS = [
    {"n": "1", "words": "Rebels take a city.", "tags": ["Syria", "middle-east"], "section": ["War"]},
    {"n": "2", "words": "Rebels lose a city.", "tags": ["Middle East"], "section": ["Peace"]},
    {"n": "3", "words": "", "tags": []},
]
OPTIONS = ("--field", "body=words", "--field", "id=n", "--skip-bad")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return tmp_path


def run(folder, *arguments, **environment):
    return slugline("corpus", *arguments, cwd=folder, **{"SLUGLINE_CORPORA": "", **environment})


def result(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_list(folder):
    table = run(folder, "list")
    assert table.returncode == 0
    names = [line.split()[0] for line in table.stdout.splitlines()[1:] if not line.startswith(" ")]
    assert names == list(catalogue())
    entries = {entry["name"]: entry for entry in result(run(folder, "list", "--format", "json"))}
    assert entries["starter"]["here"]
    assert not entries["wcep"]["here"]
    assert entries["reuters21578"]["address"].startswith("https://")


def test_stats(folder):
    done = run(folder, "stats", "rows.jsonl", *OPTIONS, "--format", "json")
    counted = result(done)
    assert (counted["articles"], counted["skipped"], counted["tags"]) == (2, 1, 2)
    assert counted["top_tags"] == {"Middle East": 2, "Syria": 1}
    assert "skipped: rows.jsonl:3" in done.stderr
    assert "1 bad row" in done.stderr
    table = run(folder, "stats", "starter")
    assert re.search(r"^articles +472$", table.stdout, re.MULTILINE)
    assert re.search(r"^natural_disaster +20 ", table.stdout, re.MULTILINE)


def test_families_choose_the_tags(folder):
    done = run(folder, "stats", "rows.jsonl", *OPTIONS, "--families", "section", "--format", "json")
    assert result(done)["top_tags"] == {"Peace": 1, "War": 1}


def test_check_tells_spellings_that_normalising_would_hide(folder):
    found = result(run(folder, "check", "rows.jsonl", *OPTIONS, "--format", "json"))
    assert found["articles"] == 2
    findings = {finding["kind"]: finding for finding in found["findings"]}
    assert any("middle-east" in example for finding in findings.values() for example in finding["examples"])
    table = run(folder, "check", "rows.jsonl", *OPTIONS)
    assert table.returncode == 0
    for finding in findings.values():
        assert f"{finding['severity']}: {finding['kind']}: {finding['count']}" in table.stdout


@pytest.mark.parametrize("name", ["out.csv", "out.tsv", "out.jsonl", "out.jsonl.gz"])
def test_convert(folder, name):
    done = run(folder, "convert", "rows.jsonl", name, *OPTIONS)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert f"wrote 2 articles to {name}" in done.stderr
    counted = result(run(folder, "stats", name, "--format", "json"))
    assert counted["digest"] == result(run(folder, "stats", "rows.jsonl", *OPTIONS, "--format", "json"))["digest"]


def test_converted_tags_can_be_read_by_people(folder):
    run(folder, "convert", "rows.jsonl", "out.csv", *OPTIONS)
    with (folder / "out.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["tags"] for row in rows] == ["Middle East; Syria", "Middle East"]


def test_get_copies_and_refuses_what_is_not_right(folder):
    entry = catalogue()["wcep"]
    (folder / entry.file).write_bytes(b"something else")
    done = run(folder, "get", "wcep", "--from", entry.file)
    assert_one_line_error(done, "not the contents", *entry.sha256)
    assert not list((folder / "corpora").rglob("*.gz"))
    assert_one_line_error(run(folder, "get", "wcep", "--from", "nowhere"), "nowhere")
    assert_one_line_error(run(folder, "get", "wcep"), "--from")
    assert_one_line_error(run(folder, "get", "wcepp"), "did you mean 'wcep'?")
    done = run(folder, "get", "starter")
    assert done.stdout.strip().endswith("articles.jsonl")


def test_get_a_real_one(folder, real_corpus):
    source = real_corpus("wcep_linked")
    done = run(folder, "get", "wcep_linked", "--from", source)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "corpora/wcep_linked/events-2025.jsonl.gz"
    assert result(run(folder, "stats", "wcep_linked", "--format", "json"))["articles"] == 5459


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["stats", "nosuch"], ["the catalogue has bbc, muc34"]),
        (["stats", "wcep"], ["slugline corpus get wcep"]),
        (["stats", "nosuch.csv"], ["nosuch.csv: no such file"]),
        (["stats", "rows.jsonl"], ["--field body=NAME"]),
        (["stats", "rows.jsonl", "--reader", "x"], ["unknown reader"]),
        (["stats", "rows.jsonl", "--field", "nosuch=words"], ["unknown field"]),
        (["convert", "starter", "out.xml"], [".parquet"]),
        (["convert", "starter", "rows.jsonl/out.csv"], ["out.csv"]),
    ],
)
def test_faults_are_one_line(folder, arguments, parts):
    done = run(folder, *arguments)
    assert_one_line_error(done, *parts)
    assert done.stdout == ""


@pytest.mark.parametrize("arguments", [["get"], ["convert", "starter"], ["stats", "starter", "--field", "body"], ["x"]])
def test_wrong_command_lines_exit_with_2(folder, arguments):
    assert run(folder, *arguments).returncode == 2


def test_the_list_fits_a_narrow_terminal(tmp_path):
    done = slugline("corpus", "list", cwd=tmp_path)
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "Reuters-21578: newswire of 1987" in done.stdout
