"""Where a run comes from: who started it, which code, which libraries."""

from __future__ import annotations

import contextlib
from pathlib import Path

_LIBRARIES = ("slugline", "numpy", "scipy", "scikit-learn", "numba", "joblib", "ftfy", "mlflow-skinny")


def origin_tags() -> dict[str, str]:
    """Tags of a run, named as MLflow names them: user, git commit of the code, versions of Python and libraries."""
    import getpass
    import platform
    from importlib import metadata

    tags = {
        "mlflow.source.type": "LOCAL",
        "mlflow.source.name": "slugline",
        "version.python": platform.python_version(),
    }
    with contextlib.suppress(KeyError, OSError):
        tags["mlflow.user"] = getpass.getuser()
    for library in _LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            tags[f"version.{library}"] = metadata.version(library)
    return tags | _code()


def _code() -> dict[str, str]:
    """The git commit of Slugline's own checkout, and whether it was changed since; nothing for an installed one."""
    import subprocess

    package = Path(__file__).parent.parent

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(package), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()

    try:
        # An environment inside somebody else's repository is not that repository's code.
        git("ls-files", "--error-unmatch", "__init__.py")
        return {
            "mlflow.source.git.commit": git("rev-parse", "HEAD"),
            "code.changed": "yes" if git("status", "--porcelain", "--", ".") else "no",
        }
    except (OSError, subprocess.SubprocessError):
        return {}
