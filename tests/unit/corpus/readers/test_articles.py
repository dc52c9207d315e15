from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import threading
import tracemalloc
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.reader_samples.html import KEYWORDS, page
from slugline.article import Article
from slugline.corpus.readers.articles import _Joined, article_from_text, read_articles
from slugline.errors import CorpusError, SluglineError

SCRAPED = "Rebels take city\n\nThe army pulled back, it said.\n\nTags\nSyria, Rebels\nReal Time Analytics\n"
EXPECTED = Article("a", "Rebels take city", "The army pulled back, it said.")


def contents(article):
    return article.title, article.body


@pytest.mark.parametrize("data", [SCRAPED.encode(), SCRAPED.encode("utf-16"), gzip.compress(SCRAPED.encode())])
@pytest.mark.parametrize("name", ["a.txt", "a", "a.story"])
def test_a_text_is_an_article_without_its_tags(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    (article,) = read_articles(path)
    assert contents(article) == contents(EXPECTED)
    assert article.id == name.removesuffix(".txt")


def test_rows_need_no_labels_and_wrong_ones_do_no_harm(tmp_path):
    rows = [{"id": 1, "text": "one", "tags": {"x": 1}}, {"id": 1, "text": "two", "event_type": ["a", "b"]}]
    for name, content in {
        "a.jsonl": "".join(json.dumps(row) + "\n" for row in rows),
        "a.json": json.dumps(rows, indent=2),
        "b.json": json.dumps({"articles": rows}, indent=2),
        "a.txt": "".join(json.dumps(row) + "\n" for row in rows),
        "a.csv": "id,text,part\n1,one,?\n1,two,?\n",
        "a.tsv": "id\ttext\n1\tone\n1\ttwo\n",
        "table": "id;text\n1;one\n1;two\n",
    }.items():
        path = tmp_path / name
        path.write_text(content)
        assert [(article.id, article.body) for article in read_articles(path)] == [("1", "one"), ("1", "two")], name


def test_one_json_object(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{\n  "headline": "H",\n  "content": "C"\n}\n')
    assert [contents(article) for article in read_articles(path)] == [("H", "C")]


def test_own_names(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\nx,y\n")
    assert [contents(a) for a in read_articles(path, fields={"body": "b", "title": "a"})] == [("x", "y")]
    with pytest.raises(CorpusError, match=r"a\.csv:1: no headline and no text: .*'a', 'b'"):
        list(read_articles(path))


def test_a_page(tmp_path):
    path = tmp_path / "a.html"
    path.write_text(page(head=KEYWORDS))
    (article,) = read_articles(path)
    assert (article.id, article.title) == ("a", "Zürich café attacked")


def test_a_folder_of_texts_and_pages(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.txt").write_text(SCRAPED)
    (tmp_path / "a.html").write_text(page())
    (tmp_path / "c.txt").write_bytes(b"\0binary")
    errors: list[CorpusError] = []
    assert [article.id for article in read_articles(tmp_path, on_bad=errors.append)] == ["a", "sub/b"]
    assert [error.file for error in errors] == [str(tmp_path / "c.txt")]
    with pytest.raises(CorpusError, match=r"c\.txt: not a"):
        list(read_articles(tmp_path))


def test_a_folder_of_rows(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "x"}\n')
    assert [article.body for article in read_articles(tmp_path)] == ["x"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (SCRAPED.encode("cp1252"), [contents(EXPECTED)]),
        (SCRAPED.replace("\n", "\r\n").encode("utf-16"), [contents(EXPECTED)]),
        (gzip.compress(SCRAPED.encode()), [contents(EXPECTED)]),
        (b"just words", [("", "just words")]),
        (b"[Reuters] words", [("", "[Reuters] words")]),
        (b'{"text": "x"}\n{"text": "y"}\n', [("", "x"), ("", "y")]),
        (b'[{"text": "x"}, {"text": "y"}]', [("", "x"), ("", "y")]),
        (b"title,text\na,b\n", [("a", "b")]),
    ],
)
def test_standard_input(monkeypatch, data, expected):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    found = list(read_articles("-"))
    assert [contents(article) for article in found] == expected
    assert all(article.id.startswith("stdin") for article in found)


def test_a_page_from_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(page().encode())))
    assert [article.title for article in read_articles("-")] == ["Zürich café attacked"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"\x1f\x8b\x08", "the compressed file is cut short"),
        (gzip.compress(SCRAPED.encode())[:-9], "the compressed file is cut short"),
        (b"%PDF-1.4", "not a corpus; found a PDF file"),
        (b"a\0b", "not a corpus; found a binary file"),
        (b'{"text": "x"}\n{"text": \n', "not valid JSON"),
        (b'{"title": ""}\n', "the article has neither headline nor text"),
    ],
)
def test_what_is_no_article_is_told_in_one_line(tmp_path, data, message):
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(CorpusError, match=message) as caught:
        list(read_articles(path))
    assert str(caught.value).startswith(str(path))


def test_a_pipe_is_read_once(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(daemon=True, target=path.write_text, args=(SCRAPED,))
    writer.start()
    assert [contents(article) for article in read_articles(path)] == [contents(EXPECTED)]
    writer.join()


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(CorpusError, match="none: no such file or folder"):
        list(read_articles(tmp_path / "none"))


def test_an_empty_text_is_an_error(monkeypatch):
    with pytest.raises(CorpusError, match="there is no text in it"):
        article_from_text(" \n")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"")))
    with pytest.raises(CorpusError, match="stdin: there is no text in it"):
        list(read_articles("-"))


def test_a_well_known_corpus_reads_as_in_training(tmp_path):
    from contract.reader_samples import muc34
    from slugline.corpus.readers import read_records

    path = muc34.good(tmp_path)
    assert list(read_articles(path)) == [record.article for record in read_records(path)]


def test_a_text_needs_no_reader(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(SCRAPED)
    code = (
        "import sys\nfrom slugline.corpus.readers.articles import read_articles\n"
        f"list(read_articles({str(path)!r}))\n"
        "print(sorted(name for name in sys.modules if name.split('.')[-1] in "
        "('jsonl', 'table', 'html', 'reuters', 'wcep', 'parquet', 'csv', 'email', 'numpy', 'tarfile')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@given(data=st.binary(max_size=200) | st.text("{}[]\":,;\t|\n\r ab<>html/Tags'", max_size=150).map(str.encode))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_articles_or_an_error_of_ours(tmp_path, data):
    path = tmp_path / "any.txt"
    path.write_bytes(data)
    try:
        found = list(read_articles(path))
    except SluglineError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert all(article.text.strip() for article in found)


def test_an_unreadable_date_does_not_keep_an_article_from_being_predicted(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "x", "date": "01/05/2015"}\n{"text": "y", "date": {"a": 1}}\n')
    assert [(article.body, article.date) for article in read_articles(tmp_path / "a.jsonl")] == [
        ("x", None),
        ("y", None),
    ]


def test_an_endless_device_is_not_read_to_its_end():
    with pytest.raises(CorpusError, match="not a text file; found a binary file"):
        list(read_articles("/dev/zero"))


class Endless(io.RawIOBase):
    """Standard input of so many rows, each made when it is asked for."""

    def __init__(self, row: bytes, count: int) -> None:
        self.row, self.left, self.ready = row, count, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        if not self.ready and self.left:
            self.left -= 1
            self.ready = self.row
        size = min(len(self.ready), len(buffer))
        buffer[:size] = self.ready[:size]
        self.ready = self.ready[size:]
        return size


@pytest.mark.parametrize(
    ("start", "row"),
    [(b"", b'{"title": "T", "body": "%s"}\n' % (b"word " * 2000)), (b"title,body\n", b"T,%s\n" % (b"word " * 2000))],
)
def test_rows_of_standard_input_are_read_in_bounded_memory(start, row, monkeypatch):
    pipe = io.BufferedReader(Endless(row, 5000))
    first = io.BufferedReader(Endless(start + row, 1))
    joined = io.BufferedReader(_Joined(first.read(), pipe))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(joined))
    tracemalloc.start()
    assert sum(1 for _ in read_articles("-")) == 5001
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000
