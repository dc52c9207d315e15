"""A full disk and a read-only one: one clear line, exit code 1, and what was there stays as it was.

    python experiments/soak/disk_full.py                    # as root: every kind of work, 40 sizes of each
    python experiments/soak/disk_full.py train track --count 100 --seed 3

Each kind of work is done on a small tmpfs. It is filled up so that a number of bytes drawn evenly from none to what the
work needs is left: the disk is full at another write each time. Then the work is tried on the same disk mounted
read-only. After each, the work must succeed on the disk with room. Where nothing can be mounted, it says so and ends.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from _kinds_of_work import KINDS
from _work import CONTEXT, BreachError, Work, left_over, need, whole
from _work_table import asked_for, in_turn, print_row, told

SIZE = "256m"


@contextlib.contextmanager
def mounted(folder: Path) -> Iterator[None]:
    """A tmpfs at `folder`. Raises OSError where this process may mount nothing."""
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={SIZE}", "slugline", str(folder))
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(done.stderr.strip())


@contextlib.contextmanager
def filled(folder: Path, free: int) -> Iterator[None]:
    """The disk with so many bytes left."""
    filler = folder / "filler"
    found = os.statvfs(folder)
    with filler.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, max(1, found.f_bavail * found.f_frsize - free))
    try:
        yield
    finally:
        filler.unlink()


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """The disk on which nothing can be written, not by root either."""
    _mount("-o", "remount,ro", str(folder))
    try:
        yield
    finally:
        _mount("-o", f"remount,rw,size={SIZE}", str(folder))


def attempt(work: Work) -> bool:
    """Try the work; whether it succeeded. BreachError where it failed otherwise than with one line and code 1."""
    log = work.folder.parent / "log.txt"
    before = log.stat().st_size
    process = CONTEXT.Process(target=work.target, args=work.arguments())
    with work.beside():
        process.start()
        process.join(work.during or None)
        if process.exitcode is None:
            process.terminate()
            process.join()
    said = log.read_bytes()[before:].decode(errors="replace")
    need("Traceback" not in said and "internal error" not in said, f"an error that nobody foresaw: {said[-900:]}")
    if process.exitcode not in (0, -15):
        lines = [line for line in said.splitlines() if line.startswith("slugline: error:")]
        need(process.exitcode == 1 and len(lines) == 1, f"code {process.exitcode}, said {said[-600:]!r}")
    work.killed()
    return process.exitcode in (0, -15)


@dataclass
class Tally:
    """What became of one kind of work."""

    name: str
    needed: int = 0
    failed: int = 0
    succeeded: int = 0
    breaches: list[str] = field(default_factory=list)


def try_kind(name: str, count: int, seed: int, folder: Path, until: float = float("inf")) -> Tally:
    """Try one kind of work on `count` disks with too little room, and on a read-only one; OSError as of `mounted`."""
    chance = random.Random(f"{seed} {name}")
    tally = Tally(name)
    with mounted(folder):
        work = KINDS[name](folder, chance)
        try:
            work.prepare()
            whole(work)
            tally.needed = _needed(work)
            for number in range(count):
                if time.monotonic() > until:
                    break
                try:
                    # None at all is a disk of its own kind.
                    with filled(folder, chance.randrange(tally.needed) if number else 0):
                        succeeded = attempt(work)
                    tally.succeeded += succeeded
                    tally.failed += not succeeded
                except BreachError as breach:
                    tally.breaches.append(str(breach))
            try:
                with read_only(folder):
                    need(not attempt(work) or bool(work.during), "it succeeded on a read-only disk")
                tally.failed += 1
                whole(work)
                rest = left_over(folder)
                need(not rest, f"left over: {', '.join(rest[:3])}")
            except BreachError as breach:
                tally.breaches.append(str(breach))
        finally:
            work.close()
    return tally


def _needed(work: Work) -> int:
    """How many bytes the work takes at its peak, as a few looks at the disk find."""
    peak, start = 0, _used(work.folder)
    process = CONTEXT.Process(target=work.target, args=work.arguments())
    with work.beside():
        process.start()
        end = time.monotonic() + (work.during or 600)
        while process.exitcode is None and time.monotonic() < end:
            process.join(0.01)
            peak = max(peak, _used(work.folder) - start)
        process.terminate()
        process.join()
    work.ended()
    # What is there for a moment alone may go unseen; a file that is replaced is there twice.
    return max(peak, 2 * max((one.stat().st_size for one in work.folder.rglob("*") if one.is_file()), default=0))


def _used(folder: Path) -> int:
    found = os.statvfs(folder)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def main() -> int:
    """Print a table; 1 where anything was breached."""
    asked = asked_for(__doc__, "full disks", 40, 20)
    print("| work | bytes needed | failed in one line | had room | breaches |\n| --- | ---: | ---: | ---: | ---: |")
    breaches: list[str] = []
    for name, folder, until in in_turn(asked.kinds, asked.minutes):
        try:
            tally = try_kind(name, asked.count, asked.seed, folder, until)
        except OSError as error:
            print(f"\nnot run: nothing can be mounted here ({error})")
            return 0
        print_row(name, tally.needed, tally.failed, tally.succeeded, len(tally.breaches))
        breaches += [f"{name}: {one}" for one in tally.breaches]
    return told(breaches)


if __name__ == "__main__":
    sys.exit(main())
