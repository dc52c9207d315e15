"""Samples of LibMultiLabel's format; see jsonl.py for what such a module offers."""

from __future__ import annotations

import gzip
from pathlib import Path

REQUIRES = ""
ROWS = [
    ("2286", "E11 ECAT M11", "recov recov Zürich café excit bring mexic market strength hopes"),
    ("2287", "C24 CCAT", 'uruguay "compan compan compan of the land and of all the rivers'),
    ("2288", "", "nobody found a subject for this one among all that there are"),
]
THREE = "".join("\t".join(row) + "\n" for row in ROWS)
TWO = "".join("\t".join(row[1:]) + "\n" for row in ROWS)


def good(folder: Path) -> Path:
    path = folder / "train.txt"
    path.write_text(THREE, encoding="utf-8")
    return path


def odd(folder: Path) -> dict[str, tuple[Path, str]]:
    contents = {
        "two-cells": TWO.encode(),
        "crlf": THREE.replace("\n", "\r\n").encode(),
        "gzip": gzip.compress(TWO.encode()),
        "named-tsv": TWO.encode(),
        "blank-line": (TWO + "\n").encode(),
    }
    made = {}
    for name, data in contents.items():
        path = folder / (f"{name}.txt" if name != "named-tsv" else "named.tsv")
        path.write_bytes(data)
        made[name] = (path, "Zürich café")
    return made


def broken(folder: Path) -> dict[str, tuple[Path, str]]:
    cells, twice, blank = folder / "cells.txt", folder / "twice.txt", folder / "blank.txt"
    cells.write_text(TWO + "no tab at all\n")
    twice.write_text(THREE + ROWS[0][0] + "\tX\tthe same number once more\n")
    blank.write_text(" \n")
    return {
        "cells": (cells, r"cells\.txt:4: not labels, tab, text; found '1 cells'; expected 2 or 3"),
        "twice": (twice, r"twice\.txt:4: .*'2286' is repeated"),
        "no-line": (blank, r"blank\.txt: there is no line"),
    }


def bad_rows(folder: Path) -> tuple[Path, int, int]:
    path = folder / "bad.txt"
    path.write_text(THREE + "none\n" + "2289\tX\tone more text of some words\n")
    return path, 4, 1
