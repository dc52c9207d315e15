"""Bad input gives one clear line and the right exit code, and the previous model file stays as it was."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import signal
import struct
import subprocess
import sys
import time

import pytest

from support import assert_one_line_error, slugline

GOOD = [
    {"id": f"a{number}", "title": f"{word} {number}", "body": f"{word} news of {word} and {number}.", "tags": [word]}
    for number in range(40)
    for word in ("Syria" if number % 2 else "Football",)
]


def jsonl(rows) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def broken_line_7():
    lines = jsonl(GOOD).splitlines(keepends=True)
    lines[6] = '{"id": "broken", "title": \n'
    return "".join(lines).encode()


BAD_CORPORA = {
    "empty.jsonl": (b"", "empty.jsonl", "empty"),
    "binary.jsonl": (bytes(range(256)) * 64, "binary.jsonl"),
    "cut.jsonl.gz": (gzip.compress(jsonl(GOOD).encode())[:-40], "cut.jsonl.gz"),
    "columns.csv": (b"id,tags\n1,Syria\n2,Syria\n", "columns.csv", "body"),
    "broken.jsonl": (broken_line_7(), "broken.jsonl:7"),
    "one-label.jsonl": (jsonl([row | {"tags": ["Syria"]} for row in GOOD]).encode(), "one-label.jsonl", "only tag"),
    "no-labels.jsonl": (
        jsonl([{key: row[key] for key in ("id", "title", "body")} for row in GOOD]).encode(),
        "no-labels.jsonl",
        "no article has a tag",
    ),
}


@pytest.mark.parametrize("name", BAD_CORPORA)
def test_bad_corpus(name, tmp_path):
    content, *parts = BAD_CORPORA[name]
    (tmp_path / name).write_bytes(content)
    (tmp_path / "model.safetensors").write_bytes(b"previous")
    done = slugline("train", name, "--split", "random", "--no-track", cwd=tmp_path)
    assert_one_line_error(done, *parts)
    assert done.stdout == ""
    assert (tmp_path / "model.safetensors").read_bytes() == b"previous"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "model.safetensors"])


def test_skip_bad_reports_and_counts(tmp_path):
    (tmp_path / "broken.jsonl").write_bytes(broken_line_7())
    done = slugline("train", "broken.jsonl", "--split", "random", "--no-track", "--skip-bad", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "broken.jsonl:7" in done.stderr
    assert "1 bad row" in done.stderr


def newer_format(model: bytes) -> bytes:
    length = struct.unpack("<Q", model[:8])[0]
    header = json.loads(model[8 : 8 + length])
    manifest = json.loads(header["__metadata__"]["slugline"])
    manifest["format"] += 1
    header["__metadata__"]["slugline"] = json.dumps(manifest)
    changed = json.dumps(header).encode()
    changed += b" " * (-len(changed) % 8)
    return struct.pack("<Q", len(changed)) + changed + model[8 + length :]


BAD_MODELS = {
    "missing": lambda model: None,
    "empty": lambda model: b"",
    "cut short": lambda model: model[: len(model) // 2],
    "cut in the header": lambda model: model[:100],
    "a pickle": lambda model: pickle.dumps({"weights": [1.0]}),
    "of a newer format": newer_format,
}


@pytest.mark.parametrize("name", BAD_MODELS)
def test_bad_model_file(name, starter_run, tmp_path):
    content = BAD_MODELS[name](starter_run.model.read_bytes())
    if content is not None:
        (tmp_path / "bad.safetensors").write_bytes(content)
    for command in (("predict", "-"), ("evaluate",)):
        done = slugline(*command, "--model", "bad.safetensors", cwd=tmp_path, stdin="Army takes town\n\nRebels fled.\n")
        assert_one_line_error(done, "bad.safetensors", *(["newer", "format"] if "newer" in name else []))
        assert done.stdout == ""


def test_unwritable_output_folder(tmp_path):
    """A file where the folder should be: refused before any work, also for root, whom permissions do not stop."""
    (tmp_path / "file").write_text("in the way")
    done = slugline("train", "--out", "file/model.safetensors", "--no-track", cwd=tmp_path)
    assert_one_line_error(done, "file/model.safetensors")
    assert (tmp_path / "file").read_text() == "in the way"


def test_unknown_corpus_and_option(tmp_path):
    assert_one_line_error(slugline("train", "startr", cwd=tmp_path), "startr", "starter")
    done = slugline("train", "--no-such-option", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_bad_configuration(tmp_path):
    (tmp_path / "c.toml").write_text("[features]\nngram_max = 'two'\n")
    assert_one_line_error(
        slugline("train", "--config", "c.toml", cwd=tmp_path), "c.toml", "features.ngram_max", "'two'"
    )


@pytest.mark.parametrize("jobs", [1, 2])
def test_interrupted_training_leaves_the_previous_model(tmp_path, jobs):
    (tmp_path / "model.safetensors").write_bytes(b"previous")
    command = [sys.executable, "-m", "slugline", "train", "--no-track", "--jobs", str(jobs)]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    for line in process.stderr:
        if line.startswith("cross-validating tags"):
            break
    # To the whole group, as a terminal sends Ctrl-C.
    os.killpg(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert stdout == ""
    assert "Traceback" not in stderr, stderr
    assert stderr.rstrip().splitlines()[-1].startswith("slugline: interrupted")
    assert (tmp_path / "model.safetensors").read_bytes() == b"previous"
    time.sleep(0.2)
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]
