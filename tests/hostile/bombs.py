"""Files that are too deep, too long, too many or too wide."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from typing import Any

from hostile.sound import ANSWER, PAGE, RDF, ROW, SGML, TURTLE, archive, jsonl, parquet, parquet_of


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


def _dictionary(value: str, count: int) -> bytes:
    """A Parquet file with the same value in so many rows, which is in the file, and in memory here, once."""
    import pyarrow as pa

    column = pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), pa.array([value]))
    return parquet_of(pa.table({"title": column}), store_schema=False)


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
    "a dictionary of Parquet": ("a.parquet", lambda size: _dictionary("x" * size, 3000)),
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
    "a prefix of Turtle": ("vocabulary.ttl", lambda size: TURTLE.encode() + b"e:3 s" + _filled("9", size) + b":a 1 ."),
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
