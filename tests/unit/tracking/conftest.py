"""A store of runs in a temporary folder."""

from __future__ import annotations

import shutil

import pytest

from slugline.tracking import store


@pytest.fixture(scope="session")
def made_store(tmp_path_factory):
    """A folder with an empty store: making its tables takes seconds, copying it none."""
    folder = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        with store.opened(store.store_uri(), write=True):
            pass
    return folder / "experiments"


@pytest.fixture
def folder(made_store, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copytree(made_store, tmp_path / "experiments")
    return tmp_path
