"""Where the shipped data is: `_data` inside an installed wheel, else the checkout's `data/` folder."""

from __future__ import annotations

from pathlib import Path

from slugline.errors import SluglineError

SHIPPED_MODEL = "news-en"
"""The model that comes with Slugline: data/models/news-en.safetensors, and its card news-en.md."""


def shipped_model() -> Path:
    """Path of the model file that is shipped. Raises SluglineError if the installation has lost it."""
    return data_path("models", f"{SHIPPED_MODEL}.safetensors")


def data_path(*parts: str) -> Path:
    """Path of a shipped file or folder, such as `data_path("starter", "articles.jsonl")`.

    Raises SluglineError if the installation has lost its data.
    """
    package = Path(__file__).resolve().parent
    for root in (package / "_data", package.parent.parent / "data"):
        if root.is_dir():
            found = root.joinpath(*parts)
            if not found.exists():
                raise SluglineError("shipped file is missing; reinstall slugline", file=found)
            return found
    raise SluglineError("the shipped data folder is missing; reinstall slugline", file=package / "_data")
