"""Several corpora as one: ids that stay unique, one spelling for each tag, and a digest over all of them."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from slugline.corpus.corpus import Corpus, Record
from slugline.corpus.tags import TagNames
from slugline.errors import ConfigError

MARK = ":"
"""Between the name of a source and the id that an article has there."""


def join(name: str, corpora: Sequence[Corpus], aliases: Iterable[str] = ()) -> Corpus:
    """The records of all `corpora`, in their order, as one corpus called `name`.

    Ids become "SOURCE:ID". A tag that the corpora spell differently gets the spelling in `aliases` (canonical names of
    their alias files) if it is there, else the most frequent one. What a source did not annotate stays "not annotated".
    Raises ConfigError where two corpora have the same name, whose ids could not be told apart.
    """
    for one, count in Counter(corpus.name for corpus in corpora).items():
        if count > 1:
            expected = "each source once, or files of different names"
            raise ConfigError("two sources of one name", field="corpus.sources", found=one, expected=expected)
    records = [record for corpus in corpora for record in _prefixed(corpus)]
    names = TagNames((tag for record in records for tag in record.labels.tags or ()), TagNames.canonical(aliases))
    return Corpus(
        name,
        tuple(dataclasses.replace(record, labels=names.normalise(record.labels)) for record in records),
        tuple(error for corpus in corpora for error in corpus.skipped),
        tuple(item for corpus in corpora for item in corpus.unmapped),
        tuple(corpora),
    )


def source_of(article_id: str, sources: Iterable[str]) -> str | None:
    """The source that an article of a joined corpus comes from, or None.

    >>> source_of("wcep:2010-1", ["wcep", "starter"]), source_of("x:1", ["wcep"])
    ('wcep', None)
    """
    return next((name for name in sources if article_id.startswith(name + MARK)), None)


def _prefixed(corpus: Corpus) -> Iterator[Record]:
    for record in corpus.records:
        article = dataclasses.replace(record.article, id=f"{corpus.name}{MARK}{record.article.id}")
        yield dataclasses.replace(record, article=article)
