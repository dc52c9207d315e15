"""Errors worth reading: what is taken for what, and where a model was most sure and wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slugline.evaluate.outcomes import Outcome

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Confusion:
    """`articles` have the label `true` and were given `given` instead; `share` of all articles with `true`."""

    true: str
    given: str
    articles: int
    share: float

    def to_dict(self) -> dict[str, Any]:
        """The fields."""
        return {"true": self.true, "given": self.given, "articles": self.articles, "share": round(self.share, 6)}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong label of one article, with the probability that the model gave it.

    Of a tag, `true` says whether it is true (missed) or not (given); of an event type, `label` was given and `instead`
    is the true one.
    """

    id: str
    title: str
    label: str
    probability: float
    instead: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields; `instead` of event types only."""
        said = {"id": self.id, "title": self.title, "label": self.label, "probability": round(self.probability, 6)}
        return said if self.instead is None else said | {"true": self.instead}


@dataclass(frozen=True, slots=True)
class Mistakes:
    """Of one head: pairs confused most often, and the most confident errors.

    `given` are wrong labels, most probable first. `missed` are true tags that the model knows and did not give, least
    probable first; of event types there are none.
    """

    confused: tuple[Confusion, ...]
    given: tuple[Mistake, ...]
    missed: tuple[Mistake, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """`{"confused", "worst_errors": {"given", "missed"}}`."""
        return {
            "confused": [pair.to_dict() for pair in self.confused],
            "worst_errors": {
                "given": [mistake.to_dict() for mistake in self.given],
                "missed": [mistake.to_dict() for mistake in self.missed],
            },
        }


def tag_mistakes(rows: Sequence[Outcome], shown: int = SHOWN) -> Mistakes:
    """Of tags, two are confused where an article has the one, missed, and was given the other, wrongly."""
    pairs: Counter[tuple[str, str]] = Counter()
    support: Counter[str] = Counter()
    missed: list[Mistake] = []
    for row in rows:
        if row.tags is None:
            continue
        support.update(row.tags.true)
        known = [tag for tag in row.tags.true if tag in row.tags.probability and tag not in row.tags.decided]
        wrong = set(row.tags.decided) - set(row.tags.true)
        pairs.update((tag, other) for tag in known for other in wrong)
        missed += [Mistake(row.id, row.title, tag, row.tags.probability[tag]) for tag in known]
    missed.sort(key=lambda mistake: (mistake.probability, mistake.label, mistake.id))
    return Mistakes(_confused(pairs, support, shown), tuple(false_positives(rows)[:shown]), tuple(missed[:shown]))


def event_mistakes(rows: Sequence[Outcome], shown: int = SHOWN) -> Mistakes:
    """Of event types; articles for which the model abstained are no mistakes here."""
    pairs: Counter[tuple[str, str]] = Counter()
    support: Counter[str] = Counter()
    wrong: list[Mistake] = []
    for row in rows:
        event = row.event_type
        if event is None:
            continue
        support[event.true] += 1
        if event.decided is not None and event.decided != event.true:
            pairs[event.true, event.decided] += 1
            wrong.append(Mistake(row.id, row.title, event.decided, event.probability[event.decided], event.true))
    return Mistakes(_confused(pairs, support, shown), tuple(sorted(wrong, key=_surest)[:shown]))


def false_positives(rows: Sequence[Outcome]) -> list[Mistake]:
    """Every tag that was given to an article which, says the corpus, lacks it; the most probable first."""
    found = [
        Mistake(row.id, row.title, tag, row.tags.probability[tag])
        for row in rows
        if row.tags is not None
        for tag in row.tags.decided
        if tag not in row.tags.true
    ]
    return sorted(found, key=_surest)


def _surest(mistake: Mistake) -> tuple[float, str, str]:
    return -mistake.probability, mistake.label, mistake.id


def _confused(pairs: Counter[tuple[str, str]], support: Counter[str], shown: int) -> tuple[Confusion, ...]:
    ordered = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:shown]
    return tuple(Confusion(true, given, count, count / support[true]) for (true, given), count in ordered)
