from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from slugline.learn.solvers import machine
from slugline.learn.solvers.labels import BlockProblem, TrainingRows, fit_block
from slugline.learn.solvers.sixteen import WIDTH, aligned, leave_out, score_rows, solve_block

NAMES = {"solve_block", "leave_out", "score_rows"}


@pytest.fixture
def folders(monkeypatch, tmp_path):
    """Two places for machine code of the test's own, and no compiling unless a test does it itself."""

    def compile_again(unit):
        raise AssertionError("compiled")

    found = [tmp_path / "first", tmp_path / "second"]
    monkeypatch.setattr(machine, "_folders", lambda: found)
    monkeypatch.setattr(machine, "_compile", compile_again)
    return found


@pytest.fixture(scope="module")
def code():
    machine.address("solve_block")
    kept = next(filter(None, (machine._read(folder / machine._key()) for folder in machine._folders())), None)
    return kept or machine._compile()[0]


def problem():
    generator = np.random.default_rng(0)
    X = csr_matrix(generator.random((40, 9)) * (generator.random((40, 9)) > 0.5))
    return TrainingRows.of(X), BlockProblem(X[:, :3].toarray() > 0.4, np.ones(3), 1.0, 1e-3, 1000, 0)


def test_what_was_compiled_once_is_loaded_by_other_processes_without_numba(code):
    if not any((folder / machine._key()).exists() for folder in machine._folders()):
        pytest.skip("no place to keep machine code")
    script = (
        "import sys; from slugline.learn.solvers import machine;"
        "print(all(map(machine.address, ('solve_block', 'leave_out', 'score_rows'))), 'numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_machine_code_is_read_where_it_was_kept(folders, code):
    machine._write(machine._key(), code)
    assert [path.name for path in folders[0].iterdir()] == [machine._key()]
    assert machine._load().keys() == NAMES


def test_machine_code_is_kept_elsewhere_where_the_package_cannot_be_written(folders, code):
    folders[0].write_text("a file")
    machine._write(machine._key(), code)
    assert (folders[1] / machine._key()).exists()
    assert machine._load().keys() == NAMES


def test_half_a_file_is_compiled_anew(folders, code, monkeypatch):
    folders[0].mkdir()
    (folders[0] / machine._key()).write_bytes(code[:500])
    with pytest.raises(AssertionError, match="compiled"):
        machine._load()
    monkeypatch.setattr(machine, "_compile", lambda unit: (code, {}))
    assert machine._load().keys() == NAMES
    assert machine._read(folders[0] / machine._key()) == code


def test_without_a_place_to_keep_it_code_is_used_as_it_was_compiled(folders, code, monkeypatch):
    for folder in folders:
        folder.write_text("a file")
    monkeypatch.setattr(machine, "_compile", lambda unit: (code, {}))
    assert all(machine._load().values())


def test_what_needs_numba_is_called_where_numba_has_it(folders, monkeypatch):
    class Function:
        address = 77

    monkeypatch.setattr(machine, "_compile", lambda unit: (None, dict.fromkeys(NAMES, Function())))
    assert machine._load() == dict.fromkeys(NAMES, 77)
    assert not folders[0].exists()


def test_other_sources_have_another_file(monkeypatch):
    before = machine._key()
    monkeypatch.setattr(machine, "_SOURCES", ("blocks.py", "vectors.py"))
    assert machine._key() != before


def test_the_compiled_functions_are_the_sources(monkeypatch):
    """The same results, to the bit, as what numba makes of them in its own way."""
    from slugline.learn.solvers import blocks

    rows, block = problem()
    found = fit_block(rows, block, True)
    n, m, terms = len(rows), len(rows), rows.terms
    alpha, W = np.zeros((n, WIDTH), dtype=np.float32), aligned(terms + 1)
    having = np.arange(WIDTH) < 3
    W[-1, ~having] = -1.0
    own = np.zeros((5, WIDTH), dtype=np.float32)
    order, wanted, shrunk = np.arange(m), np.ones(n, dtype=bool), np.zeros(WIDTH, dtype=bool)
    blocks.solve_block(
        *rows.arrays,
        rows.square,
        np.arange(m),
        order,
        wanted,
        block.padded(),
        np.float32(0.5) / block.cost(),
        having.copy(),
        shrunk,
        own,
        alpha,
        W,
        1e-3,
        1000,
        0,
    )
    np.testing.assert_array_equal(found.W, W)
    np.testing.assert_array_equal(found.alpha, alpha)


def test_arrays_that_machine_code_would_misread_are_refused():
    rows, block = problem()
    n = len(rows)
    alpha, W = np.zeros((n, WIDTH), dtype=np.float32), aligned(rows.terms + 1)
    positive, numbers = block.padded(), np.arange(n)

    def solve(csr=rows.arrays, **other):
        given = {"square": rows.square, "rows": numbers, "positive": positive, "alpha": alpha, "W": W} | other
        solve_block(csr, cost=block.cost(), solve=np.ones(WIDTH, dtype=bool), tol=0.1, max_iter=1, seed=0, **given)

    for wrong in (
        {"csr": (rows.indptr.astype(np.int32), *rows.arrays[1:])},
        {"square": rows.square.astype(np.float64)},
        {"rows": numbers.astype(np.int32)},
        {"positive": block.positive},
        {"alpha": np.zeros((n, 2 * WIDTH), dtype=np.float32)[:, ::2]},
        {"W": W[:, :3]},
    ):
        with pytest.raises(TypeError, match="not C-contiguous"):
            solve(**wrong)
    with pytest.raises(TypeError, match="not C-contiguous"):
        leave_out(rows.arrays, numbers, block.positive, alpha, W)
    with pytest.raises(TypeError, match="not C-contiguous"):
        score_rows(rows.arrays, numbers, W.astype(np.float64))
    assert not W.any()


def test_kept_code_is_beside_the_bytecode_or_in_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    own, users = machine._folders()
    assert own == Path(machine.__file__).parent / "__pycache__"
    assert sys.platform == "win32" or users == tmp_path / "slugline"
