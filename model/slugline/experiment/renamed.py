"""Labels and counts by the names that they have now, where people have edited the tags or event types of a model."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from slugline.article import Labels
from slugline.bundle import label_counts
from slugline.predict import Predictor
from slugline.tag_vocabulary import TagVocabulary


def labels_now(predictor: Predictor, labels: Sequence[Labels]) -> Sequence[Labels]:
    """Labels by the names that the model has for them now: old names and aliases are brought to them.

    What is retired keeps its name: it is one that the model does not know.
    """
    tags, events = predictor.vocabulary, predictor.events.vocabulary
    if tags is not None:
        tag = _names_now(tags, {tag for label in labels for tag in label.tags or ()})
        labels = [
            label if label.tags is None else dataclasses.replace(label, tags=frozenset(tag[one] for one in label.tags))
            for label in labels
        ]
    if events is not None:
        kind = _names_now(events, {label.event_type for label in labels if label.event_type is not None})
        labels = [
            label if label.event_type is None else dataclasses.replace(label, event_type=kind[label.event_type])
            for label in labels
        ]
    return labels


def _names_now(vocabulary: TagVocabulary, names: Iterable[str]) -> dict[str, str]:
    return {name: vocabulary.resolve(name) for name in names}


def about_now(predictor: Predictor) -> Mapping[str, Any]:
    """What a manifest says of its corpus, its counts of labels under their present names.

    Of a tag that several were merged into, an article with two of them counts twice: the file does not know which
    articles these were.
    """
    about = predictor.bundle.manifest.corpus
    counts = label_counts(about)
    if counts is None or not predictor.bundle.manifest.edits:
        return about
    for head, vocabulary in (("tags", predictor.vocabulary), ("event_type", predictor.events.vocabulary)):
        if vocabulary is not None:
            now: Counter[str] = Counter()
            for label, count in counts[head].items():
                now[vocabulary.resolve(label)] += count
            counts = {**counts, head: dict(now)}
    return {**about, "label_counts": counts}
