from __future__ import annotations

import datetime as dt
import json
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slugline.article import Article, Labels
from slugline.corpus.readers import ReadOptions
from slugline.corpus.readers.jsonl import READER, is_json, text_rows
from slugline.errors import CorpusError

TEXT = st.text(max_size=40)
FILLED = TEXT.filter(str.strip)
ROW = st.builds(
    lambda body, **rest: {"body": body, **rest},
    FILLED,
    title=TEXT,
    tags=st.none() | st.lists(FILLED.map(str.strip), max_size=4),
    event_type=st.none() | FILLED.map(str.strip).filter(lambda text: text.casefold() != "none") | st.just("none"),
    date=st.none() | st.dates().map(dt.date.isoformat),
)


@given(rows=st.lists(ROW, max_size=6), newline=st.sampled_from(["\n", "\r\n", "\n\n"]), escaped=st.booleans())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_come_out_as_they_went_in(tmp_path, rows, newline, escaped):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(newline.join(json.dumps(row, ensure_ascii=escaped) for row in rows).encode("utf-8", "replace"))
    records = list(READER.read(path, ReadOptions()))
    assert [record.article.body for record in records] == [row["body"] for row in rows]
    assert [record.article.title for record in records] == [row["title"] for row in rows]
    assert [record.article.date and record.article.date.isoformat() for record in records] == [r["date"] for r in rows]
    assert [record.labels.event_type for record in records] == [row["event_type"] for row in rows]
    wanted = [None if row["tags"] is None else frozenset(row["tags"]) for row in rows]
    assert [record.labels.tags for record in records] == wanted


def test_line_numbers_count_blank_lines(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('\n{"text": "x"}\n\n\n{"text": \n')
    with pytest.raises(CorpusError, match=r"rows\.jsonl:5: not valid JSON: Expecting value at column \d+$"):
        list(READER.read(path, ReadOptions()))


@pytest.mark.parametrize("indent", [None, 1])
def test_rows_of_an_array_have_their_lines(tmp_path, indent):
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([{"text": "a\nb"}, {"text": "c"}, 5, {"text": "d"}], indent=indent))
    errors: list[CorpusError] = []
    records = list(READER.read(path, ReadOptions(on_bad=errors.append)))
    ids = ["rows.json:1", "rows.json:1.2", "rows.json:1.3"] if indent is None else [f"rows.json:{n}" for n in (2, 5, 9)]
    assert [record.article.id for record in records] == ids
    assert [error.line for error in errors] == [1 if indent is None else 8]


@pytest.mark.parametrize("indent", [None, 2])
def test_the_articles_inside_one_object(tmp_path, indent):
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"status": "ok", "n": [1], "articles": [{"text": "a"}, {"text": "b"}]}, indent=indent))
    assert [record.article.body for record in READER.read(path, ReadOptions())] == ["a", "b"]


def test_an_articles_own_list_of_objects_is_not_taken_for_articles(tmp_path):
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"text": "a", "images": [{"title": "b"}]}, indent=2))
    assert [record.article.body for record in READER.read(path, ReadOptions())] == ["a"]


def test_a_broken_first_line_is_still_json_lines(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "a", }\n{"text": "b"}\n')
    assert READER.sniff(path, path.read_bytes())
    errors: list[CorpusError] = []
    assert [r.article.body for r in READER.read(path, ReadOptions(on_bad=errors.append))] == ["b"]
    assert [error.line for error in errors] == [1]


def test_half_a_surrogate_pair_does_not_get_through(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "a \\ud83d b \\ud83d\\ude00", "tags": ["\\udc00"]}\n')
    (record,) = READER.read(path, ReadOptions())
    assert "😀" in record.article.body
    record.article.body.encode()
    "".join(record.labels.tags).encode()


@pytest.mark.parametrize("text", ['{"a"', " [ {", "{}", "[]", "\n\n{'a': 1}"])
def test_what_starts_as_json(text):
    assert is_json(text)


@pytest.mark.parametrize("text", ["[Reuters] The", "{curly} text", "", "5", '"text"', "Text {", None])
def test_what_does_not_start_as_json(text):
    assert not is_json(text)


def test_deep_nesting_is_an_error_of_ours(tmp_path):
    path = tmp_path / "deep.jsonl"
    path.write_text('{"text": ' + "[" * 100_000 + "\n")
    with pytest.raises(CorpusError, match=r"deep\.jsonl:1: not valid JSON"):
        list(READER.read(path, ReadOptions()))


def test_reading_is_in_bounded_memory(tmp_path):
    path = tmp_path / "big.jsonl"
    row = json.dumps({"text": "word " * 200, "tags": ["a"]}) + "\n"
    path.write_text(row * 8_000)
    tracemalloc.start()
    assert sum(1 for _ in READER.read(path, ReadOptions())) == 8_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # 8 MB of text; what is kept are the ids.
    assert peak < 3_000_000


def test_text_rows_read_what_files_hold():
    assert list(text_rows('{"a": 1}\n\n{"b": 2}', "stdin", ReadOptions())) == [(1, {"a": 1}), (3, {"b": 2})]


def test_labels_and_article(tmp_path):
    path = tmp_path / "x.jsonl.gz"
    path.write_text('{"headline": "H", "content": ["p", "q"], "labels": "a|b", "category": "None"}')
    (record,) = READER.read(path, ReadOptions())
    assert record.article == Article("x.jsonl:1", "H", "p\n\nq")
    assert record.labels == Labels(frozenset({"a", "b"}), "none")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"id": 1, "text": ', "Expecting value at column 18"),
        ('{"text": "a", "tags": ["x"], "text": "b"}', "the key 'text' occurs twice in one object"),
        ('{"text": "a", "source": {"name": "x", "name": "y"}}', "the key 'name' occurs twice in one object"),
        ('{"text": "a", "id": ' + "9" * 5000 + "}", "a number has too many digits"),
        ('{"text": "a", "tags": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
    ],
)
@pytest.mark.parametrize("form", ["lines", "array"])
def test_what_is_wrong_with_a_row(tmp_path, line, why, form):
    path = tmp_path / "c.jsonl"
    path.write_text('{"text": "a"}\n' + line + "\n" if form == "lines" else f'[{{"text": "a"}},\n{line}]\n')
    with pytest.raises(CorpusError) as caught:
        list(READER.read(path, ReadOptions()))
    assert caught.value.line == 2
    assert str(caught.value).startswith(f"{path}:2: not valid JSON: ")
    if form == "lines" or not why.startswith("Expecting"):
        assert why in str(caught.value)
