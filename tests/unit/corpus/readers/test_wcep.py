"""WCEP: headings mended, families, and rows that are not annotated."""

from __future__ import annotations

import datetime as dt
import gzip
import json

import pytest

from slugline.corpus.readers import ReadOptions, find_reader, read_records
from slugline.corpus.readers.wcep import GROUPS, heading
from slugline.corpus.taxonomy import Taxonomy
from slugline.errors import CorpusError

ROW = {"id": "w1", "date": "2016-03-01", "text": "Rebels take a town.", "category": "Sports", "topics": ["Some war"]}


def write(path, *rows):
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def read(path, **options):
    return list(read_records(path, options=ReadOptions(**options)))


@pytest.mark.parametrize("name", ["events.jsonl", "events.jsonl.gz"])
def test_one_row(tmp_path, name):
    path = write(tmp_path / name, ROW)
    assert find_reader(path).name == "wcep"
    (record,) = read(path)
    assert record.article.id == "w1"
    assert record.article.body == "Rebels take a town."
    assert record.article.date == dt.date(2016, 3, 1)
    assert record.labels.event_type == "Sports"
    assert record.labels.tags is None
    assert record.part is None


def test_headings_are_the_groups_of_the_taxonomy():
    assert set(GROUPS) == set(Taxonomy.load().groups)
    assert all(heading(group) == group for group in GROUPS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Law and Crime", "Law and crime"),
        ("  law  &  crime: ", "Law and crime"),
        ("Attacks and armed conflicts", "Armed conflicts and attacks"),
        ("Disaster and accidents", "Disasters and accidents"),
        ("Disasters and incidents", "Disasters and accidents"),
        ("Science and Technology", "Science and technology"),
        ("Sport", "Sports"),
        ("Weather", "Weather"),
    ],
)
def test_heading(typed, meant):
    assert heading(typed) == meant


@pytest.mark.parametrize(
    ("changes", "families", "expected"),
    [
        ({}, None, None),
        ({}, ("topics",), {"Some war"}),
        ({"topics": []}, ("topics",), frozenset()),
        ({"topics": ["2016"]}, ("topics",), None),
        ({"topics": ["Some war", "2016,"]}, ("topics",), {"Some war"}),
        ({"links": ["50501"]}, ("links",), {"50501"}),
        ({"links": ["Syria"]}, None, {"Some war", "Syria"}),
        ({"links": ["Syria", " "]}, ("links",), {"Syria"}),
        ({"links": []}, ("links",), frozenset()),
        ({}, ("links",), None),
        ({"links": ["Syria"]}, (), None),
        ({"topics": ["2016"], "links": ["Syria"]}, None, {"Syria"}),
    ],
)
def test_families(tmp_path, changes, families, expected):
    path = write(tmp_path / "a.jsonl", ROW | changes)
    assert read(path, families=families)[0].labels.tags == expected


@pytest.mark.parametrize("category", [None, "", "  "])
def test_no_heading_is_not_annotated(tmp_path, category):
    path = write(tmp_path / "a.jsonl", ROW | {"category": category})
    assert read(path)[0].labels.event_type is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": ""}, "text"),
        ({"id": None}, "id"),
        ({"date": "March"}, "date"),
        ({"topics": "war"}, "topics"),
        ({"category": 3}, "category"),
    ],
)
def test_bad_row(tmp_path, changes, field):
    path = write(tmp_path / "a.jsonl", ROW, ROW | {"id": "w2"} | changes, ROW | {"id": "w3"})
    with pytest.raises(CorpusError) as caught:
        read(path, families=("topics",))
    assert (caught.value.file, caught.value.line, caught.value.field) == (str(path), 2, field)
    errors: list[CorpusError] = []
    kept = read(path, families=("topics",), on_bad=errors.append)
    assert [record.article.id for record in kept] == ["w1", "w3"]
    assert len(errors) == 1


def test_repeated_id_names_both_lines(tmp_path):
    path = write(tmp_path / "a.jsonl", ROW, ROW)
    with pytest.raises(CorpusError, match=r"a\.jsonl:2: .*first on line 1"):
        read(path)


def test_unknown_family(tmp_path):
    path = write(tmp_path / "a.jsonl", ROW)
    with pytest.raises(CorpusError, match="some of topics, links"):
        read(path, families=("places",))
