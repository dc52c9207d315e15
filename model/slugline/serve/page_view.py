"""What the page shows of an explained article: every number already as a person reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slugline.decide import NOT_MENTIONED
from slugline.marks import SMALLEST_SHOWN, by_word
from slugline.reasons import by_name
from slugline.serve.highlight import highlight

if TYPE_CHECKING:
    from slugline.article import Article, EventTypeScore, Evidence, Prediction
    from slugline.events import Events
    from slugline.explanation import Explanation, TagReasons
    from slugline.marks import Mark
    from slugline.serve.page_form import PageForm

WORDS = 8
"""How many words for and against are listed."""

NAMED = by_name("")[:-1]
"""How evidence by a tag's name begins; a tag that was renamed has the name of before in it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One label: `label` is what the form calls it, `key` makes its ids, `bar` and `threshold` are in percent."""

    key: str
    label: str
    name: str
    percent: str
    bar: float
    shown: bool
    threshold: float | None = None
    by_name: bool = False
    choice: str = "skip"
    below: str = ""
    reasons: bool = True


def percent(probability: float) -> str:
    """A probability for a person; no classifier is certain, so none is 0 or 100 %.

    >>> percent(0.874), percent(0.9999), percent(0.0001)
    ('87 %', '>99 %', '<1 %')
    """
    if probability > 0.995:
        return ">99 %"
    return "<1 %" if probability < 0.005 else f"{100 * probability:.0f} %"


def signed(value: float) -> str:
    """A contribution for a person.

    >>> signed(-0.5), signed(0.254)
    ('−0.50', '+0.25')
    """
    return f"{value:+.2f}".replace("-", "−")


def type_name(label: str) -> str:
    """An event type as it is shown.

    >>> type_name("peace_process"), type_name("Law and crime"), type_name("none")
    ('Peace process', 'Law and crime', 'None')
    """
    plain = label.replace("_", " ")
    return plain[:1].upper() + plain[1:]


def event_choices(events: Events) -> list[tuple[str, list[tuple[str, str]]]]:
    """The event types that a person may choose from, by group: each group itself and then its types."""
    found: dict[str, list[tuple[str, str]]] = {}
    for label in (*events.types, *filter(None, events.levels.groups)):
        found.setdefault(events.groups.get(label, label), []).append((label, type_name(label)))
    return [
        (group, [(group, f"{group}: no type"), *sorted(one for one in types if one[0] != group)])
        for group, types in sorted(found.items())
    ]


def choose_shown(form: PageForm, said: Prediction, others: Sequence[str]) -> None:
    """Set `form.shown` where it is no label of these: to the best tag, else to the event type.

    `others` are tags that are not assigned, and may be asked about all the same.
    """
    decided = [f"tag:{tag.tag}" for tag in said.tags if tag.decided]
    possible = [*decided, *(f"tag:{tag}" for tag in others)]
    event = said.event_type
    if form.shown in possible or (form.shown in ("event", "group") and event is not None):
        return
    form.shown = decided[0] if decided else "event" if event is not None else (possible or [""])[0]


def article_view(form: PageForm, said: Explanation) -> dict[str, Any]:
    """What the template of an article needs to know of the explanation, in which `form.shown` must be marked."""
    decided = [one for one in said.tags if one.verdict.decided and one.verdict.tag not in form.added]
    by_tag = {one.verdict.tag: one for one in said.tags}
    added = [by_tag[tag] for tag in form.added if tag in by_tag]
    seen = {one.verdict.tag for one in (*decided, *added)}
    asked = [by_tag[tag] for tag in reversed(form.asked) if tag in by_tag and tag not in seen]
    seen |= {one.verdict.tag for one in asked}
    others = [*asked, *(one for one in said.tags if one.verdict.tag not in seen)]
    event = said.prediction.event_type
    if form.shown == "group" and (event is None or not event.group_evidence):
        form.shown = "event"
    shown, marks = _shown(form.shown, said, by_tag)
    title, paragraphs = highlight(said.article, marks)
    rows = {
        name: [_tag_row(name[0], number, one, form) for number, one in enumerate(found)]
        for name, found in (("tags", decided), ("added", added), ("others", others))
    }
    events = _event(event, form)
    if shown is not None:
        every = [*rows["tags"], *rows["added"], *rows["others"], *events["rows"]]
        key = next(row.key for row in every if row.shown)
        shown["back"] = f"why-{key}"
    return {
        **rows,
        "named": any(row.by_name for row in rows["tags"]),
        "others_open": any(form.shown == f"tag:{one.verdict.tag}" for one in others) or not decided,
        "event": events,
        "shown": shown,
        "story": {"title": title, "paragraphs": paragraphs},
        "heading": said.article.title or "Article without a headline",
        "language": said.article.language or "",
        "neighbours": _neighbours(said),
    }


def _tag_row(kind: str, number: int, one: TagReasons, form: PageForm) -> Row:
    verdict, label = one.verdict, f"tag:{one.verdict.tag}"
    threshold = None if one.threshold is None else 100 * one.threshold.probability
    below = "" if threshold is None or verdict.decided else f"assigned from {percent(threshold / 100)} on"
    if verdict.score <= NOT_MENTIONED:
        below = "known by name, not mentioned"
    return Row(
        f"{kind}{number}",
        label,
        verdict.tag,
        percent(verdict.probability),
        round(100 * verdict.probability, 1),
        form.shown == label,
        None if threshold is None else round(threshold, 1),
        any(item.term.startswith(NAMED) for item in verdict.evidence),
        form.choices.get(verdict.tag, "skip"),
        below,
    )


def _event(event: EventTypeScore | None, form: PageForm) -> dict[str, Any]:
    if event is None:
        return {"rows": [], "what": ""}
    name = type_name(event.type or event.group or "")
    rows = [
        Row("e0", "event", name, percent(event.probability), round(100 * event.probability, 1), form.shown == "event")
    ]
    if event.type is not None and event.group is not None and event.group_probability is not None:
        share = event.group_probability
        bar, chosen = round(100 * share, 1), form.shown == "group"
        reasons = bool(event.group_evidence)
        rows.append(Row("e1", "group", event.group, percent(share), bar, chosen, reasons=reasons))
    return {"rows": rows, "what": name}


@dataclass(frozen=True, slots=True)
class Total:
    """A score and its parts; `needed` says from where on it is enough."""

    evidence: Sequence[Evidence]
    intercept: float
    score: float
    needed: str = ""


def _shown(
    label: str, said: Explanation, by_tag: Mapping[str, TagReasons]
) -> tuple[dict[str, Any] | None, Sequence[Mark]]:
    """The box about one label, and its marks."""
    if label.startswith("tag:"):
        return _shown_tag(said, by_tag[label[4:]])
    event = said.prediction.event_type
    if event is None or said.event is None:
        return None, ()
    if label == "group":
        box = _box("Why", event.group or "", f"{percent(event.group_probability or 0.0)}.")
        total, marks = Total(event.group_evidence, event.group_intercept, event.group_score), said.event.group_marks
    else:
        what = "event types" if event.type is not None else "groups of event types"
        text = f"{percent(event.probability)}, the most probable of all {what}."
        box = _box("Why", type_name(event.type or event.group or ""), text)
        total, marks = Total(event.evidence, event.intercept, event.score), said.event.marks
    return {**box, **_reasons(said.article, marks, total)}, marks


def _shown_tag(said: Explanation, one: TagReasons) -> tuple[dict[str, Any], Sequence[Mark]]:
    verdict, threshold = one.verdict, one.threshold
    question = "Why" if verdict.decided else "Why not"
    if verdict.score <= NOT_MENTIONED:
        return _box(question, verdict.tag, f"{_sentence(one.why)}."), ()
    from_on = needed = ""
    if threshold is not None:
        from_on = f"; assigned from {percent(threshold.probability)} on"
        needed = f" (assigned from {signed(threshold.score)} on)"
    box = _box(question, verdict.tag, f"{percent(verdict.probability)}{from_on}. {_sentence(one.why)}.")
    total = Total(verdict.evidence, verdict.intercept, verdict.score, needed)
    return {**box, **_reasons(said.article, one.marks, total)}, one.marks


def _box(question: str, name: str, verdict: str) -> dict[str, Any]:
    return {"question": question, "name": name, "verdict": verdict, "sides": [], "sum": [], "terms": []}


def _reasons(article: Article, marks: Sequence[Mark], total: Total) -> dict[str, Any]:
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


def _neighbours(said: Explanation) -> list[dict[str, str]]:
    found = []
    for one in said.neighbours or ():
        labels = [*([type_name(one.event_type)] if one.event_type else []), *(one.tags or ())]
        date = "" if one.date is None else one.date.isoformat()
        found.append(
            {"title": one.title, "similarity": f"{one.similarity:.2f}", "date": date, "labels": ", ".join(labels)}
        )
    return found


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
