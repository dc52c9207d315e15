"""What comes of a file: every way of reading it, and whether a refusal is one clear line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from slugline.article import Article
from slugline.errors import SluglineError

LONGEST_ERROR = 2_000
"""Characters that an error's line may have, its file's name included."""


def outcome(path: Path) -> str:
    """ "read", or "refused" where everything that may read the file by its name refused it.

    Raises AssertionError where a refusal is not one line of at most LONGEST_ERROR characters; whatever else is raised
    is a fault of the reader.
    """
    said = [_tried(read, path) for read in _readers(path)]
    return "read" if "read" in said else "refused"


def _tried(read: Callable[[Path], object], path: Path) -> str:
    try:
        read(path)
    except SluglineError as error:
        _check(error)
        return "refused"
    return "read"


def _check(error: SluglineError) -> None:
    line = str(error)
    assert line.strip(), "an error without words"
    assert "\n" not in line, "an error of several lines"
    assert len(line) <= LONGEST_ERROR, f"an error of {len(line):,} characters: {line[:200]}"


def _readers(path: Path) -> Iterator[Callable[[Path], object]]:
    name = path.name
    if name.startswith("feedback"):
        yield _feedback
    if path.suffix == ".toml":
        yield from _toml()
    elif name.startswith(("vocabulary", "subjects")):
        yield _vocabulary
    elif name.startswith("judged"):
        yield _judged
    else:
        yield _corpus
        yield _articles
        yield _piped


def _corpus(path: Path) -> None:
    from slugline.corpus.load import clean_record
    from slugline.corpus.readers import ReadOptions, read_records
    from slugline.corpus.tags import normalise_tags

    found = [clean_record(one) for one in read_records(path, options=ReadOptions(on_bad=_check))]
    normalise_tags([one.labels for one in found])


def _articles(path: Path) -> None:
    from slugline.corpus.readers.articles import read_articles

    digest(read_articles(path, on_bad=_check))


def _piped(path: Path) -> None:
    from slugline.corpus.readers.articles import read_stream

    with path.open("rb") as stream:
        digest(read_stream(stream))


def digest(articles: Iterator[Article]) -> None:
    """Do with articles what a prediction does: clean them, cut them into words and look for names."""
    from slugline.corpus.clean import clean_article
    from slugline.features.mentions import NameTable, find_mentions
    from slugline.features.tokenizer import tokens

    names = NameTable.build(["Syria", "Oil", "Middle East"])
    for article in articles:
        cleaned = clean_article(article)
        tokens(cleaned.title)
        tokens(cleaned.body)
        find_mentions([cleaned], names)


def _feedback(path: Path) -> None:
    from slugline import feedback

    list(feedback.read(path))


def _toml() -> Iterator[Callable[[Path], object]]:
    from slugline.config import load_config
    from slugline.corpus.mapping import load_map
    from slugline.corpus.tags import load_aliases
    from slugline.corpus.taxonomy import Taxonomy

    yield from (load_config, load_aliases, lambda file: load_map(str(file)), Taxonomy.load)


def _vocabulary(path: Path) -> None:
    from slugline.corpus.subjects import read_subjects
    from slugline.corpus.vocabularies import read_vocabulary

    _tried(lambda file: read_subjects(file, "en"), path)
    read_vocabulary(path, "en")


def _judged(path: Path) -> None:
    from types import SimpleNamespace

    from slugline.experiment.judge import read_judge_file

    tags = SimpleNamespace(rows=[SimpleNamespace(id="a1", tags=("Syria",))], tags=["Syria"])
    read_judge_file(path, tags)  # type: ignore[arg-type]
