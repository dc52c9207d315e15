"""What the page shows of an explained article: every number already as a person reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from slugline.decide import NOT_MENTIONED
from slugline.serve.highlight import highlight
from slugline.serve.page_reasons import NAMED, shown_box
from slugline.serve.page_words import percent, type_name

if TYPE_CHECKING:
    from slugline.article import EventTypeScore, Prediction
    from slugline.events import Events
    from slugline.explanation import EventReasons, Explanation, TagReasons
    from slugline.serve.page_form import PageForm


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


def event_choices(events: Events) -> list[tuple[str, list[tuple[str, str]]]]:
    """The event types that a person may choose from, by group: each group itself and then its types."""
    found: dict[str, list[tuple[str, str]]] = {}
    for label in (*events.types, *filter(None, events.levels.groups)):
        found.setdefault(events.groups.get(label, label), []).append((label, type_name(label)))
    return [
        (group, [(group, f"{group}: no type"), *sorted(one for one in types if one[0] != group)])
        for group, types in sorted(found.items())
    ]


def choose_shown(form: PageForm, said: Prediction, others: Sequence[str], *, events: bool) -> None:
    """Set `form.shown` where it is no label of these: to the best tag, else to the event type.

    `others` are tags that are not assigned, and may be asked about all the same, and so may be the event type that came
    nearest, if the model has `events` at all.
    """
    decided = [f"tag:{tag.tag}" for tag in said.tags if tag.decided]
    possible = [*decided, *(f"tag:{tag}" for tag in others)]
    if form.shown in possible or (form.shown in ("event", "group") and events):
        return
    if decided or said.event_type is not None:
        form.shown = decided[0] if decided else "event"
    else:
        form.shown = (possible or (["event"] if events else [""]))[0]


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
    shown, marks = shown_box(form.shown, said, by_tag)
    title, paragraphs = highlight(said.article, marks)
    rows = {
        name: [_tag_row(name[0], number, one, form) for number, one in enumerate(found)]
        for name, found in (("tags", decided), ("added", added), ("others", others))
    }
    events = _event(event, said.nearest_event, form)
    if shown is not None:
        every = [*rows["tags"], *rows["added"], *rows["others"], *events["rows"], *events["nearest"]]
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
    threshold = None if one.threshold is None else one.threshold.probability
    below = "" if threshold is None or verdict.decided else f"assigned from {percent(threshold)} on"
    if verdict.score <= NOT_MENTIONED:
        below = "known by name, not mentioned"
    return Row(
        f"{kind}{number}",
        label,
        verdict.tag,
        percent(verdict.probability),
        _bar(verdict.probability),
        form.shown == label,
        None if threshold is None else _bar(threshold),
        any(item.term.startswith(NAMED) for item in verdict.evidence),
        form.choices.get(verdict.tag, "skip"),
        below,
    )


def _event(event: EventTypeScore | None, nearest: EventReasons | None, form: PageForm) -> dict[str, Any]:
    """The rows of the event type and its group; or where there is none, of the `nearest`."""
    if event is None:
        return {"rows": [], "what": "", "nearest": [] if nearest is None else [_nearest(nearest, form)]}
    rows = [_event_row(event, form)]
    if event.type is not None and event.group is not None and event.group_probability is not None:
        share = event.group_probability
        bar, chosen = _bar(share), form.shown == "group"
        reasons = bool(event.group_evidence)
        rows.append(Row("e1", "group", event.group, percent(share), bar, chosen, reasons=reasons))
    return {"rows": rows, "what": rows[0].name, "nearest": []}


def _event_row(event: EventTypeScore, form: PageForm) -> Row:
    name, chance = type_name(event.type or event.group or ""), event.probability
    return Row("e0", "event", name, percent(chance), _bar(chance), form.shown == "event")


def _nearest(nearest: EventReasons, form: PageForm) -> Row:
    needed = nearest.needed
    row = _event_row(nearest.verdict, form)
    return row if not needed else replace(row, threshold=_bar(needed), below=f"decided from {percent(needed)} on")


def _bar(share: float) -> float:
    return round(100 * share, 1)


def _neighbours(said: Explanation) -> list[dict[str, str]]:
    found = []
    for one in said.neighbours or ():
        labels = [*([type_name(one.event_type)] if one.event_type else []), *(one.tags or ())]
        date = "" if one.date is None else one.date.isoformat()
        found.append(
            {"title": one.title, "similarity": f"{one.similarity:.2f}", "date": date, "labels": ", ".join(labels)}
        )
    return found
