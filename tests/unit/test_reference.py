"""The reference of a model is written and read, and nothing in a file is trusted."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from slugline.bundle import read_bundle, write_bundle
from slugline.reference import POINTS, Reference, reference_of
from small_model import small_bundle


def _reference() -> Reference:
    values = np.linspace(0.1, 0.9, 1001)
    made = reference_of("tags", values, ("Syria", "Never"), np.array([7, 0]))
    return made.joined(reference_of("unknown_words", values / 2))


def test_it_survives_the_file(tmp_path: Path) -> None:
    bundle = small_bundle()
    sections = {**bundle.sections, "reference": _reference()}
    write_bundle(tmp_path / "m", dataclasses.replace(bundle, sections=sections))
    found = read_bundle(tmp_path / "m").sections["reference"]
    assert isinstance(found, Reference)
    assert found.articles == {"tags": 1001, "unknown_words": 1001}
    assert found.decided == {"tags": {"Syria": 7}}
    np.testing.assert_allclose(found.quantiles["tags"], np.linspace(0.1, 0.9, POINTS), atol=1e-6)
    assert (found.quantiles["tags"] == _reference().quantiles["tags"]).all()


def test_of_no_article_there_is_none() -> None:
    assert reference_of("tags", np.zeros(0)).articles == {}


GOOD = _reference()


@pytest.mark.parametrize(
    ("about", "arrays"),
    [
        ({}, None),
        ({"articles": {"tags": 5}, "decided": {}}, None),
        ({"articles": {"tags": 0, "unknown_words": 5}, "decided": {}}, None),
        ({"articles": {"tags": True, "unknown_words": 5}, "decided": {}}, None),
        ({"articles": 3, "decided": {}}, None),
        ({"articles": {"others": 3}, "decided": {}}, {"others": np.zeros(POINTS, np.float32)}),
        ({"articles": {"tags": 3}, "decided": {}}, {"tags": np.zeros(3, np.float32)}),
        ({"articles": {"tags": 3}, "decided": {}}, {"tags": np.zeros(POINTS)}),
        ({"articles": {"tags": 3}, "decided": {}}, {"tags": np.full(POINTS, np.nan, np.float32)}),
        ({"articles": {"tags": 3}, "decided": {}}, {"tags": np.arange(POINTS, 0, -1).astype(np.float32)}),
        ({"articles": {"tags": 3}, "decided": {"names": {}}}, {"tags": np.zeros(POINTS, np.float32)}),
        ({"articles": {"tags": 3}, "decided": {"tags": {"a": -1}}}, {"tags": np.zeros(POINTS, np.float32)}),
        ({"articles": {"tags": 3}, "decided": {"tags": [1]}}, {"tags": np.zeros(POINTS, np.float32)}),
    ],
)
def test_what_is_not_sound_is_refused(about: dict[str, object], arrays: dict[str, np.ndarray] | None) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Reference.read(about, GOOD.arrays() if arrays is None else arrays, {})
