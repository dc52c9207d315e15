"""What is written is read back the same, whatever the format."""

from __future__ import annotations

import csv
import datetime as dt
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slugline.article import NONE, Article, Labels
from slugline.config import CorpusConfig
from slugline.corpus.convert import SUFFIXES, joined_tags, write_corpus
from slugline.corpus.corpus import Corpus, Record
from slugline.corpus.load import load_corpus
from slugline.corpus.readers.values import split_tags
from slugline.errors import ConfigError, MissingExtraError, OutputError

RECORDS = (
    Record(
        Article("1", "A title", 'One.\n\nTwo, "quoted"; three', dt.date(2020, 1, 2), "http://x/", "S", "en"), Labels()
    ),
    Record(Article("2", "", "=1+1"), Labels(frozenset(), NONE), "train"),
    Record(Article("3", "Zürich"), Labels(frozenset({"Washington, D.C."}), "crime"), "held-out"),
    Record(Article("4", "T"), Labels(frozenset({"Middle East", "Syria"})), "unused"),
    Record(Article("5", "T"), Labels(frozenset({"a;b", "c|d", "[e]"})), None),
)
CORPUS = Corpus("toy", RECORDS)


def read(path):
    return load_corpus(CorpusConfig(name=str(path)))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_round_trip(tmp_path, suffix):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    out = tmp_path / f"toy{suffix}"
    assert write_corpus(CORPUS, out) == 5
    assert read(out).records == RECORDS
    first = out.read_bytes()
    write_corpus(CORPUS, out)
    assert out.read_bytes() == first


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_no_cell_is_a_formula_and_all_are_read_back(tmp_path, suffix):
    starts = ("=", "+", "-", "@", "'=", "\uff1d", "''@")
    records = tuple(
        Record(
            Article(
                f"{start}{number}", f"{start}cmd|' /C calc'!A0", f"{start}b", source=f"{start}s", language=f"{start}l"
            ),
            Labels(frozenset({f"{start}x|y", "A"}), f"{start}type"),
        )
        for number, start in enumerate(starts)
    )
    out = tmp_path / f"toy{suffix}"
    write_corpus(Corpus("toy", records), out)
    with out.open(encoding="utf-8-sig", newline="") as stream:
        cells = [cell for row in csv.reader(stream, delimiter="," if suffix == ".csv" else "\t") for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\uff1d"))]
    assert [one.article for one in read(out).records] == [one.article for one in records]
    assert [one.labels.event_type for one in read(out).records] == [one.labels.event_type for one in records]


def test_articles_without_text_are_left_out_and_counted(tmp_path):
    out = tmp_path / "toy.jsonl"
    assert write_corpus(Corpus("toy", (*RECORDS, Record(Article("6", " ", "\n"), Labels()))), out) == 5
    assert read(out).records == RECORDS


@pytest.mark.parametrize("name", ["toy.xml", "toy", ".csv", "toy.gz"])
def test_unknown_suffix(tmp_path, name):
    with pytest.raises(ConfigError, match=r"\.parquet"):
        write_corpus(CORPUS, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_unwritable_folder(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        write_corpus(CORPUS, tmp_path / "file" / "toy.csv")


def test_parquet_is_an_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"slugline\[parquet\]"):
        write_corpus(CORPUS, tmp_path / "toy.parquet")


@given(st.lists(st.text(min_size=1).map(lambda text: " ".join(text.split())).filter(bool), unique=True))
def test_joined_tags_split_into_the_same(tags):
    assert split_tags(joined_tags(tags)) == tags


TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"], max_codepoint=0x2FFF), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(TEXT, TEXT, st.none() | st.frozensets(TEXT.filter(str.strip), max_size=3)),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([".jsonl", ".csv", ".tsv"]),
)
def test_any_corpus_survives(tmp_path, rows, suffix):
    records = (Record(Article(f"n{n}", f"T {title}", body), Labels(tags)) for n, (title, body, tags) in enumerate(rows))
    write_corpus(Corpus("toy", tuple(records)), tmp_path / f"raw{suffix}")
    # Loading cleans; what is clean stays as it is.
    clean = read(tmp_path / f"raw{suffix}")
    write_corpus(clean, tmp_path / f"clean{suffix}")
    assert read(tmp_path / f"clean{suffix}").digest == clean.digest
