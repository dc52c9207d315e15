"""The text of a page as it was copied from a browser: a headline, paragraphs, a Tags line, and footer words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from slugline.article import Article, Labels
from slugline.corpus.corpus import Record
from slugline.corpus.encoding import peek_text, read_text
from slugline.corpus.readers.base import ReadOptions, file_records, refuse_choices
from slugline.corpus.readers.files import article_id, peek_file, text_files
from slugline.corpus.readers.values import split_tags
from slugline.errors import CorpusError

MAX_HEADLINE = 200
"""The longest first line that is taken for a headline."""

FOOTERS = (
    *("Real Time Analytics", "Share this", "Share on Facebook", "Share on Twitter", "Read more", "Related articles"),
    *("Advertisement", "Leave a comment"),
)
"""Footer phrases that are taken off the last tag if they are glued to it."""

_MARKER = re.compile(
    r"(?P<word>(?:related |article |story )?(?:tags|keywords|key words|topics)|tagged(?: with| as)?|filed under"
    r"|filed in|posted in)\s*(?P<colon>[:：]?)\s*(?P<rest>.*)",
    re.IGNORECASE,
)
_BOILERPLATE = re.compile(
    r"share(?: this(?: article| story| page)?)?|share on (?:facebook|twitter|x|whatsapp|linkedin)|print(?: this page)?"
    r"|email(?: this)?|advertisement|read more|related (?:articles|stories)|follow us(?: on .{1,40})?"
    r"|sign up for our newsletter|subscribe(?: now)?|comments?|leave a comment|back to top|real time analytics"
    r"|(?:©|\(c\)\s*\d{4}|copyright\s*(?:©|\(c\)|\d{4})).{0,150}|all rights reserved\.?",
    re.IGNORECASE,
)
"""Lines that are no part of an article when they end it: sharing links, advertisement, copyright."""
# "the talks failed." ends prose, "Apple Inc." and "U.S." may end a list of tags.
_ENDS_PROSE = re.compile(r"(?:^|\s)[a-z][\w'’-]*[.!?][”\"’]?\s*$")
_MAX_TAG = 60
_MAX_TAG_WORDS = 8


class ScrapedReader:
    """Reads page text with a Tags line: a single file is a corpus of one article, a folder of them a corpus.

    In a folder, a page without a Tags line has tags that are not annotated.
    """

    name = "scraped"
    extra: str | None = None
    families: tuple[str, ...] = ()

    def sniff(self, path: Path, head: bytes) -> bool:
        """Whether the text has a Tags line, or most of the first texts in the folder."""
        if path.is_dir():
            looked_at = [peek_file(file) for file in text_files(path)[:9]]
            tagged = sum(text is not None and _has_tags(text) for text in looked_at)
            return tagged > 0 and tagged * 2 >= len(looked_at)
        text = peek_text(head)
        return text is not None and _has_tags(text)

    def read(self, path: Path, options: ReadOptions) -> Iterator[Record]:
        """One record per file, its id the file name without suffix (in a folder, with the folders below it)."""
        refuse_choices(options, path)
        files = text_files(path) if path.is_dir() else [path]
        yield from file_records(path, files, lambda file: read_page(file, path, options), options)


def read_page(file: Path, root: Path, options: ReadOptions) -> Record:
    """The record of one text file below `root` (or `root` itself). Raises CorpusError, also for an empty file."""
    title, body, tags = parse_scraped(read_text(file, options.encoding))
    if not title and not body:
        raise CorpusError("the article has neither headline nor text", file=file)
    labels = Labels(tags=None if tags is None else frozenset(tags))
    return Record(Article(id=article_id(file, root), title=title, body=body), labels)


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
            end, tags = more[0], [*tags, *more[1]]
        return start, end, tuple(dict.fromkeys(tags))
    return None


def _tags_at(rows: list[str], start: int) -> tuple[int, list[str]] | None:
    """The tags whose marker is this row, and the row after them; None if it is no marker or no tags follow."""
    # A headline or a first paragraph such as "Topics" cannot be told from a marker, so the first row never is one.
    match = _MARKER.fullmatch(rows[start].strip()) if start > 0 else None
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
    while rest.rstrip().endswith(",") and (following := _next_row(rows, end)) is not None:
        rest, end = f"{rest} {rows[following].strip()}", following + 1
    tags = split_tags(re.sub(r"\s*[•·]\s*", "|", rest))
    if not tags or _ENDS_PROSE.search(rest) or not all(_may_be_tag(tag) for tag in tags):
        return None
    tags[-1] = _without_footer(tags[-1])
    return end, [tag for tag in tags if tag]


def _may_be_tag(tag: str) -> bool:
    tag = _without_footer(tag)
    return len(tag) <= _MAX_TAG and len(tag.split()) <= _MAX_TAG_WORDS


def _without_footer(tag: str) -> str:
    shorter = True
    while shorter:
        shorter = False
        for footer in FOOTERS:
            if tag.endswith(footer):
                tag, shorter = tag[: -len(footer)].rstrip(" .|-"), True
    return tag


def _next_row(rows: list[str], start: int) -> int | None:
    return next((place for place in range(start, len(rows)) if rows[place].strip()), None)


def _size(rows: list[str]) -> int:
    return sum(len(row.strip()) for row in rows)


def _without_boilerplate(rows: list[str]) -> list[str]:
    end = len(rows)
    while end > 1 and (not rows[end - 1].strip() or _BOILERPLATE.fullmatch(rows[end - 1].strip())):
        end -= 1
    return rows[:end]


def _has_tags(text: str) -> bool:
    return _tag_block(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")) is not None


READER = ScrapedReader()
