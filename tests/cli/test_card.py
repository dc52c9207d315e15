"""`slugline card`: of a model that was just trained, of the shipped one, as Markdown and as JSON."""

from __future__ import annotations

import json

from slugline.bundle import read_bundle
from slugline.experiment.card import model_card
from support import ROOT, assert_one_line_error, slugline


def test_the_card_of_a_new_model_says_what_was_measured(starter_run, tmp_path) -> None:
    done = slugline("card", "--model", starter_run.model, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout == model_card(read_bundle(starter_run.model), name="model")
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    for part in ("| worst tags", "| tags by article's length", "unknown words", "CC0 1.0", "slugline train --config"):
        assert part in done.stdout
    assert "not measured" not in done.stdout


def test_json_is_what_the_card_is_made_of(starter_run, tmp_path) -> None:
    done = slugline("card", "--model", starter_run.model, "--format", "json", cwd=tmp_path)
    said = json.loads(done.stdout)
    assert said["model"] == read_bundle(starter_run.model).digest
    assert said["findings"]["tags"]["worst"][0]["f1"] <= said["findings"]["tags"]["worst"][-1]["f1"]
    assert said["tags_now"] == said["tags"]


def test_it_is_written_to_a_file_with_notes_and_a_name(starter_run, tmp_path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("## Who made it\n\nThe desk.\n", encoding="utf-8")
    asked = ("card", "--model", starter_run.model, "--notes", notes, "--name", "Ours", "--out", "card.md")
    done = slugline(*asked, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    text = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert text.startswith("# Ours\n")
    assert "## Who made it\n\nThe desk.\n" in text


def test_what_cannot_be_is_one_line(tmp_path) -> None:
    assert_one_line_error(slugline("card", "--model", "none.safetensors", cwd=tmp_path), "no such model file")
    bad = slugline("card", "--notes", "none.md", cwd=tmp_path)
    assert_one_line_error(bad, "none.md", "cannot read")
    model = ROOT / "data" / "models" / "news-en.safetensors"
    copy = tmp_path / "model.safetensors"
    copy.write_bytes(model.read_bytes())
    assert_one_line_error(slugline("card", "--out", copy, cwd=tmp_path), "would overwrite what is read")
    assert copy.read_bytes() == model.read_bytes()
