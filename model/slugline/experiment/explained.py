"""The worst errors of an evaluation with what spoke for and against them, laid out over the articles' texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slugline.article import Article, Evidence, Labels
from slugline.evaluate.mistakes import Mistake, Mistakes
from slugline.explanation import Explanation
from slugline.flow import flowed
from slugline.marks import Mark
from slugline.predict import Predictor

TERMS = 8
"""Terms of each error, the strongest."""
EXCERPT = 420
"""Characters of an article's body that are shown."""
_BEFORE = 60
FAINT = 0.1
"""Evidence weaker than this share of the strongest is not marked: it would be most words of a text."""


def explain_mistakes(
    predictor: Predictor, articles: Sequence[Article], labels: Sequence[Labels], mistakes: Mapping[str, Mistakes]
) -> tuple[dict[str, Any], ...]:
    """One plain JSON object for each of the most confident errors, by head and kind.

    It has "head", "kind" ("given" or "missed"), the article's "id", the "label" in question and the "true" labels;
    "terms" with their contributions, the strongest first; "title" and "text" (the part of the body in which most
    evidence stands) as pieces, each with its "contribution"; and the "strongest" contribution of a piece.
    """
    place = {article.id: number for number, article in enumerate(articles)}
    found = []
    for head, own in mistakes.items():
        for kind, errors in (("given", own.given), ("missed", own.missed)):
            for error in errors:
                number = place[error.id]
                said = _explained(predictor, articles[number], head, error)
                if said is not None:
                    about = {"head": head, "kind": kind, "id": error.id, "label": error.label}
                    found.append(about | {"true": _true(labels[number], head)} | said)
    return tuple(found)


def _true(labels: Labels, head: str) -> list[str]:
    if head == "tags":
        return sorted(labels.tags or ())
    return [] if labels.event_type is None else [labels.event_type]


def _explained(predictor: Predictor, article: Article, head: str, error: Mistake) -> dict[str, Any] | None:
    """The evidence of one error; None where the model gives none for just this label."""
    if head == "tags":
        explanation = predictor.explain(article, tags=[error.label])
        reasons = next((one for one in explanation.tags if one.verdict.tag == error.label), None)
        return None if reasons is None else _pieces(explanation, reasons.verdict.evidence, reasons.marks)
    explanation = predictor.explain(article)
    event = explanation.event
    if event is None:
        return None
    if error.label == event.verdict.group and event.verdict.type is not None and event.verdict.group_evidence:
        return _pieces(explanation, event.verdict.group_evidence, event.group_marks)
    # Measured by group, a model of types has the evidence of the type that it gave.
    return _pieces(explanation, event.verdict.evidence, event.marks)


def _pieces(explanation: Explanation, evidence: Sequence[Evidence], marks: Sequence[Mark]) -> dict[str, Any]:
    article = explanation.article
    strongest = max((abs(mark.contribution) for mark in marks), default=0.0)
    marks = [mark for mark in marks if abs(mark.contribution) >= FAINT * strongest]
    title = [mark for mark in marks if mark.field == "title"]
    body = [mark for mark in marks if mark.field == "body"]
    whole = flowed(article.body)
    start, end = window(whole, body)
    text = cut(whole, body, start, end)
    if start:
        text.insert(0, {"text": "… ", "contribution": 0.0})
    if end < len(whole):
        text.append({"text": " …", "contribution": 0.0})
    return {
        "terms": [{"term": item.term, "contribution": round(item.contribution, 4)} for item in evidence[:TERMS]],
        "title": cut(article.title, title, 0, len(article.title)),
        "text": text,
        "strongest": round(strongest, 4),
    }


def window(text: str, marks: Sequence[Mark], length: int = EXCERPT) -> tuple[int, int]:
    """Start and end of that part of a text, of about `length` characters, in which most evidence stands."""
    if len(text) <= length:
        return 0, len(text)
    starts = [0, *(max(0, mark.start - _BEFORE) for mark in marks)]

    def weight(start: int) -> float:
        return sum(abs(mark.contribution) for mark in marks if start <= mark.start and mark.end <= start + length)

    start = max(starts, key=lambda one: (weight(one), -one))
    end = min(len(text), start + length)
    # At spaces, unless a text has none.
    if start:
        start = max(start, text.find(" ", start, start + _BEFORE) + 1)
    if end < len(text):
        space = text.rfind(" ", end - _BEFORE, end)
        end = space if space > start else end
    return start, end


def cut(text: str, marks: Sequence[Mark], start: int, end: int) -> list[dict[str, Any]]:
    """The text from `start` to `end` as pieces, in order: marked ones with their contribution, others with 0.

    >>> cut("oil price", [Mark("body", 0, 3, 1.5)], 0, 9)
    [{'text': 'oil', 'contribution': 1.5}, {'text': ' price', 'contribution': 0.0}]
    """
    found = []
    place = start
    for mark in sorted(marks, key=lambda one: one.start):
        if mark.start < place or mark.end > end:
            continue
        if mark.start > place:
            found.append({"text": text[place : mark.start], "contribution": 0.0})
        found.append({"text": text[mark.start : mark.end], "contribution": round(mark.contribution, 4)})
        place = mark.end
    if place < end:
        found.append({"text": text[place:end], "contribution": 0.0})
    return found
