"""The names of tags that a training knows beside the tags themselves: from alias files and from a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence

from slugline.article import Labels
from slugline.config import Config
from slugline.corpus.load import alias_files
from slugline.corpus.tags import tag_key
from slugline.corpus.vocabularies import Names, read_vocabulary


def other_names(config: Config, labels: Sequence[Labels]) -> Names:
    """Tags and their other names: every tag of the vocabulary, and aliases of tags that it or `labels` have.

    Raises SluglineError for a file that is at fault.
    """
    found: Names = {}
    if config.names.enabled == "never":
        return found
    if config.names.vocabulary is not None:
        found |= read_vocabulary(config.names.vocabulary, config.names.language)
    known = {tag_key(tag): tag for tag in found}
    for tag in sorted({tag for one in labels for tag in one.tags or ()}):
        known.setdefault(tag_key(tag), tag)
    for file in alias_files(config.corpus):
        for canonical, names in read_vocabulary(file).items():
            if (own := known.get(tag_key(canonical))) is not None:
                found[own] = (*found.get(own, ()), *names)
    return found
