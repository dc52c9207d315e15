"""The box that says why, or why not, a label was given, and the places in the text that it speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slugline.decide import NOT_MENTIONED
from slugline.marks import SMALLEST_SHOWN, by_word
from slugline.reasons import by_name
from slugline.serve.page_words import percent, signed, type_name

if TYPE_CHECKING:
    from slugline.article import Article, Evidence
    from slugline.explanation import EventReasons, Explanation, TagReasons
    from slugline.marks import Mark

WORDS = 8
"""How many words for and against are listed."""

NAMED = by_name("")[:-1]
"""How evidence by a tag's name begins; a tag that was renamed has the name of before in it."""

Box = tuple[dict[str, Any] | None, Sequence["Mark"]]


def shown_box(label: str, said: Explanation, by_tag: Mapping[str, TagReasons]) -> Box:
    """The box about one label, and its marks; None for an event of which nothing is known."""
    if label.startswith("tag:"):
        return _tag_box(said, by_tag[label[4:]])
    if said.event is not None:
        return _event_box(said.article, said.event, label)
    return (None, ()) if said.nearest_event is None else _nearest_box(said.article, said.nearest_event)


@dataclass(frozen=True, slots=True)
class _Total:
    """A score and its parts; `needed` says from where on it is enough."""

    evidence: Sequence[Evidence]
    intercept: float
    score: float
    needed: str = ""


def _event_box(article: Article, reasons: EventReasons, label: str) -> Box:
    event = reasons.verdict
    if label == "group":
        box = _box("Why", event.group or "", f"{percent(event.group_probability or 0.0)}.")
        total, marks = _Total(event.group_evidence, event.group_intercept, event.group_score), reasons.group_marks
    else:
        what = "event types" if event.type is not None else "groups of event types"
        text = f"{percent(event.probability)}, the most probable of all {what}."
        box = _box("Why", type_name(event.type or event.group or ""), text)
        total, marks = _Total(event.evidence, event.intercept, event.score), reasons.marks
    return {**box, **_reasons(article, marks, total)}, marks


def _nearest_box(article: Article, reasons: EventReasons) -> Box:
    event = reasons.verdict
    needed = "" if not reasons.needed else f"; decided from {percent(reasons.needed)} on"
    text = f"{percent(event.probability)}{needed}. It came nearest, and is too uncertain to be given."
    box = _box("Why not", type_name(event.type or event.group or ""), text)
    total = _Total(event.evidence, event.intercept, event.score)
    return {**box, **_reasons(article, reasons.marks, total)}, reasons.marks


def _tag_box(said: Explanation, one: TagReasons) -> Box:
    verdict, threshold = one.verdict, one.threshold
    question = "Why" if verdict.decided else "Why not"
    if verdict.score <= NOT_MENTIONED:
        return _box(question, verdict.tag, f"{_sentence(one.why)}."), ()
    from_on = needed = ""
    if threshold is not None:
        from_on = f"; assigned from {percent(threshold.probability)} on"
        needed = f" (assigned from {signed(threshold.score)} on)"
    text = f"{percent(verdict.probability)}{from_on}. {_sentence(one.why)}."
    if verdict.member is not None:
        text += f" The score is that of {verdict.member}, the most probable of the tags that are now this one."
    box = _box(question, verdict.tag, text)
    total = _Total(verdict.evidence, verdict.intercept, verdict.score, needed)
    return {**box, **_reasons(said.article, one.marks, total)}, one.marks


def _box(question: str, name: str, verdict: str) -> dict[str, Any]:
    return {"question": question, "name": name, "verdict": verdict, "sides": [], "sum": [], "terms": []}


def _reasons(article: Article, marks: Sequence[Mark], total: _Total) -> dict[str, Any]:
    """The words that stand in the text, and how all terms add up to the score."""
    words = by_word(article, marks)
    named = sum(item.contribution for item in total.evidence if item.term.startswith(NAMED))
    others = [item.contribution for item in total.evidence if not item.term.startswith(NAMED)]
    parts = [
        ("Terms for it", sum(value for value in others if value > 0)),
        ("Terms against it", sum(value for value in others if value < 0)),
        *([("Its name is mentioned", named)] if named else []),
        ("Without any word", total.intercept),
        (f"Score{total.needed}", total.score),
    ]
    sides = (("For it", "for", 1), ("Against it", "against", -1))
    return {
        "sides": [
            {
                "heading": heading,
                "sign": sign,
                "words": _strongest((word, sum_) for word, sum_ in words.items() if sum_ * way > 0),
            }
            for heading, sign, way in sides
        ],
        "sum": [(what, signed(value)) for what, value in parts],
        "terms": _strongest((item.term, item.contribution) for item in total.evidence),
    }


def _strongest(values: Iterable[tuple[str, float]]) -> list[dict[str, str]]:
    found = sorted(values, key=lambda item: (-abs(item[1]), item[0]))[:WORDS]
    return [{"term": term, "value": signed(value)} for term, value in found if abs(value) >= SMALLEST_SHOWN]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
