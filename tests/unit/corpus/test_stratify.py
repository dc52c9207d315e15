from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.corpus.stratify import stratify


@st.composite
def grouped(draw: st.DrawFn) -> tuple[list[list[str]], np.ndarray]:
    n = draw(st.integers(2, 40))
    labels = draw(st.lists(st.lists(st.sampled_from("abcdef"), unique=True), min_size=n, max_size=n))
    groups = draw(st.lists(st.integers(0, 2 * n), min_size=n, max_size=n))
    return labels, np.asarray(groups, dtype=np.int64)


@given(grouped(), st.integers(2, 6), st.integers(0, 3))
def test_groups_stay_together_and_no_part_is_empty(case: tuple[list[list[str]], np.ndarray], k: int, seed: int) -> None:
    labels, groups = case
    parts = stratify(labels, groups, [1 / k] * k, seed)
    for group in set(groups.tolist()):
        assert len(set(parts[groups == group].tolist())) == 1
    assert len(set(parts.tolist())) == min(k, len(set(groups.tolist())))
    assert np.array_equal(parts, stratify(labels, groups, [1 / k] * k, seed))


@given(grouped(), st.sampled_from([0.1, 0.2, 0.5]), st.integers(0, 3))
def test_each_part_is_within_one_group_of_its_share(
    case: tuple[list[list[str]], np.ndarray], share: float, seed: int
) -> None:
    labels, groups = case
    parts = stratify(labels, groups, [1 - share, share], seed)
    largest = max(np.unique(groups, return_counts=True)[1])
    assert abs((parts == 1).sum() - share * len(groups)) <= largest


def test_labels_are_spread_in_proportion() -> None:
    rng = random.Random(1)
    labels = [[tag for index, tag in enumerate("abcdefgh") if rng.random() < 0.3 / (index + 1)] for _ in range(1000)]
    parts = stratify(labels, np.arange(1000), [0.2] * 5, 0)
    assert np.bincount(parts).tolist() == [200] * 5
    for tag in "abcdefgh":
        counts = np.bincount(parts[[tag in one for one in labels]], minlength=5)
        assert counts.max() - counts.min() <= 3, tag


def test_rare_labels_do_not_upset_the_shares() -> None:
    # Plain iterative stratification would put every label seen once into the larger part.
    parts = stratify([[str(i)] for i in range(50)], np.arange(50), [0.8, 0.2], 0)
    assert np.bincount(parts).tolist() == [40, 10]


def test_the_seed_matters() -> None:
    labels = [["a"]] * 50
    first, second = (stratify(labels, np.arange(50), [0.8, 0.2], seed) for seed in (0, 1))
    assert not np.array_equal(first, second)


def test_a_large_group_weighs_what_its_articles_weigh() -> None:
    groups = np.asarray([0] * 20 + list(range(1, 81)))
    parts = stratify([["a"]] * 100, groups, [0.2] * 5, 0)
    assert np.bincount(parts).tolist() == [20] * 5


def test_one_label_list_per_article() -> None:
    with pytest.raises(ValueError, match=r"shorter|longer"):
        stratify([["a"]], np.arange(2), [0.5, 0.5], 0)
