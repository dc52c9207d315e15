"""A server over a small model, called in-process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from slugline.bundle import write_bundle
from slugline.predict import with_self_test
from small_model import small_bundle

pytest.importorskip("fastapi", reason="the extra serve is not installed")

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

BASE = "http://127.0.0.1:8000"


@pytest.fixture(scope="session")
def small_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("served") / "small.safetensors"
    write_bundle(path, with_self_test(small_bundle()))
    return path


@pytest.fixture
def make_client(small_file: Path) -> Iterator[Callable[..., TestClient]]:
    """`make_client(**settings)` is a client of a server of its own."""
    from fastapi.testclient import TestClient

    from slugline.serve.app import create_app
    from slugline.serve.settings import Settings

    with ExitStack() as stack:

        def made(**settings: Any) -> TestClient:
            app = create_app(Settings(**{"model": small_file} | settings))
            return stack.enter_context(TestClient(app, base_url=BASE, raise_server_exceptions=False))

        yield made


@pytest.fixture
def client(make_client: Callable[..., TestClient]) -> TestClient:
    return make_client()
