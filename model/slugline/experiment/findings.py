"""Where a model is weak, as an evaluation found: what its file keeps for its card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from slugline.bundle import label_counts

if TYPE_CHECKING:
    from slugline.bundle import Manifest
    from slugline.evaluate.results import EventTypeEvaluation, LabelScore, TagEvaluation
    from slugline.experiment.evaluation import Evaluation

MOVERS = 5
"""Labels whose shares of training and of held-out articles differ most: a file keeps so many."""


def with_findings(manifest: Manifest, evaluation: Evaluation) -> Manifest:
    """The manifest with what the evaluation on the held-out articles found: `metrics` and `findings`."""
    return replace(manifest, metrics=evaluation.summary(), findings=findings(evaluation, manifest.corpus))


def findings(evaluation: Evaluation, about: Mapping[str, Any]) -> dict[str, Any]:
    """By head: the worst labels, measures by length and by training articles, and drift; plain JSON.

    `about` is the manifest's `corpus`, which knows how many training articles a tag or an event type had; groups of
    types are not counted. The same evaluation gives the same.
    """
    trained = label_counts(about) or {}
    found: dict[str, Any] = {"unknown_words": evaluation.words.to_dict()}
    heads: dict[str, TagEvaluation | EventTypeEvaluation | None] = {
        "tags": evaluation.tags,
        "event_type": evaluation.event_type,
    }
    for name, head in heads.items():
        if head is None:
            continue
        drift = evaluation.drift.get(name)
        counted = getattr(head, "level", "type") == "type"
        own: dict[str, Any] = {
            "worst": _labels(head.worst, trained.get(name, {}) if counted else {}),
            "min_support": head.min_support,
            "by_length": [band.to_dict() for band in evaluation.lengths.get(name, ())],
            "drift": None if drift is None else _drift(drift.to_dict()),
        }
        if name == "tags":
            own["by_training_articles"] = [band.to_dict() for band in evaluation.bands]
        found[name] = own
    return found


def _labels(scores: Sequence[LabelScore], trained: Mapping[str, int]) -> list[dict[str, Any]]:
    return [score.to_dict() | ({"trained": trained[score.label]} if score.label in trained else {}) for score in scores]


def _drift(said: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if key != "label_set"} | {"movers": said["movers"][:MOVERS]}
