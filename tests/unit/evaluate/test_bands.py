"""Tags by how many training articles they had."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.config import EvaluateConfig
from slugline.evaluate.bands import bands_of

CONFIG = EvaluateConfig(bootstrap=50)


def test_every_tag_is_in_its_band() -> None:
    truth = np.array([[1, 0, 1, 0], [1, 1, 0, 0]], dtype=bool)
    decided = np.array([[1, 0, 0, 1], [1, 1, 1, 0]], dtype=bool)
    trained = {"a": 20, "b": 19, "c": 1, "x": 4}
    bands = bands_of(["a", "b", "c", "d"], truth, decided, [["x"], ["y", "z"]], trained, CONFIG)
    assert [band.name for band in bands] == ["0", "1-4", "5-19", "20+"]
    assert [band.labels for band in bands] == [2, 2, 1, 1]
    assert [band.support for band in bands] == [2, 2, 1, 2]
    assert [band.given for band in bands] == [1, 1, 1, 2]
    assert [band.metrics["micro_f1"].value for band in bands] == [0.0, 0.0, 1.0, 1.0]
    assert bands[3].to_dict()["metrics"]["micro_recall"]["value"] == 1.0


@given(st.integers(0, 10_000))
def test_bands_together_are_the_whole(seed: int) -> None:
    random = np.random.default_rng(seed)
    tags = [f"t{number}" for number in range(12)]
    truth, decided = random.random((2, 7, 12)) < 0.3
    unknown = [[f"u{number}" for number in range(random.integers(0, 3))] for _ in range(7)]
    trained = {tag: int(random.integers(0, 40)) for tag in tags}
    bands = bands_of(tags, truth, decided, unknown, trained, EvaluateConfig(bootstrap=0))
    hits = sum(band.metrics["micro_recall"].value * band.support for band in bands)
    assert hits == pytest.approx(np.count_nonzero(truth & decided))
    assert sum(band.given for band in bands) == np.count_nonzero(decided)
    assert sum(band.support for band in bands) == np.count_nonzero(truth) + sum(map(len, unknown))
