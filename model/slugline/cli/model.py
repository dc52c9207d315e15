"""Which model file a command takes where none was named."""

from __future__ import annotations

from pathlib import Path

from slugline.cli import console

MODEL = Path("model.safetensors")
"""Where `train` writes and the others read, unless told otherwise."""


def find_model(model: Path | None) -> Path:
    """The model that was asked for, else ./model.safetensors, else the one that is shipped; which is told on stderr.

    Raises SluglineError where the installation has lost the shipped one.
    """
    if model is not None:
        return model
    if MODEL.exists():
        console.err(f"slugline: using ./{MODEL} (--model takes another)")
        return MODEL
    from slugline.resources import shipped_model

    shipped = shipped_model()
    console.err(f"slugline: using the shipped model {shipped.stem}, as there is no ./{MODEL} (--model takes another)")
    return shipped
