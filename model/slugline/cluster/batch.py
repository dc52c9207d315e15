"""Batch prediction: partitioned files in, a folder of partitioned predictions and its manifest out."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slugline.cluster.chunks import CHUNK_BYTES, Chunk, plan_chunks
from slugline.cluster.connect import check_address, open_cluster
from slugline.cluster.manifest import Done, Job, read_done, read_plan, write_plan, write_success
from slugline.cluster.predict_chunk import Order, predict_chunk
from slugline.cluster.storage import Folder, find_files, shown, storage_errors
from slugline.cluster.tasks import PATIENCE, Here, Pool, Remote
from slugline.cluster.writing import Format
from slugline.corpus.vocabularies import read_vocabulary
from slugline.errors import ConfigError, OutputError
from slugline.predict import Predictor
from slugline.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class Summary:
    """What a batch prediction did: chunks in all, and those that an earlier run had finished; articles and bad rows of
    all of them, the errors of some bad rows; wall-clock seconds.
    """

    chunks: int
    found_done: int
    articles: int
    bad_rows: int
    errors: tuple[str, ...]
    seconds: float


def predict_files(
    patterns: Sequence[str],
    out: str,
    model: Path,
    *,
    vocabulary: str | Path | None = None,
    output: Format = "jsonl",
    top: int | None = None,
    explain: bool = False,
    skip_bad: bool = False,
    cluster: str | None = None,
    jobs: int = 1,
    chunk_bytes: int = CHUNK_BYTES,
    patience: float = PATIENCE,
    progress: Progress = silent,
) -> Summary:
    """Predict every article of the files that `patterns` stand for (paths, globs, folders on any fsspec path).

    Each chunk of the input becomes one file of the folder `out`, whole or not at all, under a name that follows from
    its number, so that every article is in the output once whichever workers die. A job that is started again goes on
    where it was; a finished one does nothing. `vocabulary` is a file of more tags, found by name. `cluster` is what
    `open_cluster` takes, None works in this process.
    Raises CorpusError for a bad row (unless `skip_bad`), OutputError for a folder that holds something else,
    ClusterError where workers are lacking, MissingExtraError.
    """
    started = time.monotonic()
    if cluster is not None:
        check_address(cluster)
    # For hours, perhaps, in which somebody may write another model into its place.
    predictor = Predictor.load(model, copy=True)
    names: Mapping[str, tuple[str, ...]] | None = None
    if vocabulary is not None:
        names = read_vocabulary(vocabulary, predictor.bundle.manifest.config.get("names", {}).get("language", "en"))
        predictor = predictor.with_names(names)
    inputs, folder = tuple(find_files(patterns)), Folder(out)
    _check_places([file.url for file in inputs], folder, cluster)
    digest = None if names is None else _digest({key: list(value) for key, value in names.items()})
    job = Job(predictor.bundle.digest, digest, output, top, explain, chunk_bytes, inputs)
    with _naming(folder):
        chunks = read_plan(folder, job)
        done = {} if chunks is None else read_done(folder, len(chunks), skip_bad=skip_bad)
    found_done = len(done)
    if chunks is None or len(done) < len(chunks):
        with _pool(cluster, jobs, patience) as pool:
            if chunks is None:
                chunks = plan_chunks(inputs, pool, chunk_bytes, progress=progress)
            with _naming(folder):
                # Again in a job that is taken up, which may have been finished once.
                write_plan(folder, job, chunks)
            todo = [
                Order(number, chunk, folder.url, output, top, explain, skip_bad)
                for number, chunk in enumerate(chunks)
                if number not in done
            ]
            _predict(todo, chunks, pool, predictor, model, names, done, progress)
        with _naming(folder):
            write_success(folder, job, chunks, [done[number] for number in range(len(chunks))])
    parts = [done[number] for number in range(len(chunks))]
    return Summary(
        len(chunks),
        found_done,
        sum(part.articles for part in parts),
        sum(part.bad_rows for part in parts),
        tuple(error for part in parts for error in part.errors),
        time.monotonic() - started,
    )


def _predict(
    todo: list[Order],
    chunks: list[Chunk],
    pool: Pool,
    predictor: Predictor,
    model: Path,
    names: Mapping[str, tuple[str, ...]] | None,
    done: dict[int, Done],
    progress: Progress,
) -> None:
    """Carry out the orders; `done` gets their records."""
    with _function(pool, predictor, model, names) as (function, first):
        calls = [(*first, order) for order in todo]
        progress("predicting chunks", len(done), len(chunks))
        for place, record in pool.run(function, calls, [order.chunk.describe() for order in todo]):
            done[todo[place].number] = record
            progress("predicting chunks", len(done), len(chunks))


@contextlib.contextmanager
def _function(
    pool: Pool, predictor: Predictor, model: Path, names: Mapping[str, tuple[str, ...]] | None
) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """The function that carries out an order in this pool, and its arguments before the order."""
    if not isinstance(pool, Remote):
        yield predict_chunk, (predictor,)
        return
    from slugline.cluster.plugin import predict_on_worker, with_model

    with with_model(pool, model.read_bytes(), predictor.bundle.digest, names) as name:
        yield predict_on_worker, (name,)


@contextlib.contextmanager
def _pool(cluster: str | None, jobs: int, patience: float) -> Iterator[Pool]:
    if cluster is None:
        yield Here()
    else:
        with open_cluster(cluster, jobs, patience=patience) as remote:
            yield remote


@contextlib.contextmanager
def _naming(folder: Folder) -> Iterator[None]:
    """Raise OutputError with the folder's address where its storage fails."""
    try:
        with storage_errors():
            yield
    except OSError as error:
        raise OutputError(f"cannot read or write ({error.strerror or error})", file=shown(folder.url)) from error


def _check_places(inputs: list[str], folder: Folder, cluster: str | None) -> None:
    if any(url.startswith(f"{folder.url}/") for url in inputs):
        raise OutputError("the folder holds input files", file=shown(folder.url), expected="another folder")
    if cluster is not None and any(url.startswith("memory://") for url in (*inputs, folder.url)):
        raise ConfigError("every process has a memory:// of its own", field="cluster", expected="files that all share")


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()}"
