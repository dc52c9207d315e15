from __future__ import annotations

import csv
import io
import json
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slugline.article import Labels
from slugline.corpus.readers import ReadOptions, find_reader
from slugline.corpus.readers.table import READER, find_delimiter, has_known_header, rows, stream_rows
from slugline.errors import CorpusError

CELL = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t", exclude_characters="\ufeff"), max_size=30
)
FILLED = CELL.filter(str.strip)


def write(path, content):
    path.write_bytes(content.encode())
    return path


@given(
    table=st.lists(st.tuples(FILLED, CELL, st.lists(FILLED.map(str.strip), max_size=3)), min_size=1, max_size=6),
    delimiter=st.sampled_from(",;\t|"),
    newline=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_come_out_as_they_went_in(tmp_path, table, delimiter, newline, quoting):
    made = io.StringIO()
    writer = csv.writer(made, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerow(["text", "title", "tags"])
    writer.writerows((body, title, json.dumps(tags)) for body, title, tags in table)
    path = write(tmp_path / "rows.txt", made.getvalue())
    assert find_reader(path).name == "table"
    records = list(READER.read(path, ReadOptions()))
    assert [record.article.body for record in records] == [body for body, _, _ in table]
    # A cell of blanks is an empty cell.
    assert [record.article.title.strip() for record in records] == [title.strip() for _, title, _ in table]
    assert [record.labels.tags for record in records] == [frozenset(tags) for _, _, tags in table]


def test_the_line_of_a_row_is_the_one_it_starts_on(tmp_path):
    path = write(tmp_path / "t.csv", 'title,text\n\n"a\n\nb",c\nd,e\n"f","g\nh"\n')
    assert [line for line, _ in rows(path, ReadOptions())] == [3, 6, 7]


@pytest.mark.parametrize(
    ("rest", "line"),
    [('a,b\n"c,d\n', 3), ('"a,b\n', 2), ('a,"b', 2), ('a,b\nc,"d""\ne,f\ng,h\n', 3), ('a,b\n"c","d\n\n\n', 3)],
)
def test_an_open_quote_is_told_with_the_line_where_its_row_began(tmp_path, rest, line):
    path = write(tmp_path / "t.csv", "title,text\n" + rest)
    errors: list[CorpusError] = []
    found = list(READER.read(path, ReadOptions(on_bad=errors.append)))
    assert [str(error) for error in errors] == [f"{path}:{line}: a quote in the row that starts here is never closed"]
    assert len(found) == line - 2


@pytest.mark.parametrize("rest", ['a,"b"', 'a,"b"\n', 'a,"b ""c"""\n', 'a,b"c\n', '"a" b,c\n', 'a,"b\nc"\n\n'])
def test_a_closed_quote_is_none(tmp_path, rest):
    path = write(tmp_path / "t.csv", "title,text\n" + rest)
    assert len(list(READER.read(path, ReadOptions()))) == 1


def test_rows_of_the_wrong_length_are_bad(tmp_path):
    path = write(tmp_path / "t.csv", "title,text\na\nb,c,d\ne,f,,\ng,h\n")
    errors: list[CorpusError] = []
    found = list(READER.read(path, ReadOptions(on_bad=errors.append)))
    assert [record.article.title for record in found] == ["e", "g"]
    assert [(error.line, error.found) for error in errors] == [(2, 1), (3, 3)]


def test_an_empty_cell_is_not_annotated(tmp_path):
    path = write(tmp_path / "t.csv", "text,tags,event_type\na,,\nb,[],none\nc, , \n")
    empty = Labels(None, None)
    assert [r.labels for r in READER.read(path, ReadOptions())] == [empty, Labels(frozenset(), "none"), empty]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("title,text\na,b;c\n", ","),
        ("title;text\na,b;c\n", ";"),
        ("title\ttext, with comma\nx\ty\n", "\t"),
        ("title|text\n", "|"),
        ("sep=;\ntitle,text\n", ";"),
        ("x;y,z;w\n1;2,3;4\n5;6;7\n", ";"),
        ("text\nonly, one column\n", ","),
        ("", ","),
    ],
)
def test_delimiters(text, delimiter):
    assert find_delimiter(text) == delimiter


def test_the_users_own_names_help_to_find_the_delimiter():
    assert find_delimiter("a,x;b,y;c,z\n1,2\n", ["b,y"]) == ";"


@pytest.mark.parametrize(
    "text",
    [
        "Syria: Idlib Captured, Army Confirms Retreat\n\nThe army, which\nsaid, that\n",
        "Just one line, with a comma",
        "Text\n\nBelow a headline of one word.",
        "He said, yes, no\nShe said, no\n",
    ],
)
def test_prose_is_no_table(tmp_path, text):
    assert not READER.sniff(tmp_path / "a.txt", text.encode())
    assert not has_known_header(text)


def test_a_table_is_known_by_its_rows_even_if_no_column_is(tmp_path):
    path = write(tmp_path / "data", "number,when\n1,2015\n2,2016\n")
    assert find_reader(path).name == "table"
    with pytest.raises(
        CorpusError, match=r"data:1: no headline and no text: .*'number', 'when'; say .*--field body=NAME"
    ):
        list(READER.read(path, ReadOptions()))
    assert [r.article.body for r in READER.read(path, ReadOptions(fields={"body": "number"}))] == ["1", "2"]


def test_huge_cells_are_read(tmp_path):
    path = write(tmp_path / "t.csv", 'text\n"' + "word, " * 200_000 + '"\n')
    (record,) = READER.read(path, ReadOptions())
    assert len(record.article.body) == 1_200_000


def test_unicode_line_separators_are_no_ends_of_rows():
    found = list(stream_rows(["title,text\n", "a,b\u2028c\x0bd\n"], "title,text\n", "stdin", ReadOptions()))
    assert found == [(2, {"title": "a", "text": "b\u2028c\x0bd"})]


def test_reading_is_in_bounded_memory(tmp_path):
    path = write(tmp_path / "big.csv", "text,tags\n" + ("word " * 200 + ",a\n") * 8_000)
    tracemalloc.start()
    assert sum(1 for _ in READER.read(path, ReadOptions())) == 8_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3_000_000


@given(st.text("a,;\t|\"'\n=sepx", max_size=80))
def test_any_text_is_rows_or_an_error_of_ours(text):
    errors: list[CorpusError] = []
    try:
        found = list(
            stream_rows(
                text.splitlines(keepends=True), text, "f", ReadOptions(fields={"body": "a"}, on_bad=errors.append)
            )
        )
    except CorpusError:
        return
    assert found or errors
