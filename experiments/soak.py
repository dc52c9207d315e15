"""Runs every long test of experiments/soak, one after the other, and says which promises held.

    python experiments/soak.py [NAME ...] [--folder DIR] [--log DIR]

A long test is a script that needs no arguments, bounds itself, prints a Markdown table and exits with 0 if what it
promises held, or 1 if it was breached. One that fails does not stop those after it. What each prints is shown as it
comes and kept in --log, one file for each; a summary ends the run. Exits with 1 if one was breached, 2 if there is none
of that name.

A file whose name begins with an underscore is not a long test, but something that several share.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "soak"


@dataclass(frozen=True)
class Outcome:
    """How one long test ended: its exit code (negative: the signal that ended it) and how many seconds it took."""

    name: str
    code: int
    seconds: float

    @property
    def word(self) -> str:
        """`held`, `breached` (it said so), or what else happened."""
        if self.code < 0:
            return f"ended by signal {-self.code}"
        return {0: "held", 1: "breached"}.get(self.code, f"failed (exit {self.code})")


def main() -> None:
    """Run and sum up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="run these only, such as no_network")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the long tests are")
    parser.add_argument("--log", type=Path, help="where what they print is kept; a new temporary folder if not given")
    given = parser.parse_args()
    found = {path.stem: path for path in sorted(given.folder.glob("*.py")) if not path.name.startswith("_")}
    unknown = [name for name in given.names if name not in found]
    if unknown or not found:
        parser.error(f"no long test {', '.join(unknown)} in {given.folder}; there are: {', '.join(found) or 'none'}")
    log = given.log or Path(tempfile.mkdtemp(prefix="slugline-soak-"))
    log.mkdir(parents=True, exist_ok=True)
    outcomes = list(run([found[name] for name in given.names or found], log))
    print("\n".join(summary(outcomes, log)))
    sys.exit(any(outcome.code for outcome in outcomes))


def run(scripts: Sequence[Path], log: Path) -> Iterator[Outcome]:
    """One script after the other; what it prints goes to standard output and to a file in `log`."""
    for script in scripts:
        print(f"\n## {script.stem}\n", flush=True)
        before = time.monotonic()
        with (
            (log / f"{script.stem}.log").open("w", encoding="utf-8") as kept,
            subprocess.Popen(
                [sys.executable, str(script)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="backslashreplace",
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            ) as process,
        ):
            assert process.stdout is not None
            for line in process.stdout:
                kept.write(line)
                print(line, end="", flush=True)
        yield Outcome(script.stem, process.returncode, time.monotonic() - before)


def summary(outcomes: Sequence[Outcome], log: Path) -> Iterator[str]:
    """A table of all, and one line that says whether everything held."""
    yield "\n## Summary\n\n| long test | outcome | minutes |\n|---|---|---:|"
    for outcome in outcomes:
        yield f"| {outcome.name} | {outcome.word} | {outcome.seconds / 60:.1f} |"
    bad = [outcome.name for outcome in outcomes if outcome.code]
    yield ""
    yield f"{len(bad)} of {len(outcomes)} did not hold: {', '.join(bad)}" if bad else f"all {len(outcomes)} held"
    yield f"what each printed: {log}"


if __name__ == "__main__":
    main()
