"""`--vocabulary`: tags of the user's own, found by name."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from slugline.bundle import write_bundle
from slugline.features.mentions import NameTable
from slugline.names import NAME_FEATURES, NameModel, TagCounts
from slugline.self_test import with_self_test
from small_model import TAGS, small_bundle
from support import assert_one_line_error, slugline


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """An article, and two models: one with names, all of which it believes, and one without."""
    count = len(TAGS)
    none = np.zeros(count, dtype=np.int64)
    believing = np.append(np.zeros(len(NAME_FEATURES) - 1), 3.0)
    names = NameModel(
        TAGS, count, NameTable.build(TAGS), TagCounts(4, none, none, none), believing, 0.0, believing, 1.0
    )
    write_bundle(tmp_path / "plain.safetensors", with_self_test(small_bundle()))
    named = dataclasses.replace(small_bundle(), sections={"names": names})
    write_bundle(tmp_path / "named.safetensors", with_self_test(named))
    (tmp_path / "article.txt").write_text("Rebels seize Aleppo\n\nThey took the port of Latakia.\n", encoding="utf-8")
    return tmp_path


def test_a_vocabulary_adds_tags_to_a_model(desk: Path) -> None:
    (desk / "ports.json").write_text(json.dumps({"Ports of Syria": ["Latakia"], "Oslo": []}), encoding="utf-8")
    asked = ("predict", "article.txt", "--model", "named.safetensors", "--format", "json", "--explain")
    before = json.loads(slugline(*asked, cwd=desk).stdout)[0]
    after = json.loads(slugline(*asked, "--vocabulary", "ports.json", cwd=desk).stdout)[0]
    assert "Ports of Syria" not in [tag["tag"] for tag in before["tags"]]
    added = next(tag for tag in after["tags"] if tag["tag"] == "Ports of Syria")
    assert added["decided"]
    assert added["evidence"]["terms"] == [{"term": 'name "Ports of Syria"', "contribution": 3.0}]
    assert "Oslo" not in [tag["tag"] for tag in after["tags"]]


def test_a_vocabulary_at_fault_is_told_in_one_line(desk: Path) -> None:
    (desk / "bad.csv").write_text("tag\n---\n", encoding="utf-8")
    (desk / "skos.rdf").write_text('<?xml version="1.0"?><rdf:RDF/>', encoding="utf-8")
    for name, said in (("bad.csv", "bad.csv:2"), ("none.txt", "none.txt"), ("skos.rdf", "skos.rdf")):
        done = slugline("predict", "article.txt", "--model", "named.safetensors", "--vocabulary", name, cwd=desk)
        assert_one_line_error(done, said)


def test_a_model_that_has_not_learned_names_says_so(desk: Path) -> None:
    (desk / "tags.txt").write_text("Latakia\n", encoding="utf-8")
    done = slugline("predict", "article.txt", "--model", "plain.safetensors", "--vocabulary", "tags.txt", cwd=desk)
    assert_one_line_error(done, "plain.safetensors", "has not learned to find tags by name")
