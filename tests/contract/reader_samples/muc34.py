"""Samples of MUC-3/4; see jsonl.py for what each function gives."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

REQUIRES = ""
ROWS = [
    {
        "id": f"DEV-{number}",
        "split": "dev" if number == 2 else "train",
        "event_types": ["ATTACK", "BOMBING"] if number else [],
        "has_key": True,
        "text": f"(ADS)\n\n   LIMA, 8 MAY 89 (EFE) -- [TEXT] A BOMB IN\nLIMA, NUMBER {number}.",
    }
    for number in range(3)
]


def lines(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def good(folder: Path) -> Path:
    path = folder / "documents.jsonl"
    path.write_text(lines(*ROWS))
    return path


def odd(folder: Path) -> dict[str, tuple[Path, str]]:
    contents = {
        "gzip": gzip.compress(lines(*ROWS).encode()),
        "utf-16": lines(*ROWS).encode("utf-16"),
        "no-dateline": lines(*(row | {"text": "A BOMB IN LIMA, NUMBER 1."} for row in ROWS)).encode(),
        "no-key": lines(*(row | {"has_key": False} for row in ROWS)).encode(),
    }
    made = {}
    for name, data in contents.items():
        path = folder / f"{name}.dat"
        path.write_bytes(data)
        made[name] = (path, "A BOMB IN LIMA, NUMBER 1.")
    return made


def broken(folder: Path) -> dict[str, tuple[Path, str]]:
    def write(name: str, *rows: object) -> Path:
        path = folder / name
        path.write_text(lines(*rows))
        return path

    return {
        "part": (write("a.jsonl", ROWS[0], ROWS[1] | {"split": "x"}), r"a\.jsonl:2: field 'split'"),
        "types": (write("b.jsonl", ROWS[0] | {"event_types": "ATTACK"}), r"b\.jsonl:1: field 'event_types'"),
        "repeated": (write("c.jsonl", ROWS[0], ROWS[0]), r"c\.jsonl:2: .*first on line 1"),
    }


def bad_rows(folder: Path) -> tuple[Path, int, int]:
    path = folder / "bad.jsonl"
    path.write_text(lines(ROWS[0], ROWS[0], ROWS[1] | {"text": ""}, ROWS[2]))
    return path, 2, 2
