"""Small sound files of every format, and what they are made of."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import tarfile
from collections.abc import Callable
from typing import Any

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

    return parquet_of(pa.Table.from_pylist(rows), **options)


def parquet_of(table: Any, **options: Any) -> bytes:
    """The file of a table of pyarrow."""
    import pyarrow.parquet as pq

    made = io.BytesIO()
    pq.write_table(table, made, **options)
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
