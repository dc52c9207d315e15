"""The checkpoint folder: one process at a time, and all of every write."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest

from slugline.errors import OutputError
from slugline.learn.stream.solve import _read_at, _write_at
from slugline.learn.stream.spool import Spool, alone_in


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks on Windows")
def test_one_process_at_a_time_trains_in_a_folder(tmp_path):
    folder = tmp_path / "model.checkpoint"
    with alone_in(folder):
        with pytest.raises(OutputError, match="another process trains in this folder"), alone_in(folder):
            pass
        Spool.open(folder, {"corpus": "a"}).save("part", {"x": np.zeros(3)})
    # What was done stays.
    with alone_in(folder):
        assert Spool.open(folder, {"corpus": "a"}).has("part")
        Spool.open(folder, {"corpus": "a"}).clear()
    assert not folder.exists()


def test_a_folder_of_which_nothing_came_is_removed(tmp_path):
    with pytest.raises(KeyError), alone_in(tmp_path / "model.checkpoint"):
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_is_taken_in_parts_is_made_whole(tmp_path, monkeypatch):
    """The system takes what there is room for, and says only of the next write that the disk is full."""
    write, read = os.pwrite, os.pread
    monkeypatch.setattr(os, "pwrite", lambda file, content, at: write(file, content[:7], at))
    monkeypatch.setattr(os, "pread", lambda file, count, at: read(file, min(count, 5), at))
    handle = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    content = bytes(range(100))
    _write_at(handle, memoryview(content), 3)
    assert _read_at(handle, 100, 3) == content
    os.close(handle)
