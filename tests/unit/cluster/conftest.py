"""A small model, partitioned files, and a small cluster on this machine."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from slugline.bundle import write_bundle
from slugline.self_test import with_self_test
from small_model import ARTICLES, small_bundle

WORDS = " ".join(article.text for article in ARTICLES).split()


@pytest.fixture(scope="session")
def small_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the small model."""
    path = tmp_path_factory.mktemp("model") / "small.safetensors"
    write_bundle(path, with_self_test(small_bundle()))
    return path


def article_row(number: int, words: int = 30) -> dict[str, Any]:
    """The row of an article like no other; every seventh has no id of its own."""
    start = number * 7 % len(WORDS)
    text = (WORDS * (words // len(WORDS) + 2))[start : start + words]
    row = {"id": f"article {number}", "title": " ".join(text[:4]), "body": f"{' '.join(text)} Nr. {number}"}
    return {key: value for key, value in row.items() if key != "id" or number % 7}


@pytest.fixture
def partitions(tmp_path: Path) -> Callable[..., list[Path]]:
    """`partitions(files, rows)` writes JSON Lines files of so many rows each to the folder `in`."""

    def make(files: int, rows: int, words: int = 30) -> list[Path]:
        folder = tmp_path / "in"
        folder.mkdir()
        paths = [folder / f"articles-{number}.jsonl" for number in range(files)]
        for number, path in enumerate(paths):
            lines = [json.dumps(article_row(number * rows + row, words), ensure_ascii=False) for row in range(rows)]
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return paths

    return make


@pytest.fixture(scope="session")
def start_cluster() -> Callable[[], Any]:
    """Starts two workers and their nannies, bound to 127.0.0.1, that give a task up once one worker died of it.

    What it returns is a context manager; without the extra `cluster` the test is skipped.
    """
    distributed = pytest.importorskip("distributed", reason="needs the extra cluster")
    import dask

    @contextlib.contextmanager
    def start() -> Iterator[Any]:
        with (
            dask.config.set({"distributed.scheduler.allowed-failures": 0}),
            distributed.LocalCluster(
                n_workers=2,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                worker_dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
                silence_logs=logging.CRITICAL,
            ) as started,
        ):
            yield started

    return start


@pytest.fixture(scope="session")
def cluster(start_cluster: Callable[[], Any]) -> Iterator[Any]:
    """A cluster that tests share."""
    with start_cluster() as started:
        yield started
