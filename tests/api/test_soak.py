"""The soak test of the server for a few seconds: nothing but 200, 201 and 503, and nothing lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from api.served import POSIX

SOAK = Path(__file__).resolve().parents[2] / "experiments" / "soak" / "server.py"

pytestmark = POSIX


def soaked(small_file: Path, *options: str) -> subprocess.CompletedProcess[str]:
    # So short, memory still grows for good reasons.
    few = ("--minutes", "0.08", "--callers", "6", "--slow", "4", "--model", str(small_file))
    command = [sys.executable, str(SOAK), *few, *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_a_server_at_saturation_loses_nothing(small_file):
    done = soaked(small_file, "--growth", "1000")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "| wrong | 0 |" in done.stdout
    assert "answers 200" in done.stdout


def test_a_breach_is_said_and_makes_it_fail(small_file):
    done = soaked(small_file, "--growth", "-1000")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "wrong: memory grew by" in done.stdout
