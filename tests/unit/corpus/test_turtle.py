"""Turtle as vocabularies are written in it; the cases of the recommendation that they use."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.corpus.turtle import TYPE, triples
from slugline.errors import CorpusError


def read(text):
    return [(s.value, p, o.value, o.language) for s, p, o in triples(text, "v.ttl")]


def objects(text):
    return [(value, language) for _, _, value, language in read(text)]


def test_prefixes_bases_and_comments():
    text = "@prefix e: <http://e.org/> . # one\nPREFIX f: <http://f.org/#>\n@base <http://b.org/x/> .\ne:a f:b <c#d> ."
    assert read(text) == [("http://e.org/a", "http://f.org/#b", "http://b.org/x/c#d", "")]


def test_lists_of_predicates_and_objects():
    text = '<u:a> a <u:T> ; <u:p> "x" , "y"@en ;; <u:q> 5, -2.5e3, true ; .'
    assert [(p, o) for _, p, o, _ in read(text)] == [
        (TYPE, "u:T"),
        ("u:p", "x"),
        ("u:p", "y"),
        ("u:q", "5"),
        ("u:q", "-2.5e3"),
        ("u:q", "true"),
    ]


@pytest.mark.parametrize(
    ("literal", "value", "language"),
    [
        ('"a"', "a", ""),
        ("'a \"b\"'@de-CH", 'a "b"', "de-CH"),
        ('"""two\nlines "" here"""@fi', 'two\nlines "" here', "fi"),
        (r'"tab\tquote\" back\\ \u00e9 \U0001F600"', 'tab\tquote" back\\ é 😀', ""),
        (r'"half \uD800"', "half \ufffd", ""),
        ('"1"^^<http://www.w3.org/2001/XMLSchema#int>', "1", ""),
        ('"# no comment . ; "', "# no comment . ; ", ""),
    ],
)
def test_texts(literal, value, language):
    assert objects(f"<u:a> <u:p> {literal} .") == [(value, language)]


def test_names_keep_their_points_and_leave_the_statement_its_own():
    text = "@prefix e: <u:> .\ne:a.b e:p-1 e:c%20d.\ne:x e:y :z.\n@prefix : <v:> ."
    with pytest.raises(CorpusError, match=r"v\.ttl:3: not Turtle.*declared"):
        read(text)
    assert read(text.replace("e:y :z", "e:y e:z"))[0] == ("u:a.b", "u:p-1", "u:c%20d", "")


def test_brackets_are_nodes_of_their_own():
    found = read('<u:a> <u:p> [ <u:q> "x" ; <u:r> ( 1 [] "two" ) ] .\n[ <u:s> <u:t> ] .\n_:b <u:u> [] .')
    assert ("u:q", "x") in [(p, o) for _, p, o, _ in found]
    assert [s for s, p, _, _ in found if p == "u:u"] == ["_:b"]
    assert sum(p == "u:p" for _, p, _, _ in found) == 1


def test_n_triples_are_turtle():
    text = '<http://e.org/a> <http://e.org/p> "x\\u00e9"@en .\n_:n1 <http://e.org/p> <http://e.org/b> .\n'
    assert [value for value, _ in objects(text)] == ["xé", "http://e.org/b"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("<u:a> <u:p> ", 1),
        ('<u:a> <u:p> "x"\n<u:b>', 2),
        ("\n\n<u:a> <u:p> }", 3),
        ('<u:a> <u:p> "open .\n', 1),
        ("@prefix e <u:> .", 1),
        ("[" * 500, 1),
        ("<u:a> <u:p> " + "(" * 3000, 1),
    ],
)
def test_what_is_no_turtle_is_told_with_its_line(text, line):
    with pytest.raises(CorpusError, match=rf"^v\.ttl:{line}: not Turtle"):
        read(text)


@given(st.text("<>\"'@.;,[]()_:a \n\\#^1u", max_size=60))
def test_any_text_is_triples_or_one_of_our_errors(text):
    with contextlib.suppress(CorpusError):
        read(text)
