"""Known vulnerabilities of what the lock names, as pip-audit finds them.

    python maintenance/audit.py [--lock FILE] [--service pypi|osv] [--result FILE]

Exits with 1 if a locked package has a known vulnerability, and lists them. Where no data on vulnerabilities can be
reached, it says so and exits with 0: then nothing was checked, which is no fault of the packages. Exits with 2 if
pip-audit cannot do its work for another reason. --result judges what `pip-audit --format json` wrote elsewhere.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parent / "lock-test.txt"
NO_DATA = "no data on vulnerabilities could be reached: NOTHING WAS CHECKED"

_UNREACHABLE = re.compile(r"connect|timed? ?out|resol|unreachable|SSL|certificate|HTTP ?Error|proxy", re.IGNORECASE)


def main() -> None:
    """Ask, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lock", type=Path, default=LOCK)
    parser.add_argument("--service", choices=("pypi", "osv"), default="pypi", help="whose data (default: pypi)")
    parser.add_argument("--result", type=Path, help="what pip-audit wrote as JSON; nothing is asked then")
    given = parser.parse_args()
    result = given.result.read_text("utf-8") if given.result else ask(given.lock, given.service)
    code, lines = judge(json.loads(result) if result else None)
    print("\n".join(lines))
    sys.exit(code)


def ask(lock: Path, service: str) -> str:
    """What pip-audit says of a lock, as JSON; empty where it reaches no data. It installs and resolves nothing."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--require-hashes", "--disable-pip"]
    command += ["--format", "json", "--progress-spinner", "off", "--vulnerability-service", service]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.stdout.lstrip().startswith("{"):
        return done.stdout
    if _UNREACHABLE.search(done.stderr):
        return ""
    print(done.stderr.strip(), file=sys.stderr)
    sys.exit(2)


def judge(result: dict[str, Any] | None) -> tuple[int, list[str]]:
    """The exit code and what to print. None: no data were reached; so is a result that skips every package.

    pip-audit calls a package that its data do not know "skipped", and a list of nothing else a clean one.
    """
    packages = result["dependencies"] if result else []
    known = [package for package in packages if "vulns" in package]
    if not known:
        return 0, [NO_DATA]
    bad = [package for package in known if package["vulns"]]
    lines = [line for package in bad for line in _lines(package)]
    skipped = [package["name"] for package in packages if "vulns" not in package]
    if skipped:
        lines.append(f"NOT CHECKED, since the data do not know them: {', '.join(skipped)}")
    lines.append(f"{len(bad)} of {len(known)} packages have known vulnerabilities")
    return bool(bad), lines


def _lines(package: dict[str, Any]) -> Iterator[str]:
    for found in package["vulns"]:
        names = ", ".join([found["id"], *found.get("aliases", ())])
        mended = ", ".join(found.get("fix_versions", ())) or "no release yet"
        yield f"{package['name']} {package['version']}: {names}; mended in: {mended}"


if __name__ == "__main__":
    main()
