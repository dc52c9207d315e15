"""RDF written as XML, read as triples, without anything that XML may do beside: no entity grows, nothing is fetched.

Source: RDF 1.1 XML Syntax, W3C Recommendation 25 February 2014 (https://www.w3.org/TR/rdf-syntax-grammar/). Not made
are the statements of rdf:parseType="Literal" and rdf:Seq's numbered members; vocabularies of tags have neither.

The parser is Python's own, expat. A document may declare entities, as editors of ontologies write them to shorten
addresses; those that refer to others, to files or are long are refused, so that none can grow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin
from xml.parsers import expat

from slugline.corpus.turtle import TYPE, Term, Triple
from slugline.errors import CorpusError

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

_XML = "http://www.w3.org/XML/1998/namespace "
_ABOUT, _ID, _NODE, _RESOURCE, _PARSE = (f"{RDF} {name}" for name in ("about", "ID", "nodeID", "resource", "parseType"))
_DEEPEST = 100
_LONGEST = 300
_BLOCK = 1 << 16


def triples(path: Path) -> Iterator[Triple]:
    """The statements of an RDF/XML file, in order.

    Raises CorpusError, naming the line, for what is no RDF/XML, for entities that could grow or fetch something, and
    for elements in each other more than a hundred deep.
    """
    reader = _Reader(path)
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                yield from reader.feed(block)
            yield from reader.feed(b"", last=True)
    except OSError as error:
        raise CorpusError(f"cannot read ({error.strerror})", file=path) from error


@dataclass(slots=True)
class _Level:
    """An open element: a node (`subject`), or a property (`predicate`) of the node around it.

    `text` is None where nothing is expected of the text of a property any more. What is in a `literal` is passed over.
    """

    base: str
    language: str
    subject: Term | None = None
    predicate: str = ""
    text: list[str] | None = None
    literal: bool = False


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._levels: list[_Level] = []
        self._found: list[Triple] = []
        self._blanks = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self._parser.EntityDeclHandler = self._entity
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def feed(self, block: bytes, *, last: bool = False) -> Iterator[Triple]:
        """The statements that `block` completes."""
        try:
            self._parser.Parse(block, last)
        except expat.ExpatError as error:
            raise CorpusError(
                f"not XML ({expat.errors.messages.get(error.code, 'damaged')})", file=self._path, line=error.lineno
            ) from error
        except (ValueError, LookupError) as error:
            # An encoding that Python does not have, or an address that is none.
            raise self._wrong(f"not RDF/XML ({error})") from error
        found, self._found = self._found, []
        yield from found

    def _wrong(self, message: str, found: str | None = None, expected: str | None = None) -> CorpusError:
        return CorpusError(
            message, file=self._path, line=self._parser.CurrentLineNumber, found=found, expected=expected
        )

    def _entity(self, name: str, parameter: bool, value: str | None, *_: object) -> None:
        if parameter or value is None or "&" in value or "%" in value or len(value) > _LONGEST:
            raise self._wrong("an entity that could grow or fetch something", name, "entities that are short texts")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        around = self._levels[-1] if self._levels else _Level("", "")
        if len(self._levels) >= _DEEPEST:
            raise self._wrong("nested too deeply", expected=f"{_DEEPEST} elements in each other at most")
        level = _Level(
            urljoin(around.base, attributes.get(f"{_XML}base", "")),
            attributes.get(f"{_XML}lang", around.language),
            literal=around.literal,
        )
        self._levels.append(level)
        if around.literal:
            return
        if len(self._levels) == 1:
            if name != f"{RDF} RDF":
                raise self._wrong("not RDF/XML", name.rpartition(" ")[2], "rdf:RDF as the outermost element")
        elif around.subject is None:
            self._node(name, attributes, level, around)
        else:
            self._property(name, attributes, level, around.subject)

    def _node(self, name: str, attributes: dict[str, str], level: _Level, around: _Level) -> None:
        level.subject = subject = self._named(attributes, level) or self._blank()
        if around.predicate:
            # The node is the value of the property around it.
            owner = self._levels[-3].subject
            if owner is not None:
                self._found.append(Triple(owner, around.predicate, subject))
            around.text = None
        if name != f"{RDF} Description":
            self._found.append(Triple(subject, TYPE, Term("iri", _joined(name))))
        self._said(attributes, subject, level)

    def _property(self, name: str, attributes: dict[str, str], level: _Level, subject: Term) -> None:
        level.predicate, level.text = _joined(name), []
        if f"{RDF} datatype" in attributes:
            level.language = ""
        kind = attributes.get(_PARSE)
        if kind == "Literal":
            level.literal, level.text = True, None
        elif kind == "Resource":
            level.subject, level.text = self._blank(), None
            self._found.append(Triple(subject, level.predicate, level.subject))
        elif kind == "Collection":
            level.text = None
        elif _RESOURCE in attributes or _NODE in attributes:
            value = (
                Term("blank", attributes[_NODE])
                if _NODE in attributes
                else Term("iri", urljoin(level.base, attributes[_RESOURCE]))
            )
            self._found.append(Triple(subject, level.predicate, value))
            self._said(attributes, value, level)
            level.text = None

    def _said(self, attributes: dict[str, str], subject: Term, level: _Level) -> None:
        """The statements that attributes make."""
        for name, value in attributes.items():
            if name == f"{RDF} type":
                self._found.append(Triple(subject, TYPE, Term("iri", urljoin(level.base, value))))
            elif " " in name and not name.startswith((f"{RDF} ", _XML)):
                self._found.append(Triple(subject, _joined(name), Term("text", value, level.language)))

    def _named(self, attributes: dict[str, str], level: _Level) -> Term | None:
        if (about := attributes.get(_ABOUT)) is not None:
            return Term("iri", urljoin(level.base, about))
        if (own := attributes.get(_ID)) is not None:
            return Term("iri", urljoin(level.base, f"#{own}"))
        node = attributes.get(_NODE)
        return None if node is None else Term("blank", node)

    def _blank(self) -> Term:
        self._blanks += 1
        return Term("blank", f" {self._blanks}")

    def _text(self, text: str) -> None:
        if self._levels and (own := self._levels[-1].text) is not None:
            own.append(text)

    def _end(self, _: str) -> None:
        level = self._levels.pop()
        if level.text is not None and level.predicate and (subject := self._levels[-1].subject) is not None:
            self._found.append(Triple(subject, level.predicate, Term("text", "".join(level.text), level.language)))


def _joined(name: str) -> str:
    """A name as expat gives it, with a space between namespace and name, as an address."""
    return name.replace(" ", "", 1)
