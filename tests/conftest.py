"""What tests share: where the real corpora are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def corpora_folder() -> Path:
    """`$SLUGLINE_CORPORA`, else the folder `shared/corpora` beside the checkout."""
    return Path(os.environ.get("SLUGLINE_CORPORA") or ROOT.parent / "shared" / "corpora")


@pytest.fixture(scope="session")
def real_corpus():
    """`real_corpus("reuters21578")` is the path of that real corpus's folder, or the test is skipped with a reason."""

    def find(name: str) -> Path:
        path = corpora_folder() / name
        if not path.is_dir():
            pytest.skip(f"real corpus {name!r} is not in {corpora_folder()}; set SLUGLINE_CORPORA")
        return path

    return find
