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
    for command in (
        ("train", "broken.jsonl", "--split", "random", "--no-track"),
        ("evaluate", "broken.jsonl"),
        ("evaluate", "broken.jsonl", "--part", "all"),
    ):
        done = slugline(*command, "--skip-bad", cwd=tmp_path)
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
    (tmp_path / "c.toml").write_text("[[features.views]]\nngram_max = 'two'\n")
    assert_one_line_error(
        slugline("train", "--config", "c.toml", cwd=tmp_path), "c.toml", "features.views[0].ngram_max", "'two'"
    )


SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]


@pytest.mark.parametrize(("number", "code"), SIGNALS)
@pytest.mark.parametrize("jobs", [1, 2])
def test_interrupted_training_leaves_the_previous_model(tmp_path, jobs, number, code):
    (tmp_path / "model.safetensors").write_bytes(b"previous")
    # With a pool of processes also for so small a corpus.
    start = "import slugline.learn.parallel as p; p.WORTH_A_POOL = 0; from slugline.cli.main import main; main()"
    command = [sys.executable, "-c", start, "train", "--no-track", "--jobs", str(jobs)]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    for line in process.stderr:
        if line.startswith("cross-validating tags"):
            break
    if number == signal.SIGINT:
        # To the whole group, as a terminal sends Ctrl-C.
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == code, stderr
    assert stdout == ""
    assert "Traceback" not in stderr, stderr
    assert stderr.rstrip().splitlines()[-1].startswith("slugline: interrupted")
    assert (tmp_path / "model.safetensors").read_bytes() == b"previous"
    time.sleep(0.2)
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]


def living(group) -> list[str]:
    """The processes of a group that are not ended."""
    listed = subprocess.run(["ps", "-eo", "pgid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    lines = [line.split(None, 2) for line in listed.splitlines()]
    return [said for number, state, said in lines if number == str(group) and not state.startswith("Z")]


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_interrupted_prediction_ends_its_processes(tmp_path, number, code):
    (tmp_path / "many.jsonl").write_text(jsonl(GOOD * 1000), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "slugline", "predict", "many.jsonl", "--format", "jsonl", "--jobs", "2"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    json.loads(process.stdout.readline())
    if number == signal.SIGINT:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == code, stderr
    assert "Traceback" not in stderr, stderr
    assert stderr.rstrip().splitlines()[-1].startswith("slugline: interrupted")
    # The tracker of shared resources ends by itself, a moment later.
    end = time.monotonic() + 20
    while left := living(process.pid):
        assert time.monotonic() < end, left
        time.sleep(0.1)


def test_a_run_that_is_ended_is_marked_as_killed(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "slugline", "train"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in process.stderr:
        if line.startswith("cross-validating tags"):
            break
    process.terminate()
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 143, stderr
    listed = json.loads(slugline("runs", "list", "--format", "json", cwd=tmp_path).stdout)
    assert [run["status"] for run in listed] == ["KILLED"]


def test_an_interrupted_start_has_no_traceback(tmp_path):
    """Ctrl-C while the command's own modules are imported."""
    code = """
import signal, sys
from slugline.cli.main import main
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "slugline.cli.app":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
main()
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert done.stderr.splitlines() == ["slugline: interrupted; no file was left half-written"]


@pytest.mark.parametrize(
    ("closed", "code", "said"), [("<&-", 1, "stdin: there is no text in it"), (">&-", 1, "stdin"), ("2>&-", 1, "")]
)
def test_closed_streams(starter_run, tmp_path, closed, code, said):
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -m slugline predict --model "$1" {closed}', sys.executable, str(starter_run.model)],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert said in done.stderr
    assert "internal error" not in done.stderr


def test_a_reader_of_the_output_that_goes_early(starter_run, tmp_path):
    (tmp_path / "many.jsonl").write_text(jsonl(GOOD * 50))
    command = '"$0" -m slugline predict many.jsonl --format jsonl --model "$1" | head -n 1'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, str(starter_run.model)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["id"] == "a0"
    assert done.stderr == ""


def test_names_and_texts_that_stdout_cannot_take(starter_run, tmp_path):
    (tmp_path / "\udcff.txt").write_bytes("Zürich – Ж\n\nThe army fled.\n".encode("utf-16"))
    for form in ("json", "jsonl", "csv", "table"):
        arguments = ("predict", "\udcff.txt", "--format", form, "--model", starter_run.model)
        done = slugline(*arguments, cwd=tmp_path, PYTHONIOENCODING="ascii")
        assert (done.returncode, done.stderr) == (0, "")
        if form.startswith("json"):
            found = json.loads(done.stdout)
            found = found[0] if form == "json" else found
            assert (found["id"], found["title"]) == ("\ufffd", "Zürich – Ж")


def test_the_model_is_not_written_over_the_corpus(tmp_path):
    (tmp_path / "c.jsonl").write_text(jsonl(GOOD))
    done = slugline("train", "c.jsonl", "--out", "c.jsonl", "--no-track", cwd=tmp_path)
    assert_one_line_error(done, "c.jsonl", "would overwrite what is read")
    assert (tmp_path / "c.jsonl").read_text() == jsonl(GOOD)


def test_a_store_that_fails_at_the_end_is_told_last(tmp_path):
    """The artifacts' folder is a file: the run can be begun, and its files cannot be stored."""
    (tmp_path / "c.jsonl").write_text(jsonl(GOOD))
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "artifacts").write_text("in the way")
    done = slugline("train", "c.jsonl", "--split", "random", cwd=tmp_path)
    assert_one_line_error(done, "artifacts")
    assert done.stderr.splitlines()[-1].startswith("slugline: error:")
    assert "wrote model.safetensors" in done.stderr
    assert "held-out" in done.stdout
    assert (tmp_path / "model.safetensors").stat().st_size > 0


def test_results_are_not_written_over_what_is_read(starter_run, tmp_path):
    (tmp_path / "c.jsonl").write_text(jsonl(GOOD))
    model = starter_run.model.read_bytes()
    for command in (
        ("corpus", "convert", "c.jsonl", "./c.jsonl"),
        ("evaluate", "c.jsonl", "--model", starter_run.model, "--out", "c.jsonl"),
        ("evaluate", "--model", starter_run.model, "--out", starter_run.model),
    ):
        assert_one_line_error(slugline(*command, cwd=tmp_path), "would overwrite what is read")
    assert (tmp_path / "c.jsonl").read_text() == jsonl(GOOD)
    assert starter_run.model.read_bytes() == model
