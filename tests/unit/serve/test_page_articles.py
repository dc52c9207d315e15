"""Articles that were pasted and uploaded."""

from __future__ import annotations

import gzip

import pytest

from slugline.serve.page_articles import FieldError, from_lines, sent_articles, to_lines
from slugline.serve.page_form import PageForm
from slugline.serve.settings import Limits

LIMITS = Limits(articles=2, text=100)


def refused(form: PageForm) -> tuple[str, str]:
    with pytest.raises(FieldError) as caught:
        sent_articles(form, LIMITS)
    return caught.value.field, caught.value.message


def test_a_pasted_article_with_and_without_a_headline() -> None:
    (one,) = sent_articles(PageForm(title="T", body="B"), LIMITS)
    assert (one.id, one.title, one.body) == ("pasted", "T", "B")
    (one,) = sent_articles(PageForm(body="A headline\n\nThe text is here."), LIMITS)
    assert (one.title, one.body) == ("A headline", "The text is here.")


def test_pasted_lines_of_json() -> None:
    found = sent_articles(PageForm(body='{"id": "a", "title": "T", "body": "B"}\n{"title": "U", "body": "C"}'), LIMITS)
    assert [one.title for one in found] == ["T", "U"]
    assert found[0].id == "a"
    # With a headline, the text is text.
    (one,) = sent_articles(PageForm(title="T", body='{"a": 1}'), LIMITS)
    assert one.body == '{"a": 1}'


def test_uploads_of_every_kind() -> None:
    (one,) = sent_articles(PageForm(file_name="C:\\news\\some.txt", file=b"Headline\n\nText."), LIMITS)
    assert (one.id, one.title) == ("some", "Headline")
    found = sent_articles(PageForm(file_name="x.csv", file=b"title,body\nT,B\nU,C\n"), LIMITS)
    assert [one.title for one in found] == ["T", "U"]


@pytest.mark.parametrize(
    ("form", "field", "said"),
    [
        (PageForm(), "body", "no text yet"),
        (PageForm(title=" \n", body=" "), "body", "no text yet"),
        (PageForm(body='{"title": '), "body", "The text, line 1: "),
        (PageForm(title="T", body="x" * 101), "body", "102 characters; at most 100"),
        (PageForm(body="\n".join(['{"title": "T", "body": "B"}'] * 3)), "body", "More than 2 articles"),
        (PageForm(file_name="a.txt", file=b" "), "file", "a.txt is empty"),
        (PageForm(file_name="a.pdf", file=b"%PDF-1.7"), "file", "a.pdf is a PDF file"),
        (PageForm(file_name="a.gz", file=gzip.compress(b"T\n\nB")), "file", "a.gz is compressed"),
        (PageForm(file_name="a.jsonl", file=b'{"title":'), "file", "a.jsonl, line 1: "),
        (PageForm(body="B", file_name="a.txt", file=b"T"), "file", "a text above as well"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(form: PageForm, field: str, said: str) -> None:
    found = refused(form)
    assert found[0] == field
    assert said in found[1]


def test_lines_go_there_and_back() -> None:
    found = sent_articles(PageForm(body='{"id": "a", "title": "\\ud800 T", "body": "B\\nC"}\n{"title": "U"}'), LIMITS)
    assert from_lines(to_lines(found)) == found
    half = '{"id": "a", "title": "\\ud800", "body": "B"}'
    for broken in ("", "x", "[]", '{"id": 1}', half):
        with pytest.raises(FieldError):
            from_lines(broken)
