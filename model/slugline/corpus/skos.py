"""Concepts of a SKOS vocabulary: their addresses and labels, from Turtle, N-Triples, RDF/XML or JSON-LD.

Source: SKOS Simple Knowledge Organization System Reference, W3C Recommendation 18 August 2009.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slugline.corpus import rdfxml, turtle
from slugline.corpus.encoding import read_text
from slugline.corpus.turtle import TYPE, Triple
from slugline.errors import CorpusError
from slugline.json_text import loads

CORE = "http://www.w3.org/2004/02/skos/core#"
RDF_XML = (".rdf", ".xml", ".owl")
SUFFIXES = (".ttl", ".nt", ".n3", *RDF_XML, ".jsonld")

_RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
_DEPRECATED = "http://www.w3.org/2002/07/owl#deprecated"
_KINDS = {
    f"{CORE}prefLabel": "preferred",
    f"{CORE}altLabel": "others",
    f"{CORE}hiddenLabel": "others",
    _RDFS_LABEL: "plain",
}


@dataclass(slots=True)
class Concept:
    """A concept: each label with its language tag, which is "" where it has none. `plain` are its rdfs:label."""

    uri: str
    preferred: list[tuple[str, str]] = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)
    plain: list[tuple[str, str]] = field(default_factory=list)


def read_concepts(path: Path) -> list[Concept]:
    """The concepts of a file, those that are deprecated left out, in the file's order.

    Raises CorpusError, naming the line, for a file that cannot be read.
    """
    kind = path.suffix.lower()
    if kind == ".jsonld":
        return list(_from_json(read_text(path), path))
    found = rdfxml.triples(path) if kind in RDF_XML else turtle.triples(read_text(path), str(path))
    return list(_concepts(found))


def in_language(labels: Iterable[tuple[str, str]], language: str) -> list[str]:
    """The labels in `language` ("en" takes "en-GB" too), else those that are in none."""
    labels, wanted = list(labels), language.casefold()
    own = [text for said, text in labels if said.casefold() == wanted or said.casefold().startswith(wanted + "-")]
    return own or [text for said, text in labels if not said]


def _concepts(triples: Iterable[Triple]) -> Iterator[Concept]:
    found: dict[str, Concept] = {}
    are: dict[str, None] = {}
    gone: set[str] = set()
    for subject, predicate, value in triples:
        if predicate == TYPE and value.value == f"{CORE}Concept":
            are[subject.value] = None
        elif predicate == _DEPRECATED and value.value in ("true", "1"):
            gone.add(subject.value)
        elif (kind := _KINDS.get(predicate)) is not None and value.kind == "text":
            concept = found.setdefault(subject.value, Concept(subject.value))
            getattr(concept, kind).append((value.language, value.value))
    yield from (found[uri] for uri in are if uri in found and uri not in gone)


def _from_json(text: str, path: Path) -> Iterator[Concept]:
    try:
        content = loads(text)
    except ValueError as error:
        raise CorpusError(f"not JSON: {error}", file=path, line=getattr(error, "lineno", None)) from error
    graph = content.get("@graph", content) if isinstance(content, dict) else content
    for node in graph if isinstance(graph, list) else [graph]:
        uri = (
            next((node[key] for key in ("@id", "id", "uri") if isinstance(node.get(key), str)), None)
            if isinstance(node, dict)
            else None
        )
        if uri is None or not isinstance(node, dict):
            continue
        concept = Concept(uri)
        for key, value in node.items():
            name = key.removeprefix("skos:").removeprefix(CORE)
            kind = {"prefLabel": "preferred", "altLabel": "others", "hiddenLabel": "others"}.get(name)
            if kind is not None:
                getattr(concept, kind).extend(_texts(value))
        if concept.preferred:
            yield concept


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield "", one
        elif isinstance(one, dict) and isinstance(one.get("@value"), str):
            yield str(one.get("@language") or ""), one["@value"]
        elif isinstance(one, dict):
            for language, texts in one.items():
                several = texts if isinstance(texts, list) else [texts]
                yield from ((language, text) for text in several if isinstance(text, str) and language[:1] != "@")
