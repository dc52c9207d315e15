"""What brings the model to the workers: once to each, also to those that come later or are started again."""

from __future__ import annotations

import contextlib
import tempfile
import threading
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from distributed import WorkerPlugin, get_worker

from slugline import __version__
from slugline.cluster.manifest import Done
from slugline.cluster.predict_chunk import Order, predict_chunk
from slugline.cluster.tasks import ClusterError, Remote
from slugline.errors import SluglineError
from slugline.predict import Predictor


class ModelPlugin(WorkerPlugin):
    """Holds a model file's bytes and gives each thread of its worker a predictor of its own.

    `names` are tags and their other names from elsewhere (`Predictor.with_names`). Dask's scheduler keeps the plugin
    as bytes and sends it to every worker that registers.
    """

    def __init__(self, name: str, data: bytes, names: Mapping[str, tuple[str, ...]] | None) -> None:
        self.name = name
        self.data = data
        self.names = names
        self.version = __version__

    def setup(self, worker: Any) -> None:
        """Write the model file on the worker's machine. Raises ClusterError for another version of Slugline there."""
        if self.version != __version__:
            raise ClusterError(
                "another version of Slugline on a worker",
                file=worker.address,
                found=f"a worker with {__version__}",
                expected=self.version,
            )
        self.folder = tempfile.TemporaryDirectory(prefix="slugline-model-", dir=worker.local_directory)
        self.path = Path(self.folder.name) / "model.safetensors"
        self.path.write_bytes(self.data)
        self.data = b""
        self.thread = threading.local()

    def teardown(self, worker: Any) -> None:  # noqa: ARG002
        """Remove the file; what is mapped of it stays readable."""
        self.folder.cleanup()

    def predictor(self) -> Predictor:
        """This thread's predictor, loaded when it is asked for first."""
        found: Predictor | None = getattr(self.thread, "predictor", None)
        if found is None:
            found = Predictor.load(self.path)
            if self.names is not None:
                found = found.with_names(self.names)
            self.thread.predictor = found
        return found


def predict_on_worker(plugin: str, order: Order) -> Done:
    """`predict_chunk` by the model of the plugin of that name."""
    found: Any = get_worker().plugins[plugin]
    return predict_chunk(found.predictor(), order)


@contextlib.contextmanager
def with_model(pool: Remote, data: bytes, digest: str, names: Mapping[str, tuple[str, ...]] | None) -> Iterator[str]:
    """Give the pool's workers a model file's bytes; yields the plugin's name for `predict_on_worker`.

    Raises ClusterError where a worker cannot take it.
    """
    # Two jobs with one model at the same time must not take it from each other.
    name = f"slugline-{digest[-12:]}-{uuid.uuid4().hex[:8]}"
    pool.wait_for_worker()
    try:
        pool.client.register_plugin(ModelPlugin(name, data, names))
    except SluglineError:
        raise
    except Exception as error:
        raise ClusterError(
            f"a worker cannot take the model ({type(error).__name__}: {error}); install the same Slugline there",
            file=pool.address,
        ) from error
    try:
        yield name
    finally:
        with contextlib.suppress(Exception):
            pool.client.unregister_worker_plugin(name)
