"""Doubts about labels, from probabilities made by hand."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from slugline.errors import MissingExtraError
from slugline.evaluate.noise import doubt_tags, doubt_types

pytest.importorskip("cleanlab")


def sure(labels, columns=3, chance=0.9):
    """Probabilities that say what the labels say."""
    found = np.full((len(labels), columns), (1 - chance) / (columns - 1))
    found[np.arange(len(labels)), labels] = chance
    return found


def test_a_type_that_the_others_speak_against_is_doubted():
    true = np.arange(60) % 3
    given = true.copy()
    given[[4, 20]] = (true[[4, 20]] + 1) % 3
    probability = sure(true)
    probability[20] = sure(true[20:21], chance=0.98)
    doubts = doubt_types(given, probability)
    assert [(one.row, one.given, one.suggested) for one in doubts] == [
        (20, given[20], true[20]),
        (4, given[4], true[4]),
    ]
    assert doubts[0].score < doubts[1].score == pytest.approx(0.05)


def test_nothing_is_doubted_where_all_agree():
    true = np.arange(30) % 3
    assert doubt_types(true, sure(true)) == []
    assert doubt_tags(np.eye(3, dtype=bool)[true], sure(true)) == []


def test_wrong_and_missing_tags_are_told_apart():
    truth = np.eye(3, dtype=bool)[np.arange(60) % 3]
    probability = sure(np.arange(60) % 3)
    probability[:, 0] = 0.02 + 0.9 * truth[:, 0]
    truth[0, 0] = False
    truth[1, 0] = True
    doubts = doubt_tags(truth, probability)
    assert {(one.row, one.given, one.suggested) for one in doubts} == {(0, None, 0), (1, 0, None)}
    assert all(0 <= one.score < 0.2 for one in doubts)


def test_a_tag_that_is_always_hard_to_tell_is_less_suspect():
    truth = np.zeros((80, 2), dtype=bool)
    truth[:20] = True
    probability = np.where(truth, [0.9, 0.3], 0.05)
    probability[0] = [0.02, 0.02]
    by_column = {one.given: one.score for one in doubt_tags(truth, probability) if one.row == 0}
    assert by_column[0] < by_column[1]


def test_tags_of_all_or_no_articles_are_passed_over():
    truth = np.array([[True, False]] * 10)
    assert doubt_tags(truth, np.full((10, 2), 0.5)) == []
    with pytest.raises(ValueError, match="one shape"):
        doubt_tags(truth, np.full((10, 3), 0.5))


def test_without_cleanlab_the_command_that_installs_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "cleanlab", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'slugline\[noise\]'"):
        doubt_types(np.arange(4) % 2, np.full((4, 2), 0.5))


def test_one_clear_error_among_certain_labels_is_doubted():
    true = np.arange(60) % 3
    probability = sure(true, chance=1 - 1e-6)
    given = true.copy()
    given[5] = 0
    probability[5] = sure(true[5:6], chance=1 - 1e-5)
    assert [one.row for one in doubt_types(given, probability)] == [5]
