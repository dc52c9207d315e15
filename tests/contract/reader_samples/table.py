"""Samples of CSV and its relatives; see jsonl.py for what such a module offers."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
from pathlib import Path

REQUIRES = ""
HEADER = ["id", "title", "text", "tags", "category", "date"]
ROWS = [
    ["a", "Rebels take city", 'Zürich café: "naïve".\n\nSecond, paragraph.', "Syria, Rebels", "attack", "29 May 2015"],
    ["b", "", "Banks merge; shares rise.", "", "none", "2015-05-30T10:00:00Z"],
    ["c", "Nothing fits", "x" * 200_000, "[]", "", ""],
]


def table(delimiter: str = ",", newline: str = "\n") -> str:
    made = io.StringIO()
    writer = csv.writer(made, delimiter=delimiter, lineterminator=newline)
    writer.writerows([HEADER, *ROWS])
    return made.getvalue()


def good(folder: Path) -> Path:
    path = folder / "articles.csv"
    path.write_text(table(), encoding="utf-8")
    return path


def odd(folder: Path) -> dict[str, tuple[Path, str]]:
    contents = {
        "bom": codecs.BOM_UTF8 + table().encode(),
        "utf-16": table("\t").encode("utf-16"),
        "utf-16-no-bom": table("\t").encode("utf-16-le"),
        "cp1252": table(";").encode("cp1252"),
        "crlf": table(newline="\r\n").encode(),
        "old-mac": table(newline="\r").encode(),
        "tab": table("\t").encode(),
        "bar": table("|").encode(),
        "semicolon": table(";").encode(),
        "sep-line": b"sep=;\n" + table(";").encode(),
        "blank-lines": b"\n" + table().encode() + b"\n\n",
        "gzip": gzip.compress(table().encode()),
        "one-column": "text\nZürich café\nSecond article\n".encode(),
        "trailing-cells": "title,text\nx,Zürich café,,\n".encode(),
    }
    made = {}
    for name, data in contents.items():
        path = folder / f"{name}.dat"
        path.write_bytes(data)
        made[name] = (path, "Zürich café")
    return made


def broken(folder: Path) -> dict[str, tuple[Path, str]]:
    def write(name: str, data: str) -> Path:
        path = folder / name
        path.write_bytes(data.encode())
        return path

    return {
        "missing-column": (
            write("missing.csv", "number,when\n1,2015-01-01\n"),
            r"missing\.csv:1: .*'number', 'when'.*--field body=NAME",
        ),
        "open-quote": (
            write("open.csv", 'title,text\na,b\n"c\nd",e\nf,"never\nclosed\nat all\n'),
            r"open\.csv:5: a quote .* never closed",
        ),
        "cells": (write("cells.csv", 'title,text\n\n"a\nb",c\nd,e,f\n'), r"cells\.csv:5: .*found 3; expected 2"),
        "date": (
            write("date.csv", "text,date\nx,2015-01-01\ny,2015-13-01\n"),
            r"date\.csv:3: field 'date': no such day",
        ),
        "header-only": (write("header.csv", "title,text\n"), r"header\.csv: .*no rows"),
        "twice": (write("twice.csv", "text,text\na,b\n"), r"twice\.csv:1: .*'text' occurs twice"),
        "no-text": (write("blank.csv", "title,text,tags\n, ,x\n"), r"blank\.csv:2: .*neither headline nor text"),
    }


def bad_rows(folder: Path) -> tuple[Path, int, int]:
    path = folder / "bad.csv"
    path.write_text("text,date\na,2015-01-01\nb,soon\nc\nd,2015-01-02\n", encoding="utf-8")
    return path, 2, 2
