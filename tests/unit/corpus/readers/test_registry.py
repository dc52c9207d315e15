from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import slugline.corpus.readers
from slugline.corpus.readers import READERS, ReadOptions, find_reader, get_reader, read_records
from slugline.errors import CorpusError, SluglineError


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('{"text": "x"}\n', "jsonl"),
        ('[{"text": "x"}]', "jsonl"),
        ("text,tags\nx,y\n", "table"),
        ("<html><body>x", "html"),
        ("Head\n\nText.\n\nTags\nA, B\n", "scraped"),
    ],
)
@pytest.mark.parametrize("suffix", ["", ".dat", ".txt"])
def test_the_content_decides_and_not_the_name(tmp_path, content, name, suffix):
    path = tmp_path / f"corpus{suffix}"
    path.write_text(content)
    assert find_reader(path).name == name
    path.write_bytes(gzip.compress(content.encode("utf-16")))
    assert find_reader(path).name == name


def test_a_name_goes_before_the_content(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text\nx\n")
    assert find_reader(path, "scraped").name == "scraped"
    with pytest.raises(CorpusError, match="unknown reader; found 'xml'; expected auto or one of reuters, "):
        find_reader(path, "xml")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"\n \r\n", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (gzip.compress(b""), "the compressed file is empty, damaged or cut short"),
        (b"\x1f\x8b\x08", "the compressed file is empty, damaged or cut short"),
        (b"\x80\x04\x95\0\0\0}\x94.", "not a corpus; found a binary file; expected JSONL, CSV"),
        (b"PK\x03\x04", "not a corpus; found a ZIP archive; expected JSONL, CSV"),
        (b"Just a text.\n", "not a corpus; found a text without labels; expected JSONL, CSV"),
    ],
)
def test_what_is_no_corpus_is_told_in_one_line(tmp_path, data, message):
    path = tmp_path / "corpus"
    path.write_bytes(data)
    with pytest.raises(CorpusError) as caught:
        find_reader(path)
    assert str(caught.value).startswith(f"{path}: {message}")


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(CorpusError, match="none: no such file or folder"):
        find_reader(tmp_path / "none", "jsonl")


def test_every_module_with_a_reader_is_registered():
    folder = Path(slugline.corpus.readers.__file__).parent
    with_reader = {path.stem for path in folder.glob("*.py") if "\nREADER = " in path.read_text(encoding="utf-8")}
    assert with_reader == set(READERS)
    assert all(importlib.util.find_spec(f"slugline.corpus.readers.{name}") for name in READERS)
    assert [get_reader(name).name for name in READERS] == list(READERS)


@given(
    data=st.binary(max_size=200)
    | st.text(max_size=100).map(lambda text: text.encode("utf-16", "replace"))
    | st.text("{}[]\":,;\t|\n\r ab<>html/Tags'", max_size=150).map(str.encode)
    | st.binary(max_size=50).map(gzip.compress)
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_have_a_reader_or_an_error_of_ours(tmp_path, data):
    path = tmp_path / "any"
    path.write_bytes(data)
    try:
        found = list(read_records(path, options=ReadOptions(on_bad=lambda error: None)))
    except SluglineError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert all(record.article.text.strip() for record in found)


@pytest.mark.parametrize("name", ["scraped", "html", "folder"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (ReadOptions(fields={"body": "x"}), "no columns or keys that could be given as body"),
        (ReadOptions(families=("people",)), "no label families that could be chosen as people"),
    ],
)
def test_choices_that_a_format_does_not_have_are_refused(tmp_path, name, options, message):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.txt").write_text("Text.")
    with pytest.raises(CorpusError, match=f"{tmp_path}: this format has {message}"):
        list(read_records(tmp_path, name, options))


@pytest.mark.parametrize("name", ["reuters21578.tar.gz", "c.jsonl.gz"])
def test_a_compressed_file_cut_short_says_so(tmp_path, name):
    whole = gzip.compress(b"reut2-000.sgm" + bytes(500) + bytes(range(256)) * 20, mtime=0)
    for length in (12, 20, 60, len(whole) - 9, len(whole) - 1):
        (tmp_path / name).write_bytes(whole[:length])
        with pytest.raises(CorpusError, match=r"compressed file is .*cut short"):
            find_reader(tmp_path / name)
