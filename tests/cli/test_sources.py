"""Training on several corpora together, and labels that are mapped, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slugline.bundle import read_bundle
from support import ROOT, assert_one_line_error, slugline

ROWS = [json.loads(line) for line in (ROOT / "data/starter/articles.jsonl").read_text(encoding="utf-8").splitlines()]
PLOVER = {"trial": "ACCUSE", "repression": "COERCE", "diplomacy": "CONSULT", "armed_conflict": "ASSAULT"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Two corpora with the same ids: one of types with tags, one of another's codes and without tags."""
    folder = tmp_path_factory.mktemp("sources")
    rows = [row for row in ROWS if row["event_type"] in PLOVER]
    own, others = rows[::2], rows[1::2]
    with (folder / "own.jsonl").open("w", encoding="utf-8") as stream:
        for number, row in enumerate(own):
            stream.write(json.dumps(row | {"id": f"n{number}"}) + "\n")
    with (folder / "coded.jsonl").open("w", encoding="utf-8") as stream:
        for number, row in enumerate(others):
            plain = {key: row[key] for key in ("date", "title", "body")}
            label = "SPEAK" if number % 10 == 0 else PLOVER[row["event_type"]]
            stream.write(json.dumps(plain | {"id": f"n{number}", "event_type": label}) + "\n")
    return folder


@pytest.fixture(scope="module")
def trained(folder: Path) -> tuple[Path, str]:
    """A model of both, and what training said on stderr."""
    done = slugline(
        "train", "own.jsonl", "coded.jsonl", "--map", "plover", "--no-track", "--out", "both.safetensors", cwd=folder
    )
    assert done.returncode == 0, done.stderr
    assert "own.jsonl+coded.jsonl" in done.stdout
    return folder / "both.safetensors", done.stderr


def test_unmapped_labels_are_told_with_their_counts(trained) -> None:
    count = sum(number % 10 == 0 for number in range(len([r for r in ROWS if r["event_type"] in PLOVER]) // 2))
    assert f"not in the map: SPEAK ({count} articles, not annotated)" in trained[1]


def test_the_model_file_says_what_each_corpus_gave(trained) -> None:
    about = read_bundle(trained[0]).manifest.corpus
    assert [one["name"] for one in about["sources"]] == ["own.jsonl", "coded.jsonl"]
    assert [one["tagged"] > 0 for one in about["sources"]] == [True, False]
    for side in ("train", "held_out", "articles"):
        assert sum(one[side] for one in about["sources"]) == about[side]
    assert about["unmapped"].keys() == {"SPEAK"}


def test_types_and_groups_are_learned_together_and_measured_at_both_levels(trained) -> None:
    bundle = read_bundle(trained[0])
    assert set(bundle.event_type.labels) == set(PLOVER)
    assert "Armed conflicts and attacks" in bundle.event_group.labels
    metrics = bundle.manifest.metrics
    assert metrics["event_type"]["articles"] < metrics["event_group"]["articles"]
    assert (metrics["event_type"]["level"], metrics["event_group"]["level"]) == ("type", "group")


def test_one_of_its_corpora_is_measured_on_its_own_held_out_part(trained, folder: Path) -> None:
    about = read_bundle(trained[0]).manifest.corpus
    for source in about["sources"]:
        done = slugline(
            "evaluate", source["name"], "--model", "both.safetensors", "--map", "plover", "--format", "json", cwd=folder
        )
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
        assert (said["corpus"], said["part"], said["articles"]) == (source["name"], "held-out", source["held_out"])
    everything = json.loads(slugline("evaluate", "--model", "both.safetensors", "--format", "json", cwd=folder).stdout)
    assert everything["articles"] == about["held_out"]
    done = slugline("evaluate", "own.jsonl", "--model", "both.safetensors", "--part", "all", cwd=folder)
    assert "trained on some of these" in done.stdout


def test_strict_stops_at_an_unknown_label(folder: Path) -> None:
    done = slugline("corpus", "stats", "coded.jsonl", "--map", "plover", "--strict", cwd=folder)
    assert_one_line_error(done, "coded.jsonl", "event_type", "SPEAK")


def test_convert_writes_mapped_labels(folder: Path) -> None:
    done = slugline("corpus", "convert", "coded.jsonl", "mapped.jsonl", "--map", "plover", cwd=folder)
    assert done.returncode == 0, done.stderr
    found = {json.loads(line)["event_type"] for line in (folder / "mapped.jsonl").read_text("utf-8").splitlines()}
    assert found == {"trial", "repression", "diplomacy", "Armed conflicts and attacks", None}


def test_one_corpus_twice_is_refused(folder: Path) -> None:
    done = slugline("train", "own.jsonl", "own.jsonl", "--no-track", "--out", "x.safetensors", cwd=folder)
    assert_one_line_error(done, "two sources of one name", "own.jsonl")
