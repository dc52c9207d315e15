from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from slugline.errors import ModelFileError
from slugline.features.tfidf import Rows
from slugline.head import LinearHead, fixed_point
from slugline.scorer import MANY, Scorer


def make_rows(rng: np.random.Generator, articles: int, terms: int) -> Rows:
    """Articles of up to 40 terms, some without any; small numbers of terms are more frequent."""
    found = [np.unique((terms * rng.random(rng.integers(0, 41)) ** 4).astype(np.int64)) for _ in range(articles)]
    found[0] = found[0][:0]
    indptr = np.zeros(articles + 1, dtype=np.int64)
    np.cumsum([len(one) for one in found], out=indptr[1:])
    indices = np.concatenate(found)
    return Rows(indptr, indices, rng.random(len(indices)) ** 3 + 1e-6)


def make_head(rng: np.random.Generator, terms: int, labels: int, dtype: type[np.generic] = np.int8) -> LinearHead:
    coef = rng.normal(size=(labels, terms)) * (rng.random((labels, terms)) < 0.3)
    return LinearHead.from_dense(
        tuple(f"tag{number}" for number in range(labels)), coef, rng.normal(size=labels), dtype=dtype
    )


def one_of(rows: Rows, number: int) -> Rows:
    part = slice(int(rows.indptr[number]), int(rows.indptr[number + 1]))
    return Rows(np.array([0, part.stop - part.start]), rows.indices[part], rows.values[part])


@pytest.mark.parametrize("dtype", [np.int8, np.float16, np.float32])
@pytest.mark.parametrize("cells", [1 << 22, 1 << 12], ids=["whole table", "table of the heaviest terms"])
def test_the_batch_does_not_matter(dtype: type[np.generic], cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slugline.scorer._CELLS", cells)
    rng = np.random.default_rng(0)
    head, rows = make_head(rng, 3000, 12, dtype), make_rows(rng, MANY + 44, 3000)
    scorer = Scorer(head)
    many = scorer.scores(rows)
    alone = Scorer(head)
    for number in range(len(rows)):
        assert (many[number] == alone.scores(one_of(rows, number))[0]).all()
        assert (many[number] == scorer.scores(one_of(rows, number))[0]).all()
        assert (many[number] == head.scores(one_of(rows, number))[0]).all()
    dense = np.zeros((len(rows), 3000))
    dense[np.repeat(np.arange(len(rows)), np.diff(rows.indptr)), rows.indices] = rows.values
    coef = np.zeros((12, 3000))
    coef[head.indices, np.repeat(np.arange(3000), np.diff(head.indptr.astype(np.int64)))] = head.weights
    np.testing.assert_allclose(many, dense @ coef.T * head.scale + head.intercept, rtol=0, atol=1e-9)


def test_a_table_is_made_for_many_articles_only(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    head, rows = make_head(rng, 500, 5), make_rows(rng, MANY, 500)
    made: list[int] = []
    monkeypatch.setattr(
        Scorer, "_prepare", lambda self, _: made.append(1) or (self._dense(np.arange(500), np.int8), None)
    )
    scorer = Scorer(head)
    scorer.scores(one_of(rows, 1))
    assert made == []
    scorer.scores(rows)
    scorer.scores(rows)
    assert made == [1]


def test_damage_is_found_with_a_table_too() -> None:
    rng = np.random.default_rng(2)
    head, rows = make_head(rng, 500, 5), make_rows(rng, MANY, 500)
    indices = head.indices.copy()
    indices[0] = 5
    with pytest.raises(ModelFileError, match="belongs to no label"):
        Scorer(dataclasses.replace(head, indices=indices)).scores(rows)
    scale = head.scale.copy()
    scale[0] = np.inf
    with pytest.raises(ModelFileError, match="not a finite number"):
        Scorer(dataclasses.replace(head, scale=scale)).scores(rows)


def test_a_weight_said_twice_counts_twice_with_a_table_too() -> None:
    rng = np.random.default_rng(5)
    head, rows = make_head(rng, 500, 5), make_rows(rng, MANY, 500)
    # Two weights of one term become those of one label, and do not fit int8 together.
    term = int(np.flatnonzero(np.diff(head.indptr.astype(np.int64)) >= 2)[0])
    indices, weights = head.indices.copy(), head.weights.copy()
    start = int(head.indptr[term])
    indices[start : start + 2], weights[start : start + 2] = 0, 127
    damaged = dataclasses.replace(head, indices=indices, weights=weights)
    assert (Scorer(damaged).scores(rows) == damaged.scores(rows)).all()


def test_whole_numbers_are_exact_in_any_order() -> None:
    rng = np.random.default_rng(3)
    values = rng.random(20_000)
    rows = Rows(np.array([0, len(values)]), np.arange(len(values)), values)
    whole, shift = fixed_point(rows)
    assert (whole == np.rint(whole)).all()
    np.testing.assert_allclose(np.ldexp(whole, -shift[0]), values, rtol=0, atol=1e-8)
    # The largest weights, all of one sign: not even then is a digit lost.
    assert sum(int(one) * 127 for one in whole) == int((whole * 127).sum()) < 1 << 53


def test_no_articles_and_empty_articles() -> None:
    head = make_head(np.random.default_rng(4), 10, 3)
    nothing = Rows(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
    assert Scorer(head).scores(nothing).shape == (0, 3)
    empty = Rows(np.zeros(MANY + 1, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
    assert (Scorer(head).scores(empty) == head.intercept).all()
