"""Samples of JSON Lines.

Every registered reader NAME has a module NAME.py here. It offers:

- `good(folder) -> Path`: writes a small corpus of at least two articles with labels into `folder`, and says where
- `odd(folder) -> dict[str, tuple[Path, str]]`: corpora that are unusual but right, and a text each must give
- `broken(folder) -> dict[str, tuple[Path, str]]`: corpora that must be refused, and what the error must match (regex)
- `bad_rows(folder) -> tuple[Path, int, int]` or `bad_rows = None`: a corpus, how many articles of it can be read, and
  how many rows cannot (None: the format has no rows)
- `REQUIRES`: the module that has to be installed ("" for none)
"""

from __future__ import annotations

import codecs
import gzip
import json
from pathlib import Path

REQUIRES = ""
ROWS = [
    {
        "id": "a",
        "title": "Rebels take city",
        "body": "Zürich café: “naïve”.",
        "tags": ["Syria"],
        "event_type": "attack",
    },
    {"id": "b", "title": "Banks merge", "text": "Two banks merge.\n\nShares rise.", "keywords": "Banks; Mergers"},
    {"id": "c", "headline": "", "content": "No event.", "tags": [], "event_type": "none", "date": "2015-05-29"},
]
LINES = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)


def good(folder: Path) -> Path:
    path = folder / "articles.jsonl"
    path.write_text(LINES, encoding="utf-8")
    return path


def odd(folder: Path) -> dict[str, tuple[Path, str]]:
    text = "Zürich café"
    contents = {
        "bom": codecs.BOM_UTF8 + LINES.encode(),
        "utf-16": LINES.encode("utf-16"),
        "utf-16-no-bom": LINES.encode("utf-16-be"),
        "cp1252": LINES.encode("cp1252"),
        "crlf": LINES.replace("\n", "\r\n").encode(),
        "old-mac": LINES.replace("\n", "\r").encode(),
        "no-last-newline": LINES.rstrip().encode(),
        "blank-lines": ("\n\n" + LINES.replace("\n", "\n\n")).encode(),
        "gzip": gzip.compress(LINES.encode()),
        "array": json.dumps(ROWS, indent=2).encode(),
        "object": json.dumps(ROWS[0], indent=2).encode(),
        "wrapped": json.dumps({"status": "ok", "articles": ROWS}).encode(),
        "mixed": LINES.encode() + '{"text": "Málaga"}\n'.encode("latin-1"),
    }
    made = {}
    for name, data in contents.items():
        path = folder / f"{name}.dat"
        path.write_bytes(data)
        made[name] = (path, text)
    made["mixed"] = (made["mixed"][0], "Málaga")
    return made


def broken(folder: Path) -> dict[str, tuple[Path, str]]:
    def write(name: str, data: bytes) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    many = "".join(json.dumps({"text": f"Article {number}"}) + "\n" for number in range(5000))
    six = "".join(json.dumps({"text": f"Article {number}"}) + "\n" for number in range(6))
    return {
        "line-7": (
            write("seven.jsonl", (six + '{"text": "cut\n').encode()),
            r"seven\.jsonl:7: not valid JSON: .* column",
        ),
        "no-object": (
            write("list.jsonl", (six + "[1]\n").encode()),
            r"list\.jsonl:7: .*found an array; expected a JSON",
        ),
        "no-text-key": (
            write("keys.jsonl", b'{"foo": 1, "bar": "x"}\n'),
            r"keys\.jsonl:1: .*'foo', 'bar'.*--field body=NAME",
        ),
        "nothing": (
            write("blank.jsonl", b'{"title": " ", "body": ""}\n'),
            r"blank\.jsonl:1: .*neither headline nor text",
        ),
        "date": (
            write("date.jsonl", b'{"text": "x", "date": "soon"}\n'),
            r"date\.jsonl:1: field 'date': .*found 'soon'",
        ),
        "tags": (write("tags.jsonl", b'{"text": "x", "tags": {"a": 1}}\n'), r"tags\.jsonl:1: field 'tags': wrong type"),
        "types": (
            write("type.jsonl", b'{"text": "x", "event_type": ["a", "b"]}\n'),
            r"type\.jsonl:1: .*several event types",
        ),
        "repeated-id": (
            write("twice.jsonl", b'{"id": 1, "text": "x"}\n\n{"id": "1", "text": "y"}\n'),
            r"twice\.jsonl:3: field 'id': .*first on line 1",
        ),
        "truncated-gzip": (
            write("cut.jsonl.gz", gzip.compress(many.encode())[:-40]),
            r"cut\.jsonl\.gz: .*cut short",
        ),
        "array": (write("array.json", b'[{"text": "x"},\n {"text": \n'), r"array\.json:3: not valid JSON"),
    }


def bad_rows(folder: Path) -> tuple[Path, int, int]:
    path = folder / "bad.jsonl"
    path.write_text(LINES + '{"text": \n{"text": "x", "date": "soon"}\n' + '{"text": "last"}\n', encoding="utf-8")
    return path, 4, 2
