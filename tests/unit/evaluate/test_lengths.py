"""Measures by length are those of the articles of that length alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from slugline.config import EvaluateConfig
from slugline.evaluate.lengths import event_lengths, tag_lengths

NO_INTERVALS = EvaluateConfig(bootstrap=0)
WORDS = [3, 10, 60, 60, 5000]
TRUTH = np.array([[1, 0], [1, 1], [0, 1], [0, 0], [1, 0]], dtype=bool)
DECIDED = np.array([[1, 1], [0, 1], [0, 1], [1, 0], [0, 0]], dtype=bool)


def test_tags_by_length() -> None:
    short, middle, long = tag_lengths(WORDS, TRUTH, DECIDED, NO_INTERVALS)
    assert [(band.least, band.most, band.articles) for band in (short, middle, long)] == [
        (0, 24, 2),
        (50, 99, 2),
        (400, None, 1),
    ]
    # Two of three given tags are right, and two of three true ones given.
    assert short.metrics["micro_f1"].value == pytest.approx(2 / 3)
    assert middle.metrics["micro_precision"].value == pytest.approx(1 / 2)
    assert middle.metrics["micro_recall"].value == 1.0
    assert long.metrics["micro_f1"].value == 0.0
    assert short.to_dict()["words"] == "0-24"
    assert long.to_dict()["words"] == "400+"


def test_sparse_flags_give_the_same() -> None:
    config = EvaluateConfig(bootstrap=30)
    assert tag_lengths(WORDS, csr_array(TRUTH), csr_array(DECIDED), config) == tag_lengths(
        WORDS, TRUTH, DECIDED, config
    )


def test_event_types_by_length() -> None:
    right = np.array([True, False, True, True, False])
    bands = event_lengths(WORDS, right, EvaluateConfig(bootstrap=50))
    assert [band.metrics["accuracy"].value for band in bands] == [0.5, 1.0, 0.0]
    assert bands[0].metrics["accuracy"].low is not None


def test_nothing_to_measure_is_no_band() -> None:
    assert event_lengths([], np.zeros(0, dtype=bool), NO_INTERVALS) == ()
