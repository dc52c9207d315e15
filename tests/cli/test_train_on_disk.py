"""`slugline train --memory`: killed at any moment it goes on, and keeps to the memory that it was given."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from stream_corpus import rows
from support import slugline

COMMAND = [
    sys.executable,
    "-m",
    "slugline",
    "train",
    "corpus.jsonl",
    "--split",
    "random",
    "--keep-titles",
    "--no-track",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A corpus of several chunks, and the model of a training that nobody disturbed."""
    folder = tmp_path_factory.mktemp("disk")
    folder.joinpath("corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows(2500)))
    start = time.perf_counter()
    done = slugline(*COMMAND[3:], "--memory", "600M", "--out", "whole.safetensors", "--format", "json", cwd=folder)
    assert done.returncode == 0, done.stderr
    folder.joinpath("seconds").write_text(str(time.perf_counter() - start))
    folder.joinpath("said.json").write_text(done.stdout)
    return folder


def test_it_learns_and_clears_up(folder):
    said = json.loads(folder.joinpath("said.json").read_text())
    assert said["tags"]["metrics"]["micro_f1"]["value"] > 0.9
    assert said["event_type"]["metrics"]["accuracy"]["value"] > 0.9
    assert said["articles"] > 300
    assert not folder.joinpath("whole.safetensors.checkpoint").exists()


def test_the_model_is_a_model_like_any_other(folder):
    done = slugline("predict", "corpus.jsonl", "--model", "whole.safetensors", "--format", "jsonl", cwd=folder)
    assert done.returncode == 0, done.stderr
    first = json.loads(done.stdout.splitlines()[0])
    assert first["event_type"]["type"] in ("protest", "economy")


def test_its_held_out_part_is_not_measured_by_accident(folder):
    done = slugline("evaluate", "corpus.jsonl", "--model", "whole.safetensors", cwd=folder)
    assert done.returncode == 1
    assert "was trained from disk" in done.stderr


def test_killed_again_and_again_it_ends_with_the_same_bytes(folder):
    whole = float(folder.joinpath("seconds").read_text())
    chance = random.Random(0)
    killed = 0
    command = [*COMMAND, "--memory", "600M", "--out", "killed.safetensors", "--jobs", "2"]
    while True:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            # From the first imports on to the last file, in the first goes.
            process.wait(timeout=whole * chance.uniform(0.2, 0.8) if killed < 5 else 600)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            killed += 1
            continue
        assert process.returncode == 0
        if killed:
            break
        # It was quicker than the training that was timed, which may have met a busy machine.
        folder.joinpath("killed.safetensors").unlink()
        whole /= 2
    assert folder.joinpath("killed.safetensors").read_bytes() == folder.joinpath("whole.safetensors").read_bytes()
    assert not folder.joinpath("killed.safetensors.checkpoint").exists()


def test_the_work_of_another_configuration_is_not_taken_up(folder):
    command = [*COMMAND, "--memory", "600M", "--out", "other.safetensors"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    checkpoint = folder / "other.safetensors.checkpoint" / "about.json"
    while not checkpoint.exists() and process.poll() is None:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    done = slugline(*COMMAND[3:], "--memory", "700M", "--out", "other.safetensors", cwd=folder)
    assert done.returncode == 1
    assert "other.safetensors.checkpoint: holds the work of another training, which differs in config" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--memory", "100M"], "field 'learn.memory': too little memory; found '100M'; expected at least 480M"),
        (["--memory", "much"], "field 'learn.memory': not a size of memory"),
        (["--memory", "1G", "--estimator", "logistic"], "cannot be fitted on disk"),
        (["--memory", "1G", "--split-file", "split.json"], "field 'split.file'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(folder, options, message):
    done = slugline(*COMMAND[3:], *options, "--out", f"bad{len(options)}.safetensors", cwd=folder)
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()[-1:]) == 1


MEASURED = """
import pathlib, runpy, sys
sys.argv = ["slugline", *sys.argv[1:]]
try:
    runpy.run_module("slugline", run_name="__main__")
except SystemExit as stop:
    assert not stop.code, stop.code
# Not getrusage, whose maximum begins with that of the process that started this one.
status = pathlib.Path("/proc/self/status").read_text().splitlines()
print(next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) * 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak of memory is read from /proc")
def test_the_memory_that_was_given_is_kept(folder):
    """The least memory that is taken; long articles, of which few make a chunk."""
    memory = 480 << 20
    path = folder / "large.jsonl"
    with path.open("w") as stream:
        for number, row in enumerate(rows(1200, seed=1)):
            row["body"] = " ".join([row["body"], *(f"w{(number * place) % 9973}" for place in range(1, 1200))])
            stream.write(json.dumps(row) + "\n")
    command = [*COMMAND[3:], "--memory", str(memory), "--out", "large.safetensors", "--format", "json"]
    command[1] = "large.jsonl"
    done = subprocess.run([sys.executable, "-c", MEASURED, *command], cwd=folder, capture_output=True, check=True)
    assert int(done.stdout.decode().splitlines()[-1]) <= memory, done.stdout.decode().splitlines()[-1]
