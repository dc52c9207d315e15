"""What a model remembers of its training articles, and how far other articles are from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from slugline.article import Article, Labels
from slugline.bundle import label_counts
from slugline.config import ViewConfig
from slugline.corpus.clean import clean_article
from slugline.corpus.tags import tag_key
from slugline.evaluate.drift import Drift, label_drift
from slugline.features.views import view_prefix
from slugline.features.vocabulary import Vocabulary
from slugline.features.words import Words

_BLOCK = 4096
"""Articles whose words are in memory at once."""


@dataclass(frozen=True, slots=True)
class UnknownWords:
    """The share of running words that are not in the model's vocabulary; None where it is not known."""

    held_out: float | None
    training: float | None

    def to_dict(self) -> dict[str, Any]:
        """The fields and what they are."""
        rounded = {name: None if value is None else round(value, 6) for name, value in self._items()}
        return rounded | {"is": "share of running words that are not in the model's vocabulary"}

    def _items(self) -> list[tuple[str, float | None]]:
        return [("held_out", self.held_out), ("training", self.training)]


def training_facts(
    articles: Sequence[Article],
    labels: Sequence[Labels],
    vocabulary: Vocabulary,
    views: Sequence[ViewConfig],
    words: Words | None = None,
) -> dict[str, Any]:
    """What a model file keeps of its training part, plain JSON: `label_counts` and `unknown_words`.

    `label_counts` holds under "tags" and "event_type" how many training articles have each label, trained or not, and
    under "articles" how many are annotated for that head at all.
    """
    tags, event_types, annotated = count_labels(labels)
    counts = {"tags": dict(sorted(tags.items())), "event_type": dict(sorted(event_types.items()))}
    share = unknown_words(articles, vocabulary, views, words)
    return {
        "label_counts": counts | {"articles": annotated},
        "unknown_words": None if share is None else round(share, 6),
    }


def count_labels(labels: Sequence[Labels]) -> tuple[Counter[str], Counter[str], dict[str, int]]:
    """Articles with each tag, articles with each event type, and articles annotated, by head."""
    tags = Counter(tag for label in labels for tag in label.tags or ())
    event_types = Counter(label.event_type for label in labels if label.event_type is not None)
    annotated = {"tags": sum(label.tags is not None for label in labels), "event_type": event_types.total()}
    return tags, event_types, annotated


def unknown_words(
    articles: Sequence[Article], vocabulary: Vocabulary, views: Sequence[ViewConfig], words: Words | None = None
) -> float | None:
    """The share of the articles' running words that no view of single words has in `vocabulary`.

    None where there is no such view, or no word. `words` that have read these articles before read them faster.
    """
    prefixes = [view_prefix(number) for number, view in enumerate(views) if view.unit == "word" and view.ngram_min == 1]
    words = Words() if words is None else words
    occurrences = np.zeros(0, dtype=np.int64)
    for start in range(0, len(articles) if prefixes else 0, _BLOCK):
        numbers, _ = words.read([clean_article(article).text for article in articles[start : start + _BLOCK]])
        here = np.bincount(numbers, minlength=len(words))
        here[: len(occurrences)] += occurrences
        occurrences = here
    if not occurrences.any():
        return None
    known = np.zeros(len(words), dtype=bool)
    for prefix in prefixes:
        known |= vocabulary.lookup([prefix + word for word in words.spelled]) >= 0
    return int(occurrences[~known].sum()) / int(occurrences.sum())


def drift_between(
    about: Mapping[str, Any], labels: Sequence[Labels], level: Callable[[str], str]
) -> dict[str, Drift | None]:
    """The drift of tags and of event types from the training part to `labels`, by head.

    `about` is the manifest's `corpus`. A head is missing where the model file does not know its training counts (files
    of older versions), None where a part has no such label. `level` maps event types to what they are measured as.
    """
    trained = label_counts(about)
    if trained is None:
        return {}
    tags, event_types, annotated = count_labels(labels)
    found: dict[str, Drift | None] = {}
    # Another corpus may spell a tag in another way.
    spelling = {tag_key(tag): tag for tag in trained["tags"]}
    held: Counter[str] = Counter()
    for tag, count in tags.items():
        held[spelling.get(tag_key(tag), tag)] += count
    found["tags"] = label_drift(trained["tags"], held, (trained["articles"]["tags"], annotated["tags"]))
    found["event_type"] = label_drift(
        _at(level, trained["event_type"]),
        _at(level, event_types),
        (trained["articles"]["event_type"], annotated["event_type"]),
    )
    return found


def _at(level: Callable[[str], str], counts: Mapping[str, int]) -> Counter[str]:
    folded: Counter[str] = Counter()
    for label, count in counts.items():
        folded[level(label)] += count
    return folded
