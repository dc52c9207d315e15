"""The articles of a chunk, read as `slugline predict` reads those of the whole file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from slugline.article import Article
from slugline.cluster.chunks import Chunk
from slugline.cluster.storage import local_copy, open_file, read_range, shown
from slugline.corpus.encoding import data_lines
from slugline.corpus.readers import jsonl, parquet
from slugline.corpus.readers.articles import read_articles
from slugline.corpus.readers.base import ReadOptions
from slugline.corpus.readers.fields import FieldMap
from slugline.errors import CorpusError


def chunk_articles(chunk: Chunk, on_bad: Callable[[CorpusError], None]) -> Iterator[Article]:
    """Yield the articles of a chunk; the errors of single rows, naming file and line, go to `on_bad`.

    Ids, also those made of file and line, are those that the whole file gives. Raises CorpusError.
    """
    name = shown(chunk.file)
    options = ReadOptions(on_bad=on_bad)
    if chunk.kind == "whole":
        yield from _whole(chunk, on_bad)
        return
    fields = FieldMap(name, options, labels=False)
    if chunk.kind == "lines":
        lines = data_lines(read_range(chunk.file, chunk.start, chunk.stop), file=name, first=chunk.first)
        rows = jsonl.line_rows(lines, name, options, chunk.first)
        yield from (record.article for record in fields.records(rows))
        return
    with open_file(chunk.file) as stream:
        rows = parquet.rows(stream, name, fields, range(chunk.start, chunk.stop), chunk.first)
        yield from (record.article for record in fields.records(rows))


def _whole(chunk: Chunk, on_bad: Callable[[CorpusError], None]) -> Iterator[Article]:
    with local_copy(chunk.file) as path:

        def named(error: CorpusError) -> CorpusError:
            # The copy has another folder.
            if error.file == str(path):
                error.file = shown(chunk.file)
            return error

        try:
            yield from read_articles(path, on_bad=lambda error: on_bad(named(error)))
        except CorpusError as error:
            raise named(error) from error
