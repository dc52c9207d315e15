"""Batch prediction from and to S3, as a server on this machine speaks it: what is written, killed, refused."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.request import urlopen

import pytest

from slugline.cluster.batch import predict_files
from support import slugline

for package in ("distributed", "s3fs", "moto.server"):
    pytest.importorskip(package, reason="needs pip install 'slugline[cluster]' s3fs 'moto[server]'")

pytestmark = pytest.mark.slow


@pytest.fixture
def s3(partitions, small_file, monkeypatch, tmp_path):
    """A bucket `news` with partitioned articles in `in`; what the same job writes to a folder here."""
    import s3fs
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # What it holds outlives a server.
    urlopen(f"http://{host}:{port}/moto-api/reset", data=b"").close()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    paths = partitions(2, 600, words=60)
    s3fs.S3FileSystem.clear_instance_cache()
    fs = s3fs.S3FileSystem()
    fs.mkdir("news")
    for path in paths:
        fs.put_file(str(path), f"news/in/{path.name}")
    predict_files([str(path) for path in paths], str(tmp_path / "here"), small_file, chunk_bytes=20_000)
    yield SimpleNamespace(fs=fs, here=_parts(tmp_path / "here"), environment=environment)
    server.stop()
    s3fs.S3FileSystem.clear_instance_cache()


def _parts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("part-*")}


def _written(s3) -> dict[str, bytes]:
    """The parts in the bucket; nothing else is there but the manifest and the mark of success."""
    s3.fs.invalidate_cache()
    contents = s3.fs.cat(s3.fs.find("news/out"))
    found = {name.removeprefix("news/out/"): content for name, content in contents.items()}
    assert len(found.pop("_manifest.json")) > 1000
    assert found.pop("_SUCCESS") == b""
    return found


def test_workers_that_are_killed_cost_time_and_nothing_else(s3, small_file, start_cluster):
    killed = []

    def kill(stage: str, done: int, total: int | None) -> None:
        if stage == "predicting chunks" and done in (3, 7):
            # The next chunks are under way.
            nanny = list(cluster.workers.values())[done % 2]
            os.kill(nanny.pid, signal.SIGKILL)
            killed.append(nanny.pid)

    with start_cluster() as cluster:
        summary = predict_files(
            ["s3://news/in"],
            "s3://news/out",
            small_file,
            cluster=cluster.scheduler_address,
            chunk_bytes=20_000,
            progress=kill,
        )
    assert len(killed) == 2
    assert summary.articles == 1200
    assert summary.chunks > 10
    assert _written(s3) == s3.here


def test_a_job_that_was_killed_goes_on(s3, small_file):
    script = (
        "import sys; from pathlib import Path; from slugline.cluster.batch import predict_files;"
        "predict_files(['s3://news/in/*.jsonl'], 's3://news/out', Path(sys.argv[1]), chunk_bytes=20_000)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(small_file)]) as job:
        while job.poll() is None:
            s3.fs.invalidate_cache()
            with contextlib.suppress(FileNotFoundError):
                if len(s3.fs.ls("news/out/_chunks")) >= 3:
                    job.kill()
            time.sleep(0.01)
    assert job.returncode == -signal.SIGKILL, "the job was over too soon"
    summary = predict_files(["s3://news/in/*.jsonl"], "s3://news/out", small_file, chunk_bytes=20_000)
    assert 3 <= summary.found_done < summary.chunks
    assert _written(s3) == s3.here


@pytest.mark.parametrize(
    ("source", "out", "environment", "message"),
    [
        ("s3://none/in", "s3://news/out", {}, "s3://none/in: no such file or folder"),
        ("s3://news/in", "s3://none/out", {}, "s3://none/out: cannot read or write (The specified bucket does not"),
        ("s3://news/in", "s3://news/out", {"AWS_ACCESS_KEY_ID": ""}, "s3://news/in: cannot read (NoCredentialsError: "),
        (
            "s3://news/in",
            "s3://news/out",
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"},
            "s3://news/in: cannot read (EndpointConnectionError: ",
        ),
    ],
)
def test_what_storage_refuses_is_one_line(s3, small_file, tmp_path, source, out, environment, message):
    done = slugline("predict", source, "--out", out, "--model", small_file, cwd=tmp_path, **environment)
    assert done.returncode == 1
    assert f"slugline: error: {message}" in done.stderr
    assert "internal error" not in done.stderr
