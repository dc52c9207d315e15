"""Names and patterns that a user gives, as a shell would expand them."""

from __future__ import annotations

import gzip
import os

import pytest

from slugline.corpus.inputs import count_articles, expanded
from slugline.errors import CorpusError


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name in ("b.txt", "a.txt", "c.csv", "sub/d.txt", "sub/deep/e.txt", ".hidden.txt", "we[i]rd.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Text\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["b.txt", "a.txt"], ["b.txt", "a.txt"]),
        (["*.txt"], ["a.txt", "b.txt", "we[i]rd.txt"]),
        (["[ab].txt", "-"], ["a.txt", "b.txt", "-"]),
        (["?.csv"], ["c.csv"]),
        (["**/*.txt"], ["a.txt", "b.txt", "sub/d.txt", "sub/deep/e.txt", "we[i]rd.txt"]),
        (["sub/**"], ["sub/d.txt", "sub/deep/e.txt"]),
        (["su*"], ["sub"]),
        ([".*.txt"], [".hidden.txt"]),
        (["we[i]rd.txt"], ["we[i]rd.txt"]),
        (["nowhere.txt"], ["nowhere.txt"]),
    ],
)
def test_names_and_patterns(tree, names, found):
    assert list(expanded(names)) == [name.replace("/", os.sep) for name in found]


def test_a_pattern_that_matches_nothing_is_an_error(tree):
    with pytest.raises(CorpusError, match=r"\*\.jsonl: no file matches"):
        list(expanded(["a.txt", "*.jsonl"]))


def test_how_many_articles_there_will_be_where_that_is_quickly_told(tree):
    lines = tree / "rows.jsonl"
    lines.write_text('{"text": "x"}\n' * 7)
    packed = tree / "rows.jsonl.gz"
    packed.write_bytes(gzip.compress(b"x"))
    assert count_articles([str(lines)]) == 7
    assert count_articles(["a.txt", "sub"]) == 3
    for unknown in ("-", "c.csv", str(packed), "nowhere"):
        assert count_articles(["a.txt", unknown]) is None
