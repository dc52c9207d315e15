"""Hostile input: what the short tests and `experiments/soak/hostile_input.py` feed to everything that reads.

`BOMBS` are files made to be too deep, too long, too many or too wide, of about the size asked for; `SEEDS` small sound
files of every format, which `mutated` damages; `outcome` reads a file in every way in which Slugline may and says what
came of it. A reader may do two things: give articles, or refuse in one clear line.
"""

from __future__ import annotations

import bz2
import contextlib
import csv
import gzip
import io
import json
import lzma
import random
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from slugline.article import Article
from slugline.errors import SluglineError

LONGEST_ERROR = 2_000
"""Characters that an error's line may have, its file's name included."""

TEXT = "Rebels took the city of Zürich on 7 May 2015, the U.S. said; shares of AT&T fell 3.5 %."
PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>Rebels take city</title><meta name="keywords" content="Syria, Rebels">'
    '<script type="application/ld+json">{"keywords": ["War"]}</script></head><body><article><h1>Rebels take city</h1>'
    f"<p>{TEXT} {TEXT}</p><p>{TEXT} &amp; more &eacute;.</p></article></body></html>"
)
SGML = (
    '<REUTERS TOPICS="YES" LEWISSPLIT="TRAIN" OLDID="1" NEWID="1">\n<DATE>26-FEB-1987 15:01:01.79</DATE>\n'
    "<TOPICS><D>cocoa</D><D>oil</D></TOPICS>\n<TEXT>\n<TITLE>BAHIA &lt;COCOA> REVIEW</TITLE>\n<DATELINE>    SALVADOR, "
    f"Feb 26 - </DATELINE><BODY>{TEXT}\n    Second.\n Reuter\n&#3;</BODY></TEXT>\n</REUTERS>\n"
)
ROW: dict[str, Any] = {
    "id": "a1",
    "title": "Rebels take city",
    "body": TEXT,
    "date": "2015-05-29",
    "tags": ["Syria", "Middle East"],
    "event_type": "Armed conflicts",
}
ANSWER: dict[str, Any] = {
    "format": 1,
    "time": "2026-11-26T12:00:00Z",
    "who": "ann",
    "model": "sha256:1",
    "article": {"id": "a1", "digest": "sha256:" + "0" * 64, "title": "Rebels", "body": TEXT},
    "tags": {"accepted": ["Syria"], "rejected": ["Oil"], "added": [], "complete": True},
    "event_type": {"accepted": "attack"},
}
TURTLE = (
    "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n@prefix e: <http://e.org/> .\n"
    'e:1 a skos:Concept ; skos:prefLabel "Syria"@en, "Syrien"@de ; skos:altLabel """Syrian\nArab Republic"""@en .\n'
    "e:2 a skos:Concept ; skos:prefLabel 'Oil'@en ; skos:broader [ a skos:Concept ] .\n"
)
RDF = (
    b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:s="http://www.w3.org/2004/02/skos/core#" '
    b'xmlns:e="http://e.org/"><s:Concept r:about="http://e.org/1"><s:prefLabel xml:lang="en">Syria</s:prefLabel>'
    b"<e:C></e:C></s:Concept></r:RDF>"
)
CONFIG = '[corpus]\nname = "starter"\n\n[split]\nmethod = "random"\n'


def jsonl(*rows: object) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode("utf-8", "surrogatepass")


def table(rows: list[list[str]], delimiter: str = ",") -> bytes:
    made = io.StringIO(newline="")
    csv.writer(made, delimiter=delimiter).writerows([["id", "title", "text", "tags", "category", "date"], *rows])
    return made.getvalue().encode()


def archive(*members: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, data in members:
            about = tarfile.TarInfo(name)
            about.size = len(data)
            tar.addfile(about, io.BytesIO(data))
    return made.getvalue()


def parquet(rows: list[dict[str, Any]], **options: Any) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    made = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), made, **options)
    return made.getvalue()


def _rows(count: int = 3) -> list[list[str]]:
    return [
        [f"a{n}", "Rebels take city", f"{TEXT}\nSecond.", "Syria; Oil", "attack", "29 May 2015"] for n in range(count)
    ]


SEEDS: dict[str, Callable[[], bytes]] = {
    "a.jsonl": lambda: jsonl(ROW, {**ROW, "id": "a2", "body": "é" * 9, "tags": None}),
    "a.json": lambda: json.dumps({"articles": [ROW, {**ROW, "id": "a2"}]}, indent=1).encode(),
    "list.json": lambda: json.dumps([ROW, {**ROW, "id": "a2"}], indent=1).encode(),
    "a.csv": lambda: table(_rows()),
    "semicolon.csv": lambda: b"sep=;\n" + table(_rows(), ";"),
    "a.tsv": lambda: table(_rows(), "\t"),
    "a.parquet": lambda: parquet([ROW, {**ROW, "id": "a2"}]),
    "a.html": PAGE.encode,
    "latin.html": lambda: PAGE.replace("<title>", '<meta charset="iso-8859-2"><title>').encode("iso-8859-2"),
    "scraped.txt": lambda: f"Rebels take city\n\n{TEXT}\n\nTags\nSyria, Middle East\nRead more\n".encode(),
    "plain.txt": lambda: f"Rebels take city\n\n{TEXT}\n".encode(),
    "a.sgm": lambda: b'<!DOCTYPE lewis SYSTEM "lewis.dtd">\n' + SGML.encode() + SGML.replace('="1"', '="2"').encode(),
    "a.tar": lambda: archive(("reut2-000.sgm", SGML.encode())),
    "a.tar.gz": lambda: gzip.compress(archive(("x/reut2-000.sgm", SGML.encode()))),
    "wcep.jsonl": lambda: jsonl(
        {
            "id": "1",
            "date": "2015-05-29",
            "text": TEXT,
            "category": "Sport",
            "topics": ["Syria", "2016"],
            "links": ["A"],
        }
    ),
    "muc34.jsonl": lambda: jsonl(
        {
            "id": "1",
            "text": f"(U NEBRASKA)\nSAN JOSE (COSTA RICA), 18 NOV 89 (ACAN-EFE) -- [TEXT] {TEXT}",
            "event_types": ["BOMBING"],
            "has_key": True,
            "split": "train",
        }
    ),
    "fasttext.txt": lambda: f"__label__a __label__b {TEXT}\n__label__c {TEXT}\n".encode(),
    "libmultilabel.txt": lambda: f"1\ta b\t{TEXT}\n2\tc\t{TEXT} {TEXT}\n".encode(),
    "annif.tsv": lambda: f"{TEXT}\t<http://e.org/1> <http://e.org/2>\n{TEXT}\t<http://e.org/1>\n".encode(),
    "annif.jsonl": lambda: jsonl(
        {"document_id": "1", "text": TEXT, "subjects": [{"uri": "http://e.org/1", "label": "A"}]}
    ),
    "annif.csv": lambda: f'document_id,text,subject_uris\n1,"{TEXT}",<http://e.org/1>\n'.encode(),
    "utf16.csv": lambda: table(_rows(), "\t").decode().encode("utf-16"),
    "utf16le.jsonl": lambda: jsonl(ROW, ROW | {"id": "b"}).decode().encode("utf-16-le"),
    "utf32.txt": lambda: f"Rebels take city\n\n{TEXT}\n".encode("utf-32"),
    "cp1252.txt": lambda: f"Rebels take city\n\n{TEXT} “quoted”\n".encode("cp1252"),
    "a.jsonl.gz": lambda: gzip.compress(jsonl(ROW, {**ROW, "id": "a2"}), mtime=0),
    "a.csv.bz2": lambda: bz2.compress(table(_rows())),
    "a.txt.xz": lambda: lzma.compress(TEXT.encode()),
    "feedback.jsonl": lambda: jsonl(ANSWER, ANSWER),
    "config.toml": CONFIG.encode,
    "aliases.toml": lambda: b'[aliases]\n"Syria" = ["Syrian Arab Republic", "SY"]\n"Oil" = ["Petroleum"]\n',
    "map.toml": lambda: b'[map]\n"attack" = "armed_conflict"\n',
    "vocabulary.ttl": TURTLE.encode,
    "vocabulary.nt": lambda: (
        b"<e:1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/2004/02/skos/core#Concept> .\n"
        b'<e:1> <http://www.w3.org/2004/02/skos/core#prefLabel> "Syria"@en .\n'
    ),
    "vocabulary.rdf": lambda: RDF,
    "vocabulary.jsonld": lambda: json.dumps(
        {"@graph": [{"@id": "http://e.org/1", "prefLabel": {"en": "Syria"}, "altLabel": {"en": ["SY"]}}]}
    ).encode(),
    "vocabulary.json": lambda: json.dumps({"Syria": ["Syrian Arab Republic"], "Oil": []}).encode(),
    "vocabulary.csv": lambda: b"tag,names\nSyria,Syrian Arab Republic|SY\nOil,\n",
    "vocabulary.txt": lambda: b"Syria\nOil\n",
    "subjects.csv": lambda: b"uri,label_en,label_de\n<http://e.org/1>,Syria,Syrien\n",
    "judged.csv": lambda: b"id,title,text,tag,probability,judgement\na1,T,B,Syria,0.9,yes\n",
}
"""Small sound files by name; what reads a file may go by its name."""

_TOKENS = (
    *(b'"', b"'", b"{", b"}", b"[", b"]", b"<", b">", b"&", b";", b",", b"\t", b"\n", b"\r", b"\r\n", b"\0", b"\\"),
    *(b"\\ud800", b"\xed\xa0\x80", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xff", b"\x1b[2J", b"\x1b]0;x\x07"),
    *("\u202e".encode(), "\u2028".encode(), "\u0085".encode(), b"<!--", b"-->", b"<![CDATA[", b"<!DOCTYPE", b"</"),
    *(b"NaN", b"1e999", b"-1", b"9" * 400, b"0000-00-00", b"null", b"=cmd|' /C calc'!A0", b"&#x110000;", b"&#0;"),
    *(b"<REUTERS ", b"</REUTERS>", b'"""', b"'''", b"\x1f\x8b", b"BZh9", b"PAR1", b"PK\x03\x04", b"\x1a", b"]" * 200),
    *(
        b"[" * 200,
        b'{"a":' * 120,
        b"#",
        b"@prefix",
        b"e:",
        b"^^",
        b"inf",
        b"T99:99",
        b"__label__",
        b"Tags\n",
        b"sep=,\n",
    ),
)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """`data` with one to eight faults in it: bytes changed, cut, repeated, moved, or a token of some format put in."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3, 5, 8))):
        if not made:
            break
        at = chance.randrange(len(made))
        end = min(len(made), at + chance.choice((1, 2, 4, 16, 64)))
        kind = chance.randrange(9)
        if kind == 0:
            made[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            made[at] = chance.randrange(256)
        elif kind == 2:
            del made[at:end]
        elif kind == 3:
            made[at:at] = made[at:end] * chance.choice((1, 2, 50))
        elif kind == 4:
            del made[at:]
        elif kind == 5:
            piece = bytes(made[at:end])
            del made[at:end]
            place = chance.randrange(len(made) + 1)
            made[place:place] = piece
        elif kind == 6:
            made[at:end] = bytes(end - at)
        else:
            made[at:at] = chance.choice(_TOKENS) * chance.choice((1, 1, 1, 3, 200))
    if chance.random() < 0.03:
        with contextlib.suppress(UnicodeError):
            return bytes(made).decode().encode(chance.choice(("utf-16", "utf-16-be", "utf-32-le", "cp1252")))
    return bytes(made)


def _filled(unit: str | bytes, size: int) -> bytes:
    unit = unit if isinstance(unit, bytes) else unit.encode("utf-8", "surrogatepass")
    return unit * max(1, size // len(unit))


def _row_of(size: int, **fields: Any) -> bytes:
    """One row of JSON Lines of about `size` bytes: values that are callable are called with the size."""
    return jsonl({**ROW, **{name: value(size) if callable(value) else value for name, value in fields.items()}})


def _body(unit: str) -> Callable[[int], bytes]:
    return lambda size: jsonl({**ROW, "body": _filled(unit, size).decode("utf-8", "surrogatepass")})


def _page(before: str, unit: str, after: str = "") -> Callable[[int], bytes]:
    return lambda size: (
        PAGE.replace("<article>", "<article>" + before)
        .encode()
        .replace(b"<h1>", _filled(unit, size) + after.encode() + b"<h1>", 1)
    )


def sparse_archive(size: int) -> bytes:
    """A tar archive of a few kB with a file of `size` bytes in it, all of them holes (GNU's old sparse format)."""
    header = bytearray(512)
    header[0:11] = b"reut2-0.sgm"
    header[100:108] = b"0000644\0"
    header[108:124] = b"0000000\0" * 2
    header[124:136] = b"%011o\0" % 512
    header[136:148] = b"00000000000\0"
    header[156] = ord("S")
    header[257:265] = b"ustar  \0"
    header[386:398], header[398:410] = b"%011o\0" % 0, b"%011o\0" % 512
    header[483:495] = b"%011o\0" % min(size, 8**11 - 1)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    start = (SGML[:500].encode() + bytes(512))[:512]
    return bytes(header) + start + bytes(1024)


def _zip(name: str, size: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, bytes(size))
    return made.getvalue()


BOMBS: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "one line of text": ("a.txt", lambda size: _filled("Rebels took the city. ", size)),
    "one word": ("a.txt", lambda size: _filled("a", size)),
    "one line of dots": ("a.txt", lambda size: _filled("a.", size)),
    "one line of numbers": ("a.txt", lambda size: _filled("1,", size)),
    "one line of blanks": ("a.txt", lambda size: b"a" + _filled(" ", size) + b"a"),
    "lines of blanks": ("a.txt", lambda size: b"a" + _filled(" \n", size) + b"a"),
    "blank lines": ("a.txt", lambda size: b"a" + _filled("\n", size) + b"a"),
    "carriage returns": ("a.txt", lambda size: b"a" + _filled("\r", size) + b"a"),
    "Tags lines": ("a.txt", lambda size: b"Title\n\nBody\n\n" + _filled("Tags\n", size)),
    "Tags line without end": ("a.txt", lambda size: b"Title\n\nBody\n\nTags\n" + _filled("a,\n", size)),
    "Tags line of bullets": ("a.txt", lambda size: b"Title\n\nBody\n\nTags: " + _filled(" \u2022", size) + b"x"),
    "Tags and blanks": ("a.txt", lambda size: b"T\n\nB\n\n" + _filled("Tags\n\n\n\n\n\n\n\n", size)),
    "footers on a tag": ("a.txt", lambda size: b"T\n\nB\n\nTags: a" + _filled("Read more", size)),
    "boilerplate lines": ("a.txt", lambda size: b"T\n\nB\n\n" + _filled("Share this\n", size)),
    "control characters": ("a.jsonl", _body("\x01\x02\x1b[2J\x07\x9b")),
    "bidi characters": ("a.jsonl", _body("\u202eabc\u2066\u202d\u200f")),
    "lone surrogates": ("a.jsonl", lambda size: b'{"title": "x", "body": "' + _filled(r"\ud800a", size) + b'"}\n'),
    "surrogates in UTF-8": ("a.jsonl", _body("\ud800")),
    "entities": ("a.jsonl", _body("&amp;")),
    "entities of entities": ("a.jsonl", _body("&amp;amp;amp;amp;amp;amp;lt;")),
    "amp;": ("a.jsonl", lambda size: jsonl({**ROW, "body": "&" + "amp;" * (size // 4)})),
    "amp; flood without ends": ("a.jsonl", _body("&amp")),
    "ampersands": ("a.jsonl", lambda size: jsonl({**ROW, "body": "&" * size + ";"})),
    "semicolons": ("a.jsonl", lambda size: jsonl({**ROW, "body": "&" + "a;" * (size // 2)})),
    "mojibake": ("a.jsonl", _body("Ã©Ã¢â‚¬â„¢ ")),
    "mojibake in one word": ("a.jsonl", _body("ÃƒÂ©")),
    "combining marks": ("a.jsonl", lambda size: jsonl({**ROW, "body": "a" + "\u0301\u0327" * (size // 4)})),
    "Hindi marks": ("a.jsonl", lambda size: jsonl({**ROW, "body": "\u0915" + "\u093e\u094d" * (size // 6) + "!"})),
    "Thai": ("a.jsonl", _body("\u0e01\u0e34&")),
    "Turkish I": ("a.jsonl", _body("\u0130")),
    "ligatures": ("a.jsonl", _body("\ufdfa")),
    "Chinese": ("a.jsonl", _body("\u4e2d")),
    "R&D&R&D": ("a.jsonl", _body("r&d&")),
    "capital letters": ("a.jsonl", _body("A.B'")),
    "many words": ("a.jsonl", lambda size: jsonl({**ROW, "body": " ".join(f"w{n}" for n in range(size // 8))})),
    "many paragraphs": ("a.jsonl", _body("Syria.\n\n")),
    "many names": ("a.jsonl", _body("Syria Oil ")),
    "many tags": ("a.jsonl", lambda size: _row_of(size, tags=lambda size: [f"tag {n}" for n in range(size // 12)])),
    "one long tag": ("a.jsonl", lambda size: _row_of(size, tags=lambda size: ["a." * (size // 2)])),
    "a tag of hyphens": ("a.jsonl", lambda size: _row_of(size, tags=lambda size: ["x" + " -_" * (size // 3) + "x"])),
    "a tag of quotes": ("a.jsonl", lambda size: _row_of(size, tags=lambda size: ['"' * size])),
    "a tag of commas": ("a.jsonl", lambda size: _row_of(size, tags=lambda size: ["a" + "," * size + "a"])),
    "tags in brackets": ("a.jsonl", lambda size: _row_of(size, tags=lambda size: "(" * size + ")" * 9)),
    "tags as a sum": ("a.jsonl", lambda size: _row_of(size, tags=lambda size: "[" + "-" * size + "1]")),
    "tags as Python": ("a.jsonl", lambda size: _row_of(size, tags=lambda size: "['a'" + ",'a'" * (size // 4) + "]")),
    "a long id": ("a.jsonl", lambda size: _row_of(size, id=lambda size: "i" * size) * 2),
    "a long date": ("a.jsonl", lambda size: _row_of(size, date=lambda size: "1 " * (size // 2))),
    "a date of digits": ("a.jsonl", lambda size: _row_of(size, date=lambda size: "1" * size)),
    "a time of blanks": ("a.jsonl", lambda size: _row_of(size, date=lambda size: "2015-01-01 at" + " x" * (size // 2))),
    "a huge number": ("a.jsonl", lambda size: b'{"title": "x", "date": ' + _filled("9", size) + b"}\n"),
    "a huge exponent": ("a.jsonl", lambda _: b'{"title": "x", "date": 1e999999999, "id": -1e308}\n'),
    "deep JSON": ("a.jsonl", lambda size: b'{"title": "x", "tags": ' + b"[" * size + b"]" * size + b"}\n"),
    "deep JSON objects": ("a.jsonl", lambda size: b'{"title":"x","a":' * (size // 17) + b"1"),
    "deep JSON array": ("a.json", lambda size: b"[" * size),
    "keys": ("a.jsonl", lambda size: jsonl({**ROW, **{f"k{n}": n for n in range(size // 14)}})),
    "one key twice": (
        "a.jsonl",
        lambda size: b'{"title": "x", "' + b"k" * size + b'": 1, "' + b"k" * size + b'": 1}\n',
    ),
    "many keys twice": (
        "a.jsonl",
        lambda size: b"{" + b",".join(b'"k%d":1' % n for n in range(size // 10)) + b',"k0":1}\n',
    ),
    "rows of other keys": (
        "a.jsonl",
        lambda size: b"".join(b'{"title": "x", "k%d": 1}\n' % n for n in range(size // 24)),
    ),
    "many small rows": ("a.jsonl", lambda size: b"".join(b'{"title": "x %d"}\n' % n for n in range(size // 18))),
    "bad rows": ("a.jsonl", lambda size: b'{"title": "x"}\n' + _filled('{"title": \n', size)),
    "blanks before JSON": ("a.json", lambda size: _filled(" ", size) + b"["),
    "commas in JSON": ("a.json", lambda size: b'[{"title": "x"}' + _filled(",", size) + b"]"),
    "rows in JSON": ("a.json", lambda size: b"[" + _filled('{"title": "x"},\n', size) + b'{"title": "y"}]'),
    "an open string": ("a.jsonl", lambda size: b'{"title": "' + _filled("a", size)),
    "escapes": ("a.jsonl", lambda size: b'{"title": "' + _filled("\\\\", size)),
    "an open quote": ("a.csv", lambda size: b'title,text\na,b\nc,"' + _filled("d,e\n", size)),
    "open quotes": ("a.csv", lambda size: b"title,text\n" + _filled('"a,"b\n', size)),
    "quotes": ("a.csv", lambda size: b'title,text\na,"' + _filled('""', size) + b'"\n'),
    "columns": (
        "a.csv",
        lambda size: (
            b"title," + b",".join(b"c%d" % n for n in range(size // 12)) + b"\nx" + b"," * (size // 12) + b"\n"
        ),
    ),
    "the same columns": ("a.csv", lambda size: b"title" + b",c" * (size // 2) + b"\n"),
    "columns of a table without names": ("b.csv", lambda size: b"," * size + b"\n" + b"," * size),
    "delimiters": ("a.dat", lambda size: _filled(",;|\t", size)),
    "cells": ("a.csv", lambda size: b"title,text\nx," + b"," * size + b"y\n"),
    "NULs": ("a.csv", lambda size: b"title,text\nx,y\n" + b" " * 70_000 + b"\n" + _filled("\0", size)),
    "NULs in JSON": ("a.jsonl", lambda size: b'{"title": "x"}\n' + b" " * 70_000 + _filled("\0", size)),
    "sep= and blanks": ("a.csv", lambda size: b"sep=," + _filled(" ", size)),
    "a header of words": ("a.csv", lambda size: b"title,text," + _filled("a b-c ", size)),
    "UTF-16 cut": ("a.txt", lambda size: ("a" * (size // 2)).encode("utf-16")[:-1]),
    "UTF-16 without a mark": ("a.csv", lambda size: ("title\ttext\n" + "x\ty\n" * (size // 8)).encode("utf-16-be")),
    "UTF-32 out of range": ("a.txt", lambda size: b"\xff\xfe\0\0" + b"\xff" * size),
    "bytes that are no UTF-8": ("a.txt", lambda size: _filled(b"caf\xe9 \x81", size)),
    "lines that are no UTF-8": ("a.txt", lambda size: _filled(b"\x81\n", size)),
    "old Mac lines": ("a.csv", lambda size: b"title,text\r" + _filled("x,y\r", size)),
    "deep HTML": ("a.html", _page("", "<div>")),
    "deep inline HTML": ("a.html", _page("", "<b><i>")),
    "deep lists": ("a.html", _page("", "<ul><li>")),
    "deep tables": ("a.html", _page("", "<table><tr><td>")),
    "unclosed paragraphs": ("a.html", _page("", "<p>word word ")),
    "formatting that is carried on": ("a.html", _page("", "<p><b><i><u>x")),
    "empty elements": ("a.html", _page("", "<br>")),
    "links": ("a.html", _page("", '<a href="x">y</a> ')),
    "entities in HTML": ("a.html", _page("<p>", "&lt;&#x41;&nbsp;", "</p>")),
    "an unclosed comment": ("a.html", _page("<!--", "a -", "")),
    "comments before HTML": ("a.html", lambda size: _filled("<!---->", size) + PAGE.encode()),
    "an unclosed comment before HTML": ("a.html", lambda size: b"<!--" + _filled("-- >", size)),
    "an unclosed tag": ("a.html", _page("", "<", "")),
    "an unclosed attribute": ("a.html", _page('<a href="', "x ", "")),
    "attributes": ("a.html", _page("<a ", "a=1 ", ">x</a>")),
    "other attributes": (
        "a.html",
        lambda size: PAGE.replace(
            "<h1>", "<a " + " ".join(f"a{n}=1" for n in range(size // 10)) + ">x</a><h1>"
        ).encode(),
    ),
    "processing instructions": ("a.html", _page("", "<?", "")),
    "declarations": ("a.html", _page("", "<![", "")),
    "an unclosed script": ("a.html", _page("<script>", "</scrip ", "")),
    "keywords": ("a.html", lambda size: PAGE.replace("Syria, ", "Syria, " * (size // 7)).encode()),
    "deep linked data": ("a.html", lambda size: PAGE.replace('["War"]', "[" * size).encode()),
    "one word of HTML": ("a.html", _page("<p>", "a", "</p>")),
    "metas": ("a.html", lambda size: PAGE.replace("<title>", "<meta charset=" * (size // 14) + "<title>").encode()),
    "XML entities": (
        "a.html",
        lambda _: (
            b'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "aaaaaaaaaa">'
            + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"&a;" * 10) for n in range(12))
            + b"]><html><body><p>&a11;</p></body></html>"
        ),
    ),
    "articles of SGML": ("a.sgm", lambda size: b"<!DOCTYPE lewis>\n" + _filled(SGML, size)),
    "starts of SGML": ("a.sgm", lambda size: SGML.encode() + _filled('<REUTERS NEWID="2">', size)),
    "tags of SGML": ("a.sgm", lambda size: SGML.replace("<D>", "<D>" * (size // 3), 1).encode()),
    "unclosed tags of SGML": ("a.sgm", lambda size: SGML.encode() + b"<REUTERS " + _filled('a="', size)),
    "attributes of SGML": ("a.sgm", lambda size: SGML.replace(" OLDID", ' OLDID= "' + " a" * (size // 2), 1).encode()),
    "texts of SGML": ("a.sgm", lambda size: SGML.replace("<TEXT>", "<TEXT" * (size // 5)).encode()),
    "sign-offs after blanks": ("a.sgm", lambda size: SGML.replace(" Reuter\n", " " * size + "reuter\n").encode()),
    "sign-offs": (
        "a.sgm",
        lambda size: SGML.replace(" Reuter\n", "\n" + " \t" * (size // 2) + "reuter" + " ." * 99).encode(),
    ),
    "lines of SGML": ("a.sgm", lambda size: SGML.replace("Second.", "\n    " * (size // 5)).encode()),
    "entities of SGML": ("a.sgm", lambda size: SGML.replace("Second.", "&lt;" * (size // 4)).encode()),
    "brackets of MUC": (
        "m.jsonl",
        lambda size: jsonl(
            {"id": "1", "text": "A" + ", A 1 " * (size // 6), "event_types": [], "has_key": True, "split": "dev"}
        ),
    ),
    "blanks of MUC": (
        "m.jsonl",
        lambda size: jsonl(
            {
                "id": "1",
                "text": "\n" * size + "(U N)" + " \n" * (size // 2),
                "event_types": [],
                "has_key": True,
                "split": "dev",
            }
        ),
    ),
    "labels of fastText": ("a.txt", lambda size: b"__label__a x\n" + _filled("__label__b ", size) + b"y\n"),
    "labels of a line": ("a.txt", lambda size: b"a\tword word word word\n" + _filled("b ", size) + b"\tword word\n"),
    "subjects of Annif": ("a.tsv", lambda size: b"word\t<http://e.org/1>\nword\t" + _filled("<http://e.org/2> ", size)),
    "a gzip bomb": ("a.txt.gz", lambda size: gzip.compress(bytes(100 * size).replace(b"\0", b"a"), 9, mtime=0)),
    "a gzip bomb of rows": ("a.jsonl.gz", lambda size: gzip.compress(b"\n" * (100 * size), 9, mtime=0)),
    "a gzip bomb in pieces": (
        "a.jsonl.gz",
        lambda size: gzip.compress(b'{"title": "x"}\n' + b"\n" * 100_000, 9, mtime=0) * (size // 1000),
    ),
    "a bzip2 bomb": ("a.jsonl.bz2", lambda size: bz2.compress(b"\n" * (100 * size))),
    "an xz bomb": ("a.csv.xz", lambda size: lzma.compress(b"title,text\n" + b"x," + b"y" * (100 * size))),
    "a tar bomb": (
        "a.tgz",
        lambda size: gzip.compress(archive(("x.bin", bytes(100 * size)), ("a.sgm", SGML.encode()))),
    ),
    "a sparse archive": ("a.tar", lambda size: sparse_archive(1000 * size)),
    "a gzip of a gzip": ("a.txt.gz", lambda size: gzip.compress(gzip.compress(bytes(size)))),
    "a zip bomb": ("a.zip", lambda size: _zip("a.jsonl", 100 * size)),
    "a dictionary of Parquet": ("a.parquet", lambda size: parquet([{"title": "x" * size}] * 3000)),
    "columns of Parquet": (
        "a.parquet",
        lambda size: parquet([{"title": "x", **{f"c{n}": 1 for n in range(min(size // 200, 20_000))}}]),
    ),
    "answers": ("feedback.jsonl", lambda size: _filled(jsonl(ANSWER), size)),
    "an answer of tags": (
        "feedback.jsonl",
        lambda size: jsonl({**ANSWER, "tags": {"accepted": [f"t{n}" for n in range(size // 10)]}}),
    ),
    "deep TOML": ("config.toml", lambda size: b"a = " + b"[" * size),
    "deep TOML tables": ("config.toml", lambda size: b"a = " + b"{a=" * (size // 3)),
    "a dotted key": ("config.toml", lambda size: b"[corpus]\n" + b"a." * (size // 2) + b"a = 1\n"),
    "a dotted table": ("config.toml", lambda size: b"[" + b"a." * (size // 2) + b"a]\nb = 1\n"),
    "many TOML tables": ("config.toml", lambda size: b"".join(b"[a%d]\nb = 1\n" % n for n in range(size // 14))),
    "many TOML keys": ("config.toml", lambda size: b"[a]\n" + b"".join(b"a%d = 1\n" % n for n in range(size // 12))),
    "a TOML number": ("config.toml", lambda size: b"[split]\nheld_out = " + b"9" * size + b"\n"),
    "a TOML string": ("config.toml", lambda size: b'[corpus]\nname = """' + _filled("\\\n ", size)),
    "aliases": (
        "aliases.toml",
        lambda size: b"[aliases]\n" + b"".join(b'"t%d" = ["s%d"]\n' % (n, n) for n in range(size // 20)),
    ),
    "brackets of Turtle": ("vocabulary.ttl", lambda size: TURTLE.encode() + b"e:3 e:4 " + _filled("[ e:5 ", size)),
    "lists of Turtle": ("vocabulary.ttl", lambda size: TURTLE.encode() + b"e:3 e:4 " + _filled("( ", size)),
    "a text of Turtle": ("vocabulary.ttl", lambda size: TURTLE.encode() + b'e:3 e:4 """' + _filled('a"', size)),
    "a closed text of Turtle": (
        "vocabulary.ttl",
        lambda size: TURTLE.encode() + b'e:3 e:4 "' + _filled("a", size) + b'" .',
    ),
    "names of Turtle": ("vocabulary.ttl", lambda size: TURTLE.encode() + _filled("true.", size)),
    "dots of Turtle": ("vocabulary.ttl", lambda size: TURTLE.encode() + b"e:3 e:4 (" + _filled("a.b-", size)),
    "statements of Turtle": ("vocabulary.ttl", lambda size: TURTLE.encode() + _filled("e:3 e:4 1 . ", size)),
    "escapes of Turtle": ("vocabulary.ttl", lambda size: TURTLE.encode() + b'e:3 e:4 "' + _filled("\\", size) + b'"'),
    "deep JSON-LD": ("vocabulary.jsonld", lambda size: b'{"@graph": ' + b"[" * size),
    "labels of JSON-LD": (
        "vocabulary.jsonld",
        lambda size: json.dumps({"@graph": [{"@id": "x", "prefLabel": ["a"] * (size // 5)}]}).encode(),
    ),
    "deep RDF": ("vocabulary.rdf", lambda size: RDF.replace(b"</e:C>", b"<e:C>" * (size // 5))),
    "attributes of RDF": (
        "vocabulary.rdf",
        lambda size: RDF.replace(b"<e:C>", b"<e:C " + b" ".join(b'a%d="1"' % n for n in range(size // 12)) + b">"),
    ),
    "entities of RDF": (
        "vocabulary.rdf",
        lambda _: (
            b'<!DOCTYPE r [<!ENTITY a0 "aaaaaaaaaa">'
            + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
            + b"]>"
            + RDF.replace(b"Syria", b"&a11;")
        ),
    ),
    "a file of RDF": (
        "vocabulary.rdf",
        lambda _: b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + RDF.replace(b"Syria", b"&a;"),
    ),
    "tags of a vocabulary": ("vocabulary.txt", lambda size: b"".join(b"tag %d\n" % n for n in range(size // 12))),
    "names of a tag": ("vocabulary.csv", lambda size: b"Syria," + _filled("a|", size)),
    "an open quote in a vocabulary": ("vocabulary.csv", lambda size: b'Syria,"' + _filled("a,b\n", size)),
    "one tag's many spellings": (
        "vocabulary.json",
        lambda size: json.dumps({"Syria" + " " * n: [] for n in range(int(size**0.5))}).encode(),
    ),
    "languages of subjects": (
        "subjects.csv",
        lambda size: (
            b"uri"
            + b"".join(b",label_l%d" % n for n in range(size // 20))
            + b"\n<http://e.org/1>"
            + b",x" * (size // 20)
        ),
    ),
    "judgements": ("judged.csv", lambda size: b"id,tag,judgement\n" + _filled("a1,Syria,yes\n", size)),
    "an open quote in judgements": ("judged.csv", lambda size: b'id,tag,judgement\na1,"' + _filled("x,yes\n", size)),
}
"""Files made to be nasty, by what is nasty about them: a name and, for a size in bytes, their content."""


def outcome(path: Path) -> str:
    """ "read", or "refused" where everything that may read the file by its name refused it.

    Raises AssertionError where a refusal is not one line of at most LONGEST_ERROR characters; whatever else is raised
    is a fault of the reader.
    """
    said = [_tried(read, path) for read in _readers(path)]
    return "read" if "read" in said else "refused"


def _tried(read: Callable[[Path], object], path: Path) -> str:
    try:
        read(path)
    except SluglineError as error:
        _check(error)
        return "refused"
    return "read"


def _check(error: SluglineError) -> None:
    line = str(error)
    assert line.strip(), "an error without words"
    assert "\n" not in line, "an error of several lines"
    assert len(line) <= LONGEST_ERROR, f"an error of {len(line):,} characters: {line[:200]}"


def _readers(path: Path) -> Iterator[Callable[[Path], object]]:
    name = path.name
    if name.startswith("feedback"):
        yield _feedback
    if path.suffix == ".toml":
        yield from _toml()
    elif name.startswith(("vocabulary", "subjects")):
        yield _vocabulary
    elif name.startswith("judged"):
        yield _judged
    else:
        yield _corpus
        yield _articles
        yield _piped


def _corpus(path: Path) -> None:
    from slugline.corpus.load import clean_record
    from slugline.corpus.readers import ReadOptions, read_records
    from slugline.corpus.tags import normalise_tags

    found = [clean_record(one) for one in read_records(path, options=ReadOptions(on_bad=_check))]
    normalise_tags([one.labels for one in found])


def _articles(path: Path) -> None:
    from slugline.corpus.readers.articles import read_articles

    digest(read_articles(path, on_bad=_check))


def _piped(path: Path) -> None:
    from slugline.corpus.readers.articles import read_stream

    with path.open("rb") as stream:
        digest(read_stream(stream))


def digest(articles: Iterator[Article]) -> None:
    """Do with articles what a prediction does: clean them, cut them into words and look for names."""
    from slugline.corpus.clean import clean_article
    from slugline.features.mentions import NameTable, find_mentions
    from slugline.features.tokenizer import tokens

    names = NameTable.build(["Syria", "Oil", "Middle East"])
    for article in articles:
        cleaned = clean_article(article)
        tokens(cleaned.title)
        tokens(cleaned.body)
        find_mentions([cleaned], names)


def _feedback(path: Path) -> None:
    from slugline import feedback

    list(feedback.read(path))


def _toml() -> Iterator[Callable[[Path], object]]:
    from slugline.config import load_config
    from slugline.corpus.mapping import load_map
    from slugline.corpus.tags import load_aliases
    from slugline.corpus.taxonomy import Taxonomy

    yield from (load_config, load_aliases, lambda file: load_map(str(file)), Taxonomy.load)


def _vocabulary(path: Path) -> None:
    from slugline.corpus.subjects import read_subjects
    from slugline.corpus.vocabularies import read_vocabulary

    _tried(lambda file: read_subjects(file, "en"), path)
    read_vocabulary(path, "en")


def _judged(path: Path) -> None:
    from types import SimpleNamespace

    from slugline.experiment.judge import read_judge_file

    tags = SimpleNamespace(rows=[SimpleNamespace(id="a1", tags=("Syria",))], tags=["Syria"])
    read_judge_file(path, tags)  # type: ignore[arg-type]
