"""Samples of Reuters-21578; see jsonl.py for what each function gives."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

REQUIRES = ""
HEAD = '<!DOCTYPE lewis SYSTEM "lewis.dtd">\n'


def article(number: int, split: str = "TRAIN") -> str:
    return (
        f'<REUTERS TOPICS="YES" LEWISSPLIT="{split}" CGISPLIT="TRAINING-SET" OLDID="5544" NEWID="{number}">\n'
        "<DATE>26-FEB-1987 15:01:01.79</DATE>\n<TOPICS><D>cocoa</D></TOPICS>\n<PLACES><D>brazil</D></PLACES>\n"
        f"<TEXT>&#2;\n<TITLE>BAHIA COCOA &lt;REVIEW> {number}</TITLE>\n"
        "<DATELINE>    SALVADOR, Feb 26 - </DATELINE><BODY>Showers in S\xe3o Paulo\ncontinued.\n Reuter\n&#3;</BODY>"
        "</TEXT>\n</REUTERS>\n"
    )


FILES = {
    "reut2-000.sgm": (HEAD + article(1) + article(2)).encode("latin-1"),
    "reut2-001.sgm": (HEAD + article(3, "TEST")).encode("latin-1"),
}


def archive(mode: str = "w:gz") -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as made:
        for name, content in {"README.txt": b"about", **FILES}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return data.getvalue()


def good(folder: Path) -> Path:
    made = folder / "collection"
    made.mkdir()
    for name, content in FILES.items():
        (made / name).write_bytes(content)
    return made


def odd(folder: Path) -> dict[str, tuple[Path, str]]:
    contents = {
        "tar.gz": archive(),
        "tar": archive("w"),
        "one-file": FILES["reut2-000.sgm"],
        "zipped-file": gzip.compress(FILES["reut2-000.sgm"]),
        "crlf": FILES["reut2-000.sgm"].replace(b"\n", b"\r\n"),
    }
    made = {}
    for name, data in contents.items():
        path = folder / f"{name}.dat"
        path.write_bytes(data)
        made[name] = (path, "Showers in São Paulo continued.")
    return made


def broken(folder: Path) -> dict[str, tuple[Path, str]]:
    def write(name: str, data: bytes) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    first = FILES["reut2-000.sgm"]
    return {
        "cut-archive": (write("a.tar.gz", archive()[:-20]), r"a\.tar\.gz: .*cut short"),
        "cut-article": (write("a.sgm", first[:-30]), r"a\.sgm:13: .*</REUTERS>"),
        "nameless": (write("b.sgm", first.replace(b' NEWID="2"', b"")), r"b\.sgm:13: field 'NEWID'"),
        "repeated": (write("c.sgm", first + first), r"c\.sgm:25: .*first seen in c\.sgm:2"),
    }


def bad_rows(folder: Path) -> tuple[Path, int, int]:
    path = folder / "bad.sgm"
    path.write_bytes((HEAD + article(1) + article(1) + article(2).replace("NEWID", "X") + article(3)).encode("latin-1"))
    return path, 2, 2
