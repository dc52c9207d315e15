"""Each peer's own virtual environment, from PyPI, with what matters pinned and everything installed recorded."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

REQUIREMENTS: dict[str, tuple[str, ...]] = {
    "scikit-learn": ("scikit-learn==1.9.1",),
    "omikuji": ("omikuji==0.5.2", "scikit-learn==1.9.1"),
    "napkinxc": ("napkinxc==0.7.2", "scikit-learn==1.9.1"),
    # Its thresholding calls np.sum(sparse, 2), which SciPy 1.17 refuses.
    "libmultilabel": ("libmultilabel==0.10.0", "scipy==1.14.1"),
    "fasttext": ("fasttext-wheel==0.9.2", "numpy<2"),
    "annif": ("annif[fasttext,omikuji]==1.4.3",),
    # Without a CPU build of torch in reach of pip this one brings 6 GB.
    "pecos": ("torch", "libpecos==1.2.8"),
}

VARIABLES: dict[str, dict[str, str]] = {
    # fasttext-numpy2 0.10.4 learns from memory that it never set ("Encountered NaN"); so glibc hands out zeros.
    "annif": {"MALLOC_PERTURB_": "255"},
}


class EnvironmentFailedError(Exception):
    """A peer could not be installed; the message says why."""


def python_of(folder: Path, name: str) -> Path:
    """The Python of an environment."""
    return folder / name / "bin" / "python"


def ensure(folder: Path, name: str) -> Path:
    """The environment's Python, made and filled if it is not there. Raises EnvironmentFailedError."""
    python, record = python_of(folder, name), folder / name / "installed.txt"
    if record.exists():
        return python
    print(f"installing {name} ...", file=sys.stderr, flush=True)
    venv.create(folder / name, with_pip=True)
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIREMENTS[name]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EnvironmentFailedError(last_line(done.stderr))
    frozen = subprocess.run([python, "-m", "pip", "freeze"], capture_output=True, text=True, check=True).stdout
    record.write_text(frozen, encoding="utf-8")
    return python


def installed(folder: Path, name: str) -> list[str]:
    """Every distribution of an environment, as `pip freeze` names it."""
    record = folder / name / "installed.txt"
    return record.read_text(encoding="utf-8").splitlines() if record.exists() else []


def variables(folder: Path, name: str) -> dict[str, str]:
    """The environment variables of a peer's process: one thread, a fixed order of sets, and what the peer needs."""
    fixed = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
    fixed |= {"PYTHONHASHSEED": "0", "NLTK_DATA": str(folder / "nltk_data")}
    return os.environ | fixed | VARIABLES.get(name, {})


def last_line(text: str) -> str:
    """What a failed process said last."""
    # Rust's panics end with a note on how to see more.
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("note:")]
    return lines[-1][:300] if lines else "it said nothing"
