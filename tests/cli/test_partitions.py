"""`slugline predict --out`, here and with `--cluster`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from support import ROOT, assert_one_line_error, slugline

STARTER = ROOT / "data" / "starter" / "articles.jsonl"


@pytest.fixture
def desk(tmp_path, starter_run):
    pytest.importorskip("distributed", reason="needs the extra cluster")
    (tmp_path / "in").mkdir()
    lines = STARTER.read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "in" / "a.jsonl").write_text("".join(lines[:200]) * 8, encoding="utf-8")
    (tmp_path / "in" / "b.jsonl").write_text("".join(lines[200:]), encoding="utf-8")
    (tmp_path / "model.safetensors").write_bytes(starter_run.model.read_bytes())
    return tmp_path


def test_a_cluster_writes_what_predict_prints(desk):
    options = ("--out", "out", "--cluster", "local", "--jobs", "2", "--chunk-size", "1")
    done = slugline("predict", "in", *options, cwd=desk)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-5:-1] == ["3", "0", "1,872", "0"]
    assert "distributed" not in done.stderr
    assert "slugline: wrote out" in done.stderr
    printed = slugline("predict", "in/a.jsonl", "in/b.jsonl", "--format", "jsonl", cwd=desk).stdout
    assert "".join(path.read_text(encoding="utf-8") for path in sorted((desk / "out").glob("part-*"))) == printed
    again = slugline("predict", "in", *options, cwd=desk)
    assert again.stdout.split()[-5:-1] == ["3", "3", "1,872", "0"]


def test_bad_rows_and_other_jobs_are_one_line(desk):
    with (desk / "in" / "b.jsonl").open("a") as stream:
        stream.write("{broken\n")
    failed = slugline("predict", "in/*.jsonl", "--out", "out", "--jobs", "2", cwd=desk)
    assert_one_line_error(failed, "in/b.jsonl:273: not valid JSON")
    done = slugline("predict", "in/*.jsonl", "--out", "out", "--skip-bad", cwd=desk)
    assert done.returncode == 0, done.stderr
    assert "1 bad rows skipped" in done.stderr
    assert json.loads((desk / "out" / "_manifest.json").read_text())["bad_rows"] == 1
    assert_one_line_error(slugline("predict", "in", "--out", "out", "--top", "3", cwd=desk), "another job", "top")
    assert_one_line_error(slugline("predict", "in", "--out", "x", "--cluster", "there", cwd=desk), "not the address")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["in", "--cluster", "local"], "--out FOLDER"),
        (["in", "--format", "parquet"], "--out FOLDER"),
        (["in", "--out", "o", "--format", "csv"], "jsonl or parquet"),
        (["in", "--out", "o", "--adapt-priors"], "all articles at once"),
        (["--out", "o"], "standard input"),
    ],
)
def test_options_that_do_not_go_together(desk, arguments, said):
    done = slugline("predict", *arguments, cwd=desk)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())


@pytest.mark.parametrize("missing", ["fsspec", "distributed"])
def test_a_missing_extra_gives_the_command(desk, missing):
    code = f"import sys; sys.modules[{missing!r}] = None; from slugline.cli.main import main; main()"
    arguments = ["predict", "in", "--out", "out", "--cluster", "local"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=desk, capture_output=True, text=True)
    assert done.returncode == 1
    assert "pip install 'slugline[cluster]'" in done.stderr
