"""`slugline predict --explain`, `--why-not` and `--text` as a user types them, and `train --keep-titles`."""

from __future__ import annotations

import csv
import json

import pytest

from slugline.cli.console import WIDTH, columns
from support import ROOT, SAMPLE, slugline


@pytest.fixture(scope="module")
def titles(tmp_path_factory):
    """The starter model with the titles of its articles."""
    folder = tmp_path_factory.mktemp("titles")
    done = slugline("train", "--keep-titles", "--no-track", "--folds", 2, "--out", "m.safetensors", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "m.safetensors"


def predict(model, *arguments, **environment):
    return slugline("predict", SAMPLE, "--model", model, *arguments, cwd=ROOT, **environment)


def test_in_a_pipe_there_is_no_text_unless_asked(titles):
    plain = predict(titles, "--explain")
    assert plain.returncode == 0, plain.stderr
    assert "speaks for it" not in plain.stdout
    assert "nearest" in plain.stdout
    text = predict(titles, "--text")
    assert "[+" in text.stdout
    assert "\x1b" not in text.stdout
    kept = [line for line in text.stdout.splitlines() if line in plain.stdout.splitlines()]
    assert kept == plain.stdout.splitlines()
    coloured = predict(titles, "--text", FORCE_COLOR="1")
    assert "\x1b[1;32m" in coloured.stdout
    assert "[+" not in coloured.stdout
    for line in (plain.stdout + text.stdout).splitlines():
        assert columns(line) <= WIDTH, line


def test_json_and_jsonl_say_the_same_in_any_number_of_processes(titles, tmp_path):
    rows = [
        {"id": f"a{n}", "title": f"Rebels seize town {n}", "body": "The army left.\n\nWater is short."}
        for n in range(90)
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    base = ("predict", tmp_path / "a.jsonl", "--model", titles, "--explain", "--why-not", "Water")
    one = slugline(*base, "--format", "json", cwd=tmp_path)
    lines = slugline(*base, "--format", "jsonl", cwd=tmp_path)
    two = slugline(*base, "--format", "jsonl", "--jobs", 2, cwd=tmp_path)
    assert lines.stdout == two.stdout
    assert json.loads(one.stdout) == [json.loads(line) for line in lines.stdout.splitlines()]
    first = json.loads(one.stdout)[0]
    (water,) = [tag for tag in first["tags"] if tag["tag"] == "Water"]
    assert water["asked"]
    assert first["text"] == {"title": rows[0]["title"], "body": rows[0]["body"]}
    assert len(first["neighbours"]) == 3
    assert first["neighbours"][0]["similarity"] > 0


def test_csv_has_no_reasons_and_nobody_may_ask_for_one(titles):
    plain, explained = predict(titles, "--format", "csv"), predict(titles, "--format", "csv", "--explain")
    assert plain.stdout == explained.stdout
    assert len(list(csv.reader(plain.stdout.splitlines()))) == 2
    asked = predict(titles, "--format", "csv", "--why-not", "Water")
    assert asked.returncode == 2
    assert "--why-not" in asked.stderr


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_tag_that_is_not_known_is_one_line_with_what_is_near(titles, jobs):
    done = predict(titles, "--why-not", "Watr", "--jobs", jobs)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert (
        "slugline: error: the model knows no such tag or event type; found 'Watr'; expected for example 'Water'"
        in done.stderr
    )


def test_a_feed_that_is_followed_is_explained_too(titles, tmp_path):
    line = json.dumps({"id": "a", "title": "Rebels seize town", "body": "The army left."}) + "\n"
    arguments = ("predict", "--follow", "-", "--model", titles, "--why-not", "Water", "--why-not", "Sudan")
    done = slugline(*arguments, "--format", "jsonl", cwd=tmp_path, stdin=line * 2)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [{tag["tag"] for tag in one["tags"] if tag["asked"]} for one in found] == [{"Water", "Sudan"}] * 2


def test_the_manifest_and_the_card_say_that_text_is_inside(titles):
    from slugline.bundle import read_bundle
    from slugline.experiment.card import model_card

    bundle = read_bundle(titles)
    bundle.verify()
    assert bundle.manifest.config["learn"]["keep_titles"] is True
    assert "titles" in bundle.sections["neighbours"].describe()["text"]
    assert "It also holds text: ids, titles" in " ".join(model_card(bundle, name="m").split())


def test_an_event_type_that_was_not_given_is_explained_below_the_one_that_was(titles):
    from slugline.bundle import read_bundle

    labels = json.loads(predict(titles, "--explain", "--format", "jsonl").stdout.splitlines()[0])["event_type"]
    types = read_bundle(titles).event_type.labels
    other = next(label for label in types if label not in (labels["type"], labels["group"]))
    shown = predict(titles, "--why-not", other, "--why-not", labels["type"] or labels["group"]).stdout
    assert f"not given   {other}" in shown
    assert f"{labels['type'] or labels['group']} is more probable" in shown
    assert "it is the most probable, and probable enough" in shown
    assert all(len(line) <= 80 for line in shown.splitlines())
    (found,) = json.loads(predict(titles, "--why-not", other, "--format", "json").stdout)[0]["asked_events"]
    assert other in (found["type"], found["group"])
