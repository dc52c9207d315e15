from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slugline.cluster.chunks import count_lines, line_start, plan_chunks
from slugline.cluster.reading import chunk_articles
from slugline.cluster.storage import find_files
from slugline.cluster.tasks import Here
from slugline.corpus.encoding import data_lines, lines
from slugline.corpus.readers.articles import read_articles
from slugline.corpus.readers.base import raise_bad
from slugline.errors import CorpusError

pytest.importorskip("fsspec", reason="needs the extra cluster")

ROWS = [
    {"title": f"Title {number}", "body": f"Text of é {number}"} | ({"id": f"n{number}"} if number % 3 else {})
    for number in range(50)
]


def text(rows=ROWS, end="\n"):
    return "".join(json.dumps(row, ensure_ascii=False) + end for row in rows)


def chunks_of(path, size):
    return plan_chunks(find_files([str(path)]), Here(), size)


def articles_of(path, size):
    return [article for chunk in chunks_of(path, size) for article in chunk_articles(chunk, raise_bad)]


@given(st.lists(st.sampled_from([b"a", b"bc", b"\r", b"\n", b"\r\n", "é".encode()]), max_size=40), st.integers(1, 9))
@example([b"a", b"\r", b"\n"], 2)
def test_lines_of_pieces_are_the_lines_of_the_whole(parts, size):
    data = b"".join(parts)

    def read(start, stop):
        return data[start:stop]

    starts = [line_start(read, place, len(data)) for place in range(0, len(data) + size, size)]
    assert starts == sorted(starts)
    found, number = [], 1
    for start, stop in zip(starts, [*starts[1:], len(data)], strict=True):
        found += data_lines(data[start:stop], file="x", first=number)
        assert number == 1 or number == count_lines(data[:start]) + 1
        number += count_lines(data[start:stop])
    assert found == list(data_lines(data, file="x"))


@pytest.mark.parametrize("size", [1, 100, 1000, 10**6])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n"])
def test_chunks_of_lines_give_the_articles_of_the_file(tmp_path, size, end):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + text(end=end).encode())
    chunks = chunks_of(path, size)
    assert {chunk.kind for chunk in chunks} == {"lines"}
    assert (len(chunks) > 1) == (size < 10**6)
    assert articles_of(path, size) == list(read_articles(path))
    assert [chunk.start for chunk in chunks[1:]] == [chunk.stop for chunk in chunks[:-1]]
    assert list(lines(path))[chunks[-1].first - 1 :] == list(
        data_lines(path.read_bytes()[chunks[-1].start :], file=path, first=chunks[-1].first)
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl.gz", gzip.compress(text().encode())),
        ("array.json", json.dumps(ROWS).encode()),
        ("wide.jsonl", text().encode("utf-16")),
        ("mac.jsonl", text(end="\r").encode()),
        ("table.csv", b"id,title,body\n1,One,Text\n2,Two,More\n"),
        (
            "wcep.jsonl",
            text([{"id": "1", "date": "2015-01-31", "text": "Rebels", "category": "Sports", "topics": ["x"]}]).encode(),
        ),
        ("text.txt", b"Headline\n\nText of it."),
    ],
)
def test_other_files_are_one_chunk_and_read_as_ever(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert [chunk.kind for chunk in chunks_of(path, 100)] == ["whole"]
    assert articles_of(path, 100) == list(read_articles(path)) != []


def test_parquet_is_cut_at_row_groups(tmp_path):
    pa = pytest.importorskip("pyarrow", reason="needs the extra parquet")
    import pyarrow.parquet as pq

    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist([{"id": None} | row for row in ROWS]), path, row_group_size=8)
    chunks = chunks_of(path, 300)
    assert {chunk.kind for chunk in chunks} == {"groups"}
    assert len(chunks) > 2
    assert articles_of(path, 300) == list(read_articles(path))
    assert {article.id for article in articles_of(path, 300)} >= {"a.parquet:1", "a.parquet:49", "n47"}


def test_a_bad_row_is_named_by_its_line_in_the_file(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(text() + "{broken\n" + text(), encoding="utf-8")
    with pytest.raises(CorpusError, match=r"a\.jsonl:51: not valid JSON"):
        articles_of(path, 200)


def test_an_empty_file_has_no_chunk_and_a_missing_one_is_an_error(tmp_path):
    (tmp_path / "empty.jsonl").write_bytes(b"")
    assert chunks_of(tmp_path / "empty.jsonl", 10) == []
    with pytest.raises(CorpusError, match="no such file"):
        chunks_of(tmp_path / "none.jsonl", 10)


def test_a_file_that_shrank_is_not_read_as_if_it_had_not(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(text(), encoding="utf-8")
    chunks = chunks_of(path, 500)
    path.write_text(text(ROWS[:5]), encoding="utf-8")
    with pytest.raises(CorpusError, match="has changed"):
        list(chunk_articles(chunks[-1], raise_bad))
