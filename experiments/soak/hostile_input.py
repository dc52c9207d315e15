"""Hostile articles and corpora, the long way: every file of `tests/hostile` at full size, and damaged files.

    python experiments/soak/hostile_input.py --minutes 5 --size 10000000

Each bomb is read in a process of its own, with a limit on its time and its memory, and what it took is told. Then small
sound files of every format are damaged, seeded, for some minutes. Right is: articles, or one clear line. A breach is a
traceback, an error of several lines or of endless length, more than --seconds, or more memory than --memory; the exit
code is then 1.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
import zlib
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from hostile import BOMBS, SEEDS, mutated, outcome


def main() -> int:
    """Run and print; 1 where something was not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5.0, help="of damaged files; all bombs are read before (5)")
    parser.add_argument("--count", type=int, help="so many damaged files instead of as many as the time allows")
    parser.add_argument("--size", type=int, default=10_000_000, help="bytes of a bomb (10,000,000)")
    parser.add_argument(
        "--seconds", type=int, default=15, help="CPU seconds that a bomb may take for each MB, and 20 more (15)"
    )
    parser.add_argument("--memory", type=int, default=4000, help="MB that a bomb may take, the Python of it included")
    parser.add_argument("--only", default="", help="bombs with this in their names, and no damaged files")
    parser.add_argument("--seed", type=int, default=1)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bad = bombs(Path(folder), said)
        if not said.only:
            bad += damaged(Path(folder), said, time.monotonic() + 60 * said.minutes)
    print(f"\n{bad} breaches" if bad else "\nno breach")
    return 1 if bad else 0


def bombs(folder: Path, said: argparse.Namespace) -> int:
    """Read every bomb; the number of breaches."""
    warm(folder)
    base = apart(lambda: "nothing", said)[2]
    print(f"| input of {said.size:,} bytes | file, MB | outcome | CPU s | memory, MB |")
    print("|---|--:|---|--:|--:|")
    bad = 0
    for name, (file, make) in BOMBS.items():
        if said.only not in name:
            continue
        path = folder / file
        # Made apart too, so that its memory is not counted for its reading.
        made = apart(lambda path=path, make=make: str(path.write_bytes(make(said.size))), said)[0]
        if not path.exists():
            print(f"| {name} | | **not made: {made}** | | |", flush=True)
            bad += 1
            continue
        size = path.stat().st_size
        what, seconds, memory = apart(lambda path=path: outcome(path), said)
        fault = what not in ("read", "refused")
        bad += fault
        shown = f"**{what}**" if fault else what
        print(f"| {name} | {size / 1e6:.2f} | {shown} | {seconds:.2f} | {memory - base:.0f} |", flush=True)
        path.unlink()
    return bad


def warm(folder: Path) -> None:
    """Import what readers import, so that it is not counted."""
    for name in ("a.html", "a.parquet", "a.csv", "a.sgm", "config.toml"):
        path = folder / name
        path.write_bytes(SEEDS[name]())
        outcome(path)
        path.unlink()


def apart(work, said: argparse.Namespace) -> tuple[str, float, float]:
    """What `work` says when it is done in a process of its own, its CPU seconds, and its greatest memory in MB."""
    end, start = os.pipe()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = os.fork()
    if not process:
        os.close(end)
        limit = 20 + said.seconds * said.size // 1_000_000
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
        resource.setrlimit(resource.RLIMIT_DATA, (said.memory << 20, said.memory << 20))
        try:
            what = work()
        except BaseException as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__}: {str(error)[:150]} ({Path(place.filename).name}:{place.lineno})"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        os.write(start, json.dumps([" ".join(what.split())[:300], peak]).encode())
        os._exit(0)
    os.close(start)
    with os.fdopen(end, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(process, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if not answer:
        return f"ended by signal {os.WTERMSIG(status)}", seconds, float("nan")
    what, peak = json.loads(answer)
    return what, seconds, peak / 1024


def damaged(folder: Path, said: argparse.Namespace, end: float) -> int:
    """Damage sound files and read them; the number of breaches."""
    found: dict[str, Counter[str]] = {name: Counter() for name in SEEDS}
    faults: dict[str, str] = {}
    slowest = (0.0, "")
    number = 0
    while number < said.count if said.count is not None else time.monotonic() < end:
        for name, make in SEEDS.items():
            number += 1
            chance = random.Random(said.seed * 1_000_003 + number)
            path = folder / name
            path.write_bytes(mutated(make(), chance))
            start = time.process_time()
            try:
                what = outcome(path)
            except Exception as error:
                what = "fault"
                place = traceback.extract_tb(error.__traceback__)[-1]
                key = f"{name}: {type(error).__name__} in {Path(place.filename).name}:{place.lineno}"
                if key not in faults:
                    faults[key] = str(error)[:200]
                    kept = Path(tempfile.gettempdir()) / f"hostile-{zlib.crc32(key.encode()):08x}-{name}"
                    shutil.copy(path, kept)
                    print(f"\nfault: {key}: {error!s:.200} ({kept})", file=sys.stderr, flush=True)
            slowest = max(slowest, (time.process_time() - start, f"{name}, file {number}"))
            found[name][what] += 1
    print("\n| damaged file | files | read | refused | faults |\n|---|--:|--:|--:|--:|")
    for name, counts in found.items():
        print(f"| {name} | {counts.total():,} | {counts['read']:,} | {counts['refused']:,} | {counts['fault']:,} |")
    total = sum(counts.total() for counts in found.values())
    print(f"\n{total:,} damaged files, seed {said.seed}; the slowest took {slowest[0]:.2f} s ({slowest[1]})")
    return len(faults)


if __name__ == "__main__":
    sys.exit(main())
