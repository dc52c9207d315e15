"""One model on one set of labelled articles: everything that was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from slugline.errors import CorpusError
from slugline.evaluate.bands import Band
from slugline.evaluate.drift import Drift
from slugline.evaluate.lengths import LengthBand
from slugline.evaluate.mistakes import Mistakes
from slugline.evaluate.outcomes import Outcomes
from slugline.evaluate.results import EventTypeEvaluation, TagEvaluation, flatten
from slugline.experiment.drift import UnknownWords


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One model on one set of labelled articles; a head is None where the model or the labels lack it.

    `part` says which articles these were: "held-out" or "all". With `includes_training`, some of them are known to be
    articles that the model was trained on; of another corpus that cannot be known. `skipped` are the errors of the
    corpus's rows that were skipped on request, `unmapped` the event types that the map of labels did not know.

    `event_group` measures the level of groups over every article, where `event_type` is at the level of types, over the
    articles that are labelled with a type; None where `event_type` is at the level of groups, or types have none.

    `bands` measure tags by how many training articles they had, where the model file knows it; `lengths` measure each
    head by how many words articles have.

    `outcomes` is what was said of every article; `mistakes` are the errors worth reading, by head. `drift` compares the
    labels with those of the training articles, by head, where the model file knows them. `explained` are the errors
    with their evidence (`explained.explain_mistakes`), for the report alone and only where they were asked for.
    """

    model: str
    corpus: str
    part: str
    articles: int
    tags: TagEvaluation | None
    event_type: EventTypeEvaluation | None
    includes_training: bool = False
    skipped: tuple[CorpusError, ...] = ()
    bands: tuple[Band, ...] = ()
    outcomes: Outcomes = field(default_factory=lambda: Outcomes(()))
    mistakes: dict[str, Mistakes] = field(default_factory=dict)
    drift: dict[str, Drift | None] = field(default_factory=dict)
    words: UnknownWords = field(default_factory=lambda: UnknownWords(None, None))
    unmapped: tuple[tuple[str, int], ...] = ()
    explained: tuple[dict[str, Any], ...] = ()
    event_group: EventTypeEvaluation | None = None
    lengths: dict[str, tuple[LengthBand, ...]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object documented in docs/evaluation.md."""
        about = {
            "model": self.model,
            "corpus": self.corpus,
            "part": self.part,
            "includes_training": self.includes_training,
            "articles": self.articles,
            "unknown_words": self.words.to_dict(),
        }
        return about | {name: head.to_dict() | self._details(name) for name, head in self._heads().items()}

    def metrics(self) -> dict[str, float]:
        """Every metric and interval bound, flat, as a run stores them."""
        found = {name: head.metrics for name, head in self._heads().items()}
        found |= {f"tags/trained-on-{band.least}-up": band.metrics for band in self.bands}
        return {key: value for name, metrics in found.items() for key, value in flatten(name, metrics).items()}

    def summary(self) -> dict[str, Any]:
        """Per head the metrics with intervals, as the model file carries them."""
        return {
            name: {"articles": head.articles, "labels": head.labels, "rule": head.rule, **_level_of(head)}
            | {key: metric.to_dict() for key, metric in head.metrics.items()}
            for name, head in self._heads().items()
        }

    def _details(self, head: str) -> dict[str, Any]:
        """What `to_dict` says of a head beside its metrics."""
        drift = self.drift.get(head)
        found = {} if head not in self.mistakes else self.mistakes[head].to_dict()
        if head == "tags" and self.bands:
            found["by_training_articles"] = [band.to_dict() for band in self.bands]
        if self.lengths.get(head):
            found["by_length"] = [band.to_dict() for band in self.lengths[head]]
        return {"drift": None if drift is None else drift.to_dict()} | found

    def _heads(self) -> dict[str, TagEvaluation | EventTypeEvaluation]:
        heads = {"tags": self.tags, "event_type": self.event_type, "event_group": self.event_group}
        return {name: head for name, head in heads.items() if head is not None}


def _level_of(head: TagEvaluation | EventTypeEvaluation) -> dict[str, str]:
    return {"level": head.level} if isinstance(head, EventTypeEvaluation) else {}
