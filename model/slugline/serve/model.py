"""The model that a server answers with."""

from __future__ import annotations

from pathlib import Path

from slugline.predict import Predictor


class Served:
    """The predictor of a model file, and the one that takes its place when the file is read again.

    A request takes `predictor` once and keeps it: all of its answer is of one model.
    """

    def __init__(self, path: Path) -> None:
        """Open `path` and run its self-test. Raises ModelFileError."""
        self.path = path
        self.predictor = Predictor.load(path)

    @property
    def digest(self) -> str:
        """The digest of the model file that answers now."""
        return self.predictor.bundle.digest

    def reload(self) -> bool:
        """Read the file again; whether it is another model. Where it is not sound, the model that answers stays, and
        ModelFileError is raised.
        """
        found = Predictor.load(self.path)
        changed = found.bundle.digest != self.digest
        self.predictor = found
        return changed
