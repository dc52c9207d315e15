"""All tests where nothing can be reached but this computer: nothing needs the network, and nothing tries it.

    python experiments/soak/no_network.py [PATH ...] [--minutes M]

The tests run in a network namespace that has a loopback and no route (Linux; as root, or where users may make such
namespaces). Two things tell who tried to leave all the same: a watch in each Python process, which names the address,
and the kernel's count of packets without a route, which has compiled code as well. The browser's tests run apart, since
Chromium looks up names of its own accord: of theirs, only what Python processes did is judged.

Prints a Markdown table. Exits with 1 if a test failed, if anything tried to leave, or if time was up.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NETWORK = ROOT / "tests" / "network"
PARTS = {"all but the browser": ["tests", "model", "--ignore=tests/browser"], "the browser": ["tests/browser"]}
ASKED_FOR = {"256.1.1.1"}
"""What a test names itself, to see what is said of it: where a server cannot listen."""
JUDGED_BY_THE_KERNEL = {"all but the browser", "the tests given"}


@dataclass(frozen=True)
class Part:
    """What became of some tests: pytest's last line, its exit code, who tried to leave, and in how many minutes."""

    name: str
    said: str
    code: int
    hosts: Counter[str]
    no_route: int
    minutes: float

    @property
    def held(self) -> bool:
        """Whether all passed, and nobody tried to leave."""
        quiet = not self.no_route or self.name not in JUDGED_BY_THE_KERNEL
        return self.code in (0, 5) and not self.hosts and quiet


def main() -> None:
    """Run and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", metavar="PATH", help="run these tests only, such as tests/cli")
    parser.add_argument("--minutes", type=float, default=60.0, help="stop after so long (default: 60)")
    given = parser.parse_args()
    end = time.monotonic() + given.minutes * 60
    parts = {"the tests given": given.paths} if given.paths else PARTS
    found = []
    for name, paths in parts.items():
        found.append(run(name, paths, end))
        print(f"{name}: {found[-1].said}", file=sys.stderr, flush=True)
    print("\n".join(table(found)))
    sys.exit(not all(part.held for part in found))


def run(name: str, paths: Sequence[str], end: float) -> Part:
    """Run some tests until `end` at the latest (as `time.monotonic` has it)."""
    before = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="slugline-no-network-") as temporary:
        attempts, counts = Path(temporary, "attempts.jsonl"), Path(temporary, "counts.json")
        apart = [sys.executable, NETWORK / "without_route.py", "--counts", counts]
        paths_of_python = [str(NETWORK / "watch"), *filter(None, [os.environ.get("PYTHONPATH")])]
        own = {"SLUGLINE_WATCH": str(attempts), "PYTHONPATH": os.pathsep.join(paths_of_python)}
        with subprocess.Popen(
            [*map(str, apart), sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *paths],
            cwd=ROOT,
            env=os.environ | own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                printed, _ = process.communicate(timeout=max(1.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                printed, _ = process.communicate()
                printed += "\nstopped: time was up"
        failures = [line for line in printed.splitlines() if line.startswith(("FAILED", "ERROR"))]
        print("\n".join(failures), file=sys.stderr)
        lines = attempts.read_text("utf-8").splitlines() if attempts.exists() else []
        for line in lines:
            print(line, file=sys.stderr)
        return Part(
            name,
            re.sub(r" in [\d.]+s.*", "", printed.strip().splitlines()[-1]).strip("= "),
            process.returncode,
            Counter(host for host in (json.loads(line)["host"] for line in lines) if host not in ASKED_FOR),
            json.loads(counts.read_text("utf-8"))["no_route"] if counts.exists() else 0,
            (time.monotonic() - before) / 60,
        )


def table(parts: Sequence[Part]) -> Iterator[str]:
    """A row for each part."""
    yield "| tests | result | addresses outside asked for | packets without a route | minutes | |"
    yield "|---|---|---|---:|---:|---|"
    for part in parts:
        hosts = ", ".join(f"{host} ({count})" for host, count in part.hosts.most_common()) or "none"
        count = str(part.no_route) if part.name in JUDGED_BY_THE_KERNEL else f"{part.no_route} (not judged)"
        verdict = "held" if part.held else "breached"
        yield f"| {part.name} | {part.said} | {hosts} | {count} | {part.minutes:.1f} | {verdict} |"


if __name__ == "__main__":
    main()
