"""Kill -9 at random moments: what was whole stays whole, and the next command works.

    python experiments/soak/crash.py                     # every kind of work, 200 kills of each
    python experiments/soak/crash.py train tags --count 50 --seed 3 --minutes 5

Each kind of work is done once undisturbed, which takes D seconds. Then it is begun again and again, each time in a
process of its own, and killed after a time drawn evenly from 0 to D: half the time the process alone, else with all
that it has started. After every kill, what was there before must be whole; nothing that it started may live on; and the
next one begins on what this one has left. In the end the work is done to its end, and nothing half may be left over.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from _kinds_of_work import KINDS
from _work import CONTEXT, BreachError, Work, left_over, need, said, whole
from _work_table import asked_for, in_turn, print_row, told

FEW = 20
TRIES = 4
"""Work is begun at most so many times for each kill that is wanted."""
GONE = 20.0  # seconds in which the children of a killed process must be gone


def kill(work: Work, seconds: float) -> bool:
    """Begin the work and kill it after so many seconds; whether it was still at it."""
    process = CONTEXT.Process(target=work.target, args=work.arguments())
    with work.beside():
        process.start()
        process.join(seconds)
        alive = process.exitcode is None
        pid = process.pid or 0
        if alive:
            if work.random.random() < 0.5:
                with contextlib.suppress(ProcessLookupError):
                    # Before it has a group of its own, there is nothing that it has started.
                    os.killpg(pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            process.join()
        else:
            need(process.exitcode == 0, f"the next command fails: {said(work)}")
    end = time.monotonic() + GONE
    while left := session(pid):
        if time.monotonic() > end:
            for one in left:
                os.kill(one, signal.SIGKILL)
            raise BreachError(f"{len(left)} processes outlive the one that started them")
        time.sleep(0.02)
    work.killed()
    return alive


def session(leader: int) -> list[int]:
    """The living processes of a session; only Linux tells."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parts = entry.read_text().rpartition(")")[2].split()
            if int(parts[3]) == leader and parts[0] != "Z":
                found.append(int(entry.parent.name))
    return found


@dataclass
class Tally:
    """What became of one kind of work."""

    name: str
    seconds: float = 0.0
    kills: int = 0
    finished: int = 0
    with_rest: int = 0
    breaches: list[str] = field(default_factory=list)


def try_kind(name: str, count: int, seed: int, folder: Path, until: float = float("inf")) -> Tally:
    """Kill one kind of work `count` times while it is at work, or until that moment, in a folder beside which is its
    log; what it does to its end comes last. On a machine that is now busy and now idle, most may have ended by then:
    it is begun TRIES times as often at most.
    """
    folder.mkdir()
    work = KINDS[name](folder, random.Random(f"{seed} {name}"))
    tally = Tally(name)
    work.prepare()
    try:
        tally.seconds = whole(work)
        if count > FEW:
            # What is done for the first time takes longer.
            tally.seconds = whole(work)
        longest = tally.seconds
        for _ in range(TRIES * count):
            if time.monotonic() > until or tally.kills == count:
                break
            moment = work.random.uniform(0, longest)
            try:
                alive = kill(work, moment)
            except BreachError as breach:
                tally.breaches.append(str(breach))
                if len(tally.breaches) > 5:
                    break
                continue
            tally.kills += alive
            tally.finished += not alive
            if not alive:
                # What it had ended by then, it would again; but a moment that chance made early must not end all.
                longest = max(moment, longest / 2)
            tally.with_rest += bool(left_over(folder))
        try:
            whole(work)
            rest = left_over(folder)
            need(not rest, f"left over: {', '.join(rest[:3])}")
        except BreachError as breach:
            tally.breaches.append(str(breach))
    finally:
        work.close()
    return tally


def main() -> int:
    """Print a table; 1 where anything was breached."""
    asked = asked_for(__doc__, "kills", 200, 60)
    print("| work | seconds undisturbed | killed at work | had ended | kills that left something | breaches |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |", flush=True)
    breaches: list[str] = []
    for name, folder, until in in_turn(asked.kinds, asked.minutes):
        tally = try_kind(name, asked.count, asked.seed, folder, until)
        seconds = f"{tally.seconds:.2f}"
        print_row(name, seconds, tally.kills, tally.finished, tally.with_rest, len(tally.breaches))
        breaches += [f"{name}: {one}" for one in tally.breaches]
    return told(breaches)


if __name__ == "__main__":
    sys.exit(main())
