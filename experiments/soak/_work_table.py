"""What the long tests of work say and are asked: the command line, the time for each kind, and the table."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from _kinds_of_work import KINDS


def asked_for(description: str | None, counted: str, count: int, minutes: float) -> argparse.Namespace:
    """What the command line asks for: kinds of work, how many of what is `counted`, for how long, from which seed."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], help="kinds of work; all if none is named")
    parser.add_argument("--count", type=int, default=count, help=f"{counted} of each kind (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=minutes, help="in all, at most (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn (default: %(default)s)")
    return parser.parse_args()


def in_turn(kinds: Sequence[str], minutes: float) -> Iterator[tuple[str, Path, float]]:
    """Each kind of work (all if none is named), a folder for it, and until when it may take."""
    kinds = kinds or list(KINDS)
    end = time.monotonic() + 60 * minutes
    for place, name in enumerate(kinds):
        with tempfile.TemporaryDirectory() as folder:
            # What is left of the time is shared out among what is left to do.
            yield name, Path(folder) / "work", time.monotonic() + (end - time.monotonic()) / (len(kinds) - place)


def print_row(*cells: object) -> None:
    """A row of a Markdown table."""
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def told(breaches: Sequence[str]) -> int:
    """Print what was breached; the exit code."""
    for one in breaches:
        print(f"\nBREACH: {one}")
    return bool(breaches)
