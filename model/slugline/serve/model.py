"""The model that a server answers with."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path

from slugline.errors import ModelFileError
from slugline.predict import Predictor
from slugline.serve.labels import Labels

Mark = tuple[int, int, int, int]
"""Where a file is, its size, and when it was written (nanoseconds)."""


class Served:
    """The predictor of a model file, and the one that takes its place when the file is read again.

    A request takes `predictor` once and keeps it: all of its answer is of one model. A model that fails its self-test
    is never served. The model is in memory whole, so that nothing that becomes of its file reaches an answer.
    """

    def __init__(self, path: Path, on_change: Callable[[str], None] | None = None) -> None:
        """Open `path` and run its self-test; `on_change` is told the digest, now and after every `reload`.

        Raises ModelFileError.
        """
        self.path = path
        self._on_change = on_change
        self._lock = threading.Lock()
        self._labels: tuple[Predictor, Labels] | None = None
        self._reloading = threading.Lock()
        self.mark = mark(path)
        """That of the file which was read last, also where it was not sound."""
        self._take(Predictor.load(path, copy=True))

    @property
    def digest(self) -> str:
        """The digest of the model file that answers now."""
        return self.predictor.bundle.digest

    def reload(self) -> bool:
        """Read the file again; whether it is another model. Where it is not sound, the model that answers stays, and
        ModelFileError is raised.
        """
        # Of two at once, the one that has read the later file must be the last.
        with self._reloading:
            # Looked at before it is read: what is written meanwhile makes another mark.
            self.mark = mark(self.path)
            try:
                found = Predictor.load(self.path, copy=True)
            except ModelFileError:
                raise
            except Exception as error:
                raise ModelFileError(f"cannot be used ({type(error).__name__})", file=self.path) from error
            changed = found.bundle.digest != self.digest
            self._take(found)
            return changed

    def labels(self, predictor: Predictor) -> Labels:
        """The labels of a predictor, made when they are first asked for: thousands of names take a while."""
        with self._lock:
            if self._labels is None or self._labels[0] is not predictor:
                self._labels = predictor, Labels(predictor)
            return self._labels[1]

    def _take(self, predictor: Predictor) -> None:
        self.predictor = predictor
        self.tested = dt.datetime.now(dt.UTC).replace(microsecond=0)
        if self._on_change is not None:
            self._on_change(self.digest)


def mark(path: Path) -> Mark | None:
    """What tells one state of a file from another without reading it; None where there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
