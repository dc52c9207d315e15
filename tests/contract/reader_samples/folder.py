"""Samples of folders of texts; see jsonl.py for what such a module offers."""

from __future__ import annotations

from pathlib import Path

REQUIRES = ""


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def good(folder: Path) -> Path:
    files = {
        "README.txt": "What this is.",
        "attack/1.txt": "Zürich café bombed\n\nNobody was hurt.",
        "attack/2.txt": "A plain text without headline.",
        "business/1.txt": "Banks merge\n\nTwo banks merge.",
        "business/.hidden.txt": "not read",
    }
    return write(folder / "labelled", files)


def odd(folder: Path) -> dict[str, tuple[Path, str]]:
    text = "Zürich café\n\nFull."
    csv = "file,title,tags,event_type\na.txt,Own title,Syria; Rebels,attack\nb,,[],none\n"
    return {
        "encodings": (
            write(folder / "enc", {"x/1.txt": text.encode("cp1252"), "y/2": text.encode("utf-16"), "y/3.md": "Third"}),
            "Zürich café",
        ),
        "sidecar": (
            write(folder / "side", {"labels.csv": csv, "a.txt": text, "b.txt": "Second\n\nText.", "c.txt": "unlisted"}),
            "Zürich café",
        ),
        "split": (write(folder / "split", {"train/x/1.txt": text, "test/y/1.txt": "Other text"}), "Zürich café"),
        "parts": (
            write(
                folder / "parts",
                {"1.jsonl": '{"text": "one"}\n', "2.csv": "title,text\nx,Zürich café\n", "LICENSE": "x"},
            ),
            "Zürich café",
        ),
    }


def broken(folder: Path) -> dict[str, tuple[Path, str]]:
    (folder / "nothing").mkdir()
    sidecar = "file,tags\na.txt,x\nmissing.txt,y\n"
    return {
        "nothing": (folder / "nothing", r"nothing: no file in this folder can be used"),
        "only-images": (write(folder / "images", {"a.png": b"\x89PNG"}), r"images: no file in this folder can be used"),
        "empty-text": (
            write(folder / "empty", {"x/1.txt": "a", "x/2.txt": b""}),
            r"2\.txt: .*neither headline nor text",
        ),
        "binary-text": (
            write(folder / "binary", {"x/1.txt": b"\x7fELF\0\0"}),
            r"1\.txt: not a text file; found a program",
        ),
        "sidecar": (
            write(folder / "listed", {"list.csv": sidecar, "a.txt": "Text a."}),
            r"list\.csv:3: field 'file': no such text file; found 'missing\.txt'",
        ),
        "outside": (
            write(folder / "out", {"list.csv": "file\na.txt\n../secret.txt\n", "a.txt": "x", "../secret.txt": "y"}),
            r"list\.csv:3: .*no such text file",
        ),
        "a-file": (write(folder, {"file.txt": "x"}) / "file.txt", r"file\.txt: is a file; expected a folder"),
    }


def bad_rows(folder: Path) -> tuple[Path, int, int]:
    return write(folder / "some", {"x/1.txt": "a", "x/2.txt": b"\0\1\2", "y/3.txt": "c"}), 2, 1
