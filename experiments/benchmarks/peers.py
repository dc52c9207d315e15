"""Slugline beside its peers on the same articles, from raw text. See peers/README.md.

    SLUGLINE_CORPORA=FOLDER python experiments/benchmarks/peers.py [--tasks T,...] [--only S,...] [--work FOLDER]

Makes each peer's environment from PyPI, runs every system on every task, and prints the tables. What is finished is
kept and skipped; `--again` runs the systems named by --only anew, `--tables` only computes the tables again.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from peers import tables
from peers.runner import Bench, run
from peers.systems import SYSTEMS
from peers.tasks import DEFAULT, TASKS

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "slugline-peers"


def chosen(given: str | None, known: list[str], default: list[str]) -> list[str]:
    """Names separated by commas; one that ends in * stands for all that begin so."""
    if given is None:
        return default
    found = []
    for name in given.split(","):
        hits = [one for one in known if one == name or (name.endswith("*") and one.startswith(name[:-1]))]
        if not hits:
            sys.exit(f"peers: unknown name {name!r}; expected one of {', '.join(known)}")
        found += hits
    return found


def main() -> None:
    """Run what is not finished and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", help=f"default: {','.join(DEFAULT)}; also: starter-tags, starter-types")
    parser.add_argument("--only", help="systems, separated by commas; annif* is all of Annif")
    parser.add_argument("--work", type=Path, default=CACHE, help="folder of environments, models and results")
    parser.add_argument("--again", action="store_true", help="run finished systems again")
    parser.add_argument("--tables", action="store_true", help="run nothing, compute the tables from stored predictions")
    arguments = parser.parse_args()
    tasks = [TASKS[name] for name in chosen(arguments.tasks, list(TASKS), DEFAULT)]
    systems = [SYSTEMS[name] for name in chosen(arguments.only, list(SYSTEMS), list(SYSTEMS))]
    bench = Bench(arguments.work.resolve())
    if not arguments.tables:
        for system in systems:
            for task in tasks:
                run(bench, task, system, again=arguments.again)
    print(tables.write(bench, tasks))


if __name__ == "__main__":
    main()
