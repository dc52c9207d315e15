"""Tags by name in a model: what they add to scores, the model file's part, and names added later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.article import Article
from slugline.bundle import read_bundle, write_bundle
from slugline.errors import ModelFileError
from slugline.names import NAME_FEATURES, NOT_MENTIONED, NameModel, TagCounts
from slugline.predict import Predictor
from slugline.self_test import with_self_test
from small_model import ARTICLES, OTHERS, TAGS, edited, name_model, named_bundle, small_bundle


def test_names_add_to_the_head_and_bring_tags_of_their_own() -> None:
    plain, named = Predictor(small_bundle(fallback=False)), Predictor(named_bundle())
    verdicts = named.verdicts(ARTICLES)
    assert verdicts.tag_labels == (*TAGS, *OTHERS)
    before = plain.verdicts(ARTICLES).tag_scores
    changed = verdicts.tag_scores[:, : len(TAGS)] != before
    # The storm of the fourth article is the tag Weather; the bank of the second is the tag Economy.
    assert np.argwhere(changed).tolist() == [[1, 1], [3, 3]]
    mentioned = verdicts.tag_scores[:, len(TAGS) :] > NOT_MENTIONED
    assert mentioned.tolist() == [
        [True, True, False],
        [False, False, False],
        [False, False, True],
        [True, False, False],
    ]


def test_reasons_add_up_to_the_score() -> None:
    for prediction in Predictor(named_bundle()).predict(ARTICLES, top=50, explain=True):
        for tag in prediction.tags:
            assert tag.intercept + sum(item.contribution for item in tag.evidence) == pytest.approx(tag.score)
    first = Predictor(named_bundle()).predict(ARTICLES[:1], explain=True)[0]
    aleppo = next(tag for tag in first.tags if tag.tag == "Aleppo")
    assert [item.term for item in aleppo.evidence] == ['name "Aleppo"']


def test_an_article_is_judged_alone() -> None:
    predictor = Predictor(named_bundle())
    together = predictor.predict(ARTICLES, top=50)
    assert together == [predictor.predict([article], top=50)[0] for article in ARTICLES]


def test_the_model_file_brings_names_back(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    bundle = with_self_test(named_bundle())
    write_bundle(path, bundle)
    again = Predictor.load(path)
    expected, found = Predictor(read_bundle(path)).verdicts(ARTICLES), again.verdicts(ARTICLES)
    assert found.tag_labels == expected.tag_labels
    section = again.bundle.sections["names"]
    assert isinstance(section, NameModel)
    assert section.labels == name_model().labels
    np.testing.assert_array_equal(section.own_weights, name_model().own_weights)
    assert again.verdicts(ARTICLES).tag_scores[:, len(TAGS) :] == pytest.approx(
        Predictor(bundle).verdicts(ARTICLES).tag_scores[:, len(TAGS) :]
    )


def _set(name: str, place: int, value: float) -> Callable[[dict[str, np.ndarray]], None]:
    def change(arrays: dict[str, np.ndarray]) -> None:
        array = arrays[f"names.{name}"].copy()
        array[place] = value
        arrays[f"names.{name}"] = array

    return change


@pytest.mark.parametrize(
    "change",
    [
        _set("tags", 0, 99),
        _set("tags", 0, -1),
        _set("indptr", 1, 99),
        _set("indptr", -1, 3),
        _set("both", 0, 99),
        _set("mentioned", 0, -1),
        _set("own_weights", 0, np.nan),
        _set("keys.offsets", 1, 10**6),
        _set("labels.offsets", 1, 0),
        lambda arrays: arrays.pop("names.full"),
        lambda arrays: arrays.update({"names.more": np.zeros(1)}),
        lambda arrays: arrays.update({"names.tags": arrays["names.tags"].astype(np.float64)}),
        lambda arrays: arrays.update({"names.head_weights": np.zeros(3)}),
    ],
)
def test_a_damaged_part_is_refused_in_one_line(tmp_path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    path = tmp_path / "model.safetensors"
    write_bundle(path, named_bundle())
    with pytest.raises(ModelFileError) as caught:
        read_bundle(edited(path, arrays=change))
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_the_self_test_notices_other_names(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    write_bundle(path, with_self_test(named_bundle()))

    def change(manifest: dict[str, Any]) -> None:
        manifest["self_test"][0]["names"] = {"Aleppo": 0.5}

    with pytest.raises(ModelFileError, match="'names': fails its self-test"):
        Predictor.load(edited(path, manifest=change))


@pytest.mark.parametrize("entry", [{}, {"features": []}, {"features": list(NAME_FEATURES), "silence": "a"}])
def test_a_damaged_entry_is_refused(tmp_path: Path, entry: dict[str, Any]) -> None:
    path = tmp_path / "model.safetensors"
    write_bundle(path, named_bundle())

    def change(manifest: dict[str, Any]) -> None:
        manifest["sections"]["names"] = entry

    with pytest.raises(ModelFileError, match=r"sections\.names"):
        read_bundle(edited(path, manifest=change))


def test_names_can_be_added_to_a_model() -> None:
    predictor = Predictor(named_bundle()).with_names({"Rebels": ["insurgents"], "syria": ["city of Aleppo"]})
    verdicts = predictor.verdicts(ARTICLES[:1])
    assert "Rebels" in verdicts.tag_labels
    assert "syria" not in verdicts.tag_labels
    extended = predictor.bundle.sections["names"]
    assert isinstance(extended, NameModel)
    assert extended.labels == (*name_model().labels, "Rebels")
    plain = Predictor(named_bundle()).verdicts(ARTICLES[:1])
    assert verdicts.tag_scores[0, 0] != plain.tag_scores[0, 0]
    found = predictor.predict([Article("9", "", "The insurgents left.")], top=50)[0]
    assert "Rebels" in [tag.tag for tag in found.tags]


def test_names_that_the_model_has_change_nothing() -> None:
    predictor = Predictor(named_bundle())
    # The very strings of the model, and equal ones.
    for tags in (dict.fromkeys(name_model().labels, ()), {tag.swapcase(): () for tag in name_model().labels}):
        again = predictor.with_names(tags)
        assert again.predict(ARTICLES, top=50) == predictor.predict(ARTICLES, top=50)


def test_a_model_without_names_says_so() -> None:
    with pytest.raises(ModelFileError, match="has not learned to find tags by name"):
        Predictor(small_bundle()).with_names({"Rebels": ()})


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8))
def test_counts_give_finite_features(counts: list[tuple[int, int, int]]) -> None:
    tagged, mentioned, both = np.array(counts, dtype=np.int64).T
    known = TagCounts(20, tagged, mentioned, np.minimum(both, np.minimum(tagged, mentioned)))
    every = np.arange(len(counts))
    assert np.isfinite(known.features(every)).all()
    assert np.isfinite(known.silence()).all()
    assert 0 < known.share < 1
    assert (known.silence()[mentioned == 0] == 0).all()
