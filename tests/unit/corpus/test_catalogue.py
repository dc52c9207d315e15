"""The catalogue's entries, and getting a corpus without losing the copy that was there."""

from __future__ import annotations

import dataclasses
import hashlib
import re

import pytest

from slugline.corpus import catalogue as module
from slugline.corpus import fetch
from slugline.corpus.catalogue import catalogue, find_entry, get, locate, present
from slugline.corpus.readers import READERS, get_reader
from slugline.errors import CorpusError, MissingExtraError

CONTENT = b'{"id": "1", "date": "2016-03-01", "text": "A.", "category": "Sports", "topics": []}\n'


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working directory without shared corpora."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(module.ENVIRONMENT, raising=False)
    return tmp_path


@pytest.fixture
def toy(here, monkeypatch):
    """A catalogue of one corpus, `toy`, of one row; `toy(address=...)` changes its entry."""

    def make(**changes):
        entry = dataclasses.replace(
            find_entry_of_wcep, name="toy", file="toy.jsonl", sha256=(hashlib.sha256(CONTENT).hexdigest(),), **changes
        )
        monkeypatch.setattr(module, "catalogue", lambda: {"toy": entry})
        return here / "corpora" / "toy" / "toy.jsonl"

    find_entry_of_wcep = find_entry("wcep")
    return make


@pytest.mark.parametrize("entry", catalogue().values(), ids=lambda entry: entry.name)
def test_entries_are_whole(entry):
    assert entry.title
    assert entry.licence
    assert entry.articles > 0
    assert entry.reader in READERS
    assert set(entry.families or ()) <= set(get_reader(entry.reader).families)
    assert all(re.fullmatch("[0-9a-f]{64}", found) for found in (*entry.sha256, *filter(None, [entry.digest])))
    # Each corpus says how to come by it.
    assert entry.embedded or entry.extra or (entry.file and entry.sha256 and (entry.address or entry.note))
    assert entry.aliases is None or entry.aliases.is_file()
    for address in filter(None, (entry.address, entry.page)):
        assert re.match("https?://", address)


def test_names():
    assert list(catalogue()) == ["bbc", "muc34", "reuters21578", "starter", "wcep", "wcep_linked"]


def test_unknown_name_lists_the_names_and_the_close_one(here):
    with pytest.raises(CorpusError, match=r"did you mean 'reuters21578'\?.*bbc, muc34.*found 'reuters'"):
        locate("reuters")
    with pytest.raises(CorpusError) as caught:
        locate("qqq")
    assert "did you mean" not in str(caught.value)


def test_embedded_is_always_here(here):
    assert locate("starter").name == "articles.jsonl"
    assert get("starter") == locate("starter")
    assert present(find_entry("starter"))


def test_missing_says_how_to_get_it(toy):
    toy()
    with pytest.raises(CorpusError, match="slugline corpus get toy"):
        locate("toy")
    assert not present(find_entry("toy"))


def test_extra_says_how_to_install_it(here, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"slugline\[bbc\]"):
        get("bbc")
    with pytest.raises(MissingExtraError):
        locate("bbc")
    assert not present(find_entry("bbc"))


@pytest.mark.parametrize("place", ["toy.jsonl", "folder/toy.jsonl", "folder/toy/toy.jsonl"])
def test_copy_from_a_file_or_folder(toy, here, place):
    target = toy()
    source = here / "elsewhere" / place
    source.parent.mkdir(parents=True)
    source.write_bytes(CONTENT)
    assert get("toy", source=source if place == "toy.jsonl" else here / "elsewhere" / "folder").absolute() == target
    assert target.read_bytes() == CONTENT
    assert locate("toy").absolute() == target


def test_copy_from_the_shared_folder_and_reading_it_there(toy, here, monkeypatch):
    target = toy()
    shared = here / "shared"
    (shared / "toy").mkdir(parents=True)
    (shared / "toy" / "toy.jsonl").write_bytes(CONTENT)
    monkeypatch.setenv(module.ENVIRONMENT, str(shared))
    assert locate("toy") == shared / "toy" / "toy.jsonl"
    assert get("toy").absolute() == target
    assert target.read_bytes() == CONTENT
    assert locate("toy").absolute() == target


def test_wrong_contents_leave_the_previous_copy(toy, here):
    target = toy()
    target.parent.mkdir(parents=True)
    target.write_bytes(b"previous")
    source = here / "toy.jsonl"
    source.write_bytes(CONTENT + b" ")
    found = hashlib.sha256(CONTENT + b" ").hexdigest()
    with pytest.raises(CorpusError) as caught:
        get("toy", source=source)
    assert found in str(caught.value)
    assert hashlib.sha256(CONTENT).hexdigest() in str(caught.value)
    assert caught.value.file == str(source)
    assert target.read_bytes() == b"previous"
    assert [path.name for path in target.parent.iterdir()] == ["toy.jsonl"]


def test_no_such_source(toy, here):
    toy()
    with pytest.raises(CorpusError, match=r"not here.*toy.jsonl"):
        get("toy", source=here / "nowhere")


def test_no_address_says_why(toy):
    toy()
    with pytest.raises(CorpusError, match="--from"):
        get("toy")


def downloads(content: bytes, seen: list[str]):
    def download(address, target, progress, *, stage):
        seen.append(address)
        target.write_bytes(content)
        progress(stage, len(content), len(content))
        return len(content)

    return download


def test_download_once(toy, monkeypatch):
    target = toy(address="https://example.org/toy")
    seen: list[str] = []
    monkeypatch.setattr(fetch, "download", downloads(CONTENT, seen))
    told = []
    assert get("toy", progress=lambda *about: told.append(about)).absolute() == target
    assert get("toy").absolute() == target
    assert seen == ["https://example.org/toy"]
    assert told == [("downloading toy", len(CONTENT), len(CONTENT))]
    target.write_bytes(b"spoilt")
    get("toy")
    assert target.read_bytes() == CONTENT
    assert len(seen) == 2


def test_wrong_download_leaves_the_previous_copy(toy, monkeypatch):
    target = toy(address="https://example.org/toy")
    target.parent.mkdir(parents=True)
    target.write_bytes(b"previous")
    monkeypatch.setattr(fetch, "download", downloads(b"<html>", []))
    with pytest.raises(CorpusError, match=r"example.org/toy: not the contents"):
        get("toy")
    assert target.read_bytes() == b"previous"
    assert [path.name for path in target.parent.iterdir()] == ["toy.jsonl"]


def test_failing_download_leaves_nothing(toy, monkeypatch):
    target = toy(address="http://127.0.0.1:1/toy")
    with pytest.raises(CorpusError, match="cannot download"):
        get("toy")
    assert list(target.parent.iterdir()) == []


def test_reuters_in_another_packing(here, monkeypatch):
    from slugline.corpus.readers.reuters import content_digest

    folder = here / "unpacked"
    folder.mkdir()
    (folder / "reut2-000.sgm").write_bytes(b'<REUTERS TOPICS="YES" NEWID="1"><TEXT><TITLE>A</TITLE></TEXT></REUTERS>')
    entry = dataclasses.replace(find_entry("reuters21578"), digest=content_digest(folder))
    monkeypatch.setattr(module, "catalogue", lambda: {"reuters21578": entry})
    assert get("reuters21578", source=folder).absolute() == here / "corpora" / "reuters21578"
    assert locate("reuters21578").absolute() == here / "corpora" / "reuters21578"
    (folder / "reut2-000.sgm").write_bytes(b'<REUTERS TOPICS="NO" NEWID="1"><TEXT><TITLE>A</TITLE></TEXT></REUTERS>')
    with pytest.raises(CorpusError, match="not the contents"):
        get("reuters21578", source=folder)


def test_a_corpus_of_several_files_is_copied_whole_or_not_at_all(toy, here, monkeypatch):
    """Nothing but its reader knows which files belong to it: a part of them looked like the corpus."""
    target = toy().parent
    shared = here / "shared"
    shared.mkdir()
    for name in ("a.sgm", "b.sgm"):
        (shared / name).write_text(name)
    monkeypatch.setattr(module, "_from", lambda entry, source: source)
    monkeypatch.setattr(module, "_check", lambda *_: None)
    copy = module.shutil.copyfile

    def interrupted(source, to):
        if source.name == "b.sgm":
            raise KeyboardInterrupt
        copy(source, to)

    monkeypatch.setattr(module.shutil, "copyfile", interrupted)
    with pytest.raises(KeyboardInterrupt):
        get("toy", source=shared)
    assert not target.exists()
    target.mkdir(parents=True)
    (target / "a.sgm").write_text("old")
    (target / "notes.txt").write_text("mine")
    with pytest.raises(KeyboardInterrupt):
        get("toy", source=shared)
    assert sorted(path.name for path in target.iterdir()) == ["a.sgm", "notes.txt"]
    assert (target / "a.sgm").read_text() == "old"
    monkeypatch.setattr(module.shutil, "copyfile", copy)
    assert get("toy", source=shared) == target.relative_to(here)
    assert {path.name: path.read_text() for path in target.iterdir()} == {
        "a.sgm": "a.sgm",
        "b.sgm": "b.sgm",
        "notes.txt": "mine",
    }
    assert [path.name for path in target.parent.iterdir()] == ["toy"]
