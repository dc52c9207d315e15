"""Incoming articles, or what people said of them, against what a model was trained on: is it time to train again?"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from slugline.article import Article
from slugline.bundle import Bundle
from slugline.errors import CorpusError, ModelFileError
from slugline.evaluate.drift import Drift, label_drift
from slugline.evaluate.proportions import wilson
from slugline.evaluate.shift import SURE, Shift, mean_shift
from slugline.experiment.novelty import unknown_shares
from slugline.feedback import Feedback
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


def compare_feedback(bundle: Bundle, answers: Sequence[Feedback], source: str) -> Incoming:
    """Compare what people accepted with what the model's probabilities promise.

    Only answers about this model count, and only labels that it decided: whichever articles were chosen for review, of
    labels of probability 0.7 seven in ten are right. Of articles whose text is not in the log the probabilities are not
    known, and the share of accepted tags is compared with the precision on the held-out part, which says WATCH at most:
    articles that were picked because they are doubtful have more wrong labels. Raises CorpusError for an empty log.
    """
    if not answers:
        raise CorpusError("no answers", file=source)
    predictor = Predictor(bundle)
    # The same model before people edited its tags, which it now calls by other names.
    digests = {bundle.digest, *(edit.get("model") for edit in bundle.manifest.edits)}
    now = str if predictor.vocabulary is None else predictor.vocabulary.resolve
    now_event = str if predictor.events.vocabulary is None else predictor.events.vocabulary.resolve
    own = [answer for answer in answers if answer.model in digests]
    notes = []
    if len(own) < len(answers):
        notes.append(f"{len(answers) - len(own):,} of {len(answers):,} answers are about other models")
    texts = [(answer, article) for answer in own if (article := answer.article) is not None]
    promised: list[float] = []
    accepted: list[bool] = []
    predictions = predictor.predict([article for _, article in texts])
    for (answer, _), prediction in zip(texts, predictions, strict=True):
        yes, no = {now(tag) for tag in (*answer.accepted, *answer.added)}, set(map(now, answer.rejected))
        judged = [tag for tag in prediction.tags if tag.tag in yes | no]
        promised += [tag.probability for tag in judged]
        accepted += [tag.tag in yes for tag in judged]
        event, said = prediction.event_type, answer.event_type
        if event is not None and said is not None:
            promised.append(event.probability)
            named = None if said.type is None else now_event(said.type)
            accepted.append(said.kind != "rejected" and named == (event.type or event.group))
    signals = []
    if len(accepted) >= FEWEST:
        signals.append(_kept_promise(np.array(promised), np.array(accepted)))
    else:
        notes.append(f"{len(accepted)} labels were judged in articles whose text is in the log; {FEWEST} are needed")
        rough = _rough(bundle, own)
        signals += [] if rough is None else [rough]
    return Incoming(source, bundle.digest, len(answers), tuple(signals), tuple(notes))


def is_log(path: str) -> bool:
    """Whether a file is a log of feedback, by its first line."""
    from slugline.json_text import loads

    try:
        with Path(path).open("rb") as stream:
            found = loads(stream.readline(1 << 24))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and {"format", "article", "model"} <= found.keys()


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


def _kept_promise(promised: np.ndarray[Any, Any], accepted: np.ndarray[Any, Any], *, draws: int = 10_000) -> Signal:
    rng = np.random.default_rng(0)
    expected, found = float(promised.mean()), float(accepted.mean())
    drawn = np.array([(rng.random(len(promised)) < promised).mean() for _ in range(draws)])
    low, high = np.quantile(drawn, [0.005, 0.995])
    p = float(((drawn <= found).sum() + 1) / (draws + 1))
    size = expected - found
    detail = {
        "judged": len(promised),
        "accepted": round(found, 6),
        "promised": round(expected, 6),
        "low": round(float(low), 6),
        "high": round(float(high), 6),
    }
    return Signal("accepted", size, p, detail, LIMITS["accepted"].says(size, p))


def _rough(bundle: Bundle, answers: Sequence[Feedback]) -> Signal | None:
    """The share of accepted tags against the precision on the held-out part."""
    yes = sum(len(one.accepted) for one in answers)
    no = sum(len(one.rejected) for one in answers)
    metrics = bundle.manifest.metrics.get("tags")
    precision = metrics.get("micro_precision") if isinstance(metrics, dict) else None
    if isinstance(precision, dict):
        precision = precision.get("value")
    if yes + no < FEWEST or not isinstance(precision, (int, float)):
        return None
    low, high = wilson(yes, yes + no, 0.99) or (0.0, 1.0)
    size = float(precision) - yes / (yes + no)
    p = 0.0 if high < precision else 1.0
    says = LIMITS["accepted"].says(size, p)
    detail = {
        "judged": yes + no,
        "accepted": round(yes / (yes + no), 6),
        "held_out_precision": round(float(precision), 6),
        "low": round(low, 6),
        "high": round(high, 6),
    }
    return Signal("accepted", size, p, detail, WATCH if says == RETRAIN else says)
