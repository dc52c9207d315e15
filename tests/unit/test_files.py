"""Results are written whole or not at all, and never over what is no file or what the work reads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from slugline import files
from slugline.errors import OutputError
from slugline.files import atomic_path, check_writable, temporary_folder, write_text

HALF = """
import os, sys
from slugline.files import atomic_path, temporary_folder
with atomic_path(sys.argv[1]) as file, temporary_folder(sys.argv[1]) as folder:
    file.write_text("half")
    (folder / "part").write_text("half")
    print("there", flush=True)
    sys.stdin.read()
"""


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "result"
    target.write_text("old")

    def interrupted() -> None:
        with atomic_path(target) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "link").symlink_to("store/result")
    for text in ("new file", "old file"):
        write_text(tmp_path / "link", text)
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "store" / "result").read_text() == text
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["result"]


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/null")], ids=["pipe", "device"])
def test_a_device_or_pipe_is_never_replaced(tmp_path, make):
    special = tmp_path / "special"
    make(special)
    for write in (check_writable, lambda path: write_text(path, "text")):
        with pytest.raises(OutputError, match="special: is a device or a pipe"):
            write(special)
    assert not special.is_file()
    assert not Path("/dev/null").is_file()
    assert list(tmp_path.iterdir()) == [special]


def test_what_is_no_name_for_a_file(tmp_path):
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "file").write_text("")
    for name, why in ((".", "is a folder"), ("circle", "cannot write here"), ("file/x", "cannot write here")):
        with pytest.raises(OutputError, match=why):
            check_writable(tmp_path / name)


def test_what_is_read_is_not_overwritten(tmp_path):
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("{}")
    (tmp_path / "link").symlink_to(corpus)
    for name in ("corpus.jsonl", "./corpus.jsonl", "link"):
        with pytest.raises(OutputError, match="would overwrite what is read"):
            check_writable(tmp_path / name, None, "starter", corpus)
    check_writable(tmp_path / "other", None, "starter", corpus)
    assert corpus.read_text() == "{}"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no locks to tell what is left over")
def test_what_a_killed_process_left_is_removed_and_what_another_one_is_writing_is_not(tmp_path):
    target = tmp_path / "result"
    target.write_text("old")
    others = [".result.abcdefgh.txt", ".other.abcdefgh.part", ".result.part", ".result.ABCDEFGH.part"]
    for name in others:
        (tmp_path / name).write_text("somebody's")
    writing, killed = (
        subprocess.Popen([sys.executable, "-c", HALF, target], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(2)
    )
    for process in (writing, killed):
        assert process.stdout.readline() == b"there\n"
    killed.kill()
    killed.wait()
    assert len(list(tmp_path.iterdir())) == 1 + len(others) + 4
    write_text(target, "new")
    assert target.read_text() == "new"
    assert len(list(tmp_path.iterdir())) == 1 + len(others) + 2
    writing.communicate(b"")
    assert writing.returncode == 0
    assert target.read_text() == "half"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*others, "result"])
    for process in (writing, killed):
        process.stdin.close()
        process.stdout.close()


def test_a_new_file_and_its_name_are_on_disk_before_anybody_is_told(tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(os, "fsync", lambda handle: done.append(Path(f"/proc/self/fd/{handle}").resolve()))
    rename = Path.replace
    monkeypatch.setattr(Path, "replace", lambda path, to: done.append("renamed") or rename(path, to))
    write_text(tmp_path / "new" / "folder" / "result", "text")
    made, named = done[: done.index("renamed")], done[done.index("renamed") + 1 :]
    if not Path("/proc/self/fd").exists():
        pytest.skip("only Linux tells what was synced")
    assert {tmp_path, tmp_path / "new"} <= set(made)
    assert made[-1].name.startswith(".result.")
    assert named == [tmp_path / "new" / "folder"]


def test_a_temporary_folder_is_beside_its_place(tmp_path):
    with temporary_folder(tmp_path / "thing") as folder:
        assert folder.parent == tmp_path
        (folder / "file").write_text("")
    assert list(tmp_path.iterdir()) == []


def test_a_result_waits_until_another_process_has_changed_the_file(tmp_path, monkeypatch):
    """After a while it is written all the same: hours of work are not given up for a lock."""
    monkeypatch.setattr(files, "PATIENCE", 0.1)
    target = tmp_path / "result"
    target.write_text("old")
    with files.holding(target) as held:
        assert held
        with atomic_path(target, held=True) as temporary:
            temporary.write_text("mine")
        write_text(target, "later")
    assert target.read_text() == "later"
