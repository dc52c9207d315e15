"""RDF written as Turtle or N-Triples, read as triples: the whole of Turtle 1.1 that vocabularies are written in.

Source: RDF 1.1 Turtle, W3C Recommendation 25 February 2014 (https://www.w3.org/TR/turtle/). N-Triples is a part of it.
What is not looked at is whether numbers and names are spelled as the grammar wants them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from slugline.errors import CorpusError

TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

# What is repeated is never given back: places to come back to would take hundreds of bytes for each character.
_TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
    |(?P<iri><[^<>\s]*>)
    |(?P<long>\"\"\"(?:[^"\\]++|\\.|"(?!""))*+\"\"\"|'''(?:[^'\\]++|\\.|'(?!''))*+''')
    |(?P<text>"(?:[^"\\\n]++|\\.)*+"|'(?:[^'\\\n]++|\\.)*+')
    |(?P<at>@[A-Za-z]++(?:-[A-Za-z0-9]++)*+)
    |(?P<datatype>\^\^)
    |(?P<blank>_:[\w-]++(?:\.[\w-]++)*+)
    |(?P<name>(?:[^\W\d_](?:[\w-]++|\.(?=[\w-]))*+)?:(?:[\w:%-]++|\\.|\.(?=[\w:%\\-]))*+)
    |(?P<number>[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<word>[A-Za-z]+)
    |(?P<mark>[.;,\[\]()])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_LETTERS = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}
_DEEPEST = 100


class Term(NamedTuple):
    """A node or a text: `kind` is "iri", "blank" or "text"; only a text may have a language."""

    kind: str
    value: str
    language: str = ""


class Triple(NamedTuple):
    """One statement."""

    subject: Term
    predicate: str
    object: Term


def triples(text: str, file: str) -> Iterator[Triple]:
    """The statements of a Turtle or N-Triples text, in order. Raises CorpusError naming `file` and the line."""
    yield from _Parser(text, file).statements()


class _Parser:
    def __init__(self, text: str, file: str) -> None:
        self._text, self._file = text, file
        self._at = 0
        self._tokens = self._cut()
        self._kind, self._token = next(self._tokens)
        self._prefixes: dict[str, str] = {}
        self._base = ""
        self._blanks = 0
        self._found: list[Triple] = []

    def _cut(self) -> Iterator[tuple[str, str]]:
        place = 0
        while place < len(self._text):
            match = _TOKEN.match(self._text, place)
            self._at = place
            if match is None:
                raise self._wrong("a term of Turtle")
            place = match.end()
            if match.lastgroup != "space":
                yield match.lastgroup or "", match[0]
        self._at = place
        yield "end", ""

    def _wrong(self, expected: str) -> CorpusError:
        line = self._text.count("\n", 0, self._at) + 1
        rest = self._text[self._at : self._at + 30].split("\n")[0]
        return CorpusError("not Turtle", file=self._file, line=line, found=rest or "the end", expected=expected)

    def _step(self) -> tuple[str, str]:
        taken = self._kind, self._token
        if self._kind != "end":
            self._kind, self._token = next(self._tokens)
        return taken

    def _want(self, mark: str) -> None:
        if self._token != mark or self._kind != "mark":
            raise self._wrong(repr(mark))
        self._step()

    def statements(self) -> Iterator[Triple]:
        while self._kind != "end":
            if self._kind == "at" or (self._kind == "word" and self._token.lower() in ("prefix", "base")):
                self._directive()
                continue
            blank = self._token == "["
            subject = self._term(0)
            if not (blank and self._token == "."):
                self._about(subject, 0)
            self._want(".")
            yield from self._found
            self._found.clear()

    def _directive(self) -> None:
        word = self._step()[1]
        name = word.lstrip("@").lower()
        prefix = ""
        if name == "prefix":
            kind, prefix = self._step()
            if kind != "name" or not prefix.endswith(":"):
                raise self._wrong("a prefix such as skos:")
        elif name != "base":
            raise self._wrong("@prefix or @base")
        kind, iri = self._step()
        if kind != "iri":
            raise self._wrong("an address in <>")
        if name == "prefix":
            self._prefixes[prefix[:-1]] = self._iri(iri)
        else:
            self._base = self._iri(iri)
        if word.startswith("@"):
            self._want(".")

    def _about(self, subject: Term, depth: int) -> None:
        """What is said of a subject: predicates with their objects."""
        while True:
            if (self._kind, self._token) == ("word", "a"):
                self._step()
                predicate = TYPE
            else:
                predicate = self._term(depth).value
            self._found.append(Triple(subject, predicate, self._term(depth)))
            while self._token == "," and self._kind == "mark":
                self._step()
                self._found.append(Triple(subject, predicate, self._term(depth)))
            if not (self._token == ";" and self._kind == "mark"):
                return
            while self._token == ";" and self._kind == "mark":
                self._step()
            if self._kind == "end" or (self._kind == "mark" and self._token in ".]"):
                return

    def _term(self, depth: int) -> Term:
        if depth > _DEEPEST:
            raise self._wrong("fewer brackets in brackets")
        kind, token = self._kind, self._token
        if kind == "iri":
            self._step()
            return Term("iri", self._iri(token))
        if kind == "name":
            prefix, _, local = token.partition(":")
            if prefix not in self._prefixes:
                raise self._wrong(f"a prefix that was declared, which {prefix + ':'!r} was not")
            self._step()
            return Term("iri", self._prefixes[prefix] + re.sub(r"\\(.)", r"\1", local))
        if kind in ("text", "long"):
            return self._literal()
        if kind == "blank":
            self._step()
            return Term("blank", token)
        if kind == "number" or (kind == "word" and token in ("true", "false")):
            self._step()
            return Term("text", token)
        if kind == "mark" and token in "[(":
            return self._brackets(token, depth)
        raise self._wrong("an address, a name, a text or a number")

    def _brackets(self, mark: str, depth: int) -> Term:
        self._step()
        self._blanks += 1
        made = Term("blank", f"_:[{self._blanks}]")
        if mark == "[":
            if self._token != "]":
                self._about(made, depth + 1)
            self._want("]")
            return made
        while not (self._kind == "mark" and self._token == ")"):
            self._term(depth + 1)
        self._step()
        return made

    def _literal(self) -> Term:
        kind, token = self._step()
        value = _unescaped(token[3:-3] if kind == "long" else token[1:-1])
        if self._kind == "at":
            return Term("text", value, self._step()[1][1:])
        if self._kind == "datatype":
            self._step()
            self._term(0)
        return Term("text", value)

    def _iri(self, token: str) -> str:
        iri = _unescaped(token[1:-1])
        if self._base and ":" not in iri.split("/")[0]:
            from urllib.parse import urljoin

            return urljoin(self._base, iri)
        return iri


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text

    def plain(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        if code is None:
            return _LETTERS.get(match[3], match[3])
        number = int(code, 16)
        return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"

    return _ESCAPE.sub(plain, text)
