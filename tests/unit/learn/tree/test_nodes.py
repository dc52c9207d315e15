"""The compiled kernels as training calls them: without numba, the same as their sources, and never a wrong array."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from slugline.learn.solvers import machine
from slugline.learn.tree import halving
from slugline.learn.tree.nodes import UNIT, fit_nodes, split_nodes

INDPTR, INDICES, DATA = np.arange(0, 45, 4), np.tile(np.arange(4, dtype=np.int32), 11), np.ones(44, dtype=np.float32)
NODES = (np.array([0, 11]), np.arange(11, dtype=np.int32), np.array([0, 2]))
OWNERS = (np.array([0, 3, 6]), np.arange(6, dtype=np.int32))
TASKS = np.array([[0, 0, 2]])


def test_kernels_are_loaded_without_numba():
    machine.address("fit_nodes", UNIT)
    if not any((folder / machine._key(UNIT)).exists() for folder in machine._folders()):
        pytest.skip("no place to keep machine code")
    script = (
        "import sys; from slugline.learn.solvers import machine; from slugline.learn.tree.nodes import UNIT;"
        "print(all(machine.address(name, UNIT) for name in UNIT.names), 'numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_other_sources_have_another_file():
    fewer = machine.Unit(UNIT.module, UNIT.names, UNIT.sources[:-1])
    assert len({machine._key(UNIT), machine._key(fewer), machine._key()}) == 3


@pytest.mark.parametrize("size", [1, 2, 3, 17, 100])
def test_rank_is_a_stable_sort(size):
    keys = np.random.default_rng(size).integers(0, 9, size).astype(np.float32)
    place, spare = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    halving.rank(keys, place, spare, size)
    assert place.tolist() == np.argsort(keys, kind="stable").tolist()


def test_arrays_that_machine_code_would_misread_are_refused():
    settings = 0, 1.0, 5, 0.1, 0.0, True
    assert len(fit_nodes(INDPTR, INDICES, DATA, 4, *NODES, *OWNERS, TASKS, *settings)) == 9
    with pytest.raises(TypeError, match="not C-contiguous"):
        fit_nodes(INDPTR, INDICES.astype(np.int64), DATA, 4, *NODES, *OWNERS, TASKS, *settings)
    with pytest.raises(TypeError, match="not C-contiguous"):
        fit_nodes(INDPTR, INDICES, DATA, 4, *NODES, OWNERS[0].astype(np.int32), OWNERS[1], TASKS, *settings)
    with pytest.raises(TypeError, match="not C-contiguous"):
        split_nodes(INDPTR, INDICES, DATA.astype(np.float64), 4, np.array([0, 11]), np.arange(11), 0, 1, 0, 3)
    with pytest.raises(TypeError, match="not C-contiguous"):
        split_nodes(INDPTR, INDICES, DATA, 4, np.array([0, 11]), np.arange(11, dtype=np.int32), 0, 1, 0, 3)
