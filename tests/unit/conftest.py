"""Fixtures that unit tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from slugline.bundle import write_bundle
from slugline.self_test import with_self_test
from small_model import small_bundle


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The small model's file."""
    path = tmp_path / "model.safetensors"
    write_bundle(path, with_self_test(small_bundle()))
    return path
