"""Articles of whatever a person names: a file, a folder, standard input, or a corpus of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from slugline.article import Article
from slugline.config import CorpusConfig
from slugline.corpus.load import load_corpus
from slugline.corpus.readers.articles import STDIN, read_articles
from slugline.errors import CorpusError
from slugline.progress import Progress, silent


def named_articles(
    name: str, progress: Progress = silent, on_bad: Callable[[CorpusError], None] | None = None
) -> Iterator[Article]:
    """The articles of `name`, their labels neither needed nor read where it is a path.

    A path is read as `slugline predict` reads it, article by article; any other name is looked for in the catalogue.
    Raises CorpusError.
    """
    if name == STDIN or Path(name).exists():
        return read_articles(name, on_bad=on_bad)
    return iter(load_corpus(CorpusConfig(name=name), progress).articles)
