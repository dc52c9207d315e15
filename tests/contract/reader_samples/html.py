"""Samples of HTML pages; see jsonl.py for what such a module offers."""

from __future__ import annotations

from pathlib import Path

REQUIRES = "trafilatura"
_BODY = (
    "<p>The café in Zürich was full when the first shots were heard, witnesses said on Friday, and people ran out.</p>"
    "<p>Police closed the streets around the station and asked everyone to stay at home until the evening.</p>"
    "<p>Nobody was hurt, a spokesman said, and two men were arrested near the border in the night that followed.</p>"
)


def page(title: str = "Zürich café attacked", head: str = "", body: str = _BODY) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="en-GB"><head><title>{title}</title>{head}</head>'
        f"<body><nav><a href='/'>Home</a></nav><article><h1>{title}</h1>{body}</article>"
        f"<footer>Imprint</footer></body></html>"
    )


KEYWORDS = '<meta name="keywords" content="Switzerland, Attacks">'
TAGS = '<meta property="article:tag" content="Banks"><meta property="article:tag" content="Mergers">'


def good(folder: Path) -> Path:
    path = folder / "pages"
    path.mkdir()
    (path / "one.html").write_text(page(head=KEYWORDS), encoding="utf-8")
    (path / "two.htm").write_text(page("Banks merge", head=TAGS), encoding="utf-8")
    return path


def odd(folder: Path) -> dict[str, tuple[Path, str]]:
    contents = {
        "utf-16": page(head=KEYWORDS).encode("utf-16"),
        "cp1252": page(head=KEYWORDS).encode("cp1252"),
        "declared": page(
            "Łódź café in Zürich", head='<meta charset="iso-8859-2">', body=_BODY.replace("Zürich", "Łódź, Zürich")
        ).encode("iso-8859-2"),
        "unclosed": page(head=KEYWORDS)[:-40].encode(),
    }
    made = {}
    for name, data in contents.items():
        path = folder / f"{name}.dat"
        path.write_bytes(data)
        made[name] = (path, "Łódź" if name == "declared" else "café in Zürich")
    return made


def broken(folder: Path) -> dict[str, tuple[Path, str]]:
    empty = folder / "empty.html"
    empty.write_text("<!DOCTYPE html><html><head></head><body></body></html>", encoding="utf-8")
    binary = folder / "binary.html"
    binary.write_bytes(b"%PDF-1.7 <html>")
    return {
        "no-article": (empty, r"empty\.html: no article found"),
        "binary": (binary, r"binary\.html: not a text file; found a PDF file"),
    }


def bad_rows(folder: Path) -> tuple[Path, int, int]:
    path = good(folder)
    (path / "nothing.html").write_text("<html></html>", encoding="utf-8")
    return path, 2, 1
