"""Samples of Annif's corpora; see jsonl.py for what such a module offers."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

REQUIRES = ""
ONE, TWO = "http://example.org/thesaurus/subj1", "http://example.org/thesaurus/subj2"
TEXT = "A Zürich café network"
TSV = f"{TEXT}\t<{ONE}> <{TWO}>\nProtocols of the internet\t<{TWO}>\nNot indexed yet\t\n"
CSV = f'document_id,title,text,subject_uris\nd1,,{TEXT},<{ONE}> <{TWO}>\nd2,Nets,"Of nets, knots",{TWO}\nd3,,None,\n'
DOCUMENTS = [
    {"document_id": "d1", "text": TEXT, "subjects": [{"uri": ONE, "label": "networks"}, {"label": "routers"}]},
    {"text": "", "metadata": {"title": "Nets", "abstract": "Of nets"}, "subjects": [{"uri": TWO}]},
    {"metadata": {"title": "No subjects"}},
]
JSONL = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in DOCUMENTS)


def good(folder: Path) -> Path:
    path = folder / "corpus.tsv"
    path.write_text(TSV, encoding="utf-8")
    return path


def write(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, content in files.items():
        stem, _, end = name.rpartition("_")
        (folder / f"{stem}.{end}").write_text(content, encoding="utf-8")
    return folder


def odd(folder: Path) -> dict[str, tuple[Path, str]]:
    contents = {
        "csv": CSV.encode(),
        "csv-bom": CSV.encode("utf-8-sig"),
        "jsonl": JSONL.encode(),
        "tsv-gzip": gzip.compress(TSV.encode()),
        "csv-gzip": gzip.compress(CSV.encode()),
        "no-brackets": TSV.replace("<", "").replace(">", "").encode(),
        "crlf": TSV.replace("\n", "\r\n").encode(),
    }
    made = {}
    for name, data in contents.items():
        path = folder / f"{name}.dat"
        path.write_bytes(data)
        made[name] = (path, "Zürich café")
    key = write(folder / "key", a_txt=TEXT, a_key="networks\nrouters\n", b_txt="No subjects here")
    tsv = write(folder / "tsv", a_txt=TEXT, a_tsv=f"<{ONE}>\tnetworks\t42\n<{TWO}>\trouters\n", b_txt="None")
    documents = write(folder / "json", a_json=json.dumps(DOCUMENTS[0]), b_json=json.dumps(DOCUMENTS[1], indent=1))
    both = {"folder-key": key, "folder-tsv": tsv, "folder-json": documents}
    return made | {name: (path, "Zürich café") for name, path in both.items()}


def broken(folder: Path) -> dict[str, tuple[Path, str]]:
    tab, subjects, blank = folder / "tab.tsv", folder / "subjects.jsonl", folder / "blank.tsv"
    tab.write_text(TSV + "no tab in this line\n")
    subjects.write_text(JSONL + '{"text": "x", "subjects": ["a"]}\n')
    blank.write_text("\n")
    plain = write(folder / "plain", a_txt="Text alone")
    bad = write(folder / "bad", a_txt="\x7fELF\0\0", a_key="x\n", b_txt="Good", b_key="y\n")
    return {
        "no-tab": (tab, r"tab\.tsv:4: no tab between"),
        "subjects": (subjects, r"subjects\.jsonl:4: field 'subjects': wrong type"),
        "no-line": (blank, r"blank\.tsv: there is no line"),
        "no-subjects": (plain, r"plain: no text with subjects beside it"),
        "binary": (bad, r"a\.txt: not a text file"),
    }


def bad_rows(folder: Path) -> tuple[Path, int, int]:
    path = folder / "rows.tsv"
    path.write_text(TSV + "no tab\n" + f"One more\t<{ONE}>\n")
    return path, 4, 1
