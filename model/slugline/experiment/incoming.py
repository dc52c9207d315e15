"""Incoming articles against what a model was trained on: is it time to train again?"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from slugline.article import Article
from slugline.bundle import Bundle
from slugline.errors import CorpusError, ModelFileError
from slugline.evaluate.drift import Drift, label_drift
from slugline.evaluate.shift import SURE, Shift, mean_shift
from slugline.experiment.novelty import unknown_shares
from slugline.predict import Predictor
from slugline.progress import Progress, silent
from slugline.reference import Reference

OK, WATCH, RETRAIN = "ok", "watch", "retrain"
"""What a signal says, and what all of them together say."""

FEWEST = 30
"""Fewer articles, or judged labels, say nothing."""

ENOUGH = 300
"""Of fewer articles most losses of five points in accuracy go unseen (experiments/benchmarks/drift_validation.py)."""

_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Limit:
    """From which size on a change is worth watching, and from which on training again."""

    watch: float
    retrain: float

    def says(self, size: float, p: float, signals: int = 1) -> str:
        """What a change of this size says, if chance alone is unlikely to make it (`p`) in one of so many signals."""
        if p * signals > SURE or size < self.watch:
            return OK
        return RETRAIN if size >= self.retrain else WATCH


LIMITS = {
    "unknown_words": Limit(0.1, 0.25),
    "tag_probability": Limit(0.1, 0.25),
    "event_type_probability": Limit(0.1, 0.25),
    "tags": Limit(0.1, 0.2),
    "event_types": Limit(0.1, 0.2),
    "accepted": Limit(0.05, 0.15),
}
"""Of means in standard deviations of the reference; of labels in total variation beyond what chance makes; of accepted
labels in the share by which it falls below what the probabilities promise. How they were set: docs/review.md."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One comparison: how large the change is, against which limit, and what it says. `detail` has all its numbers."""

    name: str
    size: float
    p: float
    detail: dict[str, Any]
    says: str = OK

    def to_dict(self) -> dict[str, Any]:
        """The fields, and the limits."""
        limit = LIMITS[self.name]
        return {
            "signal": self.name,
            "size": round(self.size, 6),
            "p": round(self.p, 6),
            "watch_from": limit.watch,
            "retrain_from": limit.retrain,
            "says": self.says,
            **self.detail,
        }


@dataclass(frozen=True, slots=True)
class Incoming:
    """What all signals say together; see `verdict`.

    `source` is what was compared, `articles` or answers of it, with the model of this digest. `notes` are sentences.
    """

    source: str
    model: str
    articles: int
    signals: tuple[Signal, ...]
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """The worst of what the signals say; but RETRAIN only if what people accepted says so, or a second signal says
        at least WATCH.

        New words alone, in articles of which the model is as sure as ever and says the same, are no reason.
        """
        said = [signal.says for signal in self.signals if signal.says != OK]
        if RETRAIN in said and (len(said) > 1 or any(s.says == RETRAIN for s in self.signals if s.name == "accepted")):
            return RETRAIN
        return WATCH if said else OK

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of docs/review.md."""
        return {
            "source": self.source,
            "model": self.model,
            "articles": self.articles,
            "verdict": self.verdict,
            "signals": [signal.to_dict() for signal in self.signals],
            "notes": list(self.notes),
        }


def compare_articles(
    bundle: Bundle, articles: Iterable[Article], source: str, progress: Progress = silent, *, seed: int = 0
) -> Incoming:
    """Compare `articles`, labelled or not, with the model's training articles.

    Raises ModelFileError where the model has no reference to compare with, CorpusError where there is no article.
    """
    reference = bundle.sections.get("reference")
    if not isinstance(reference, Reference):
        raise ModelFileError(
            "does not say what it made of its training articles",
            file=bundle.path,
            expected="a model trained with cross-validation, in memory, by this version of Slugline",
        )
    said = _Said.of(bundle, articles, progress)
    if not said.articles:
        raise CorpusError("no articles", file=source)
    signals: list[Signal] = []
    for measure, name, values, upwards in (
        ("unknown_words", "unknown_words", said.unknown, True),
        ("tags", "tag_probability", said.tag_best, False),
        ("event_type", "event_type_probability", said.event_best, False),
    ):
        if measure in reference.quantiles:
            count = reference.articles[measure]
            shift = mean_shift(values, reference.quantiles[measure], count, upwards=upwards, seed=seed)
            if shift is not None:
                signals.append(_moved(name, shift, upwards=upwards))
    for head, name, counts in (("tags", "tags", said.tags), ("event_type", "event_types", said.event_types)):
        if head in reference.decided:
            drift = label_drift(reference.decided[head], counts, (reference.articles[head], said.articles), seed=seed)
            if drift is not None:
                signals.append(_drifted(name, drift))
    notes = []
    if said.articles < FEWEST:
        notes.append(f"fewer than {FEWEST} articles say nothing")
    else:
        if said.articles < ENOUGH:
            notes.append(f"of fewer than {ENOUGH} articles, ok means little: half of all losses go unseen")
        signals = [
            dataclasses.replace(one, says=LIMITS[one.name].says(one.size, one.p, len(signals))) for one in signals
        ]
    return Incoming(source, bundle.digest, said.articles, tuple(signals), tuple(notes))


@dataclass(slots=True)
class _Said:
    """What a model says of articles, added up block by block."""

    articles: int
    unknown: np.ndarray[Any, Any]
    tag_best: np.ndarray[Any, Any]
    event_best: np.ndarray[Any, Any]
    tags: Counter[str]
    event_types: Counter[str]

    @classmethod
    def of(cls, bundle: Bundle, articles: Iterable[Article], progress: Progress) -> _Said:
        # The reference is of the labels as they were trained.
        plain = dataclasses.replace(bundle, manifest=dataclasses.replace(bundle.manifest, edits=[]))
        predictor, waiting = Predictor(plain), iter(articles)
        leaves = predictor.events.levels.leaves
        heads = () if bundle.tags is None else bundle.tags.labels
        unknown, tag_best, event_best = [np.zeros(0)], [np.zeros(0)], [np.zeros(0)]
        found = cls(0, unknown[0], tag_best[0], event_best[0], Counter(), Counter())
        while block := list(islice(waiting, _BLOCK)):
            unknown.append(unknown_shares(plain, block))
            for verdicts in predictor.verdict_blocks(block):
                own = [n for n, label in enumerate(verdicts.tag_labels[: len(heads)]) if label in heads[n : n + 1]]
                if own:
                    tag_best.append(verdicts.tag_probabilities[:, own].max(axis=1))
                    for number, count in zip(own, verdicts.tag_decisions[:, own].sum(axis=0).tolist(), strict=True):
                        found.tags[verdicts.tag_labels[number]] += count
                if leaves:
                    event_best.append(verdicts.event_probabilities.max(axis=1))
                    found.event_types.update(leaves[n] for n in verdicts.event_probabilities.argmax(axis=1).tolist())
            found.articles += len(block)
            progress("comparing", found.articles, None)
        found.unknown, found.tag_best = np.concatenate(unknown), np.concatenate(tag_best)
        found.event_best = np.concatenate(event_best)
        return found


def _moved(name: str, shift: Shift, *, upwards: bool) -> Signal:
    size = shift.distance if upwards else -shift.distance
    return Signal(name, size, shift.p, shift.to_dict())


def _drifted(name: str, drift: Drift) -> Signal:
    size = drift.total_variation - drift.by_chance
    detail = drift.to_dict()
    del detail["p"], detail["label_set"]
    detail = {"reference_articles": detail.pop("train"), "articles": detail.pop("held_out"), **detail}
    detail["movers"] = [
        {"label": move.label, "reference": round(move.train, 6), "now": round(move.held_out, 6)}
        for move in drift.movers
    ]
    return Signal(name, size, drift.p, detail)
