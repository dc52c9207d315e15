"""Servers over a small model, called in-process."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.served import Server
from slugline.bundle import write_bundle
from slugline.self_test import with_self_test
from small_model import named_bundle

pytest.importorskip("fastapi", reason="the extra serve is not installed")

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

BASE = "http://127.0.0.1:8000"


@pytest.fixture(scope="session")
def small_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with tags of its own and tags by name."""
    bundle = named_bundle()
    counts = {
        "tags": {"Syria": 7, "Economy": 3, "Weather": 1},
        "event_type": {},
        "articles": {"tags": 20, "event_type": 0},
    }
    corpus = {"name": "small", "articles": 20, "label_counts": counts}
    manifest = dataclasses.replace(bundle.manifest, corpus=corpus, metrics={"tags": {"micro_f1": {"value": 0.5}}})
    path = tmp_path_factory.mktemp("served") / "small.safetensors"
    write_bundle(path, with_self_test(dataclasses.replace(bundle, manifest=manifest)))
    return path


@pytest.fixture
def make_client(small_file: Path) -> Iterator[Callable[..., TestClient]]:
    """`make_client(**settings)` is a client of a server of its own; `limits` are given as a dictionary."""
    from fastapi.testclient import TestClient

    from slugline.serve.app import create_app
    from slugline.serve.settings import Limits, Settings

    with ExitStack() as stack:

        def made(*, limits: dict[str, Any] | None = None, **settings: Any) -> TestClient:
            chosen = {"model": small_file, "limits": Limits(**(limits or {}))} | settings
            return stack.enter_context(TestClient(create_app(Settings(**chosen)), base_url=BASE))

        yield made


@pytest.fixture
def client(make_client: Callable[..., TestClient]) -> TestClient:
    return make_client()


@pytest.fixture
def start(tmp_path, small_file):
    shutil.copy(small_file, tmp_path / "model.safetensors")
    started: list[Server] = []

    def made(*arguments: str, **more: Any) -> Server:
        started.append(Server(tmp_path, *arguments, **more))
        return started[-1]

    yield made
    for server in started:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()
        server.reader.join(60)
        server.process.stdout.close()
        server.process.stderr.close()
