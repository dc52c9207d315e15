from __future__ import annotations

from pathlib import Path

from slugline.config import CorpusConfig
from slugline.corpus.columns import unread_columns
from slugline.corpus.load import find_source


def test_columns_of_a_table_that_nothing_is_read_from(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("No;Head;Story text;Desk\n1;Rain;It rained.;weather\n", encoding="utf-8")
    assert unread_columns(find_source(CorpusConfig(str(path)))) == ("No", "Story text", "Desk")
    told = CorpusConfig(str(path), fields={"body": "Story text", "event_type": "Desk"})
    assert unread_columns(find_source(told)) == ("No",)


def test_a_bad_row_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("title,notes\nRain,wet,1\nSun,dry\n", encoding="utf-8")
    assert unread_columns(find_source(CorpusConfig(str(path)))) == ("notes",)


def test_what_is_no_table_has_none(tmp_path: Path) -> None:
    path = tmp_path / "articles.jsonl"
    path.write_text('{"title": "Rain", "notes": "wet"}\n', encoding="utf-8")
    assert unread_columns(find_source(CorpusConfig(str(path)))) == ()
