"""RDF/XML gives the statements that the same vocabulary has as Turtle, and does nothing else that XML can do."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.corpus import turtle
from slugline.corpus.rdfxml import triples
from slugline.corpus.vocabularies import read_vocabulary
from slugline.errors import CorpusError

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
{doctype}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#"
  xmlns:owl="http://www.w3.org/2002/07/owl#" xml:base="http://example.org/v/" xml:lang="en">"""
BODY = """
  <!-- a comment -->
  <skos:Concept rdf:about="syria">
    <skos:prefLabel>Syria &amp; its <![CDATA[<people>]]></skos:prefLabel>
    <skos:prefLabel xml:lang="fr">Syrie</skos:prefLabel>
    <skos:altLabel xml:lang="">SAR</skos:altLabel>
    <skos:broader rdf:resource="asia"/>
    <skos:broader><skos:Concept rdf:about="middle-east" skos:prefLabel="Middle East"/></skos:broader>
  </skos:Concept>
  <rdf:Description rdf:about="http://example.org/v/old">
    <rdf:type rdf:resource="http://www.w3.org/2004/02/skos/core#Concept"/>
    <skos:prefLabel>Old</skos:prefLabel>
    <owl:deprecated rdf:datatype="http://www.w3.org/2001/XMLSchema#boolean">true</owl:deprecated>
  </rdf:Description>
  <skos:Concept rdf:ID="oil">
    <skos:prefLabel>Oil</skos:prefLabel>
    <skos:note rdf:parseType="Literal"><b>bold <skos:prefLabel>not a label</skos:prefLabel></b></skos:note>
    <skos:note rdf:parseType="Resource"><skos:altLabel>of the note</skos:altLabel></skos:note>
  </skos:Concept>
</rdf:RDF>"""
SAME = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@base <http://example.org/v/> .
<http://example.org/v/syria> a skos:Concept ; skos:prefLabel "Syria & its <people>"@en , "Syrie"@fr ;
  skos:altLabel "SAR" ; skos:broader <http://example.org/v/asia> , <http://example.org/v/middle-east> .
<http://example.org/v/middle-east> a skos:Concept ; skos:prefLabel "Middle East"@en .
<http://example.org/v/old> a skos:Concept ; skos:prefLabel "Old"@en ; owl:deprecated "true" .
<http://example.org/v/#oil> a skos:Concept ; skos:prefLabel "Oil"@en .
"""


def written(tmp_path: Path, body: str = BODY, doctype: str = "") -> Path:
    path = tmp_path / "v.rdf"
    path.write_text(HEAD.format(doctype=doctype) + body, encoding="utf-8")
    return path


def test_the_statements_are_those_of_the_same_vocabulary_as_turtle(tmp_path: Path) -> None:
    found = list(triples(written(tmp_path)))
    own = {one for one in found if "blank" not in (one.subject.kind, one.object.kind)}
    assert own == set(turtle.triples(SAME, "same.ttl"))
    (note,) = (one.object for one in found if one.object.kind == "blank")
    assert [one.object.value for one in found if one.subject == note] == ["of the note"]
    assert "not a label" not in str(found)


def test_a_vocabulary_is_read_in_the_asked_language_without_what_is_deprecated(tmp_path: Path) -> None:
    names = read_vocabulary(written(tmp_path))
    assert names == {"Syria & its <people>": (), "Middle East": (), "Oil": ()} | {"Syria & its <people>": ("SAR",)}
    assert list(read_vocabulary(written(tmp_path), "fr")) == ["Syrie"]


def test_entities_that_shorten_addresses_are_read(tmp_path: Path) -> None:
    doctype = '<!DOCTYPE rdf:RDF [ <!ENTITY v "http://example.org/v/"> ]>'
    body = '<skos:Concept rdf:about="&v;x"><skos:prefLabel>X</skos:prefLabel></skos:Concept></rdf:RDF>'
    assert {one.subject.value for one in triples(written(tmp_path, body, doctype))} == {"http://example.org/v/x"}


@pytest.mark.parametrize(
    ("doctype", "body", "said"),
    [
        ('<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>', BODY, "an entity that could grow"),
        ('<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>', BODY, "an entity that could grow or fetch"),
        ('<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1/p"> %p;]>', BODY, "an entity that could grow or fetch"),
        (f'<!DOCTYPE r [<!ENTITY a "{"x" * 301}">]>', BODY, "an entity that could grow"),
        ("", "<skos:Concept><skos:broader>" * 60, ":3: nested too deeply"),
        ("", BODY[:-200], "not XML"),
        ("", "<skos:Concept rdf:about='a'>\n</skos:Wrong>", ":4: not XML (mismatched tag)"),
        ("", "<skos:Concept rdf:about='http://[x'/></rdf:RDF>", "not RDF/XML"),
    ],
)
def test_what_is_not_sound_is_told_in_one_line(tmp_path: Path, doctype: str, body: str, said: str) -> None:
    path = written(tmp_path, body, doctype)
    with pytest.raises(CorpusError) as caught:
        list(triples(path))
    line = str(caught.value)
    assert line.startswith(str(path))
    assert said in line
    assert "\n" not in line


def test_an_external_definition_is_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "v.dtd").write_text('<!ENTITY a "from the other file">')
    path = written(tmp_path, BODY, f'<!DOCTYPE rdf:RDF SYSTEM "{tmp_path / "v.dtd"}">')
    assert "Oil" in read_vocabulary(path)
    assert "from the other file" not in str(list(triples(path)))


@given(st.binary(max_size=200), st.integers(0, 1200))
def test_a_damaged_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, noise: bytes, place: int) -> None:
    path = tmp_path_factory.mktemp("rdf") / "v.rdf"
    whole = (HEAD.format(doctype="") + BODY).encode()
    path.write_bytes(whole[:place] + noise + whole[place + len(noise) :])
    with contextlib.suppress(CorpusError):
        list(triples(path))
