"""A signal that ends a run ends it wherever it comes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")

# What is raised in the destructor of an object is ignored.
PROGRAM = """
import os, signal, sys, time
from slugline.cli import main

class Deaf:
    def __del__(self):
        os.kill(os.getpid(), signal.{name})
        time.sleep(0.2)

def work(arguments):
    Deaf()
    print("heard nothing", flush=True)
    time.sleep(60)

main._call = work
main.main()
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_that_comes_where_nothing_can_be_raised_ends_the_run_all_the_same(name):
    done = subprocess.run([sys.executable, "-c", PROGRAM.format(name=name)], capture_output=True, text=True, timeout=50)
    assert done.stdout == "heard nothing\n"
    assert done.returncode == 128 + getattr(signal, name), done.stderr
    assert done.stderr == "slugline: interrupted; no file was left half-written\n"
