"""Subjects of a vocabulary by URI, in the formats that Annif reads."""

from __future__ import annotations

import pytest

from slugline.corpus.subjects import bare_uri, is_subject_table, is_uri, read_subjects
from slugline.corpus.vocabularies import read_vocabulary
from slugline.errors import CorpusError

ONE, TWO = "http://example.org/subj1", "http://example.org/subj2"
TSV = f"<{ONE}>\tnetworks\n<{TWO}>\tInternet Protocol\t42.42\n<http://example.org/gone>\n"
CSV = f"uri,label_en,label_fr,notation\n{ONE},networks,réseaux,\n{TWO},Internet Protocol,,42\nhttp://e.org/gone,,,\n"
TURTLE = f"""@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<{ONE}> a skos:Concept ; skos:prefLabel "networks"@en, "réseaux"@fr ;
  skos:altLabel "nets"@en ; skos:hiddenLabel "netz" .
<{TWO}> a skos:Concept ; skos:prefLabel "Internet Protocol"@en-US ; skos:altLabel "protocole"@fr .
<http://example.org/gone> a skos:Concept ; skos:prefLabel "gone"@en ; owl:deprecated true .
<http://example.org/scheme> a skos:ConceptScheme ; skos:prefLabel "Scheme"@en .
"""
TRIPLES = "\n".join(
    f"<{uri}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/2004/02/skos/core#Concept> .\n"
    f'<{uri}> <http://www.w3.org/2004/02/skos/core#prefLabel> "{label}"@en .'
    for uri, label in ((ONE, "networks"), (TWO, "Internet Protocol"))
)
JSON = f"""{{"@graph": [
 {{"@id": "{ONE}", "skos:prefLabel":
  [{{"@language": "en", "@value": "networks"}}, {{"@language": "fr", "@value": "r"}}]}},
 {{"@id": "{TWO}", "prefLabel": {{"en": "Internet Protocol"}}}}, {{"@id": "x"}}]}}"""
FILES = {"v.tsv": TSV, "v.csv": CSV, "v.ttl": TURTLE, "v.nt": TRIPLES, "v.jsonld": JSON}


@pytest.fixture(params=FILES)
def path(request, tmp_path):
    made = tmp_path / request.param
    made.write_text(FILES[request.param], encoding="utf-8")
    return made


def labels(path, language=None):
    return {uri: one.preferred[0][1] for uri, one in read_subjects(path, language).items()}


def test_every_format_gives_the_same(path):
    assert labels(path) == {ONE: "networks", TWO: "Internet Protocol"}


def test_a_vocabulary_of_tags_has_the_labels(path):
    assert list(read_vocabulary(path)) == ["networks", "Internet Protocol"]


def test_other_names_come_along(tmp_path):
    path = tmp_path / "v.ttl"
    path.write_text(TURTLE, encoding="utf-8")
    assert read_vocabulary(path)["networks"] == ("nets",)


@pytest.mark.parametrize("name", ["v.csv", "v.ttl"])
def test_another_language_is_asked_for(name, tmp_path):
    path = tmp_path / name
    path.write_text(FILES[name], encoding="utf-8")
    assert labels(path, "fr") == {ONE: "réseaux"}
    with pytest.raises(CorpusError, match=r"no subject has a label in 'sv'; found 'en.*fr'"):
        labels(path, "sv")


def test_the_only_language_is_taken_and_among_others_than_english_one_must_choose(tmp_path):
    path = tmp_path / "v.csv"
    path.write_text(f"uri,label_fi\n{ONE},verkot\n", encoding="utf-8-sig")
    assert labels(path) == {ONE: "verkot"}
    path.write_text(f"uri,label_fi,label_sv\n{ONE},verkot,nät\n")
    with pytest.raises(CorpusError, match=r"several languages; found 'fi, sv'.*subject_language=fi"):
        labels(path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("v.rdf", "<rdf/>", r"not RDF/XML; found 'rdf'; expected rdf:RDF"),
        ("v.csv", "a,b\n", "not a vocabulary of subjects"),
        ("v.tsv", "Syria\tSAR\n", "not a vocabulary of subjects"),
        ("v.ttl", "nonsense", r"v\.ttl:1: not Turtle"),
        ("v.jsonld", "{", r"v\.jsonld:1: not JSON"),
        ("v.jsonld", "[3]", "no subject has a label"),
    ],
)
def test_what_cannot_be_read_says_so(name, content, said, tmp_path):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(CorpusError, match=said):
        read_subjects(path)


def test_what_is_a_uri():
    assert all(map(is_uri, (f"<{ONE}>", ONE, "urn:nbn:fi", "<x>")))
    assert not any(map(is_uri, ("networks", "a:b", "<>", "<x", "http:", "12:30")))
    assert bare_uri(f" <{ONE}> ") == ONE


@pytest.mark.parametrize(
    ("text", "wanted"),
    [(TSV, True), (CSV, True), (f"<{ONE}>\t<{TWO}>\n", False), ("Syria,SAR\n", False), (f"A text\t<{ONE}>\n", False)],
)
def test_a_table_of_subjects_is_known_by_its_first_line(text, wanted):
    assert is_subject_table(text) == wanted
