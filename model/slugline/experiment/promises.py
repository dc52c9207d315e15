"""What people accepted of a model's labels against what its probabilities promise: is it time to train again?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from slugline.bundle import Bundle
from slugline.errors import CorpusError
from slugline.evaluate.proportions import wilson
from slugline.experiment.incoming import FEWEST, LIMITS, RETRAIN, WATCH, Incoming, Signal
from slugline.feedback import Feedback
from slugline.predict import Predictor


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
