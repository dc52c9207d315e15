from __future__ import annotations

import datetime as dt
import sys

import pytest

from slugline.article import Labels
from slugline.corpus.readers import ReadOptions
from slugline.corpus.readers.parquet import READER
from slugline.errors import MissingExtraError


def write(path, columns):
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    from pyarrow import parquet

    parquet.write_table(pa.table(columns), path)
    return path


def test_columns_become_fields(tmp_path):
    path = write(
        tmp_path / "a.parquet",
        {
            "headline": ["H", None],
            "text": ["x", "y"],
            "tags": [["a", "b"], None],
            "category": ["none", None],
            "published": [dt.datetime(2015, 5, 29, 23), None],
        },
    )
    first, second = READER.read(path, ReadOptions())
    assert (first.article.id, first.article.title, first.article.date) == ("a.parquet:1", "H", dt.date(2015, 5, 29))
    assert first.labels == Labels(frozenset({"a", "b"}), "none")
    assert second.labels == Labels(None, None)


def test_own_columns_and_families(tmp_path):
    path = write(
        tmp_path / "a.parquet", {"main": ["x"], "people": [["p"]], "places": ["q, r"], "fields": [{"kw": ["k"]}]}
    )
    options = ReadOptions(fields={"body": "main"}, families=("people", "places"))
    assert [record.labels.tags for record in READER.read(path, options)] == [{"p", "q", "r"}]
    options = ReadOptions(fields={"body": "main", "tags": "fields.kw"})
    assert [record.labels.tags for record in READER.read(path, options)] == [{"k"}]


def test_more_rows_than_a_batch(tmp_path):
    path = write(tmp_path / "a.parquet", {"text": [f"t{number}" for number in range(2500)]})
    assert [record.article.body for record in READER.read(path, ReadOptions())][2499] == "t2499"


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(MissingExtraError, match=r"reading Parquet needs .*pip install 'slugline\[parquet\]'"):
        list(READER.read(path, ReadOptions()))
