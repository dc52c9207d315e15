"""The model file: what is written is read, and whatever else is there is refused in one line."""

from __future__ import annotations

import dataclasses
import errno
import json
import re
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from slugline import __version__
from slugline.bundle import FORMAT, READERS, Bundle, read_bundle, write_bundle
from slugline.bundle import file as bundle_file
from slugline.errors import ModelFileError, OutputError
from slugline.features.vocabulary import Vocabulary
from slugline.files import remove_left_over
from slugline.head import LinearHead
from slugline.predict import Predictor
from slugline.self_test import with_self_test
from slugline.tensors import header_sha256
from small_model import ARTICLES, small_bundle


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written = with_self_test(small_bundle())
    digest = write_bundle(tmp_path / "deep" / "model.safetensors", written)
    read = read_bundle(tmp_path / "deep" / "model.safetensors")
    assert read.digest == digest
    assert digest.startswith("sha256:")
    assert read.path == tmp_path / "deep" / "model.safetensors"
    for name, array in written.arrays().items():
        assert read.arrays()[name].dtype == array.dtype
        np.testing.assert_array_equal(read.arrays()[name], array)
    for name, head in written.heads.items():
        for key in ("labels", "rule", "fallback", "abstain_below"):
            assert getattr(read.heads[name], key) == getattr(head, key)
    for key in ("config", "corpus", "groups", "metrics", "self_test", "libraries"):
        assert getattr(read.manifest, key) == getattr(written.manifest, key)
    assert read.manifest.format == FORMAT
    assert read.manifest.slugline == __version__
    assert set(read.manifest.arrays) == set(read.arrays())
    read.verify()


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_bundle(tmp_path / name, with_self_test(small_bundle()))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    write_bundle(tmp_path / "again", read_bundle(tmp_path / "a"))
    assert (tmp_path / "again").read_bytes() == (tmp_path / "a").read_bytes()
    other = write_bundle(tmp_path / "c", with_self_test(small_bundle(seed=1)))
    assert other != read_bundle(tmp_path / "a").digest


def test_one_head_is_enough_and_none_is_not(tmp_path: Path) -> None:
    whole = small_bundle()
    write_bundle(tmp_path / "tags", dataclasses.replace(whole, event_type=None))
    assert list(read_bundle(tmp_path / "tags").heads) == ["tags"]
    write_bundle(tmp_path / "event", dataclasses.replace(whole, tags=None))
    assert list(read_bundle(tmp_path / "event").heads) == ["event_type"]
    with pytest.raises(ModelFileError, match="heads"):
        write_bundle(tmp_path / "none", dataclasses.replace(whole, tags=None, event_type=None))
    assert not (tmp_path / "none").exists()


def test_plain_safetensors_opens_it(model: Path) -> None:
    with safe_open(model, framework="np") as opened:
        assert list(opened.metadata()) == ["slugline"]
        assert json.loads(opened.metadata()["slugline"])["format"] == FORMAT
        blob, offsets = opened.get_tensor("vocabulary.blob"), opened.get_tensor("vocabulary.offsets")
        assert opened.get_tensor("tags.weights").dtype == np.float32
    assert blob[offsets[0] : offsets[1]].tobytes().decode() == read_bundle(model).vocabulary.term(0)


def test_an_interrupted_or_impossible_write_leaves_the_old_file(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = model.read_bytes()

    def interrupted(*_args: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(bundle_file, "header_sha256", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_bundle(model, small_bundle(seed=2))
    assert model.read_bytes() == before
    assert [path.name for path in model.parent.iterdir()] == [model.name]
    with pytest.raises(OutputError):
        write_bundle(model / "below-a-file", small_bundle())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_a_manifest_that_is_not_json_is_not_written(tmp_path: Path, value: object) -> None:
    bundle = small_bundle()
    odd = dataclasses.replace(bundle, manifest=dataclasses.replace(bundle.manifest, metrics={"tags": value}))
    with pytest.raises(ModelFileError, match="not JSON"):
        write_bundle(tmp_path / "model", odd)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_no_internal_error(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = model.read_bytes()
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match=r"model\.safetensors: cannot write .*No space left"):
        write_bundle(model, small_bundle(seed=1))
    assert model.read_bytes() == before
    assert list(model.parent.iterdir()) == [model]


def test_another_process_does_not_take_what_is_being_written_for_left_over(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(path: Path) -> str:
        # Who begins to write the same file removes what killed processes have left.
        remove_left_over(model)
        return header_sha256(path)

    before = model.read_bytes()
    monkeypatch.setattr(bundle_file, "header_sha256", meanwhile)
    assert write_bundle(model, small_bundle(seed=1)) == read_bundle(model).digest
    assert model.read_bytes() != before


def test_from_dense_drops_zeros_in_every_block() -> None:
    random = np.random.default_rng(0)
    coef = random.normal(size=(3, 11)) * (random.random((3, 11)) < 0.4)
    for block in (1, 4, 11, 100):
        head = LinearHead.from_dense(("a", "b", "c"), coef, np.zeros(3), block=block)
        dense = np.zeros((11, 3), np.float32)
        for term in range(11):
            part = slice(head.indptr[term], head.indptr[term + 1])
            dense[term, head.indices[part]] = head.weights[part]
        np.testing.assert_array_equal(dense.T, coef.astype(np.float32))
        assert len(head.weights) == np.count_nonzero(coef)
    with pytest.raises(ValueError, match="2 labels"):
        LinearHead.from_dense(("a", "b"), coef, np.zeros(2))
    with pytest.raises(ValueError, match="not finite"):
        LinearHead.from_dense(("a", "b", "c"), np.full((3, 2), np.nan), np.zeros(3))


def test_a_model_without_terms_or_weights(tmp_path: Path) -> None:
    head = LinearHead.from_dense(("a",), np.zeros((1, 0)), np.array([1.0]))
    empty = Bundle(small_bundle().manifest, Vocabulary.from_terms([]), np.zeros(0), head)
    write_bundle(tmp_path / "m", with_self_test(empty))
    predictor = Predictor.load(tmp_path / "m")
    assert predictor.scores(ARTICLES)["tags"].tolist() == [[1.0]] * len(ARTICLES)


def test_the_documented_example_opens_a_model(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Path(__file__).parents[2] / "docs" / "model-file.md"
    examples = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) == 2
    monkeypatch.chdir(model.parent)
    for example in examples:
        exec(compile(example, str(page), "exec"), {})
    for name in read_bundle(model).arrays():
        assert f"`{name}`" in page.read_text(encoding="utf-8") or name.startswith(("event_type.", "tags.offset"))


def test_one_reader_for_each_format() -> None:
    assert sorted(READERS) == list(range(1, FORMAT + 1))
