from __future__ import annotations

import pytest

from report_sample import TYPES, events_part, tags_part
from slugline.report import tables


def test_confusion_counts_every_article_once() -> None:
    found = events_part()
    table = tables.confusion(found)
    assert table is not None
    assert sum(cell["count"] for row in table["rows"] for cell in row["cells"]) == found["articles"]
    assert all(len(row["cells"]) == len(table["header"]) for row in table["rows"])
    assert table["header"][-1] == "(abstained)"
    right = {row["label"]: sum(cell["count"] for cell in row["cells"] if cell["right"]) for row in table["rows"]}
    scores = {one["label"]: round(one["recall"] * one["support"]) for one in found["per_label"]}
    assert right == {label: scores[label] for label in right}


def test_a_wide_confusion_is_cut_and_keeps_its_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "CONFUSION_SHOWN", 2)
    found = events_part()
    table = tables.confusion(found)
    assert table is not None
    assert table["left_out"] == len(TYPES) - 2
    assert table["header"][-2:] == ["(other)", "(abstained)"]
    assert all(sum(cell["count"] for cell in row["cells"]) == row["total"] for row in table["rows"])


def test_labels_without_an_article_have_no_measure() -> None:
    found = tags_part(["a", "b"])
    found["per_label"][0] |= {"support": 0, "predicted": 0, "precision": 0.0, "recall": 0.0, "f1": 0.0}
    rows, left_out = tables.label_rows(found, None, {})
    assert left_out == 0
    assert [row["label"] for row in rows] == ["b", "a"]
    assert rows[1]["f1"] == {"sort": -1, "text": "–", "interval": ""}
    assert rows[1]["trained"] is None


def test_tiles_say_where_the_interval_lies() -> None:
    found = tags_part(["a", "b"])
    found["metrics"]["micro_f1"] = {"value": 0.5, "low": 0.25, "high": 0.75}
    tile = tables.tiles("tags", found)[0]
    assert (tile["at"], tile["from"], tile["width"], tile["interval"]) == (50.0, 25.0, 50.0, "0.250 to 0.750")
    found["metrics"]["micro_f1"] = {"value": 0.5, "low": None, "high": None}
    assert tables.tiles("tags", found)[0]["interval"] == ""


def test_errors_get_their_evidence_where_it_is_known() -> None:
    found = tags_part(["a", "b"])
    identity = found["worst_errors"]["given"][0]["id"]
    explained = {
        "head": "tags",
        "kind": "given",
        "id": identity,
        "label": "a",
        "true": ["b"],
        "title": [{"text": "Oil", "contribution": 2.0}],
        "text": [{"text": "gas", "contribution": -1.0}, {"text": " ", "contribution": 0.0}],
        "strongest": 2.0,
        "terms": [{"term": "oil", "contribution": 2.0}],
    }
    errors = tables.errors("tags", found, [explained])
    (given,), (missed,) = errors["given"], errors["missed"]
    assert given["title"] == [{"text": "Oil", "side": "for", "strength": 4}]
    assert [part["side"] for part in given["text"]] == ["against", ""]
    assert given["terms"][0]["width"] == 100.0
    assert missed["terms"] == missed["text"] == []
