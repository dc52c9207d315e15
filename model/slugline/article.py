"""What flows through Slugline: articles, their labels, and predictions about them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from slugline.records import record

NONE = "none"
"""The event type of an article that was annotated as reporting no event of the taxonomy."""


@record(frozen=True, slots=True)
class Article:
    """One news article. Text is Unicode; after cleaning it is NFC with mojibake mended.

    `title` and `body` may be empty, `body` keeps its paragraphs separated by blank lines.
    """

    id: str
    title: str = ""
    body: str = ""
    date: dt.date | None = None
    url: str | None = None
    source: str | None = None
    language: str | None = None

    @property
    def text(self) -> str:
        """Headline and body as one text, separated by a blank line."""
        return f"{self.title}\n\n{self.body}" if self.title and self.body else self.title or self.body


@record(frozen=True, slots=True)
class Labels:
    """What annotators said of one article.

    `tags` is the set of its tags (empty: annotated, and no tag fits) or None where tags were *not annotated*.
    `event_type` is a type or a group of the taxonomy, `NONE` ("none": annotated, and no type fits), or None where it
    was *not annotated*. "Not annotated" is never trained or scored as "absent".
    """

    tags: frozenset[str] | None = None
    event_type: str | None = None


@record(frozen=True, slots=True)
class Evidence:
    """One term's exact contribution to a linear score: term weight times term value."""

    term: str
    contribution: float


@record(frozen=True, slots=True)
class TagScore:
    """One tag's verdict: calibrated `probability` in [0, 1], and whether the model `decided` on it.

    That is where `score` reached the tag's threshold, or where the model gives every article its best tag at least.
    With evidence asked for, `evidence` holds every term's contribution, strongest first; their sum plus `intercept`
    is `score`. Of a tag that several were merged into after training, all of it is that of the most probable of them,
    `member`; it is decided where any of them is.
    """

    tag: str
    probability: float
    decided: bool
    score: float
    intercept: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    member: str | None = None


@record(frozen=True, slots=True)
class EventTypeScore:
    """The event type decided on. `type` is None where the model knows groups only, or abstained from the type; `group`
    where it knows none.

    `probability`, `score` and `evidence` are those of the type, or where it is None, of the group;
    `group_probability` is the group's, and never below that of a type in it. `group_evidence` and `group_intercept`
    sum to `group_score`; they are there where evidence was asked for and both type and group are known.
    """

    type: str | None
    group: str | None
    probability: float
    score: float
    intercept: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    group_probability: float | None = None
    group_score: float = 0.0
    group_intercept: float = 0.0
    group_evidence: tuple[Evidence, ...] = ()

    def with_group_evidence(self, score: float, intercept: float, evidence: tuple[Evidence, ...]) -> EventTypeScore:
        """The same with the reasons for its group."""
        return replace(self, group_score=score, group_intercept=intercept, group_evidence=evidence)

    def to_dict(self, *, explain: bool = False, terms: int = 10) -> dict[str, Any]:
        """Its part of `Prediction.to_dict`."""
        event: dict[str, Any] = {
            "type": self.type,
            "group": self.group,
            "probability": round(self.probability, 4),
            "group_probability": _rounded(self.group_probability),
        }
        if explain:
            event["evidence"] = _evidence_dict(self, terms)
            if self.group_evidence:
                event["group_evidence"] = _evidence_dict(group_reasons(self), terms)
        return event


@record(frozen=True, slots=True)
class Prediction:
    """What a model says of one article; `event_type` is None where it abstained or has no event-type head."""

    id: str
    title: str
    event_type: EventTypeScore | None
    tags: tuple[TagScore, ...]
    model: str

    def to_dict(self, *, explain: bool = False, terms: int = 10) -> dict[str, Any]:
        """The documented JSON object; probabilities rounded to 4 decimals.

        With `explain`, each tag and the event type get "evidence": the `terms` strongest terms with their
        contributions, and the rest and the intercept summed, so that the numbers still add up to the score; of a merged
        tag also the "member" that they are of.
        """
        event = None if self.event_type is None else self.event_type.to_dict(explain=explain, terms=terms)
        tags: list[dict[str, Any]] = []
        for tag in self.tags:
            entry: dict[str, Any] = {
                "tag": tag.tag,
                "probability": round(tag.probability, 4),
                "decided": tag.decided,
            }
            if explain:
                entry["evidence"] = _evidence_dict(tag, terms)
                if tag.member is not None:
                    entry["evidence"]["member"] = tag.member
            tags.append(entry)
        return {"id": self.id, "title": self.title, "event_type": event, "tags": tags, "model": self.model}


def _rounded(probability: float | None) -> float | None:
    return None if probability is None else round(probability, 4)


def group_reasons(event: EventTypeScore) -> EventTypeScore:
    """The group of an event, with the reasons for it, as if it were all that is known."""
    return EventTypeScore(
        None,
        event.group,
        event.group_probability or 0.0,
        event.group_score,
        event.group_intercept,
        event.group_evidence,
        event.group_probability,
    )


def _evidence_dict(score: TagScore | EventTypeScore, terms: int) -> dict[str, Any]:
    shown = score.evidence[:terms]
    return {
        "score": round(score.score, 6),
        "intercept": round(score.intercept, 6),
        "terms": [{"term": item.term, "contribution": round(item.contribution, 6)} for item in shown],
        "other_terms": round(sum(item.contribution for item in score.evidence[terms:]), 6),
    }
