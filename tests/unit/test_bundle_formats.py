"""Files of older formats are read as they always were; optional sections go in and out."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sample_models import FORMAT_2, recorded
from slugline.article import Article
from slugline.bundle import FORMAT, HEADS, SECTIONS, read_bundle, write_bundle
from slugline.config import ViewConfig
from slugline.errors import ModelFileError
from slugline.head import LinearHead
from slugline.predict import Predictor
from slugline.self_test import with_self_test
from small_model import ARTICLES, TAGS, TYPES, edited, refusal, small_bundle

FILES = Path(__file__).parents[1] / "files"


def test_a_model_of_format_1_predicts_what_it_always_did(tmp_path: Path) -> None:
    """Scores and reasons to the last bit: they were recorded by the version that wrote the file."""
    recorded = json.loads((FILES / "format-1.json").read_text(encoding="utf-8"))
    articles = [Article("x", one["title"], one["body"]) for one in recorded["articles"]]
    predictor = Predictor.load(FILES / "format-1.safetensors")
    predictor.bundle.verify()
    assert predictor.bundle.manifest.format == 1
    assert predictor.bundle.features.views == (ViewConfig(ngram_max=2, title_repeat=3, max_df=0.9, max_terms=150),)
    for head, scores in predictor.scores(articles).items():
        assert scores.tolist() == recorded["scores"][head]
    for prediction, expected in zip(
        predictor.predict(articles, top=3, explain=True), recorded["predictions"], strict=True
    ):
        event = prediction.event_type
        assert (event.type, event.probability) == (
            expected["event_type"],
            pytest.approx(expected["probability"], 1e-12),
        )
        assert [[tag.tag, tag.probability, tag.decided] for tag in prediction.tags] == expected["tags"]
        assert [[one.term, one.contribution] for one in prediction.tags[0].evidence] == expected["evidence"]
    # Written again it is a model of today's format, with the same weights.
    write_bundle(tmp_path / "model", predictor.bundle)
    again = Predictor.load(tmp_path / "model")
    assert again.bundle.manifest.format == FORMAT
    for head, scores in again.scores(articles).items():
        np.testing.assert_allclose(scores, recorded["scores"][head], rtol=0, atol=1e-6)
    assert (tmp_path / "model").stat().st_size < (FILES / "format-1.safetensors").stat().st_size


@pytest.mark.parametrize("name", FORMAT_2)
def test_a_model_of_format_2_predicts_what_it_did_when_it_was_written(name: str) -> None:
    expected = json.loads((FILES / f"{name}.json").read_text(encoding="utf-8"))
    predictor = Predictor.load(FILES / f"{name}.safetensors")
    predictor.bundle.verify()
    assert predictor.bundle.manifest.format == 2
    found = recorded(predictor)
    assert_same(found, expected, name)


def test_the_files_of_format_2_have_every_section_between_them() -> None:
    files = [read_bundle(FILES / f"{name}.safetensors") for name in FORMAT_2]
    assert {name for bundle in files for name in bundle.sections} == set(SECTIONS)
    assert {name for bundle in files for name in bundle.heads} == set(HEADS)
    assert all(bundle.manifest.edits for bundle in files)


def assert_same(found: Any, expected: Any, where: str) -> None:
    """The same JSON, numbers to 1e-6."""
    if isinstance(expected, dict):
        assert set(found) == set(expected), where
        for key, value in expected.items():
            assert_same(found[key], value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for place, value in enumerate(expected):
            assert_same(found[place], value, f"{where}.{place}")
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, abs=1e-6), where
    else:
        assert found == expected, where


def test_a_group_head_belongs_beside_event_types(tmp_path: Path) -> None:
    whole = small_bundle()
    group = LinearHead.from_dense(("Sports",), np.ones((1, len(whole.vocabulary))), np.zeros(1), dtype=np.int8)
    write_bundle(tmp_path / "m", dataclasses.replace(whole, event_group=group))
    read = read_bundle(tmp_path / "m")
    assert list(read.heads) == ["tags", "event_type", "event_group"]
    assert read.event_group.weights.dtype == np.int8
    with pytest.raises(ModelFileError, match="event groups"):
        write_bundle(tmp_path / "m", dataclasses.replace(whole, event_type=None, event_group=group))


@dataclasses.dataclass(frozen=True)
class Notes:
    """A section: a number for each tag of the head, and one more tag."""

    values: np.ndarray
    labels: tuple[str, ...]

    def describe(self) -> dict[str, Any]:
        return {"labels": list(self.labels)}

    def arrays(self) -> dict[str, np.ndarray]:
        return {"values.of.tags": self.values}

    @classmethod
    def read(cls, about: dict[str, Any], arrays: dict[str, np.ndarray], heads: Mapping[str, LinearHead]) -> Notes:
        if set(arrays) != {"values.of.tags"}:
            raise ModelFileError("wrong arrays", field="notes", found=sorted(arrays))
        if arrays["values.of.tags"].shape != (len(heads["tags"].labels),):
            raise ValueError("wrong shape")
        return cls(arrays["values.of.tags"], tuple(about["labels"]))


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setitem(SECTIONS, "notes", lambda: Notes)
    bundle = with_self_test(small_bundle())
    bundle.manifest.self_test[0]["scores"]["tags"]["Extra"] = 1.0
    sections = {"notes": Notes(np.arange(len(TAGS), dtype=np.float16), ("Extra",))}
    write_bundle(tmp_path / "m", dataclasses.replace(bundle, sections=sections))
    return tmp_path / "m"


def test_a_section_is_written_and_read(noted: Path) -> None:
    read = read_bundle(noted)
    read.verify()
    assert read.sections["notes"].values.tolist() == [0, 1, 2, 3, 4]
    assert read.sections["notes"].labels == ("Extra",)
    write_bundle(noted.with_name("again"), read)
    assert noted.with_name("again").read_bytes() == noted.read_bytes()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda manifest: manifest["sections"]["notes"].pop("labels"), "KeyError"),
        (lambda manifest: manifest["sections"].update(notes=3), "sections.notes"),
        (lambda manifest: manifest.update(sections=[]), "'sections'"),
        (lambda manifest: manifest["sections"].update(more={}), "sections.more': has a part that this Slugline does"),
        (lambda manifest: manifest.update(sections={}), "notes.values.of.tags': damaged: an unknown array"),
        (lambda manifest: manifest["sections"]["notes"].update(labels=[]), "self_test"),
    ],
)
def test_damaged_sections_are_named(noted: Path, change: Any, named: str) -> None:
    assert named in refusal(edited(noted, change))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda arrays: arrays.update({"notes.more": np.zeros(1)}), "wrong arrays"),
        (lambda arrays: arrays.update({"notes.values.of.tags": np.zeros(1)}), "wrong shape"),
    ],
)
def test_damaged_arrays_of_sections_are_named(noted: Path, change: Any, named: str) -> None:
    assert named in refusal(edited(noted, arrays=change))


def test_a_section_does_not_hide_the_heads_arrays(noted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SECTIONS, "tags", lambda: Notes)
    assert "section" in refusal(edited(noted, lambda manifest: manifest["sections"].update(tags={})))


@pytest.mark.parametrize("dtype", [np.int8, np.float16, np.float32])
def test_weights_of_every_kind_are_scored_and_explained(dtype: type, tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    whole = small_bundle()
    coef = random.normal(size=(len(TYPES), len(whole.vocabulary)))
    exact = LinearHead.from_dense(TYPES, coef, np.ones(len(TYPES)), rule="argmax")
    head = LinearHead.from_dense(TYPES, coef, np.ones(len(TYPES)), rule="argmax", dtype=dtype)
    assert head.weights.dtype == dtype
    write_bundle(tmp_path / "m", with_self_test(dataclasses.replace(whole, event_type=head)))
    predictor = Predictor.load(tmp_path / "m")
    scores = predictor.scores(ARTICLES)["event_type"]
    expected = Predictor(dataclasses.replace(whole, event_type=exact)).scores(ARTICLES)["event_type"]
    # Values have the Euclidean length 1 and at most 16 terms: 4 times the error of one weight at most.
    assert np.abs(scores - expected).max() <= 4 * np.abs(coef).max() / (254 if dtype is np.int8 else 2000)
    for row, prediction in enumerate(predictor.predict(ARTICLES, explain=True)):
        event = prediction.event_type
        assert event.score == scores[row].max()
        assert sum(one.contribution for one in event.evidence) + 1 == pytest.approx(event.score, abs=1e-12)


def test_small_weights_are_dropped_below_their_labels_cutoff() -> None:
    coef = np.array([[0.5, -0.1, 0.2], [0.05, 0.0, -0.04]])
    head = LinearHead.from_dense(("a", "b"), coef, np.zeros(2), cutoff=np.array([0.15, 0.045]))
    assert head.indptr.tolist() == [0, 2, 2, 3]
    assert head.weights.tolist() == np.array([0.5, 0.05, 0.2], np.float32).tolist()
    assert head.indices.dtype == np.uint8
