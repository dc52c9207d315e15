"""Files of a tracked run, brought back."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from slugline.tracking.store import opened, store_uri

T = TypeVar("T")


def read_file(run_id: str, path: str, read: Callable[[Path], T]) -> T:
    """`read` of a file of a run, by its path among the run's files (`RunDetail.files`). Raises SluglineError.

    `run_id` is the whole id. The file is fetched first where the store is a server.
    """
    # A bar on stderr for a few kilobytes.
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    with tempfile.TemporaryDirectory() as folder:
        with opened(store_uri()) as client:
            found = client.download_artifacts(run_id, path, folder)
        return read(Path(found))
