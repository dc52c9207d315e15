"""Samples of fastText's training files; see jsonl.py for what such a module offers."""

from __future__ import annotations

import gzip
from pathlib import Path

REQUIRES = ""
TEXT = (
    "__label__sauce __label__cheese How much does potato starch affect a Zürich café sauce ?\n"
    "__label__food-safety Dangerous pathogens capable of growing in acidic environments\n"
    "Nobody has said what this is about\n"
    "__label__equipment How do I cover up the white spots on my cast iron stove ?\n"
)


def good(folder: Path) -> Path:
    path = folder / "cooking.train"
    path.write_text(TEXT, encoding="utf-8")
    return path


def odd(folder: Path) -> dict[str, tuple[Path, str]]:
    contents = {
        "crlf": TEXT.replace("\n", "\r\n").encode(),
        "bom": TEXT.encode("utf-8-sig"),
        "gzip": gzip.compress(TEXT.encode()),
        "blank-lines": TEXT.replace("\n", "\n\n").encode(),
        "labels-last": "Zürich café and rain\t__label__weather\nSun\t__label__weather\n".encode(),
        "one-line": "__label__a Zürich café".encode(),
        "named-tsv": TEXT.encode(),
    }
    made = {}
    for name, data in contents.items():
        path = folder / (f"{name}.txt" if name != "named-tsv" else "named.tsv")
        path.write_bytes(data)
        made[name] = (path, "Zürich café")
    return made


def broken(folder: Path) -> dict[str, tuple[Path, str]]:
    alone, blank = folder / "alone.txt", folder / "blank.txt"
    alone.write_text("__label__a Text here\n__label__b\n")
    blank.write_text("\n\n")
    return {
        "labels-alone": (alone, r"alone\.txt:2: .*neither headline nor text"),
        "no-line": (blank, r"blank\.txt: there is no line"),
    }


def bad_rows(folder: Path) -> tuple[Path, int, int]:
    path = folder / "bad.txt"
    path.write_text("__label__a Text\n__label__b\n__label__c More text\n")
    return path, 2, 1
