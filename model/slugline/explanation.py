"""One article's prediction with everything that speaks for and against it, and where in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slugline.records import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slugline.article import Article, EventTypeScore, Prediction, TagScore
    from slugline.marks import Mark
    from slugline.neighbours import Neighbour


@record(frozen=True, slots=True)
class Threshold:
    """From which score on a tag is decided, and the probability that belongs to it."""

    score: float
    probability: float


@record(frozen=True, slots=True)
class TagReasons:
    """Why a tag was given, or why not. `verdict` has its score and its evidence, which sum up.

    `threshold` is None for a tag that is never given. `why` is one short sentence; `asked` says that somebody asked
    for this tag. `marks` are the evidence that stands in the text, and sum to its contributions.
    """

    verdict: TagScore
    threshold: Threshold | None
    why: str
    asked: bool
    marks: Sequence[Mark]

    @property
    def missing(self) -> Threshold | None:
        """What the score, and the probability, lack of the threshold: 0 where it is reached; None without one."""
        if self.threshold is None:
            return None
        return Threshold(
            max(0.0, self.threshold.score - self.verdict.score),
            max(0.0, self.threshold.probability - self.verdict.probability),
        )

    def to_dict(self) -> dict[str, Any]:
        """What it adds to the tag's entry in `Prediction.to_dict`."""
        return {
            "threshold": _threshold_dict(self.threshold),
            "missing": _threshold_dict(self.missing),
            "why": self.why,
            "asked": self.asked,
            "marks": marks_list(self.marks),
        }


@record(frozen=True, slots=True)
class EventReasons:
    """Where the evidence for an event's type stands in the text, and that for its group where both are known.

    Of a type, or a group, that was not given or that somebody asked for, `needed` is the probability from which on the
    most probable one is given, and `why` one short sentence.
    """

    verdict: EventTypeScore
    marks: Sequence[Mark]
    group_marks: Sequence[Mark] = ()
    needed: float | None = None
    why: str = ""

    def to_dict(self) -> dict[str, Any]:
        """What it adds to "event_type" in `Prediction.to_dict`."""
        found: dict[str, Any] = {"marks": marks_list(self.marks)}
        return found | ({"group_marks": marks_list(self.group_marks)} if self.verdict.group_evidence else {})

    def alone(self, terms: int) -> dict[str, Any]:
        """The whole object of a type that stands by itself."""
        found = self.verdict.to_dict(explain=True, terms=terms) | self.to_dict()
        return found | {"needed": None if self.needed is None else round(self.needed, 4), "why": self.why}


@record(frozen=True, slots=True)
class Explanation:
    """Why one article got its tags and its event type.

    `article` is cleaned: marks are places in its title and body. `prediction` has evidence; its tags are those of
    `tags`, in this order: the decided ones (or with `top`, the best), then those that were asked for. `neighbours` are
    the training articles most like it, None where the model does not keep their titles. `nearest_event` is there where
    the model abstained from `event`; `asked_events` are the event types and groups that were asked for, given or not.
    """

    article: Article
    prediction: Prediction
    tags: tuple[TagReasons, ...]
    event: EventReasons | None
    neighbours: tuple[Neighbour, ...] | None = None
    nearest_event: EventReasons | None = None
    asked_events: tuple[EventReasons, ...] = ()

    def to_dict(self, *, terms: int = 10) -> dict[str, Any]:
        """The JSON object of docs/explain.md: `Prediction.to_dict` with reasons, and the cleaned text they stand in."""
        found = self.prediction.to_dict(explain=True, terms=terms)
        for entry, reasons in zip(found["tags"], self.tags, strict=True):
            entry |= reasons.to_dict()
        if self.event is not None:
            found["event_type"] |= self.event.to_dict()
        found["nearest_event"] = None if self.nearest_event is None else self.nearest_event.alone(terms)
        found["asked_events"] = [one.alone(terms) for one in self.asked_events]
        found["neighbours"] = None if self.neighbours is None else [one.to_dict() for one in self.neighbours]
        found["text"] = {"title": self.article.title, "body": self.article.body}
        return found


def marks_list(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    """Marks as JSON, contributions rounded to 6 decimals."""
    return [
        {"field": field, "start": start, "end": end, "contribution": round(contribution, 6)}
        for field, start, end, contribution in marks
    ]


def _threshold_dict(threshold: Threshold | None) -> dict[str, float] | None:
    if threshold is None:
        return None
    return {"score": round(threshold.score, 6), "probability": round(threshold.probability, 4)}
