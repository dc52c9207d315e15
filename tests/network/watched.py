"""A command run where it can reach nothing, and what it tried to reach."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from network.without_route import NOT_PERMITTED

HERE = Path(__file__).resolve().parent
WATCH = HERE / "watch"
_KEPT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "XDG_CACHE_HOME",
    "NUMBA_CACHE_DIR",
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
)


@dataclass(frozen=True)
class Watched:
    """How a command ended, what it asked for, and how many packets had no route (None: no namespace is permitted)."""

    returncode: int
    stdout: str
    stderr: str
    attempts: tuple[dict[str, object], ...]
    no_route: int | None

    @property
    def hosts(self) -> set[object]:
        return {attempt["host"] for attempt in self.attempts}


def environment(log: Path, home: Path, **more: str) -> dict[str, str]:
    """What a user's shell has and no more: libraries send nothing where they find that they are being tested."""
    paths = [str(WATCH), *filter(None, [os.environ.get("PYTHONPATH")])]
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    cache = kept.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    own = {
        "HOME": str(home),
        "XDG_CACHE_HOME": cache,
        "SLUGLINE_WATCH": str(log),
        "SLUGLINE_WATCH_LISTENING": "1",
        "PYTHONPATH": os.pathsep.join(paths),
    }
    return kept | own | more


def watched(command: Sequence[object], cwd: Path, home: Path, **more: str) -> Watched:
    """Run a command under the watch, in a namespace without a route where that is permitted."""
    log, counts = home.parent / f"{home.name}-attempts.jsonl", home.parent / f"{home.name}-counts.json"
    apart = [sys.executable, HERE / "without_route.py", "--counts", counts] if namespaces_are_permitted() else []
    done = subprocess.run(
        [*map(str, apart), *map(str, command)],
        cwd=cwd,
        env=environment(log, home, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    attempts = [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []
    no_route = json.loads(counts.read_text("utf-8"))["no_route"] if apart else None
    log.unlink(missing_ok=True)
    return Watched(done.returncode, done.stdout, done.stderr, tuple(attempts), no_route)


@functools.cache
def namespaces_are_permitted() -> bool:
    """Whether a process may have a network namespace of its own here."""
    done = subprocess.run([sys.executable, HERE / "without_route.py", "true"], capture_output=True, check=False)
    return done.returncode != NOT_PERMITTED


def slugline_watched(*arguments: object, cwd: Path, home: Path, **more: str) -> Watched:
    """`watched` for the command `slugline`."""
    return watched([sys.executable, "-m", "slugline", *arguments], cwd, home, **more)
