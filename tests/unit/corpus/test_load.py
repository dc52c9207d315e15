"""Loading: a name or a path, cleaned, one spelling for each tag."""

from __future__ import annotations

import json
import os

import pytest

from slugline.config import CorpusConfig
from slugline.corpus.catalogue import ENVIRONMENT
from slugline.corpus.load import entry_for, load_corpus
from slugline.corpus.readers import READERS
from slugline.errors import CorpusError

ROWS = [
    {"id": "1", "title": "One ", "body": "Caf\u00c3\u00a9 &amp; bar", "tags": ["Middle-East", "UK"]},
    {"id": "2", "title": "Two", "body": "Text", "tags": ["Middle East"]},
    {"id": "3", "title": "Three", "body": "Text", "tags": ["middle east", "Middle East"]},
    {"id": "4", "title": "Four", "body": "Text", "tags": []},
    {"id": "5", "title": "Five", "body": "Text"},
]


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    return write(tmp_path / "rows.jsonl", *ROWS)


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def load(name, **options):
    return load_corpus(CorpusConfig(name=str(name), **options))


def tags(corpus):
    return [None if one.tags is None else sorted(one.tags) for one in corpus.labels]


def test_cleaned_and_normalised(path):
    corpus = load(path)
    assert corpus.name == "rows.jsonl"
    assert corpus.articles[0].title == "One"
    assert corpus.articles[0].body == "Café & bar"
    assert tags(corpus) == [["Middle East", "UK"], ["Middle East"], ["Middle East"], [], None]


def test_tags_as_written(path):
    corpus = load_corpus(CorpusConfig(name=str(path)), normalise=False)
    assert tags(corpus)[:3] == [["Middle-East", "UK"], ["Middle East"], ["Middle East", "middle east"]]
    assert corpus.articles[0].body == "Café & bar"


@pytest.mark.parametrize(
    ("aliases", "expected"), [(None, "UK"), ("none", "UK"), ("default", "United Kingdom"), ("a.toml", "Albion")]
)
def test_aliases_of_a_file_of_ones_own(path, aliases, expected):
    (path.parent / "a.toml").write_text('[aliases]\nAlbion = ["UK"]\n')
    assert expected in tags(load(path, aliases=aliases))[0]


def test_catalogue_brings_its_aliases(path):
    everything = {tag for one in tags(load("starter")) for tag in one}
    assert "DR Congo" in everything
    assert "Democratic Republic of Congo" not in everything
    assert "Democratic Republic of Congo" in {tag for one in tags(load("starter", aliases="none")) for tag in one}


def test_fields_and_reader_are_passed_on(path):
    write(path, {"n": "1", "words": "Text", "tags": ["x"], "topics": ["y"]})
    assert load(path, fields={"body": "words", "id": "n"}).articles[0].body == "Text"
    assert tags(load(path, fields={"body": "words"}, families=("topics",))) == [["y"]]
    with pytest.raises(CorpusError, match="unknown reader"):
        load(path, reader="nosuch")


def test_skip_bad_counts(path):
    with path.open("a") as stream:
        stream.write("{broken\n")
    with pytest.raises(CorpusError, match=r"rows\.jsonl:6"):
        load(path)
    corpus = load(path, skip_bad=True)
    assert len(corpus) == 5
    assert [error.line for error in corpus.skipped] == [6]


def test_nothing_left_is_an_error(path):
    write(path, {"id": "1", "body": {}}, {"id": "2", "body": 3.5, "tags": 7})
    with pytest.raises(CorpusError, match=r"no articles; all 2 rows are bad, the first: .*rows\.jsonl:1"):
        load(path, skip_bad=True)


@pytest.mark.parametrize("name", ["nowhere.jsonl", "no/where", ""])
def test_no_such_path_or_name(path, name):
    with pytest.raises(CorpusError):
        load(name)


def test_a_path_comes_before_a_name(path):
    path.rename(path.parent / "starter")
    assert len(load("starter")) == 5
    assert entry_for(CorpusConfig(name="starter")) is None


def test_entry_for_names_and_paths_to_them(path):
    assert entry_for(CorpusConfig(name="starter")).name == "starter"
    assert entry_for(CorpusConfig(name=str(path))) is None
    folder = path.parent / "wcep"
    folder.mkdir()
    path.rename(folder / "events.jsonl.gz")
    for name in ("wcep", folder, folder / "events.jsonl.gz"):
        assert entry_for(CorpusConfig(name=str(name))).split.train_before == "2019-01-01"
    with pytest.raises(CorpusError, match="catalogue has"):
        entry_for(CorpusConfig(name="nosuch"))


def test_progress_ends_with_the_total(path):
    told = []
    load_corpus(CorpusConfig(name=str(path)), lambda *about: told.append(about))
    assert told[-1] == ("reading rows.jsonl", 5, 5)


@pytest.mark.parametrize("reader", READERS)
def test_a_device_or_a_pipe_is_not_read_by_any_reader(tmp_path, reader):
    """A reader that was asked for by name would read /dev/zero for ever, and wait for a pipe."""
    os.mkfifo(tmp_path / "pipe")
    for path in ("/dev/zero", str(tmp_path / "pipe")):
        with pytest.raises(CorpusError, match="a pipe or device"):
            load_corpus(CorpusConfig(path, reader=reader))


def test_event_types_are_cleaned(tmp_path):
    types = ["Armed\nconflict", " Armed  conflict", "a\x1b[31mb", "\u200b", None]
    rows = [{"id": str(n), "text": "x", "event_type": one} for n, one in enumerate(types)]
    (tmp_path / "c.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = [one.event_type for one in load_corpus(CorpusConfig(str(tmp_path / "c.jsonl"))).labels]
    assert found == ["Armed conflict", "Armed conflict", "a[31mb", "none", None]
