"""Locks are of the file that has a name now, and end with their process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from slugline.locks import holding, lock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks on Windows")

HOLDER = """
import sys, time
from pathlib import Path
from slugline.locks import holding
with holding(Path(sys.argv[1])) as held:
    print(held, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process, which holds the lock of a file."""
    (tmp_path / "file").write_text("")
    process = subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path / "file"], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "True\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_one_process_holds_a_lock_until_it_is_killed(tmp_path, holder):
    with holding(tmp_path / "file") as held:
        assert held is False
    holder.kill()
    holder.wait()
    with holding(tmp_path / "file") as held:
        assert held is True


def test_what_another_file_has_taken_the_place_of_is_not_waited_for(tmp_path, holder):
    (tmp_path / "new").write_text("")
    (tmp_path / "new").rename(tmp_path / "file")
    with holding(tmp_path / "file") as held:
        assert held is True


def test_who_has_waited_gets_the_file_that_has_the_name_then(tmp_path):
    target, order = tmp_path / "file", []
    target.write_text("old")

    def wait():
        with holding(target, 30) as held:
            order.append((held, target.read_text()))

    with holding(target) as held:
        assert held is True
        waiting = threading.Thread(daemon=True, target=wait)
        waiting.start()
        time.sleep(0.05)
        (tmp_path / "new").write_text("new")
        (tmp_path / "new").rename(target)
    waiting.join()
    assert order == [(True, "new")]


def test_there_is_nothing_to_hold(tmp_path):
    with holding(tmp_path / "none") as held:
        assert held is None


def test_a_folder_can_be_locked(tmp_path):
    handle = os.open(tmp_path, os.O_RDONLY)
    assert lock(handle) is True
    with holding(tmp_path) as held:
        assert held is False
    os.close(handle)
