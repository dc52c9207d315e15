"""Reads texts of pages as they were copied from a browser: `slugline.corpus.page_text` says what is in one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from slugline.article import Article, Labels
from slugline.corpus.corpus import Record
from slugline.corpus.encoding import peek_text, read_text
from slugline.corpus.page_text import has_tags, parse_scraped
from slugline.corpus.readers.base import ReadOptions, file_records, refuse_choices
from slugline.corpus.readers.files import article_id, peek_file, text_files
from slugline.errors import CorpusError


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
            tagged = sum(text is not None and has_tags(text) for text in looked_at)
            return tagged > 0 and tagged * 2 >= len(looked_at)
        text = peek_text(head)
        return text is not None and has_tags(text)

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


READER = ScrapedReader()
