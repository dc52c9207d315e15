"""Model files that are damaged, foreign or hostile: refused in one line, never opened half."""

from __future__ import annotations

import functools
import os
import pickle
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from slugline.bundle import FORMAT, read_bundle, write_bundle
from slugline.errors import ModelFileError
from slugline.experiment.card import model_card
from slugline.predict import Predictor
from slugline.self_test import with_self_test
from small_model import ARTICLES, edited, named_bundle, refusal, small_bundle, two_levels


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    assert "no such model file" in refusal(tmp_path / "missing.safetensors")
    assert "a folder" in refusal(tmp_path)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"")
    assert "empty" in refusal(tmp_path / "m")


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_named_and_not_opened(tmp_path: Path, protocol: int) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "it-ran",))

    (tmp_path / "m").write_bytes(pickle.dumps(Bomb(), protocol=protocol))
    assert "a pickle" in refusal(tmp_path / "m")
    assert not (tmp_path / "it-ran").exists()


def test_other_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "m"
    joblib.dump({"a": np.zeros(3)}, path)
    assert "a pickle" in refusal(path)
    joblib.dump({"a": np.zeros(3)}, path, compress=3)
    assert "compressed" in refusal(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", "b")
    assert "ZIP" in refusal(path)
    path.write_bytes(b"\x1f\x8b" + bytes(30))
    assert "compressed" in refusal(path)
    with path.open("wb") as stream:
        np.save(stream, np.zeros(3))
    assert "NumPy" in refusal(path)
    path.write_text("Rebels seize the airport of a town in the north")
    assert "not a model file" in refusal(path)
    path.write_bytes(b"short")
    assert "5 bytes" in refusal(path)


def test_somebody_elses_safetensors(tmp_path: Path) -> None:
    save_file({"a": np.zeros(3)}, tmp_path / "m")
    assert "without a manifest" in refusal(tmp_path / "m")
    save_file({"a": np.zeros(3, np.float16)}, tmp_path / "m", metadata={"format": "pt"})
    assert "without a manifest" in refusal(tmp_path / "m")


def test_a_newer_format_says_what_to_do(model: Path) -> None:
    line = refusal(edited(model, lambda manifest: manifest.update(format=FORMAT + 1, slugline="9.9")))
    assert "newer Slugline (version 9.9)" in line
    assert f"format {FORMAT + 1}" in line
    assert f"format {FORMAT} or older" in line
    assert "upgrade" in line


@pytest.mark.parametrize("number", [None, "1", 0, -1, 1.0, True])
def test_a_strange_format_number(model: Path, number: object) -> None:
    assert "format number" in refusal(edited(model, lambda manifest: manifest.update(format=number)))


def test_a_file_cut_short_anywhere(model: Path) -> None:
    whole = model.read_bytes()
    for length in [*range(1, len(whole), 97), len(whole) - 1]:
        model.write_bytes(whole[:length])
        line = refusal(model)
        assert "cut short" in line or length < 9
    model.write_bytes(whole + b"\0")
    assert "after the last array" in refusal(model)


def set_value(name: str, value: float, place: int = 0) -> Callable[[dict[str, np.ndarray]], None]:
    def change(arrays: dict[str, np.ndarray]) -> None:
        arrays[name] = arrays[name].copy()
        arrays[name][place] = value

    return change


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (set_value("idf", np.nan), "idf"),
        (set_value("idf", 0), "idf"),
        (set_value("tags.intercept", np.nan), "tags.intercept"),
        (set_value("tags.thresholds", np.nan), "tags.thresholds"),
        (set_value("tags.thresholds", -np.inf), "tags.thresholds"),
        (set_value("event_type.slope", np.inf), "event_type.slope"),
        (set_value("event_type.offset", np.nan, -1), "event_type.offset"),
        (set_value("tags.indptr", 3), "tags.indptr"),
        (set_value("tags.indptr", 10**6, 5), "tags.indptr"),
        (set_value("tags.indptr", 2**32 - 1, -1), "tags.indptr"),
        (set_value("tags.scale", np.nan), "tags.scale"),
        (lambda arrays: arrays.update({"tags.weights": arrays["tags.weights"].astype(np.float64)}), "tags.weights"),
        (lambda arrays: arrays.update({"tags.indices": arrays["tags.indices"].astype(np.uint32)}), "tags.indices"),
        (set_value("vocabulary.offsets", 10**6, 2), "vocabulary.offsets"),
        (lambda arrays: arrays.update(idf=arrays["idf"].astype(np.float64)), "idf"),
        (lambda arrays: arrays.update(idf=arrays["idf"][:-1].copy()), "idf"),
        (lambda arrays: arrays.update(idf=arrays["idf"].reshape(1, -1)), "idf"),
        (lambda arrays: arrays.pop("tags.slope"), "tags.slope"),
        (lambda arrays: arrays.update(more=np.zeros(1)), "more"),
        (lambda arrays: arrays.update({"tags.weights": arrays["tags.weights"][1:].copy()}), "tags.weights"),
        (lambda arrays: arrays.update({"tags.offset": arrays["tags.offset"][1:].copy()}), "tags.offset"),
        (lambda arrays: arrays.update({"tags.indptr": arrays["tags.indptr"][1:].copy()}), "tags.indptr"),
    ],
)
def test_damaged_arrays_are_named(model: Path, change: Callable[[dict[str, np.ndarray]], None], named: str) -> None:
    assert f"field '{named}'" in refusal(edited(model, arrays=change))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tags.indices", np.uint8(255)),
        ("tags.indices", np.uint16(5)),
        ("tags.indices", np.int32(-1)),
        ("tags.indices", np.int32(-(2**31))),
        ("tags.weights", np.float32(np.nan)),
        ("tags.weights", np.float16(np.inf)),
    ],
)
def test_damaged_weights_are_found_when_used(
    model: Path, name: str, value: np.generic, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in a model so large that its weights are not read on opening.
    monkeypatch.setattr("slugline.bundle.file._VERIFIED", 0)

    def change(arrays: dict[str, np.ndarray]) -> None:
        arrays[name] = np.full_like(arrays[name], value, dtype=value.dtype)

    predictor = Predictor(read_bundle(edited(model, arrays=change)))
    with pytest.raises(ModelFileError, match="damaged") as caught:
        predictor.predict(ARTICLES)
    assert str(caught.value).startswith(str(model))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda m: m.pop("config"), "config"),
        (lambda m: m.update(config=[]), "config"),
        (lambda m: m["config"]["features"].update(ngram_max=99), "ngram_max"),
        (lambda m: m["config"]["features"].update(colour="red"), "colour"),
        (lambda m: m["config"].update(features=3), "features"),
        (lambda m: m.update(groups={"a": 1}), "groups"),
        (lambda m: m.update(heads={}), "heads"),
        (lambda m: m["heads"].update(sentiment={}), "sentiment"),
        (lambda m: m["heads"].pop("tags"), "tags."),
        (lambda m: m["heads"]["tags"].pop("rule"), "heads.tags"),
        (lambda m: m["heads"]["tags"].update(labels=["a", "a"]), "heads.tags.labels"),
        (lambda m: m["heads"]["tags"].update(labels=["a", 1]), "heads.tags.labels"),
        (lambda m: m["heads"]["tags"]["labels"].pop(), "tags."),
        (lambda m: m["heads"]["event_type"].update(abstain_below=2), "abstain_below"),
        (lambda m: m["heads"]["event_type"].update(power=-1.0), "power"),
        (lambda m: m["heads"]["event_type"].update(power="2"), "power"),
        (lambda m: m["heads"]["tags"].update(fallback_from=1.5), "fallback_from"),
        (lambda m: m["heads"]["tags"].update(rank=1.5), "rank"),
        (lambda m: m["sections"].update(priors={"event_type": {"crime": 0}}), "sections.priors"),
        (lambda m: m.update(self_test=[1]), "self_test"),
        (lambda m: m["self_test"][0]["scores"].update(tags={"No such tag": 1.0}), "self_test"),
    ],
)
def test_damaged_manifests_are_named(model: Path, change: Callable[[dict[str, Any]], Any], named: str) -> None:
    assert named in refusal(edited(model, change))


def test_a_failed_self_test_refuses_the_model(model: Path) -> None:
    def change(manifest: dict[str, Any]) -> None:
        scores = manifest["self_test"][0]["scores"]["tags"]
        scores[min(scores)] += 0.001

    with pytest.raises(ModelFileError, match=r"model\.safetensors: field 'tags': fails its self-test.*found.*expected"):
        Predictor.load(edited(model, change))


def test_a_changed_small_array_is_found_on_opening(model: Path) -> None:
    line = refusal(edited(model, arrays=set_value("event_type.slope", 3.0)))
    assert "field 'event_type.slope': damaged: SHA-256 differs" in line


def test_a_missing_sum_is_found_on_opening(model: Path) -> None:
    assert "SHA-256" in refusal(edited(model, lambda manifest: manifest.update(arrays={})))


def test_verify_finds_a_changed_weight(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slugline.bundle.file._VERIFIED", 0)
    changed = read_bundle(edited(model, arrays=set_value("tags.weights", 0.5)))
    with pytest.raises(ModelFileError, match=r"'tags\.weights': damaged: SHA-256"):
        changed.verify()


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_a_pipe_and_a_device_are_not_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "model")
    assert "a pipe or device" in refusal(tmp_path / "model")


def header_file(path: Path, header: bytes, body: bytes = b"") -> Path:
    path.write_bytes(struct.pack("<Q", len(header)) + header + body)
    return path


@pytest.mark.parametrize(
    "header",
    [
        b"{}",
        b'{"a":1}',
        b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        b'{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}',
        b'{"a":{"dtype":"F32","shape":[true],"data_offsets":[0,4]}}',
        b'{"a":{"dtype":["F32"],"shape":[1],"data_offsets":[0,4]}}',
        b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}',
        b'{"a":{"dtype":"F32","shape":[4611686018427387903,4611686018427387903],"data_offsets":[0,4]}}',
        b'{"a":{"dtype":"F32","shape":[0,4611686018427387903],"data_offsets":[0,0]}}',
        b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}',
        b'{"__metadata__":{"slugline":1}}',
        b'{"__metadata__":[]}',
        b'{"__metadata__":{"slugline":"[1]"}}',
        b'{"__metadata__":{"slugline":"{"}}',
        b'{"__metadata__":{"slugline":"{\\"format\\":1,\\"metrics\\":{\\"a\\":NaN}}"}}',
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' + b"9" * 10_000 + b"}",
        b'{"a":"\xff"}',
    ],
)
def test_hostile_headers(tmp_path: Path, header: bytes) -> None:
    assert len(refusal(header_file(tmp_path / "m", header, bytes(8)))) < 400


@functools.cache
def sound() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        write_bundle(path, with_self_test(small_bundle()))
        return path.read_bytes()


def mutated(draw: Callable[..., Any]) -> bytes:
    """A sound file after a few changes, most of them in its header."""
    changed = bytearray(sound())
    header = 8 + int.from_bytes(changed[:8], "little")
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, 15) | st.integers(0, header) | st.integers(0, len(sound()) - 1)) % len(changed)
        what = draw(st.sampled_from(["set", "insert", "delete", "cut", "digit"]))
        if what == "set":
            changed[place] = draw(st.integers(0, 255))
        elif what == "insert":
            changed[place:place] = draw(st.binary(min_size=1, max_size=9))
        elif what == "delete" and len(changed) > 20:
            del changed[place : place + draw(st.integers(1, 9))]
        elif what == "cut":
            del changed[max(place, 1) :]
        elif chr(changed[place]).isdigit():
            changed[place] = ord(draw(st.sampled_from("0123456789")))
    return bytes(changed)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_mutated_file_opens_or_is_refused(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "mutated"
    path.unlink(missing_ok=True)  # an older file may still be mapped
    path.write_bytes(mutated(data.draw))
    line = ""
    try:
        with np.errstate(all="ignore"):
            Predictor.load(path).predict(ARTICLES, top=3, explain=True)
    except ModelFileError as error:
        line = str(error)
    assert "\n" not in line


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda m: m["config"].update(names=3), "config.names"),
        (lambda m: m["corpus"].update(name=["a"]), "corpus.name"),
        (lambda m: m["corpus"].update(sources=[{"name": "a"}]), "corpus.sources"),
        (lambda m: m["corpus"].update(sources=7), "corpus.sources"),
        (lambda m: m["metrics"].update(tags=0.9), "metrics.tags"),
    ],
)
def test_what_a_manifest_says_of_its_training_has_its_form(
    model: Path, change: Callable[[dict[str, Any]], Any], named: str
) -> None:
    assert f"field '{named}'" in refusal(edited(model, change))


def test_a_card_of_what_cannot_be_understood_is_an_error(model: Path) -> None:
    bundle = read_bundle(edited(model, lambda m: m["metrics"]["tags"].update(micro_f1={"value": "good"})))
    with pytest.raises(ModelFileError, match="damaged: what it says of its training"):
        model_card(bundle, name="mine")


def test_an_error_is_a_line_however_long_what_it_names_is(model: Path) -> None:
    def change(arrays: dict[str, np.ndarray]) -> None:
        arrays["x" * 5000] = np.zeros(1)

    assert len(refusal(edited(model, arrays=change))) < 600 + len(str(model))


def test_a_model_of_two_levels_has_probabilities_for_each_head() -> None:
    predictor = Predictor(two_levels())
    found = predictor.probabilities(ARTICLES)
    assert set(found) == set(predictor.bundle.heads)
    assert found["event_group"].shape == (len(ARTICLES), len(predictor.events.levels.groups))
    np.testing.assert_allclose(found["event_group"].sum(axis=1), 1)


_SHRINK = """
import os, sys
from slugline.article import Article
from slugline.errors import ModelFileError
from slugline.predict import Predictor
path, copied = sys.argv[1], sys.argv[2] == "copied"
predictor = Predictor.load(path, copy=copied)
before = predictor.predict([Article("1", "Rebels seize Aleppo", "")])
os.truncate(path, 100)
try:
    print(predictor.predict([Article("1", "Rebels seize Aleppo", "")]) == before)
except ModelFileError as error:
    print(error)
"""


@pytest.mark.parametrize(("how", "said"), [("copied", "True"), ("mapped", "became shorter while it was in use")])
def test_a_file_that_shrinks_while_it_is_used(model: Path, how: str, said: str) -> None:
    write_bundle(model, with_self_test(small_bundle()))
    done = subprocess.run([sys.executable, "-c", _SHRINK, model, how], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout


@pytest.mark.parametrize(
    ("manifest", "arrays"),
    [
        (lambda m: m["sections"]["names"].update(articles=10**400), None),
        (None, lambda arrays: arrays.update({"names.both": arrays["names.both"][:1].copy()})),
    ],
)
def test_counts_of_names_that_cannot_be(model: Path, manifest: Any, arrays: Any) -> None:
    write_bundle(model, named_bundle())
    assert "sections.names" in refusal(edited(model, manifest, arrays))
