"""Evaluating a model on labelled articles."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from slugline.article import Article, Labels
from slugline.bundle import Bundle
from slugline.config import Config, CorpusConfig, EvaluateConfig
from slugline.corpus.load import load_corpus
from slugline.corpus.tags import tag_key
from slugline.errors import CorpusError
from slugline.evaluate.evaluation import evaluate_event_type, evaluate_tags
from slugline.evaluate.results import EventTypeEvaluation, TagEvaluation, flatten
from slugline.experiment.levels import group_level, groups_of
from slugline.experiment.prepare import prepare
from slugline.predict import Predictor, Verdicts
from slugline.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One model on one set of labelled articles; a head is None where the model or the labels lack it.

    `part` says which articles these were: "held-out" or "all". With `includes_training`, some of them are known to be
    articles that the model was trained on; of another corpus that cannot be known. `skipped` are the errors of the
    corpus's rows that were skipped on request.
    """

    model: str
    corpus: str
    part: str
    articles: int
    tags: TagEvaluation | None
    event_type: EventTypeEvaluation | None
    includes_training: bool = False
    skipped: tuple[CorpusError, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON object documented in docs/evaluation.md."""
        about = {
            "model": self.model,
            "corpus": self.corpus,
            "part": self.part,
            "includes_training": self.includes_training,
            "articles": self.articles,
        }
        return about | {name: head.to_dict() for name, head in self._heads().items()}

    def metrics(self) -> dict[str, float]:
        """Every metric and interval bound, flat, as a run stores them."""
        return {
            key: value for name, head in self._heads().items() for key, value in flatten(name, head.metrics).items()
        }

    def summary(self) -> dict[str, Any]:
        """Per head the metrics with intervals, as the model file carries them."""
        return {
            name: {"articles": head.articles, "labels": head.labels, "rule": head.rule}
            | {key: metric.to_dict() for key, metric in head.metrics.items()}
            for name, head in self._heads().items()
        }

    def _heads(self) -> dict[str, TagEvaluation | EventTypeEvaluation]:
        heads = {"tags": self.tags, "event_type": self.event_type}
        return {name: head for name, head in heads.items() if head is not None}


def evaluate_model(
    predictor: Predictor,
    articles: Sequence[Article],
    labels: Sequence[Labels],
    config: EvaluateConfig,
    *,
    corpus: str,
    part: str,
) -> Evaluation:
    """Predict `articles` and measure against `labels`; articles that are not annotated for a head are left out of it.

    Event types are measured by group where the labels are groups of the model's types, or the reverse.
    Raises CorpusError where no article is annotated for any head of the model.
    """
    verdicts = predictor.verdicts(articles)
    tags = _evaluate_tags(predictor.bundle, verdicts, labels, config)
    event_type = _evaluate_event_type(predictor.bundle, verdicts, labels, config)
    if tags is None and event_type is None:
        raise CorpusError("nothing to evaluate: no article is annotated for what this model predicts", file=corpus)
    return Evaluation(predictor.bundle.digest, corpus, part, len(articles), tags, event_type)


def _evaluate_tags(
    bundle: Bundle, verdicts: Verdicts, labels: Sequence[Labels], config: EvaluateConfig
) -> TagEvaluation | None:
    head = bundle.tags
    rows = [number for number, label in enumerate(labels) if label.tags is not None]
    if head is None or not rows:
        return None
    column = {tag_key(tag): number for number, tag in enumerate(head.labels)}
    truth = np.zeros((len(rows), len(head.labels)), dtype=bool)
    unseen = np.zeros(len(rows), dtype=np.int64)
    unseen_keys: set[str] = set()
    for row, number in enumerate(rows):
        for tag in labels[number].tags or ():
            key = tag_key(tag)
            known = column.get(key)
            if known is None:
                unseen[row] += 1
                unseen_keys.add(key)
            else:
                truth[row, known] = True
    return evaluate_tags(
        head.labels,
        truth,
        verdicts.tag_probabilities[rows],
        verdicts.tag_decisions[rows],
        unseen_truth=unseen,
        unseen_labels=len(unseen_keys),
        config=config,
        rule=head.rule + (" + best tag where none" if head.fallback else ""),
    )


def _evaluate_event_type(
    bundle: Bundle, verdicts: Verdicts, labels: Sequence[Labels], config: EvaluateConfig
) -> EventTypeEvaluation | None:
    head = bundle.event_type
    rows = [number for number, label in enumerate(labels) if label.event_type is not None]
    if head is None or not rows:
        return None
    types: tuple[str, ...] = head.labels
    truth = [labels[number].event_type or "" for number in rows]
    probability = verdicts.event_probabilities[rows]
    decided = [verdicts.event_decisions[number] for number in rows]
    rule = head.rule + (f", abstaining below {head.abstain_below}" if head.abstain_below else "")
    level = group_level(types, truth, groups_of(bundle.manifest.groups, bundle.manifest.config))
    if level is not None:
        types, probability = level.groups, level.probabilities(probability)
        truth = [level.of(label) for label in truth]
        decided = [None if label is None else level.of(label) for label in decided]
        rule += ", then the group of that type"
    return evaluate_event_type(
        types, truth, probability, decided, config=config, rule=rule, level="type" if level is None else "group"
    )


def evaluate_corpus(
    model: Path,
    corpus: CorpusConfig | None,
    *,
    part: str = "auto",
    progress: Progress = silent,
) -> Evaluation:
    """Evaluate a model file on a corpus (None: the corpus that it was trained on).

    `part` "auto" takes the held-out part where the corpus is the one that the model was trained on, split as it was
    then, and every article of any other corpus; "held-out" and "all" ask for one of them. Raises CorpusError where the
    held-out part is asked for and cannot be made again, also where a corpus of the same name has changed since, so that
    training articles are never measured by accident; ModelFileError where the model cannot be opened.
    """
    predictor = Predictor.load(model)
    predictor.bundle.verify()
    trained = Config.from_dict(predictor.bundle.manifest.config, file=model)
    about = predictor.bundle.manifest.corpus
    digest = about.get("digest", "none that the model knows")
    asked = corpus or trained.corpus
    loaded = load_corpus(asked, progress)
    own = loaded.digest == digest or asked.name == trained.corpus.name
    if part == "all" or (part == "auto" and not own):
        found = evaluate_model(
            predictor, loaded.articles, loaded.labels, trained.evaluate, corpus=loaded.name, part="all"
        )
        return dataclasses.replace(found, includes_training=own, skipped=loaded.skipped)
    if loaded.digest != digest:
        raise CorpusError(
            "not the corpus that the model was trained on, so its held-out part is not known",
            file=asked.name,
            found=loaded.digest,
            expected=f"{digest}, or --part all",
        )
    prepared = prepare(dataclasses.replace(trained, corpus=asked), progress, corpus=loaded)
    if prepared.split.digest != about.get("split_digest"):
        # Another version of a library, or another file in the place of a recorded split.
        raise CorpusError(
            "the split that the model was trained on cannot be made again, so its held-out part is not known",
            file=trained.split.file or asked.name,
            found=prepared.split.digest,
            expected=f"{about.get('split_digest')}, or --part all",
        )
    held_out = prepared.held_out
    found = evaluate_model(
        predictor, held_out.articles, held_out.labels, trained.evaluate, corpus=loaded.name, part="held-out"
    )
    return dataclasses.replace(found, skipped=loaded.skipped)
