"""`slugline tags`: the tags of a model file are edited, the rest of the file stays as it is."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import pytest

from slugline.bundle import read_bundle
from slugline.corpus.tags import load_aliases
from slugline.predict import Predictor
from support import ROOT, SAMPLE, assert_one_line_error, slugline

FIRST = ROOT / "tests" / "files" / "format-1.safetensors"


@pytest.fixture
def model(starter_run, tmp_path) -> Path:
    return Path(shutil.copy(starter_run.model, tmp_path / "model.safetensors"))


def arrays_of(model: Path) -> bytes:
    whole = model.read_bytes()
    return whole[8 + struct.unpack("<Q", whole[:8])[0] :]


def tags_of(model: Path) -> set[str]:
    done = slugline("predict", SAMPLE, "--model", model, "--format", "json", "--top", 500, cwd=model.parent)
    assert done.returncode == 0, done.stderr
    return {tag["tag"] for tag in json.loads(done.stdout)[0]["tags"]}


def test_tags_are_renamed_merged_retired_and_restored(model) -> None:
    before = read_bundle(model)
    a, b, c, d = before.tags.labels[:4]
    arrays = arrays_of(model)
    for arguments in (
        ("rename", a.upper(), "A new name"),
        ("merge", b, "--into", c),
        ("alias", c, "Another one", "And another"),
        ("retire", d),
    ):
        done = slugline("tags", *arguments, "--who", "anna", cwd=model.parent)
        assert done.returncode == 0, done.stderr
        assert done.stdout
    said = tags_of(model)
    assert {"A new name", c} <= said
    assert not {a, b, d} & said
    after = Predictor.load(model).bundle
    after.verify()
    assert arrays_of(model) == arrays
    edits = after.manifest.edits
    assert [edit["action"] for edit in edits] == ["rename", "merge", "alias", "alias", "retire"]
    assert {edit["who"] for edit in edits} == {"anna"}
    assert edits[0]["model"] == before.digest != after.digest
    listed = json.loads(slugline("tags", "list", "--edited", "--format", "json", cwd=model.parent).stdout)
    assert {row["tag"]: row["retired"] for row in listed} == {"A new name": False, c: False, d: True}
    assert next(row for row in listed if row["tag"] == c)["aliases"] == ["Another one", "And another"]

    for table in (("tags", "list"), ("tags", "list", "--edited"), ("tags", "history")):
        shown = slugline(*table, cwd=model.parent).stdout
        assert all(len(line) <= 80 for line in shown.splitlines()), shown
    file = model.parent / "aliases.toml"
    file.write_text(slugline("tags", "list", "--toml", cwd=model.parent).stdout, encoding="utf-8")
    assert load_aliases(file)["another one"] == c

    assert slugline("tags", "restore", b, d, cwd=model.parent).returncode == 0
    assert {b, d} <= tags_of(model)
    history = json.loads(slugline("tags", "history", "--format", "json", cwd=model.parent).stdout)
    assert [edit["action"] for edit in history["edits"]][-2:] == ["restore", "restore"]
    assert history["model"] == read_bundle(model).digest


def test_event_types_are_edited_in_the_same_way(model) -> None:
    first, second = [kind for kind in read_bundle(model).event_type.labels if kind != "none"][:2]
    arrays = arrays_of(model)
    for arguments in (("rename", first, "A new type"), ("retire", second)):
        done = slugline("event-types", *arguments, "--who", "anna", cwd=model.parent)
        assert done.returncode == 0, done.stderr
    predictor = Predictor.load(model)
    assert arrays_of(model) == arrays
    assert "A new type" in predictor.events.types
    assert {first, second}.isdisjoint(predictor.events.types)
    listed = json.loads(slugline("event-types", "list", "--edited", "--format", "json", cwd=model.parent).stdout)
    assert {row["event_type"]: row["retired"] for row in listed} == {"A new type": False, second: True}
    for table in (("list",), ("history",)):
        shown = slugline("event-types", *table, cwd=model.parent).stdout
        assert "A new type" in shown
        assert all(len(line) <= 80 for line in shown.splitlines()), shown
    assert "have not been edited" in slugline("tags", "history", cwd=model.parent).stderr
    assert_one_line_error(slugline("event-types", "retire", first + "§", cwd=model.parent), "no such event type")


def test_the_same_edits_at_the_same_time_give_the_same_bytes(model, tmp_path) -> None:
    label = read_bundle(model).tags.labels[0]
    for name in ("one", "two"):
        asked = ("tags", "rename", label, "Another", "--who", "x", "--out", tmp_path / name)
        assert slugline(*asked, cwd=tmp_path, SOURCE_DATE_EPOCH="1764158400").returncode == 0
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert read_bundle(tmp_path / "one").manifest.edits[0]["time"] == "2025-11-26T12:00:00Z"
    assert read_bundle(model).manifest.edits == []


def test_what_cannot_be_done_changes_nothing(model, tmp_path) -> None:
    first, second = read_bundle(model).tags.labels[:2]
    whole = model.read_bytes()
    for arguments, parts in (
        (("rename", first[:-1] + "§", "x"), ("no such tag", repr(first))),
        (("rename", first, second), ("merge",)),
        # Of several edits none is made where one cannot be.
        (("retire", first, "Nowhere to be found"), ("no such tag",)),
        (("merge", first, second, "--into", first), ("into itself",)),
    ):
        assert_one_line_error(slugline("tags", *arguments, cwd=model.parent), *parts)
    assert model.read_bytes() == whole
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.safetensors"]
    # Where there is no model.safetensors, it would be the shipped model.
    (tmp_path / "elsewhere").mkdir()
    done = slugline("tags", "retire", first, cwd=tmp_path / "elsewhere")
    assert_one_line_error(done, "comes with Slugline", "--out FILE")


def test_a_file_of_the_first_format_keeps_its_format(tmp_path) -> None:
    out = tmp_path / "renamed.safetensors"
    label = read_bundle(FIRST).tags.labels[0]
    done = slugline("tags", "rename", label, "Brand new", "--model", FIRST, "--out", out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert Predictor.load(out).labels()[0] == "Brand new"
    assert read_bundle(out).manifest.format == 1
    assert arrays_of(out) == arrays_of(FIRST)
