"""A user's vocabulary: every kind of file gives the same tags, and a bad one is told with its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slugline.corpus.vocabularies import read_vocabulary
from slugline.errors import SluglineError

SKOS = {
    "@context": {"skos": "http://www.w3.org/2004/02/skos/core#"},
    "@graph": [
        {"@id": "x:scheme", "@type": "skos:ConceptScheme"},
        {
            "@id": "x:1",
            "skos:prefLabel": [{"@language": "de", "@value": "Syrien"}, {"@language": "en", "@value": "Syria"}],
            "skos:altLabel": {"@language": "en", "@value": "Syrian Arab Republic"},
        },
        {"@id": "x:2", "http://www.w3.org/2004/02/skos/core#prefLabel": [{"@value": "Oil"}]},
        {"@id": "x:3", "prefLabel": {"fr": "Pain"}},
    ],
}
EXPECTED = {"Syria": ("Syrian Arab Republic",), "Oil": ()}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("v.csv", "tag,alias\nSyria,Syrian Arab Republic\nOil,\n"),
        ("v.csv", "Syria;Syrian Arab Republic\n\nOil;\n"),
        ("v.tsv", "Syria\tSyrian Arab Republic\nOil\n"),
        ("v.json", '{"Syria": ["Syrian Arab Republic"], "Oil": []}'),
        ("v.json", '[{"tag": "Syria", "names": ["Syrian Arab Republic"]}, "Oil"]'),
        ("v.jsonld", json.dumps(SKOS)),
        ("v.json", json.dumps(SKOS["@graph"])),
        ("v.toml", '[aliases]\nSyria = ["Syrian Arab Republic"]\nOil = []\n'),
    ],
)
def test_every_kind_of_file_gives_the_same_tags(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert read_vocabulary(tmp_path / name) == EXPECTED


def test_a_list_of_tags_joins_spellings_of_one(tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    path.write_text("# our tags\nSyrian Rebels\n\nOil\n#syrian-rebels\n", encoding="utf-8")
    assert read_vocabulary(path) == {"Syrian Rebels": ("syrian-rebels",), "Oil": ()}


def test_the_language_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "v.jsonld"
    path.write_text(json.dumps(SKOS), encoding="utf-8")
    assert read_vocabulary(path, "de") == {"Syrien": (), "Oil": ()}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("v.txt", b"Syria\n\xff\n", ":2: not UTF-8"),
        ("v.txt", b"Syria\nOil\n---\n", ":3: not a tag"),
        ("v.csv", b'Syria\n"Oil\n', "not a table"),
        ("v.json", b'{"Syria": \n', ":2: not JSON"),
        ("v.json", b'{"Syria": "SAR"}', "a list of names"),
        ("v.json", b"3", "an object or a list"),
        ("v.json", b"[3]", "entry 1"),
        ("v.jsonld", b'{"@graph": []}', "no tag"),
        ("v.ttl", b"<a> <b>\n<c>", ":2: not Turtle"),
        ("v.nt", b"", "no subject has a label in 'en'"),
        ("v.rdf", b"", "not XML (no element found)"),
        ("v.xml", b"<html>\n</html>", ":1: not RDF/XML; found 'html'; expected rdf:RDF"),
        ("v.docx", b"", "not a vocabulary file"),
        ("v.toml", b"[tags]\n", "not an alias file"),
    ],
)
def test_a_bad_file_is_told_in_one_line(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SluglineError) as caught:
        read_vocabulary(path)
    line = str(caught.value)
    assert line.startswith(str(path))
    assert said in line
    assert "\n" not in line


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SluglineError, match="cannot read"):
        read_vocabulary(tmp_path / "none.txt")
