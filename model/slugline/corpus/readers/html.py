"""HTML pages (extra `html`): the article by trafilatura, the tags by the page's own keywords."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from slugline.article import Article, Labels
from slugline.corpus.corpus import Record
from slugline.corpus.encoding import decode, open_bytes, peek_text
from slugline.corpus.page_text import parse_scraped
from slugline.corpus.readers.base import ReadOptions, file_records, refuse_choices
from slugline.corpus.readers.dates import parse_date
from slugline.corpus.readers.files import PAGE_SUFFIXES, article_id, page_files, plain_suffix, text_files
from slugline.corpus.readers.values import split_tags
from slugline.errors import CorpusError, MissingExtraError
from slugline.json_text import loads

# Never going back into a comment, so that time is linear.
_PAGE = re.compile(
    r"\s*+(?:<\?xml[^>]*+>\s*+|(?><!--.*?-->)\s*+)*+<(?:!doctype\s+html|html|head)\b", re.IGNORECASE | re.DOTALL
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_CHARSETS = (
    "iso",
    "cp",
    "koi8",
    "mac",
    "big5",
    "gb",
    "euc",
    "shift",
    "johab",
    "tis",
    "ptcp",
    "kz",
    "hz",
    "utf-",
    "ascii",
)
MOST_TAGS = 50_000
"""Of a page with more tags nothing is read, nor of one that has a tag with more attributes than MOST_ATTRIBUTES: a page
of news has some thousands, and a page made to be slow is so by their number.
"""
MOST_ATTRIBUTES = 1_000
LONGEST_PAGE = 10_000_000
"""Characters of a page that is read."""

_SLOPPY = 1_000_000  # characters of a page that html.parser may give up on
_KEYWORD_NAMES = ("keywords", "news_keywords", "article:tag", "parsely-tags", "sailthru.tags", "og:article:tag")


class HtmlReader:
    """Reads HTML pages: a single file is a corpus of one article, a folder of them a corpus.

    Tags are the page's keywords (`meta` keywords and news_keywords, article:tag, JSON-LD keywords), else those of a
    Tags line in its text, else not annotated. Pages have no event type.
    """

    name = "html"
    extra: str | None = "html"
    families: tuple[str, ...] = ()

    def sniff(self, path: Path, head: bytes) -> bool:
        """Whether the text starts as a page does (or, if the name says page, as markup does).

        Of a folder: whether it holds pages, and no fewer than texts.
        """
        if path.is_dir():
            pages = page_files(path)
            return bool(pages) and len(pages) >= len(text_files(path))
        text = peek_text(head)
        return is_page(text) or (plain_suffix(path) in PAGE_SUFFIXES and text is not None and text.lstrip()[:1] == "<")

    def read(self, path: Path, options: ReadOptions) -> Iterator[Record]:
        """One record per page, its id the file name without suffix (in a folder, with the folders below it)."""
        refuse_choices(options, path)

        def read(file: Path) -> Record:
            text = decode_page(open_bytes(file), options.encoding, file=file)
            return read_page(text, article_id(file, path), file=file)

        yield from file_records(path, page_files(path) if path.is_dir() else [path], read, options)


def is_page(text: str | None) -> bool:
    """Whether a text starts as an HTML page does."""
    return text is not None and _PAGE.match(text) is not None


def decode_page(data: bytes, encoding: str = "auto", *, file: str | Path | None = None) -> str:
    """The text of a page: in the encoding named, else in the one it declares if that fits, else as `decode` does."""
    declared = _CHARSET.search(data[:4096]) if encoding == "auto" else None
    if declared is not None:
        try:
            name = codecs.lookup(declared[1].decode("ascii", "replace")).name
            # Python knows codecs that no page is in, and the time of one is the square of what it reads.
            if not name.startswith(_CHARSETS):
                return decode(data, encoding, file=file)
            # Browsers read what calls itself Latin-1 or ASCII as Windows-1252, and so does `decode`.
            if name not in ("iso8859-1", "ascii", "cp1252", "utf-8") and not name.startswith("utf-"):
                return data.decode(name)
        except (LookupError, ValueError):
            pass
    return decode(data, encoding, file=file)


def read_page(text: str, page_id: str, *, file: str | Path | None = None) -> Record:
    """The record of one page's HTML.

    Raises CorpusError if no article is found in it or it is too large or too full of markup to be a page of news,
    MissingExtraError if trafilatura is not installed.
    """
    marks = text.count("<")
    if len(text) > LONGEST_PAGE or marks > MOST_TAGS:
        raise CorpusError(
            "too much for a page of news",
            file=file,
            found=f"a page of {len(text):,} characters and {marks:,} tags",
            expected=f"at most {LONGEST_PAGE:,} characters and {MOST_TAGS:,} tags",
        )
    keywords = page_keywords(text)
    if keywords.attributes > MOST_ATTRIBUTES or (keywords.gave_up and len(text) > _SLOPPY):
        raise CorpusError("the markup of this page cannot be read", file=file)
    try:
        from trafilatura import bare_extraction
    except ImportError as error:
        raise MissingExtraError("reading HTML", "html") from error
    made: Any = bare_extraction(
        text,
        with_metadata=True,
        include_comments=False,
        include_tables=False,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    title = " ".join((getattr(made, "title", None) or keywords.title).split())
    paragraphs = "\n\n".join(line for line in (getattr(made, "text", None) or "").split("\n") if line.strip())
    # A headline stands first, so that the text's own first paragraph is not taken for one.
    _, body, line_tags = parse_scraped(f"{title or '-'}\n\n{paragraphs}") if paragraphs else ("", "", None)
    if title and body.startswith(f"{title}\n\n"):
        body = body[len(title) :].strip()
    if not title and not body:
        raise CorpusError("no article found in this page", file=file)
    try:
        date = parse_date(getattr(made, "date", None))
    except ValueError:
        date = None
    tags = frozenset(keywords.tags) if keywords.tags else None if line_tags is None else frozenset(line_tags)
    article = Article(
        id=page_id,
        title=title,
        body=body,
        date=date,
        url=getattr(made, "url", None) or None,
        source=getattr(made, "sitename", None) or None,
        language=keywords.language,
    )
    return Record(article, Labels(tags=tags))


class PageKeywords(HTMLParser):
    """Collects what a page says of itself: `tags` in order, `title`, `language`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: dict[str, None] = {}
        self.title = ""
        self.language: str | None = None
        self.attributes = 0  # of the tag that has most
        self.gave_up = False
        self._inside = ""
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note keywords and language, and enter the title or linked data."""
        self.attributes = max(self.attributes, len(attrs))
        values = {name: value or "" for name, value in attrs}
        if tag == "meta":
            name = (values.get("name") or values.get("property") or values.get("itemprop") or "").strip().lower()
            if name in _KEYWORD_NAMES:
                self._add(split_tags(values.get("content", "")))
        elif tag == "html":
            self.language = values.get("lang", "").split("-")[0].lower() or None
        elif tag == "title" and not self.title:
            self._inside, self._text = "title", []
        elif tag == "script" and values.get("type", "").strip().lower() == "application/ld+json":
            self._inside, self._text = "script", []

    def handle_data(self, data: str) -> None:
        """Keep the text of the title or of linked data."""
        if self._inside:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Leave the title or linked data."""
        if tag != self._inside:
            return
        text, self._inside = "".join(self._text), ""
        if tag == "title":
            self.title = " ".join(text.split())
            return
        try:
            self._linked_data(loads(text, strict=False))
        except ValueError:
            return

    def _linked_data(self, data: Any) -> None:
        if isinstance(data, list):
            for item in data:
                self._linked_data(item)
        elif isinstance(data, dict):
            found = data.get("keywords")
            for value in found if isinstance(found, list) else [found]:
                if isinstance(value, dict):
                    value = value.get("name")
                if isinstance(value, str):
                    self._add(split_tags(value))
            self._linked_data(data.get("@graph"))

    def _add(self, tags: list[str]) -> None:
        self.tags.update(dict.fromkeys(tags))


def page_keywords(text: str) -> PageKeywords:
    """What a page says of itself. Never raises; what is broken is left out."""
    parser = PageKeywords()
    try:
        parser.feed(text)
        parser.close()
    except (AssertionError, ValueError):
        # html.parser gives up on some malformed declarations; what was found before them stands.
        parser.gave_up = True
    return parser


READER = HtmlReader()
