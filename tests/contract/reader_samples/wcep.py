"""Samples of WCEP; see jsonl.py for what each function gives."""

from __future__ import annotations

import codecs
import gzip
import json
from pathlib import Path

REQUIRES = ""
ROWS = [
    {
        "id": f"wcep-{number}",
        "date": "2016-03-01",
        "text": f"Rebels take São Tomé, part {number}.",
        "category": "Armed conflicts and attacks",
        "topics": ["Some war"],
    }
    for number in range(3)
]


def lines(*rows: object) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def good(folder: Path) -> Path:
    path = folder / "events.jsonl"
    path.write_text(lines(*ROWS), encoding="utf-8")
    return path


def odd(folder: Path) -> dict[str, tuple[Path, str]]:
    contents = {
        "gzip": gzip.compress(lines(*ROWS).encode()),
        "bom": codecs.BOM_UTF8 + lines(*ROWS).encode(),
        "utf-16": lines(*ROWS).encode("utf-16"),
        "crlf": lines(*ROWS).replace("\n", "\r\n").encode(),
        "links": lines(*(row | {"links": ["Syria"]} for row in ROWS)).encode(),
    }
    made = {}
    for name, data in contents.items():
        path = folder / f"{name}.dat"
        path.write_bytes(data)
        made[name] = (path, "Rebels take São Tomé")
    return made


def broken(folder: Path) -> dict[str, tuple[Path, str]]:
    def write(name: str, *rows: object, tail: str = "") -> Path:
        path = folder / name
        path.write_text(lines(*rows) + tail, encoding="utf-8")
        return path

    return {
        "no-text": (write("a.jsonl", ROWS[0], ROWS[1] | {"text": " "}), r"a\.jsonl:2: field 'text'"),
        "date": (write("b.jsonl", ROWS[0] | {"date": "March"}), r"b\.jsonl:1: field 'date': not a date"),
        "repeated": (write("c.jsonl", ROWS[0], ROWS[0]), r"c\.jsonl:2: .*first on line 1"),
        "json": (write("d.jsonl", *ROWS, tail='{"id": "cut\n'), r"d\.jsonl:4: not valid JSON"),
    }


def bad_rows(folder: Path) -> tuple[Path, int, int]:
    path = folder / "bad.jsonl"
    path.write_text(lines(ROWS[0], ROWS[0], ROWS[1] | {"text": 3}, 7, ROWS[2]), encoding="utf-8")
    return path, 2, 3
