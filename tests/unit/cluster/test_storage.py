from __future__ import annotations

import pytest

from slugline.cluster.storage import Folder, find_files, local_copy, open_file, read_range
from slugline.errors import CorpusError, OutputError

fsspec = pytest.importorskip("fsspec", reason="needs the extra cluster")


@pytest.fixture(params=["file", "memory", "dir"])
def place(request, tmp_path):
    """An empty folder's address: local, in an object store, on a file system that needs renaming."""
    if request.param == "file":
        yield str(tmp_path / "out")
    elif request.param == "memory":
        fs = fsspec.filesystem("memory")
        yield "memory://bucket/out"
        fs.rm("/bucket", recursive=True)
    else:
        yield f"renaming://{tmp_path}/out"


class Renaming(fsspec.get_filesystem_class("file")):
    """Files of this machine as if they were elsewhere."""

    protocol = "renaming"

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol(str(path).removeprefix("renaming://"))

    def unstrip_protocol(self, name):
        return f"renaming://{self._strip_protocol(name)}"


fsspec.register_implementation("renaming", Renaming, clobber=True)


def test_what_is_written_is_there_whole_and_what_fails_is_not(place):
    folder = Folder(place)
    assert folder.sizes() == {}
    with folder.writing("a.txt") as path:
        path.write_bytes(b"first")
        assert "a.txt" not in folder.sizes()
    with folder.writing("a.txt") as path:
        path.write_bytes(b"second")
    with pytest.raises(RuntimeError), folder.writing("a.txt") as path:  # noqa: PT012
        path.write_bytes(b"third, half")
        raise RuntimeError
    assert folder.sizes() == {"a.txt": 6}
    assert read_range(f"{folder.url}/a.txt", 0, 6) == b"second"
    folder.remove()
    assert [file.url for file in find_files([place])] == [f"{folder.url}/a.txt"]


def test_json_of_a_folder(place):
    folder = Folder(place)
    assert folder.read_json("a.json") is None
    folder.write_json("a.json", {"é": 1})
    folder.write_json("inner/b.json", [2])
    assert folder.read_jsons(["a.json", "none.json", "inner/b.json"]) == [{"é": 1}, None, [2]]
    with folder.writing("c.json") as path:
        path.write_bytes(b"{")
    with pytest.raises(OutputError, match="not JSON"):
        folder.read_json("c.json")
    folder.remove("inner")
    assert folder.read_json("inner/b.json") is None


def test_files_of_folders_and_globs(tmp_path, monkeypatch):
    for name in ("b.jsonl", "a.jsonl", "sub/c.jsonl", "_SUCCESS", ".hidden", "_temporary/d.jsonl"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    monkeypatch.chdir(tmp_path)

    def names(*patterns):
        return [file.url.removeprefix(f"file://{tmp_path}/in/") for file in find_files(patterns)]

    assert names("in") == ["a.jsonl", "b.jsonl", "sub/c.jsonl"]
    assert names("in/*.jsonl") == ["a.jsonl", "b.jsonl"]
    assert names("in/**/*.jsonl") == ["a.jsonl", "b.jsonl", "sub/c.jsonl"]
    assert names("in/b.jsonl", "in") == ["b.jsonl", "a.jsonl", "sub/c.jsonl"]
    for wrong, message in (("in/*.csv", "no files here"), ("none", "no such file"), ("nope://x/y", "nope")):
        with pytest.raises(CorpusError, match=message):
            names(wrong)


def test_a_changed_file_has_another_version(tmp_path):
    import os

    path = tmp_path / "a"
    path.write_text("one")
    first = find_files([str(path)])
    assert first == find_files([f"file://{path}"])
    os.utime(path, (1, 1))
    assert first != find_files([str(path)])


def test_a_copy_of_a_remote_file_has_its_name():
    fs = fsspec.filesystem("memory")
    fs.pipe_file("/bucket/a.txt", b"text")
    with local_copy("memory://bucket/a.txt") as path:
        assert (path.name, path.read_bytes()) == ("a.txt", b"text")
    assert not path.exists()
    with open_file("memory://bucket/a.txt") as stream:
        assert stream.read() == b"text"
    fs.rm("/bucket", recursive=True)
    with pytest.raises(CorpusError, match="no such file"):
        read_range("memory://bucket/a.txt", 0, 1)
