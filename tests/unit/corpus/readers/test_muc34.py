"""MUC-3/4: which event type, which part, and what the text loses."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from slugline.corpus.readers import ReadOptions, find_reader, read_records
from slugline.errors import CorpusError

TEXT = (
    "(U NEBRASKA)\n\n   SAN SALVADOR, 13 NOV 89 (ACAN-EFE) -- [TEXT] A BOMB EXPLODED.  NOBODY\n"
    "WAS HURT [WORDS INDISTINCT].\n\n   THE FMLN [FARABUNDO MARTI NATIONAL LIBERATION FRONT] SAID SO.  "
)
ROW = {"id": "DEV-1", "split": "train", "event_types": ["BOMBING"], "has_key": True, "text": TEXT}


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def read(path, **options):
    return list(read_records(path, options=ReadOptions(**options)))


def test_text_date_and_source(tmp_path):
    path = write(tmp_path / "a.jsonl", ROW)
    assert find_reader(path).name == "muc34"
    (record,) = read(path)
    assert record.article.body == (
        "SAN SALVADOR -- A BOMB EXPLODED. NOBODY WAS HURT .\n\n"
        "THE FMLN [FARABUNDO MARTI NATIONAL LIBERATION FRONT] SAID SO."
    )
    assert record.article.date == dt.date(1989, 11, 13)
    assert record.article.source == "ACAN-EFE"
    assert record.article.title == ""


@pytest.mark.parametrize(
    ("dateline", "body", "date"),
    [
        ("SAN JOSE (COSTA RICA), 18 NOV 89 (AFP) -- [TEXT] X", "SAN JOSE (COSTA RICA) -- X", dt.date(1989, 11, 18)),
        ("PERTH (AUSTRALIA), JUNE 11 89 (AFP) -- [TEXT] X", "PERTH (AUSTRALIA) -- X", dt.date(1989, 6, 11)),
        ("CLANDESTINE, NO DATE (RADIO VENCEREMOS) -- [TEXT] [CONTINUED] X", "X", None),
        ("NO CITY, NO DATE -- [SPEECH] [TEXT] X", "[SPEECH] X", None),
        ("BOGOTA, 31 FEB 90 (EFE) -- X", "BOGOTA -- X", None),
        ("BOGOTA, 3 FOO 90 (EFE) -- X", "BOGOTA -- X", None),
        ("X WITHOUT DATELINE", "X WITHOUT DATELINE", None),
    ],
)
def test_datelines(tmp_path, dateline, body, date):
    (record,) = read(write(tmp_path / "a.jsonl", ROW | {"text": dateline}))
    assert (record.article.body, record.article.date) == (body, date)


@pytest.mark.parametrize(
    ("types", "has_key", "expected", "tags"),
    [
        ([], True, "none", frozenset()),
        ([], False, None, None),
        (["ATTACK"], False, None, None),
        (["ATTACK"], True, "attack", {"attack"}),
        (["ATTACK", "BOMBING"], True, "bombing", {"attack", "bombing"}),
        (["ATTACK", "FORCED WORK STOPPAGE"], True, "forced_work_stoppage", {"attack", "forced_work_stoppage"}),
        (["ARSON", "KIDNAPPING", "ROBBERY"], True, "robbery", {"arson", "kidnapping", "robbery"}),
        (["ATTACK", "HIJACKING"], True, "attack", {"attack", "hijacking"}),
    ],
)
def test_event_type_is_the_rarest(tmp_path, types, has_key, expected, tags):
    path = write(tmp_path / "a.jsonl", ROW | {"event_types": types, "has_key": has_key})
    assert read(path)[0].labels.event_type == expected
    assert read(path)[0].labels.tags is None
    assert read(path, families=("event_types",))[0].labels.tags == tags


def test_official_split(tmp_path):
    path = write(tmp_path / "a.jsonl", ROW, ROW | {"id": "T", "split": "dev"})
    assert [record.part for record in read(path)] == ["train", "held-out"]


@pytest.mark.parametrize(("changes", "field"), [({"split": "x"}, "split"), ({"event_types": "ATTACK"}, "event_types")])
def test_bad_row(tmp_path, changes, field):
    path = write(tmp_path / "a.jsonl", ROW, ROW | {"id": "2"} | changes)
    with pytest.raises(CorpusError) as caught:
        read(path)
    assert (caught.value.file, caught.value.line, caught.value.field) == (str(path), 2, field)
