"""Fixtures that tests of several folders share."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support import corpora_folder, slugline

# As the command line has it, before anything imports numpy: threads that wait for each other on a busy machine took a
# third of the time of all tests that fit anything.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# A busy machine is no failure: no example has a deadline.
settings.register_profile("slugline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("slugline")


@pytest.fixture(scope="session", autouse=True)
def signals_reach_commands() -> None:
    """A background job's SIGINT and nohup's SIGHUP are ignored, which the commands that tests start would inherit."""
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.fixture(scope="session")
def real_corpus() -> Callable[[str], Path]:
    """`real_corpus("reuters21578")` is the path of that real corpus's folder, or the test is skipped with a reason."""

    def find(name: str) -> Path:
        path = corpora_folder() / name
        if not path.is_dir():
            pytest.skip(f"real corpus {name!r} is not in {corpora_folder()}; set SLUGLINE_CORPORA")
        return path

    return find


@dataclass(frozen=True)
class StarterRun:
    """What `make train` leaves: a folder with the model file and the store of runs, and what the command said."""

    folder: Path
    model: Path
    stdout: str
    stderr: str


@pytest.fixture(scope="session")
def starter_run(tmp_path_factory: pytest.TempPathFactory) -> StarterRun:
    """`slugline train` as `make train` calls it, once for all tests, tracked in a folder of its own."""
    folder = tmp_path_factory.mktemp("starter-run")
    done = slugline("train", "--out", "model.safetensors", cwd=folder)
    assert done.returncode == 0, done.stderr
    return StarterRun(folder, folder / "model.safetensors", done.stdout, done.stderr)
