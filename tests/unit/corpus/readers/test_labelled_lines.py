"""Files of fastText and LibMultiLabel: labels as tags or as the event type, and predicted line by line."""

from __future__ import annotations

import pytest

from slugline.corpus.readers import ReadOptions, find_reader, get_reader, read_records
from slugline.corpus.readers.articles import read_articles
from slugline.errors import CorpusError


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def read(path, reader="auto", **fields):
    records = read_records(path, reader, ReadOptions(fields=fields))
    return [(record.article.body, record.labels.tags, record.labels.event_type) for record in records]


def test_any_word_with_the_prefix_is_a_label(tmp_path):
    path = write(tmp_path / "f.txt", "__label__a-b One two __label__c three\nnone here\n")
    assert read(path, "fasttext") == [("One two three", {"a-b", "c"}, None), ("none here", None, None)]


def test_another_prefix(tmp_path):
    path = write(tmp_path / "f.txt", "#x One __label__y\n#z Two words\n")
    assert read(path, "fasttext", label_prefix="#") == [("One __label__y", {"x"}, None), ("Two words", {"z"}, None)]


def test_labels_as_event_types(tmp_path):
    path = write(tmp_path / "f.txt", "__label__sport One two\n__label__politics Three four\n")
    assert read(path, event_type="labels") == [("One two", None, "sport"), ("Three four", None, "politics")]
    two = write(tmp_path / "g.txt", "__label__sport __label__war One two\n")
    with pytest.raises(CorpusError, match=r"g\.txt:1: field 'event_type': several"):
        read(two, event_type="labels")


def test_ids_are_lines(tmp_path):
    path = write(tmp_path / "f.txt", "__label__a One\n\n__label__b Two\n")
    assert [record.article.id for record in read_records(path)] == ["f.txt:1", "f.txt:3"]


@pytest.mark.parametrize("name", ["fasttext", "libmultilabel"])
def test_they_are_predicted_line_by_line_without_their_labels(name, tmp_path):
    import importlib

    path = importlib.import_module(f"contract.reader_samples.{name}").good(tmp_path)
    articles = list(read_articles(path))
    assert len(articles) == len(list(read_records(path)))
    assert not any("__label__" in article.body or "\t" in article.body for article in articles)


@pytest.mark.parametrize(
    "text",
    [
        "A headline\n\nA text that says __label__x in passing, as texts may.\nMore of it.\nAnd more.\n",
        "A headline\n\nA table\twith tabs in it\nis no corpus\tof labels\n",
        "One line with a\ttab and more words than that one\n",
    ],
)
def test_a_text_stays_a_text(text, tmp_path):
    path = write(tmp_path / "a.txt", text)
    assert len(list(read_articles(path))) == 1
    assert not any(get_reader(name).sniff(path, text.encode()) for name in ("annif", "fasttext", "libmultilabel"))


def test_a_table_with_a_header_is_a_table(tmp_path):
    path = write(tmp_path / "t.tsv", "tags\ttext\na b\tone two three four five six\nc\tone two three four five\n")
    assert find_reader(path).name == "table"


def test_no_labels_is_annotated_as_none_in_libmultilabel(tmp_path):
    path = write(tmp_path / "l.txt", "a b\tone two three four five six\n\tone two three four five six seven\n")
    assert find_reader(path).name == "libmultilabel"
    assert [tags for _, tags, _ in read(path)] == [{"a", "b"}, frozenset()]
