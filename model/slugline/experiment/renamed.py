"""Labels and counts by the names that tags have now, where people have edited the tags of a model."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from slugline.article import Labels
from slugline.experiment.drift import label_counts
from slugline.tag_vocabulary import TagVocabulary


def labels_now(vocabulary: TagVocabulary | None, labels: Sequence[Labels]) -> Sequence[Labels]:
    """Labels whose tags have the names that the vocabulary has for them now: old names and aliases are brought to it.

    A retired tag keeps its name: it is one that the model does not know.
    """
    if vocabulary is None:
        return labels
    now: dict[str, str] = {}
    for tag in {tag for label in labels for tag in label.tags or ()}:
        now[tag] = vocabulary.resolve(tag)
    return [
        label if label.tags is None else dataclasses.replace(label, tags=frozenset(now[tag] for tag in label.tags))
        for label in labels
    ]


def about_now(vocabulary: TagVocabulary | None, about: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a manifest says of its corpus, its counts of tags under their present names.

    Of a tag that several were merged into, an article with two of them counts twice: the file does not know which
    articles these were.
    """
    counts = label_counts(about)
    if vocabulary is None or counts is None:
        return about
    tags: Counter[str] = Counter()
    for tag, count in counts["tags"].items():
        tags[vocabulary.resolve(tag)] += count
    return {**about, "label_counts": {**counts, "tags": dict(tags)}}
