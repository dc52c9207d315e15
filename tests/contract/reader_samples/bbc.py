"""Samples of the BBC set, in folders as the package has them; see jsonl.py for what each function gives."""

from __future__ import annotations

from pathlib import Path

REQUIRES = ""
SECTIONS = ("business", "entertainment", "politics", "sports", "tech")
TEXT = "Ad sales boost profit\n\nProfits rose to £600m.\n\nThe firm said so."


def write(folder: Path, data: bytes) -> Path:
    for section in SECTIONS:
        (folder / section).mkdir(parents=True)
        (folder / section / "001.txt").write_bytes(data)
        (folder / section / "002.txt").write_bytes(TEXT.encode())
    return folder


def good(folder: Path) -> Path:
    return write(folder / "data", TEXT.encode())


def odd(folder: Path) -> dict[str, tuple[Path, str]]:
    return {
        "cp1252": (write(folder / "cp1252", TEXT.encode("cp1252")), "Profits rose to £600m."),
        "crlf": (write(folder / "crlf", TEXT.replace("\n", "\r\n").encode()), "Profits rose to £600m."),
        "headline-only": (write(folder / "headline", b"Only a headline"), "Only a headline"),
    }


def broken(folder: Path) -> dict[str, tuple[Path, str]]:
    made = write(folder / "binary", bytes(range(256)) * 8)
    other = folder / "other"
    other.mkdir()
    return {
        "binary": (made, r"business.001\.txt: not a text file"),
        "other-folder": (other, "no articles here"),
    }


def bad_rows(folder: Path) -> tuple[Path, int, int]:
    made = write(folder / "bad", TEXT.encode())
    (made / "tech" / "001.txt").write_bytes(bytes(range(256)) * 8)
    return made, 9, 1
