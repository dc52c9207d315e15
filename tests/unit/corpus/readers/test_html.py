from __future__ import annotations

import datetime as dt
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.reader_samples.html import KEYWORDS, TAGS, page
from slugline.article import Labels
from slugline.corpus.readers import ReadOptions
from slugline.corpus.readers.html import READER, decode_page, is_page, page_keywords, read_page
from slugline.errors import MissingExtraError

LINKED = (
    '<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "NewsArticle",'
    ' "keywords": ["Syria", {"@type": "DefinedTerm", "name": "Rebels"}]}, {"keywords": "Aid, Camps"}]}</script>'
)


@pytest.mark.parametrize(
    ("head", "tags"),
    [
        (KEYWORDS, ["Switzerland", "Attacks"]),
        (TAGS, ["Banks", "Mergers"]),
        ('<META NAME="News_Keywords" CONTENT="A; B, C">', ["A", "B, C"]),
        ("<meta content='R&amp;D, Caf&eacute;' name=keywords>", ["R&D", "Café"]),
        (LINKED, ["Syria", "Rebels", "Aid", "Camps"]),
        (KEYWORDS + LINKED.replace("Syria", "Attacks"), ["Switzerland", "Attacks", "Rebels", "Aid", "Camps"]),
        ('<script type="application/ld+json">{"keywords": broken}</script>', []),
        ('<meta name="description" content="A, B"><script>var keywords = "A, B";</script>', []),
        ("", []),
    ],
)
def test_keywords_of_a_page(head, tags):
    found = page_keywords(page(head=head))
    assert list(found.tags) == tags
    assert (found.title, found.language) == ("Zürich café attacked", "en")


def test_a_page_is_an_article_with_its_own_tags():
    head = KEYWORDS + '<meta property="article:published_time" content="2015-05-29T10:00:00Z">'
    head += '<link rel="canonical" href="https://news.example.org/a"><meta property="og:site_name" content="The News">'
    record = read_page(page(head=head), "one")
    article = record.article
    assert (article.id, article.title, article.language) == ("one", "Zürich café attacked", "en")
    assert (article.date, article.url, article.source) == (
        dt.date(2015, 5, 29),
        "https://news.example.org/a",
        "The News",
    )
    assert article.body.startswith("The café in Zürich was full")
    assert article.body.count("\n\n") == 2
    assert "Imprint" not in article.body
    assert "Home" not in article.body
    assert record.labels == Labels(tags=frozenset({"Switzerland", "Attacks"}))


def test_a_tags_line_of_the_page_is_not_seen_as_text():
    text = page(
        body="".join(f"<p>{'The army pulled back from the city. ' * 5}</p>" for _ in range(3)) + "<p>Tags: A, B</p>"
    )
    record = read_page(text, "one")
    assert "Tags" not in record.article.body
    assert record.labels.tags == {"A", "B"}


def test_a_page_without_keywords_is_not_annotated():
    assert read_page(page(), "one").labels == Labels(None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<!DOCTYPE html><html>", True),
        ("\n<!-- saved from -->\n<html lang=en>", True),
        ('<?xml version="1.0"?>\n<!DOCTYPE HTML PUBLIC>', True),
        ("<head><title>x</title>", True),
        ("<!DOCTYPE lewis SYSTEM 'lewis.dtd'>", False),
        ("<p>fragment", False),
        ("text <html>", False),
        (None, False),
    ],
)
def test_what_is_a_page(text, expected):
    assert is_page(text) is expected


def test_a_fragment_is_a_page_if_its_name_says_so(tmp_path):
    assert READER.sniff(tmp_path / "a.html", b"<div><p>x</p></div>")
    assert not READER.sniff(tmp_path / "a.html", b"text")
    assert not READER.sniff(tmp_path / "a.txt", b"<div><p>x</p></div>")


def test_declared_encodings_are_used_where_they_fit():
    assert "Łódź" in decode_page('<meta charset="iso-8859-2">Łódź'.encode("iso-8859-2"))
    assert "Москва" in decode_page(
        '<meta http-equiv=x content="text/html; charset=windows-1251">Москва'.encode("cp1251")
    )
    assert "日本" in decode_page('<meta charset="shift_jis">日本'.encode("shift_jis"))
    # Declared wrongly, or not known: what the bytes themselves say.
    assert "“Zürich”" in decode_page('<meta charset="iso-8859-1">“Zürich”'.encode("cp1252"))
    assert "Zürich" in decode_page('<meta charset="shift_jis">Zürich Ü'.encode("utf-16"))
    assert "Zürich" in decode_page('<meta charset="x-nonsense">Zürich'.encode())
    assert "Zürich" in decode_page('<meta charset="utf-16">Zürich'.encode())


def test_without_trafilatura_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    path = tmp_path / "a.html"
    path.write_text(page())
    with pytest.raises(MissingExtraError, match=r"reading HTML needs .*pip install 'slugline\[html\]'"):
        list(READER.read(path, ReadOptions()))


@given(st.text("<>!-[]\"'&;=/ metaA\n", max_size=80))
def test_any_text_has_keywords_or_none(text):
    assert isinstance(page_keywords(text).tags, dict)
    assert isinstance(page_keywords(f"<!DOCTYPE html><meta name=keywords content={text}").tags, dict)
