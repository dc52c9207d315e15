"""The first of the long test's tampered model files: each is refused in one line, or passes its self-test and works."""

from __future__ import annotations

import subprocess
import sys

import pytest

from support import ROOT

LONG = ROOT / "experiments" / "soak" / "model_files.py"
KINDS = {"format-1", "linear", "levels", "names", "edited", "trained", "tree"}


def fuzz(*arguments):
    return subprocess.run([sys.executable, LONG, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory and time are those of Linux")
def test_tampered_files_are_refused_or_work():
    done = fuzz("--count", "420", "--seed", "1000")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines()[2:]]
    assert {row[0] for row in rows} == KINDS
    for _, _, mutations, refused, opened, breaches in rows:
        assert int(mutations) == int(refused) + int(opened) == 60
        assert breaches == "0"
    # The mutations reach what lies behind the checksums: some do no harm, and most do.
    assert sum(int(row[4]) for row in rows) >= 5
    assert sum(int(row[3]) for row in rows) >= 200
