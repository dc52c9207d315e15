"""Samples of page text; see jsonl.py for what such a module offers."""

from __future__ import annotations

import codecs
from pathlib import Path

REQUIRES = ""
PAGE = "Zürich café bombed\n\nThe café was full.\n\nNobody was hurt.\n\nTags\nSwitzerland, Attacks\nReal Time Analytics"
OTHER = "Banks merge\n\nTwo banks merge.\n\nFiled under: Business, Banks"


def good(folder: Path) -> Path:
    path = folder / "pages"
    path.mkdir()
    (path / "one.txt").write_text(PAGE, encoding="utf-8")
    (path / "two.txt").write_text(OTHER, encoding="utf-8")
    (path / "three.txt").write_text("No tags here\n\nThis page has none.", encoding="utf-8")
    return path


def odd(folder: Path) -> dict[str, tuple[Path, str]]:
    contents = {
        "bom": codecs.BOM_UTF8 + PAGE.encode(),
        "utf-16": PAGE.encode("utf-16"),
        "cp1252": PAGE.encode("cp1252"),
        "crlf": PAGE.replace("\n", "\r\n").encode(),
        "old-mac": PAGE.replace("\n", "\r").encode(),
        "long-lines": PAGE.replace("full.", "full. " + "It went on. " * 5000).encode(),
    }
    made = {}
    for name, data in contents.items():
        path = folder / f"{name}.dat"
        path.write_bytes(data)
        made[name] = (path, "Zürich café")
    return made


def broken(folder: Path) -> dict[str, tuple[Path, str]]:
    blank = folder / "blank.txt"
    blank.write_text(" \n\n ", encoding="utf-8")
    image = folder / "image.txt"
    image.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    return {
        "blank": (blank, r"blank\.txt: .*neither headline nor text"),
        "binary": (image, r"image\.txt: not a text file; found a PNG image"),
    }


def bad_rows(folder: Path) -> tuple[Path, int, int]:
    path = good(folder)
    (path / "empty.txt").write_bytes(b"")
    (path / "binary.txt").write_bytes(bytes(range(256)))
    return path, 3, 2
