from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.corpus import page_text
from slugline.corpus.page_text import parse_scraped, split_headline
from slugline.corpus.readers import find_reader, read_records
from slugline.errors import CorpusError

HEAD = "Rebels take the last city of the province"
BODY = "The army has pulled back from the city.\n\nA spokesman said that its positions were moved, and that they hold."
SEED = ("Syria", "Syrian", "Syrian rebels", "Syrian refugees", "Rebels", "Middle East")


def page(tail, *, head=HEAD, body=BODY):
    return f"{head}\n\n{body}\n\n{tail}"


@pytest.mark.parametrize(
    "tail",
    [
        "Tags\nSyria, Middle East\nReal Time Analytics",
        "Tags\nSyria, Middle East\n\nReal Time Analytics\n",
        "Tags\n\nSyria, Middle East",
        "Tags:\nSyria, Middle East\nShare this\n© 2015 The Paper",
        "Tags: Syria, Middle East\nReal Time Analytics",
        "Tags : Syria, Middle East",
        "TAGS\nSyria, Middle East",
        "Tags\nSyria,\nMiddle East\nReal Time Analytics",
        "Tags\nSyria, Middle East,",
        "Tags\nSyria, Middle East Real Time Analytics",
        "Tags\nSyria, Middle EastReal Time Analytics",
        "Tags\nSyria, Middle East Share this Real Time Analytics",
        "Keywords\nSyria; Middle East",
        "Keywords: Syria, Middle East",
        "Topics:\nSyria | Middle East\nWorld\nSport",
        "Topics\nSyria • Middle East",
        "Filed under: Syria, Middle East",
        "Filed under Syria, Middle East",
        "Filed Under\nSyria, Middle East",
        "Filed under: Syria\nTags: Middle East\nComments",
        "Related Topics\nSyria, Middle East\nSyria, Syria",
        "Share this\n\nTags\nSyria, Middle East",
        "Advertisement\nTags\nSyria, Middle East, Syria",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_tags_and_footer_are_neither_body_nor_tag(tail, newline):
    assert parse_scraped(page(tail).replace("\n", newline)) == (HEAD, BODY, ("Syria", "Middle East"))


@pytest.mark.parametrize("footer", ["", "\nReal Time Analytics", "\n\nReal Time Analytics", " Real Time Analytics"])
def test_an_article_such_as_the_seed(footer):
    title, body, tags = parse_scraped(page(f"Tags\n{', '.join(SEED)}{footer}"))
    assert (title, body, tags) == (HEAD, BODY, SEED)


@pytest.mark.parametrize(
    "tail",
    [
        "Tags",
        "Tags\n",
        "Topics\nThe minister said he would go, and then, after a day of talks in the capital, he left.",
        "Topics of the talks were trade, aid, and the border.",
        "Tags were sewn into the coats, the police said.",
        "Keywords\n" + "A very long paragraph without an end of a sentence in it that no tag would be " * 3,
        "Tagged animals, released in May, came back.",
    ],
)
def test_words_that_are_no_tags_line_stay_text(tail):
    assert parse_scraped(page(tail)) == (HEAD, f"{BODY}\n\n{tail}".strip(), None)


@pytest.mark.parametrize("last", ["U.S.", "Apple Inc.", "D.C.", "What is next?"])
def test_tags_may_end_in_a_stop(last):
    tags = parse_scraped(page(f"Tags\nSyria, {last}"))[2]
    assert tags == (None if last.endswith("?") else ("Syria", last))


def test_tags_above_the_text_are_cut_out_of_it():
    assert parse_scraped(f"{HEAD}\n\nTags: Syria, Rebels\n\n{BODY}") == (HEAD, BODY, ("Syria", "Rebels"))


def test_what_is_longer_than_the_text_before_is_no_footer():
    title, body, tags = parse_scraped(f"{HEAD}\n\nShort.\n\nTopics: Syria\n\n{BODY}")
    assert (title, tags) == (HEAD, ("Syria",))
    assert body.startswith("Short.")
    assert body.endswith(BODY)


@pytest.mark.parametrize(
    "line",
    [
        "Share this",
        "Advertisement",
        "© 2015 The Paper",
        "Copyright 2015 The Paper Ltd. All rights reserved.",
        "Read more",
    ],
)
def test_boilerplate_at_the_end_is_dropped_and_elsewhere_kept(line):
    assert parse_scraped(page(f"{line}\n\nShare this\n")) == (HEAD, BODY, None)
    assert line in parse_scraped(page("The end of it.", body=f"{BODY}\n\n{line}"))[1]


@pytest.mark.parametrize("line", ["Copyright law is changing", "Share prices fell", "Comments on the deal were few"])
def test_what_only_looks_like_boilerplate_is_kept(line):
    assert parse_scraped(page(line))[1].endswith(line)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Headline\n\nBody.", ("Headline", "Body.")),
        ("\n\n  Headline  \n \n\nBody.\n\nMore.\n", ("Headline", "Body.\n\nMore.")),
        ("First line\nsecond line\n\nBody.", ("", "First line\nsecond line\n\nBody.")),
        ("x" * 201 + "\n\nBody.", ("", "x" * 201 + "\n\nBody.")),
        ("x" * 200 + "\n\nBody.", ("x" * 200, "Body.")),
        ("One line only", ("", "One line only")),
        ("", ("", "")),
    ],
)
def test_headlines(text, expected):
    assert split_headline(text) == expected
    assert parse_scraped(text) == (*expected, None)


def test_a_page_without_blank_lines_has_a_headline_too():
    text = "Rebels take city\nThe army pulled back.\nIt holds elsewhere.\nTags\nSyria, Rebels"
    assert parse_scraped(text) == (
        "Rebels take city",
        "The army pulled back.\nIt holds elsewhere.",
        ("Syria", "Rebels"),
    )
    text = "The army pulled back.\nIt holds elsewhere.\nTags\nSyria"
    assert parse_scraped(text)[:2] == ("", "The army pulled back.\nIt holds elsewhere.")


@given(st.text(max_size=300) | st.text("Tags:, \nabc", max_size=60))
def test_any_text_is_parsed(text):
    title, body, tags = parse_scraped(text)
    assert "\n" not in title
    assert body == body.strip()
    assert tags is None or all(tag == tag.strip() and tag for tag in tags)


@given(
    st.lists(st.from_regex(r"[A-Z][a-z]{1,9}( [A-Z][a-z]{1,9})?", fullmatch=True), min_size=1, max_size=9, unique=True)
)
def test_tags_come_out_as_they_went_in(tags):
    assert parse_scraped(page("Tags\n" + ", ".join(tags) + "\nReal Time Analytics")) == (HEAD, BODY, tuple(tags))


def test_a_text_without_tags_is_no_corpus(tmp_path):
    path = tmp_path / "plain.txt"
    path.write_text(page("The end."))
    with pytest.raises(
        CorpusError, match=r"plain\.txt: not a corpus; found a text without labels; expected JSONL, CSV"
    ):
        find_reader(path)
    (record,) = read_records(path, "scraped")
    assert (record.article.id, record.labels.tags) == ("plain", None)


@given(
    st.sampled_from(["Related ", "article ", "STORY ", ""]),
    st.sampled_from(
        ["Tags", "keywords", "Key Words", "TOPICS", "tagged with", "Filed under", "posted in", "ta\u0131gs"]
    ),
    st.sampled_from(["", ": a, b", "\uff1aa", " Syria"]),
)
def test_what_is_not_looked_at_is_no_marker(before, word, after):
    row = before + word + after
    assert not page_text._marker().fullmatch(row) or row.casefold().startswith(page_text._MARKS)


BOILERPLATE = """
Share this article|share on X|Print|email this|Advertisement|READ MORE|Related stories|Follow us on Mastodon
Sign up for our newsletter|Subscribe now|Comments|Leave a comment|Back to top|Real Time Analytics|All rights reserved.
\u00a9 2024 The Paper|(C) 2024 The Paper|Copyright 2024 The Paper|copyright \u00a9 The Paper|\u017fhare this
"""


@pytest.mark.parametrize("row", BOILERPLATE.strip().replace("\n", "|").split("|"))
def test_every_kind_of_boilerplate_is_looked_at(row):
    assert page_text._boilerplate().fullmatch(row)
    assert page_text._is_boilerplate(row)
