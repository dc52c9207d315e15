"""Results are written whole or not at all, and never over what is no file or what the work reads."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from slugline.errors import OutputError
from slugline.files import atomic_path, check_writable, write_text


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
