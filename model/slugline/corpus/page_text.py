"""The text of a page as it was copied from a browser: a headline, paragraphs, a Tags line, and footer words."""

from __future__ import annotations

import functools
import re

MAX_HEADLINE = 200
"""The longest first line that is taken for a headline."""

FOOTERS = (
    *("Real Time Analytics", "Share this", "Share on Facebook", "Share on Twitter", "Read more", "Related articles"),
    *("Advertisement", "Leave a comment"),
)
"""Footer phrases that are taken off the last tag if they are glued to it."""

_MARKS = ("related", "article", "story", "tag", "key", "topics", "filed", "posted")
"""How what `_marker` finds begins, case folded: few lines do, so that few texts need it compiled."""


@functools.cache
def _marker() -> re.Pattern[str]:
    return re.compile(
        r"(?P<word>(?:related |article |story )?(?:tags|keywords|key words|topics)|tagged(?: with| as)?|filed under"
        r"|filed in|posted in)\s*(?P<colon>[:：]?)\s*(?P<rest>.*)",
        re.IGNORECASE,
    )


_LONGEST_BOILERPLATE = 250
_BOILERPLATE_MARKS = (
    *("share", "print", "email", "advert", "read more", "related", "follow us", "sign up", "subscribe", "comment"),
    *("leave a", "back to", "real time", "\N{COPYRIGHT SIGN}", "(c)", "copyright", "all rights"),
)
"""The same for what `_boilerplate` finds."""


@functools.cache
def _boilerplate() -> re.Pattern[str]:
    """Lines that are no part of an article when they end it: sharing links, advertisement, copyright."""
    return re.compile(
        r"share(?: this(?: article| story| page)?)?|share on (?:facebook|twitter|x|whatsapp|linkedin)"
        r"|print(?: this page)?|email(?: this)?|advertisement|read more|related (?:articles|stories)"
        r"|follow us(?: on .{1,40})?|sign up for our newsletter|subscribe(?: now)?|comments?|leave a comment"
        r"|back to top|real time analytics"
        r"|(?:©|\(c\)\s*\d{4}|copyright\s*(?:©|\(c\)|\d{4})).{0,150}|all rights reserved\.?",
        re.IGNORECASE,
    )


# "the talks failed." ends prose, "Apple Inc." and "U.S." may end a list of tags.
@functools.cache
def _ends_prose() -> re.Pattern[str]:
    return re.compile(r"(?:^|\s)[a-z][\w'’-]*[.!?][”\"’]?\s*$")


_MAX_TAG_LINES = 50
_MAX_TAG = 60
_MAX_TAG_WORDS = 8


def parse_scraped(text: str) -> tuple[str, str, tuple[str, ...] | None]:
    r"""Headline, body and tags (in order, None without a Tags line) of a page's text. Never raises.

    - The headline is the first line, if it has at most MAX_HEADLINE characters and a blank line follows; in a text
      with a Tags line and no blank lines, if it does not end a sentence.
    - The Tags line is `Tags` on a line of its own (or Keywords, Topics, Filed under, with or without a colon), and the
      tags are the next line that is not blank; or `Tags: a, b` in one line. Tags that end in a comma go on in the next
      line. `Filed under: a` and `Tags: b` one after the other count both.
    - What follows is the page's footer, belonging neither to the body nor to a tag, unless it is longer than what
      precedes: tags above the text are cut out of it. FOOTERS are also taken off the end of the last tag.
    - Sharing links, advertisements and copyright lines at the end of the body are dropped.

    >>> parse_scraped("Rebels take city\n\nThe city fell.\n\nTags\nSyria, Middle East\nReal Time Analytics")
    ('Rebels take city', 'The city fell.', ('Syria', 'Middle East'))
    """
    rows = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    tags: tuple[str, ...] | None = None
    block = _tag_block(rows)
    if block is not None:
        start, end, tags = block
        before, after = rows[:start], rows[end:]
        rows = before if _size(after) <= _size(before) else [*before, "", *after]
    title, body = split_headline("\n".join(_without_boilerplate(rows)), loose=tags is not None)
    return title, body, tags


def split_headline(text: str, *, loose: bool = False) -> tuple[str, str]:
    """Headline ("" if there is none) and body of a plain text, as `parse_scraped` says; `loose` as with a Tags line."""
    text = text.strip()
    first, _, rest = text.partition("\n")
    first = first.strip()
    if not rest.strip() or len(first) > MAX_HEADLINE:
        return "", text
    next_line = rest.split("\n", 1)[0]
    if not next_line.strip():
        return first, rest.strip()
    even = all(line.strip() for line in rest.split("\n"))
    if loose and even and not first.endswith((".", "!", "?", ",", ";", "”", '"')):
        return first, rest.strip()
    return "", text


def _tag_block(rows: list[str]) -> tuple[int, int, tuple[str, ...]] | None:
    """Where the first block of tags starts and ends (rows), and its tags."""
    for start in range(len(rows)):
        found = _tags_at(rows, start)
        if found is None:
            continue
        end, tags = found
        while (following := _next_row(rows, end)) is not None and (more := _tags_at(rows, following)) is not None:
            end = more[0]
            tags += more[1]
        return start, end, tuple(dict.fromkeys(tags))
    return None


def _tags_at(rows: list[str], start: int) -> tuple[int, list[str]] | None:
    """The tags whose marker is this row, and the row after them; None if it is no marker or no tags follow."""
    # A headline or a first paragraph such as "Topics" cannot be told from a marker, so the first row never is one.
    row = rows[start].strip()
    match = _marker().fullmatch(row) if start > 0 and row.casefold().startswith(_MARKS) else None
    if match is None:
        return None
    rest = match["rest"]
    if rest and not match["colon"] and (match["word"].lower() not in ("filed under", "tagged with") or "," not in rest):
        return None
    end = start + 1
    if not rest:
        following = _next_row(rows, end)
        if following is None:
            return None
        rest, end = rows[following].strip(), following + 1
    joined = 1
    while joined < _MAX_TAG_LINES and rest.rstrip().endswith(",") and (following := _next_row(rows, end)) is not None:
        rest, end, joined = f"{rest} {rows[following].strip()}", following + 1, joined + 1
    # Imported here: few texts have tags, and what it is with reads corpora.
    from slugline.corpus.readers.values import split_tags

    tags = split_tags(re.sub("[•·]", "|", rest))
    if not tags or _ends_prose().search(rest) or not all(_may_be_tag(tag) for tag in tags):
        return None
    tags[-1] = _without_footer(tags[-1])
    return end, [tag for tag in tags if tag]


def _may_be_tag(tag: str) -> bool:
    tag = _without_footer(tag)
    return len(tag) <= _MAX_TAG and len(tag.split()) <= _MAX_TAG_WORDS


def _without_footer(tag: str) -> str:
    # Each of them once, and in any order; a tag of thousands was made by nobody who meant a tag.
    for _ in FOOTERS:
        footer = next((footer for footer in FOOTERS if tag.endswith(footer)), None)
        if footer is None:
            break
        tag = tag[: -len(footer)].rstrip(" .|-")
    return tag


def _next_row(rows: list[str], start: int) -> int | None:
    return next((place for place in range(start, len(rows)) if rows[place].strip()), None)


def _size(rows: list[str]) -> int:
    return sum(len(row.strip()) for row in rows)


def _without_boilerplate(rows: list[str]) -> list[str]:
    end = len(rows)
    while end > 1 and _is_boilerplate(rows[end - 1].strip()):
        end -= 1
    return rows[:end]


def _is_boilerplate(row: str) -> bool:
    if not row or len(row) > _LONGEST_BOILERPLATE or not row.casefold().startswith(_BOILERPLATE_MARKS):
        return not row
    return _boilerplate().fullmatch(row) is not None


def has_tags(text: str) -> bool:
    """Whether a text has a Tags line."""
    return _tag_block(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")) is not None
