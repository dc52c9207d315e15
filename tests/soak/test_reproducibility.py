"""The first of the long test of reproducibility: six trainings of one small corpus, and three ways to predict."""

from __future__ import annotations

import subprocess
import sys

import pytest

from support import ROOT

LONG = ROOT / "experiments" / "soak" / "reproducibility.py"


def test_surroundings_do_not_matter():
    pytest.importorskip("distributed", reason="needs the extra cluster")
    pytest.importorskip("uvicorn", reason="needs the extra serve")
    done = subprocess.run(
        [sys.executable, LONG, "--seeds", "1", "--corpora", "small", "--configs", "linear"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines()[2:]]
    assert row[:5] == ["small", "linear", "0", "6", "0"]
    assert all(float(far) <= 1e-6 for far in row[5:])
